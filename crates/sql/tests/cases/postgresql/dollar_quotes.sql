-- flyway#305, #1238: tags inside tags, other languages, a semicolon after the tag on the same line
CREATE FUNCTION outer_quote() RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
  EXECUTE $inner$ SELECT 'a;b'; $inner$;
  RETURN $$it's; $nothing$ $$;
END;
$body$; SELECT $é$ ; $é$;
DO $$ BEGIN PERFORM 1; END $$;
SELECT a$b$c FROM (SELECT 1 AS a$b$c) AS x; SELECT $1$2;
DO LANGUAGE plpgsql $_$ BEGIN NULL; END; $_$
;
