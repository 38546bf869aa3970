//! Files and servers under settings that change where a string ends: each statement reaches the server whole.

use crate::support::{Project, ask, assert_says, prepare};
use shoring::ErrorKind;

mod on_mysql {
    use super::{ErrorKind, Project, ask, assert_says};

    shoring_testkit::server_tests! {
        [mysql, mariadb]

        async fn a_mode_set_in_the_file_holds_for_the_rest_of_it(db: TestDatabase) {
            let project = Project::new(&db, &[
                ("001_modes.up.sql", "CREATE TABLE t (id int, v varchar(50));\nINSERT INTO t VALUES (1, 'a\\';b');\n\
                    SET sql_mode = 'NO_BACKSLASH_ESCAPES';\nINSERT INTO t VALUES (2, 'a\\');\nINSERT INTO t VALUES (3, 'b;\\');\n\
                    SET sql_mode = 'ANSI_QUOTES';\nINSERT INTO t (\"id\", v) SELECT 4 AS \"x\\\", 'c';\nINSERT INTO t VALUES (5, 'd\\';');\n\
                    SET sql_mode = DEFAULT;\nINSERT INTO t VALUES (6, \"e\\\";\");\n"),
                ("002_plain.up.sql", "INSERT INTO t VALUES (7, 'f\\';');\n"),
            ]);
            let report = project.up().await;
            assert_eq!((report.ran[0].statements, report.ran[1].statements), (10, 1));
            assert_eq!(ask(&db, "SELECT id, v FROM t ORDER BY id").await, "1|a';b ; 2|a\\ ; 3|b;\\ ; 4|c ; 5|d'; ; 6|e\"; ; 7|f';");
        }

        async fn a_mode_that_cannot_be_seen_is_refused_where_it_matters(db: TestDatabase) {
            let project = Project::new(&db, &[
                ("001_t.up.sql", "CREATE TABLE t (v varchar(50));\nSET sql_mode = (SELECT 'NO_BACKSLASH_ESCAPES');\nINSERT INTO t VALUES ('C:\\temp'), ('\\\\');\n"),
                ("002_u.up.sql", "SET sql_mode = (SELECT m FROM modes);\nINSERT INTO t VALUES ('plain; C:\\temp');\nINSERT INTO t VALUES ('a\\');\n"),
            ]);
            let error = project.up_fails().await;
            assert_says(&error, ErrorKind::Usage, "unknown-sql-mode", &["002_u.up.sql", "`sql_mode`", "give sql_mode as a text"]);
            assert_eq!(crate::support::user_tables(&db).await, "");
        }
    }
}

mod on_postgresql {
    use super::{Project, ask, prepare};

    shoring_testkit::server_tests! {
        [postgresql]

        async fn a_setting_in_the_file_holds_for_the_rest_of_it(db: TestDatabase) {
            let project = Project::new(&db, &[
                ("001_modes.up.sql", "CREATE TABLE t (id int, v text);\nINSERT INTO t VALUES (1, 'a\\');\nINSERT INTO t VALUES (2, E'b\\';');\n\
                    SET standard_conforming_strings = off;\nINSERT INTO t VALUES (3, 'c\\';');\n\
                    SET standard_conforming_strings = on;\nINSERT INTO t VALUES (4, 'd\\');\nINSERT INTO t VALUES (5, 'e;');\n"),
                ("002_plain.up.sql", "INSERT INTO t VALUES (6, 'f\\');\nINSERT INTO t VALUES (7, 'g');\n"),
            ]);
            let report = project.up().await;
            assert_eq!((report.ran[0].statements, report.ran[1].statements), (8, 2));
            assert_eq!(ask(&db, "SELECT id, v FROM t ORDER BY id").await, "1|a\\ ; 2|b'; ; 3|c'; ; 4|d\\ ; 5|e; ; 6|f\\ ; 7|g");
        }

        async fn the_setting_of_the_database_decides_how_a_file_begins(db: TestDatabase) {
            prepare(&db, &[&format!("ALTER DATABASE {} SET standard_conforming_strings = off", db.name)]).await;
            let project = Project::new(&db, &[
                ("001_t.up.sql", "CREATE TABLE t (id int, v text);\nINSERT INTO t VALUES (1, 'a\\';');\nINSERT INTO t VALUES (2, 'b');\n"),
            ]);
            assert_eq!(project.up().await.ran[0].statements, 3);
            assert_eq!(ask(&db, "SELECT id, v FROM t ORDER BY id").await, "1|a'; ; 2|b");
        }
    }
}
