//! The migrations of the mixed project: each kind of execution that a database has, with a witness row for each statement
//! that can leave one.

use shoring_testkit::Engine;

/// File names and texts.
pub(crate) fn of(engine: Engine) -> &'static [(&'static str, &'static str)] {
    engine.pick(POSTGRESQL, MARIADB, SQLITE)
}

const POSTGRESQL: &[(&str, &str)] = &[
    (
        "001_transaction.up.sql",
        "CREATE TABLE witness (step text NOT NULL);\nINSERT INTO witness VALUES ('1.2');\n\
         CREATE TABLE a (id int, x int);\nINSERT INTO a SELECT n, n FROM generate_series(1, 500) n;\nINSERT INTO witness VALUES ('1.5');\n",
    ),
    (
        "001_transaction.down.sql",
        "DROP TABLE a;\nDROP TABLE witness;\n",
    ),
    (
        "002_concurrently.up.sql",
        "-- shoring: no-transaction\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nINSERT INTO witness VALUES ('2.2');\n\
         CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);\n",
    ),
    (
        "002_concurrently.down.sql",
        "-- shoring: no-transaction\nDROP INDEX CONCURRENTLY a_id;\nDELETE FROM witness WHERE step = '2.2';\nDROP INDEX CONCURRENTLY a_x;\n",
    ),
    (
        "003_own_transaction.up.sql",
        "BEGIN;\nCREATE TABLE b (id int);\nINSERT INTO witness VALUES ('3.3');\nCOMMIT;\n",
    ),
    (
        "003_own_transaction.down.sql",
        "BEGIN;\nDROP TABLE b;\nDELETE FROM witness WHERE step = '3.3';\nCOMMIT;\n",
    ),
    (
        "004_two_transactions.up.sql",
        "INSERT INTO witness VALUES ('4.1');\nBEGIN;\nALTER TABLE a ADD COLUMN y int DEFAULT 7;\nINSERT INTO witness VALUES ('4.4');\nCOMMIT;\n\
         INSERT INTO witness VALUES ('4.6');\n",
    ),
    (
        "004_two_transactions.down.sql",
        "DELETE FROM witness WHERE step LIKE '4.%';\nALTER TABLE a DROP COLUMN y;\n",
    ),
    (
        "005_copy.up.sql",
        "INSERT INTO witness VALUES ('5.1');\nCOPY witness FROM stdin;\n5.2a\n5.2b\n\\.\nINSERT INTO witness VALUES ('5.3');\n",
    ),
    (
        "005_copy.down.sql",
        "DELETE FROM witness WHERE step LIKE '5.%';\n",
    ),
    (
        "006_data.up.sql",
        "INSERT INTO witness VALUES ('6.1');\nUPDATE a SET y = y + 1;\nINSERT INTO witness SELECT 'y' || y FROM a GROUP BY y;\n",
    ),
    (
        "006_data.down.sql",
        "UPDATE a SET y = y - 1;\nDELETE FROM witness WHERE step = '6.1' OR step LIKE 'y%';\n",
    ),
    (
        "007_enum.up.sql",
        "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE moods (m mood);\nINSERT INTO witness VALUES ('7.3');\n",
    ),
    (
        "007_enum.down.sql",
        "DROP TABLE moods;\nDROP TYPE mood;\nDELETE FROM witness WHERE step = '7.3';\n",
    ),
];

