SELECT 1; # ;
SELECT 2 -- ;
;
--no blank at the start;
SELECT 5--1;
SELECT /* ; ' */ 3, '/* ; */', "-- ;", `a;b`, 'a\\', 'b;', x'41', N'c;', _utf8'd;';
SELECT 'two
lines;', \N;
/* only; a comment */;
