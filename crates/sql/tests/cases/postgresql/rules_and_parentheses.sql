CREATE RULE r AS ON INSERT TO nope DO ALSO (
  DELETE FROM a;
  DELETE FROM b
);
SELECT (1;2);
SELECT ')';
SELECT a[1:2], b::int, :name, :'other', x := 1;
