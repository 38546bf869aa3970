/*!40101 SET @a = 1; */;
SELECT 1;