const MARIADB: &[(&str, &str)] = &[
    (
        "001_definitions.up.sql",
        "CREATE TABLE witness (step varchar(20) NOT NULL) ENGINE=InnoDB;\nINSERT INTO witness VALUES ('1.2');\n\
         CREATE TABLE a (id int, x int) ENGINE=InnoDB;\nINSERT INTO witness VALUES ('1.4');\nINSERT INTO a WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 300) SELECT n, n FROM s;\n\
         CREATE INDEX a_x ON a (x);\nINSERT INTO witness VALUES ('1.7');\n",
    ),
    (
        "001_definitions.down.sql",
        "DROP INDEX a_x ON a;\nDROP TABLE a;\nDROP TABLE witness;\n",
    ),
    (
        "002_data.up.sql",
        "INSERT INTO witness VALUES ('2.1');\nINSERT INTO witness VALUES ('2.2');\nUPDATE a SET x = x + 1;\n",
    ),
    (
        "002_data.down.sql",
        "UPDATE a SET x = x - 1;\nDELETE FROM witness WHERE step LIKE '2.%';\n",
    ),
    (
        "003_alter.up.sql",
        "ALTER TABLE a ADD COLUMN y int DEFAULT 7;\nINSERT INTO witness VALUES ('3.2');\nALTER TABLE a MODIFY COLUMN x bigint;\n",
    ),
    (
        "003_alter.down.sql",
        "ALTER TABLE a MODIFY COLUMN x int;\nDELETE FROM witness WHERE step = '3.2';\nALTER TABLE a DROP COLUMN y;\n",
    ),
    (
        "004_own_transaction.up.sql",
        "START TRANSACTION;\nINSERT INTO witness VALUES ('4.2');\nINSERT INTO witness SELECT CONCAT('sum', SUM(x)) FROM a;\nCOMMIT;\n",
    ),
    (
        "004_own_transaction.down.sql",
        "START TRANSACTION;\nDELETE FROM witness WHERE step = '4.2';\nDELETE FROM witness WHERE step LIKE 'sum%';\nCOMMIT;\n",
    ),
    (
        "005_routines.up.sql",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END//\nCREATE TRIGGER a_insert BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.y = 1; END//\nDELIMITER ;\n\
         INSERT INTO witness VALUES ('5.3');\n",
    ),
    (
        "005_routines.down.sql",
        "DELETE FROM witness WHERE step = '5.3';\nDROP TRIGGER a_insert;\nDROP PROCEDURE p;\n",
    ),
    (
        "006_mixed.up.sql",
        "INSERT INTO witness VALUES ('6.1');\nRENAME TABLE a TO aa;\nINSERT INTO witness VALUES ('6.3');\nDROP TABLE aa;\nCREATE TABLE a (id int);\n",
    ),
    (
        "006_mixed.down.sql",
        "DROP TABLE a;\nCREATE TABLE a (id int, x bigint, y int DEFAULT 7, KEY a_x (x));\n\
         CREATE TRIGGER a_insert BEFORE INSERT ON a FOR EACH ROW SET NEW.y = 1;\nDELETE FROM witness WHERE step LIKE '6.%';\n",
    ),
];

const SQLITE: &[(&str, &str)] = &[
    (
        "001_transaction.up.sql",
        "CREATE TABLE witness (step text NOT NULL);\nINSERT INTO witness VALUES ('1.2');\n\
         CREATE TABLE parent (id integer PRIMARY KEY, x int);\nCREATE TABLE child (id integer PRIMARY KEY, parent int REFERENCES parent (id) ON DELETE CASCADE);\n\
         INSERT INTO parent VALUES (1, 1), (2, 2);\nINSERT INTO child VALUES (1, 1), (2, 2), (3, 2);\n",
    ),
    (
        "001_transaction.down.sql",
        "DROP TABLE child;\nDROP TABLE parent;\nDROP TABLE witness;\n",
    ),
    (
        "002_rebuild.up.sql",
        "PRAGMA foreign_keys = OFF;\nCREATE TABLE parent_new (id integer PRIMARY KEY, x int, y int DEFAULT 7);\nINSERT INTO parent_new (id, x) SELECT id, x FROM parent;\n\
         DROP TABLE parent;\nALTER TABLE parent_new RENAME TO parent;\nINSERT INTO witness SELECT 'child' || id FROM child;\nPRAGMA foreign_keys = ON;\n",
    ),
    (
        "002_rebuild.down.sql",
        "ALTER TABLE parent DROP COLUMN y;\nDELETE FROM witness WHERE step LIKE 'child%';\n",
    ),
    (
        "003_own_transaction.up.sql",
        "BEGIN;\nCREATE TABLE b (id int);\nINSERT INTO witness VALUES ('3.3');\nCOMMIT;\n",
    ),
    (
        "003_own_transaction.down.sql",
        "BEGIN;\nDROP TABLE b;\nDELETE FROM witness WHERE step = '3.3';\nCOMMIT;\n",
    ),
    (
        "004_vacuum.up.sql",
        "-- shoring: no-transaction\nINSERT INTO witness VALUES ('4.1');\nVACUUM;\nINSERT INTO witness VALUES ('4.3');\n",
    ),
    (
        "004_vacuum.down.sql",
        "DELETE FROM witness WHERE step LIKE '4.%';\n",
    ),
    (
        "005_data.up.sql",
        "INSERT INTO witness VALUES ('5.1');\nCREATE INDEX child_parent ON child (parent);\n\
         CREATE TRIGGER child_insert AFTER INSERT ON child BEGIN INSERT INTO witness VALUES (CASE WHEN NEW.id > 0 THEN 'trigger' ELSE 'never' END); END;\n\
         INSERT INTO child VALUES (4, 1);\n",
    ),
    (
        "005_data.down.sql",
        "DROP TRIGGER child_insert;\nDELETE FROM child WHERE id = 4;\nDELETE FROM witness WHERE step IN ('5.1', 'trigger');\nDROP INDEX child_parent;\n",
    ),
];
