CREATE TABLE [a;b] ("c;""d", `e;f`, 'g;''h');
INSERT INTO [a;b] VALUES ('it''s;', x'3b', 'a\'); -- ;
/* ; */ INSERT INTO [a;b] VALUES (1 /* ' */, 2, 3);
INSERT INTO [a;b] SELECT 1, 2, 3 WHERE 1 --;
;;
CREATE VIEW v AS SELECT CASE WHEN 1 THEN 2 END AS x;
