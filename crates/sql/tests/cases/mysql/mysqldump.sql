-- MySQL dump 10.13
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `semi;colon`;
CREATE TABLE `semi;colon` (
  `id` int NOT NULL, -- ;
  `note` varchar(10) DEFAULT 'it''s;' COMMENT 'a\'b;' # ;
) ENGINE=InnoDB;
LOCK TABLES `semi;colon` WRITE;
/*!40000 ALTER TABLE `semi;colon` DISABLE KEYS */;
INSERT INTO `semi;colon` VALUES (1,'a;\\'),(2,"b\";");
UNLOCK TABLES;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER tr BEFORE INSERT ON `semi;colon` FOR EACH ROW BEGIN
  SET NEW.note = 'x;';
END */;;
DELIMITER ;
/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;
DELIMITER ;;
/*!50106 CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM x; END */ ;;
DELIMITER ;
/*M!100100 SET @x = 1 */;
