USE mysql
SELECT 1;
use mysql;
SELECT 2;
