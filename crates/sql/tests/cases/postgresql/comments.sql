/* one; /* two; */ still; */ SELECT 1; -- trailing;
--no blank needed; SELECT 0
SELECT /* ' */ 2 -- ' ;
  , 3;
SELECT 1 +-- ;
2;
SELECT 4/*;*/-/**/1;
SELECT 1*/* ; */2;
/* alone; */
