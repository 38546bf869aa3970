SELECT 'it''s; fine', E'it\'s; fine', 'a\', "q;""uoted", U&'d\0061t;a', U&"d;", B'01', X'1F', N'n;';
SELECT 'one'
  'two;'
  -- ; between
  'three';
SELECT E'\\', ';';
SELECT e'a;\\\';b' || 'c'::text;
SELECT '-- no comment;', '/* no comment;', "*/;";
SELECT 1e5, 1.5E-3, .5, 5., 0x, 1..2;
