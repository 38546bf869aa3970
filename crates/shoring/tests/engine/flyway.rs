//! Projects of Flyway, in place: its rows read and written, its states, its bad inputs.

use crate::support::{Project, ask, assert_says, carets, prepare, tell};
use shoring::{Confirmation, DownRequest, ErrorKind, MarkAs, UpRequest};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;

/// The table as the tool makes it.
fn table(db: &TestDatabase) -> Vec<&'static str> {
    match db.engine.dialect() {
        Dialect::Postgresql => vec![
            "CREATE TABLE \"flyway_schema_history\" (\"installed_rank\" INT NOT NULL, \"version\" VARCHAR(50), \"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000) NOT NULL, \"checksum\" INTEGER, \"installed_by\" VARCHAR(100) NOT NULL, \"installed_on\" TIMESTAMP NOT NULL DEFAULT now(), \"execution_time\" INTEGER NOT NULL, \"success\" BOOLEAN NOT NULL)",
            "ALTER TABLE \"flyway_schema_history\" ADD CONSTRAINT \"flyway_schema_history_pk\" PRIMARY KEY (\"installed_rank\")",
            "CREATE INDEX \"flyway_schema_history_s_idx\" ON \"flyway_schema_history\" (\"success\")",
        ],
        Dialect::Mysql => vec![
            "CREATE TABLE `flyway_schema_history` (`installed_rank` INT NOT NULL, `version` VARCHAR(50), `description` VARCHAR(200) NOT NULL, `type` VARCHAR(20) NOT NULL, `script` VARCHAR(1000) NOT NULL, `checksum` INT, `installed_by` VARCHAR(100) NOT NULL, `installed_on` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, `execution_time` INT NOT NULL, `success` BOOL NOT NULL, CONSTRAINT `flyway_schema_history_pk` PRIMARY KEY (`installed_rank`))",
            "CREATE INDEX `flyway_schema_history_s_idx` ON `flyway_schema_history` (`success`)",
        ],
        Dialect::Sqlite => vec![
            "CREATE TABLE \"main\".\"flyway_schema_history\" (\"installed_rank\" INT NOT NULL PRIMARY KEY, \"version\" VARCHAR(50), \"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000) NOT NULL, \"checksum\" INT, \"installed_by\" VARCHAR(100) NOT NULL, \"installed_on\" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), \"execution_time\" INT NOT NULL, \"success\" BOOLEAN NOT NULL)",
            "CREATE INDEX \"main\".\"flyway_schema_history_s_idx\" ON \"flyway_schema_history\" (\"success\")",
        ],
    }
}

const USERS: &str = "CREATE TABLE users (id integer);\n";
const ORDERS: &str = "CREATE TABLE orders (id integer);\r\n";
const WITNESS: &str = "CREATE TABLE witness (step integer);\nINSERT INTO witness VALUES (1);\n";

/// CRC-32, computed apart from the code that is tested.
fn crc(text: &str) -> i32 {
    let mut crc = u32::MAX;
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (0_u32.wrapping_sub(crc & 1)));
        }
    }
    (!crc).cast_signed()
}

/// A row as the tool writes it: rank, version, description, type and script between `|`, then checksum and success.
async fn record(db: &TestDatabase, row: &str, checksum: Option<i32>, success: bool) {
    let cells: Vec<&str> = row.split('|').collect();
    let [rank, version, description, type_name, script] = cells.as_slice() else {
        panic!("{row}");
    };
    let checksum = checksum.map_or("NULL".to_owned(), |checksum| checksum.to_string());
    let success = db.engine.pick(
        success.to_string(),
        success.to_string(),
        i32::from(success).to_string(),
    );
    prepare(
        db,
        &[&format!(
            "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) VALUES ({rank}, '{version}', '{description}', '{type_name}', '{script}', {checksum}, 'tool', 7, {success})"
        )],
    )
    .await;
}

/// Four migrations, the first two applied by the tool.
async fn half_applied(db: &TestDatabase) -> Project {
    let project = Project::new(
        db,
        &[
            ("V1__create_users.sql", USERS),
            ("U1__create_users.sql", "DROP TABLE users;\n"),
            ("V2__orders.sql", ORDERS),
            ("U2__orders.sql", "DROP TABLE orders;\n"),
            ("V3__witness.sql", WITNESS),
            ("U3__witness.sql", "DROP TABLE witness;\n"),
            ("V10__more.sql", "CREATE TABLE more (id integer);\n"),
            ("U10__more.sql", "DROP TABLE more;\n"),
        ],
    );
    // Without a word of Flyway and without its table, names alone would be a question.
    project.write_beside("pom.xml", "<artifactId>flyway-maven-plugin</artifactId>\n");
    prepare(db, &table(db)).await;
    prepare(db, &[USERS, ORDERS]).await;
    record(
        db,
        "1|1|create users|SQL|V1__create_users.sql",
        Some(crc(USERS)),
        true,
    )
    .await;
    record(db, "2|2|orders|SQL|V2__orders.sql", Some(crc(ORDERS)), true).await;
    project
}

/// The rows without times: rank, version, description, type, script, checksum, success.
async fn rows(db: &TestDatabase) -> String {
    let success = db.engine.pick("success::int", "success", "success");
    ask(
        db,
        &format!("SELECT installed_rank, version, description, type, script, checksum, {success} FROM flyway_schema_history ORDER BY installed_rank"),
    )
    .await
}

async fn types(db: &TestDatabase) -> String {
    let success = db.engine.pick("success::int", "success", "success");
    ask(
        db,
        &format!("SELECT installed_rank, coalesce(version, description), type, {success} FROM flyway_schema_history ORDER BY installed_rank"),
    )
    .await
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn its_history_goes_on(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 pending, 10 pending");
        let status = project.migrator().status().await.unwrap();
        assert_eq!((status.format, status.current.as_deref()), ("flyway", Some("2")));
        assert_eq!(status.migrations[0].applied_by.as_deref(), Some("tool"));
        assert_eq!(status.migrations[0].checksum, status.migrations[0].applied_checksum);
        project.up().await;
        assert_eq!(
            rows(&db).await,
            format!(
                "1|1|create users|SQL|V1__create_users.sql|{}|1 ; 2|2|orders|SQL|V2__orders.sql|{}|1 ; 3|3|witness|SQL|V3__witness.sql|{}|1 ; 4|10|more|SQL|V10__more.sql|{}|1",
                crc(USERS), crc(ORDERS), crc(WITNESS), crc("CREATE TABLE more (id integer);\n")
            )
        );
        // As the tool leaves them out, and as it fills them in.
        let filled = db.engine.pick("installed_by = current_user", "installed_by = SUBSTRING_INDEX(USER(), '@', 1)", "installed_by = ''");
        let sql = format!("SELECT count(*) FROM flyway_schema_history WHERE installed_rank > 2 AND {filled} AND installed_on IS NOT NULL AND execution_time >= 0");
        assert_eq!(ask(&db, &sql).await, "2");
        assert_eq!(ask(&db, "SELECT count(*) FROM witness").await, "1");
        assert_eq!(project.up().await.ran.len(), 0);
    }

    async fn a_new_table_is_the_tools_own(db: TestDatabase) {
        let project = half_applied(&db).await;
        let shape = |name: &str| match db.engine.dialect() {
            Dialect::Postgresql => format!("SELECT column_name, data_type, character_maximum_length, is_nullable, column_default FROM information_schema.columns WHERE table_name = '{name}' ORDER BY ordinal_position"),
            Dialect::Mysql => format!("SELECT column_name, column_type, is_nullable, column_default, column_key, extra FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{name}' ORDER BY ordinal_position"),
            Dialect::Sqlite => format!("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{name}')"),
        };
        let indexes = |name: &str| match db.engine.dialect() {
            Dialect::Postgresql => format!("SELECT replace(indexdef, '{name}', 'x') FROM pg_indexes WHERE tablename = '{name}' ORDER BY 1"),
            Dialect::Mysql => format!("SELECT replace(index_name, '{name}', 'x'), column_name, non_unique FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = '{name}' ORDER BY 1"),
            Dialect::Sqlite => format!("SELECT replace(name, '{name}', 'x'), \"unique\" FROM pragma_index_list('{name}') ORDER BY 1"),
        };
        let of_tool = (ask(&db, &shape("flyway_schema_history")).await, ask(&db, &indexes("flyway_schema_history")).await);
        prepare(&db, &["DROP TABLE flyway_schema_history", "DROP TABLE users", "DROP TABLE orders"]).await;
        project.up().await;
        assert_eq!((ask(&db, &shape("flyway_schema_history")).await, ask(&db, &indexes("flyway_schema_history")).await), of_tool);
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1");
    }

    async fn undo_files_roll_back_with_rows_that_the_free_edition_reads(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.up().await;
        let migrator = project.migrator();
        migrator.down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1 ; 5|10|DELETE|1");
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 applied, 10 pending");
        migrator.down(&DownRequest::To("1".to_owned())).await.unwrap();
        assert_eq!(project.states().await, "1 applied, 2 pending, 3 pending, 10 pending");
        project.up().await;
        assert_eq!(
            types(&db).await,
            "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1 ; 5|10|DELETE|1 ; 6|3|DELETE|1 ; 7|2|DELETE|1 ; 8|2|SQL|1 ; 9|3|SQL|1 ; 10|10|SQL|1"
        );
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 applied, 10 applied");
    }

    async fn without_an_undo_file_nothing_is_rolled_back(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.remove("U1__create_users.sql");
        let error = project.migrator().down(&DownRequest::All).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "no-down", &["1_create_users", "write migrations/U1__create_users.sql"]);
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 pending, 10 pending");
    }

    async fn a_failed_file_is_resumed_and_leaves_one_row(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("V3__witness.sql", "CREATE TABLE witness (step integer);\nINSERT INTO witness VALUES (1);\nALTER TABLE nowhere ADD COLUMN x integer;\nINSERT INTO witness VALUES (4);\n");
        let error = project.up_fails().await;
        // Where a part stays, the row keeps the tool away from it, as its own would.
        let (kind, left) = match db.engine.dialect() {
            Dialect::Postgresql | Dialect::Sqlite => (ErrorKind::FailedRolledBack, "1|1|SQL|1 ; 2|2|SQL|1"),
            Dialect::Mysql => (ErrorKind::FailedPartly, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|0"),
        };
        assert_eq!(error.kind, kind, "{}", tell(&error));
        assert_eq!(types(&db).await, left);
        let mended = "CREATE TABLE witness (step integer);\nINSERT INTO witness VALUES (1);\nINSERT INTO witness VALUES (3);\nINSERT INTO witness VALUES (4);\n";
        project.write("V3__witness.sql", mended);
        project.up().await;
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1");
        assert_eq!(ask(&db, "SELECT checksum FROM flyway_schema_history WHERE version = '3'").await, crc(mended).to_string());
        assert_eq!(ask(&db, "SELECT step, count(*) FROM witness GROUP BY step ORDER BY step").await, "1|1 ; 3|1 ; 4|1");
    }

    async fn a_first_statement_that_fails_takes_its_row_back(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("V3__witness.sql", "ALTER TABLE nowhere ADD COLUMN x integer;\n");
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedRolledBack, "{}", tell(&error));
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1");
    }

    async fn a_failed_row_of_the_tool_stops_a_run_until_somebody_looked(db: TestDatabase) {
        let project = half_applied(&db).await;
        record(&db, "3|3|witness|SQL|V3__witness.sql", Some(1), false).await;
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 failed, 10 pending");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "failed-row", &["3_witness: recorded as failed", "shoring doctor"]);
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1");
        project.up().await;
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1");
    }

    async fn an_edited_file_stops_a_run_and_repair_takes_its_checksum(db: TestDatabase) {
        let project = half_applied(&db).await;
        // Other line ends and a mark are no edit.
        project.write("V1__create_users.sql", "\u{feff}CREATE TABLE users (id integer);\r\n");
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 pending, 10 pending");
        let edited = "CREATE TABLE users (id bigint);\n";
        project.write("V1__create_users.sql", edited);
        let error = project.up_fails().await;
        let sums = format!("(checksum {}, now {})", crc(USERS), crc(edited));
        assert_says(&error, ErrorKind::Mismatch, "changed-files", &["1_create_users: the file is not what was applied", &sums, "UTC by tool", "shoring repair"]);
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(ask(&db, "SELECT checksum FROM flyway_schema_history WHERE version = '1'").await, crc(edited).to_string());
        project.up().await;
    }

    async fn a_renamed_file_stops_a_run_and_repair_takes_its_name(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.remove("V1__create_users.sql");
        project.write("V1__make_users.sql", USERS);
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "changed-files", &["1_make_users: the file has another name than what was applied", "(as `create_users`)", "shoring repair"]);
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(ask(&db, "SELECT description FROM flyway_schema_history WHERE version = '1'").await, "make users");
        project.up().await;
    }

    async fn a_deleted_file_stops_a_run_and_repair_writes_a_deletion(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.remove("V1__create_users.sql");
        project.remove("U1__create_users.sql");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "missing-files", &["1_create_users: no file", "shoring repair"]);
        project.migrator().repair(Confirmation::Confirmed).await.unwrap();
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|1|DELETE|1");
        assert_eq!(project.states().await, "2 applied, 3 pending, 10 pending");
        project.up().await;
    }

    async fn a_database_ahead_of_the_files_stops_a_run_unless_that_is_configured(db: TestDatabase) {
        let project = half_applied(&db).await;
        record(&db, "3|11|later|SQL|V11__later.sql", Some(1), true).await;
        for name in ["V3__witness.sql", "V10__more.sql"] {
            project.remove(name);
        }
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Ahead, "database-ahead", &["11_later"]);
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.ignoreMigrationPatterns=*:future\n");
        assert_eq!(project.up().await.ran.len(), 0);
    }

    async fn a_late_file_stops_a_run_unless_the_project_says_otherwise(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("V1_5__late.sql", "CREATE TABLE late (id integer);\n");
        assert_eq!(project.states().await, "1 applied, 1.5 out-of-order, 2 applied, 3 pending, 10 pending");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "out-of-order", &["1.5_late: never applied", "--allow-out-of-order"]);
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.ignoreMigrationPatterns=*:ignored\n");
        assert_eq!(project.states().await, "1 applied, 1.5 ignored, 2 applied, 3 pending, 10 pending");
        project.up().await;
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.outOfOrder=true\n");
        assert_eq!(project.up().await.ran.len(), 1);
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1 ; 5|1.5|SQL|1");
    }

    async fn repeatable_files_run_again_when_they_change(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("R__b_view.sql", "DROP VIEW IF EXISTS b_view;\nCREATE VIEW b_view AS SELECT id FROM users;\n");
        project.write("R__a_first.sql", "INSERT INTO witness VALUES (100);\n");
        project.up().await;
        assert_eq!(
            types(&db).await,
            "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1 ; 5|a first|SQL|1 ; 6|b view|SQL|1"
        );
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 applied, 10 applied, R__a_first applied, R__b_view applied");
        assert_eq!(project.migrator().status().await.unwrap().current.as_deref(), Some("10"));
        assert_eq!(project.up().await.ran.len(), 0);
        project.write("R__b_view.sql", "DROP VIEW IF EXISTS b_view;\nCREATE VIEW b_view AS SELECT id + 1 AS id FROM users;\n");
        assert_eq!(project.up().await.ran.len(), 1);
        assert_eq!(ask(&db, "SELECT installed_rank, description FROM flyway_schema_history WHERE version IS NULL ORDER BY 1").await, "5|a first ; 6|b view ; 7|b view");
        // What runs again is no step: it is not in the way of a roll-back.
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 applied, 10 pending, R__a_first applied, R__b_view applied");
        project.remove("R__a_first.sql");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "missing-files", &["R__a_first: no file"]);
    }

    async fn a_baseline_file_begins_an_empty_history(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("B3__all.sql", "CREATE TABLE users (id integer);\nCREATE TABLE witness (step integer);\n");
        // Here it is not looked at: the history has begun.
        assert_eq!(project.states().await, "1 applied, 2 applied, 3 pending, 10 pending");
        prepare(&db, &["DROP TABLE flyway_schema_history", "DROP TABLE users", "DROP TABLE orders"]).await;
        assert_eq!(project.states().await, "1 ignored, 2 ignored, 3 pending, 10 pending");
        project.up().await;
        assert_eq!(types(&db).await, "1|3|SQL_BASELINE|1 ; 2|10|SQL|1");
        assert_eq!(project.states().await, "1 baseline, 2 baseline, 3 applied, 10 applied");
        assert_eq!(project.up().await.ran.len(), 0);
        project.write("B3__all.sql", "CREATE TABLE users (id bigint);\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Mismatch, "changed-files", &["3_all"]);
    }

    async fn a_baseline_of_the_tool_stands_for_what_is_below(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DELETE FROM flyway_schema_history"]).await;
        record(&db, "1|2|<< Flyway Baseline >>|BASELINE|<< Flyway Baseline >>", None, true).await;
        assert_eq!(project.states().await, "1 baseline, 2 baseline, 3 pending, 10 pending");
        // Nothing below it is compared.
        project.write("V1__create_users.sql", "CREATE TABLE users (id bigint);\n");
        project.up().await;
        let error = project.migrator().down(&DownRequest::All).await.unwrap_err();
        assert_says(&error, ErrorKind::Refused, "is-baseline", &[]);
    }

    async fn baseline_writes_the_row_of_the_tool(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DROP TABLE flyway_schema_history"]).await;
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Refused, "not-empty", &["is not empty", "flyway_schema_history", "shoring baseline VERSION", "baselineOnMigrate"]);
        project.migrator().baseline("2", Confirmation::Confirmed).await.unwrap();
        assert_eq!(rows(&db).await, "1|2|<< Flyway Baseline >>|BASELINE|<< Flyway Baseline >>|NULL|1");
        project.up().await;
        assert_eq!(types(&db).await, "1|2|BASELINE|1 ; 2|3|SQL|1 ; 3|10|SQL|1");
    }

    async fn a_baseline_by_hand_counts_before_the_configured_one(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DROP TABLE flyway_schema_history"]).await;
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.baselineOnMigrate=true\nflyway.baselineVersion=10\n");
        project.migrator().baseline("2", Confirmation::Confirmed).await.unwrap();
        assert_eq!(project.states().await, "1 baseline, 2 baseline, 3 pending, 10 pending");
        project.up().await;
        assert_eq!(types(&db).await, "1|2|BASELINE|1 ; 2|3|SQL|1 ; 3|10|SQL|1");
    }

    async fn repair_passes_over_what_the_tool_is_told_to_pass_over(db: TestDatabase) {
        let project = half_applied(&db).await;
        record(&db, "3|11|later|SQL|V11__later.sql", Some(1), true).await;
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.ignoreMigrationPatterns=*:future\n");
        let report = project.migrator().repair(Confirmation::ShowOnly).await.unwrap();
        assert!(report.changes.is_empty(), "{report:?}");
    }

    async fn baseline_on_migrate_does_it_by_itself(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DROP TABLE flyway_schema_history"]).await;
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.baselineOnMigrate=true\nflyway.baselineVersion=2.5\nflyway.baselineDescription=what was there\n");
        assert_eq!(project.states().await, "1 baseline, 2 baseline, 2.5 baseline, 3 pending, 10 pending");
        project.up().await;
        assert_eq!(
            ask(&db, "SELECT installed_rank, version, description, type, script FROM flyway_schema_history ORDER BY 1").await,
            "1|2.5|what was there|BASELINE|what was there ; 2|3|witness|SQL|V3__witness.sql ; 3|10|more|SQL|V10__more.sql"
        );
    }

    async fn java_migrations_are_named_and_not_run(db: TestDatabase) {
        let project = half_applied(&db).await;
        record(&db, "3|2.5|Load|JDBC|db.migration.V2_5__Load", None, true).await;
        // That there is no file is no wonder.
        assert_eq!(project.states().await, "1 applied, 2 applied, 2.5 applied, 3 pending, 10 pending");
        project.write("V4__Convert.java", "class V4__Convert {}");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Refused, "not-sql", &["`migrations/V4__Convert.java` is a flyway migration written in Java", "shoring mark 4 applied"]);
        project.migrator().up(&UpRequest { target: Some("3".to_owned()), ..UpRequest::default() }).await.unwrap();
        project.migrator().mark("4", MarkAs::Applied).await.unwrap();
        project.up().await;
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|2.5|JDBC|1 ; 4|3|SQL|1 ; 5|4|JDBC|1 ; 6|10|SQL|1");
    }

    async fn two_files_of_one_version_are_named(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("V3.0__other.sql", "SELECT 1;\n");
        let error = project.migrator().status().await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "duplicate-version", &["migrations/V3.0__other.sql", "migrations/V3__witness.sql"]);
    }

    async fn placeholders_are_replaced_and_carets_point_into_the_file(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.placeholders.Table=witness\nflyway.placeholders.step=7\n");
        let text = "CREATE TABLE ${table} (step integer, note varchar(200));\nINSERT INTO ${TABLE} VALUES (${step}, '${flyway:filename} ${flyway:table}');\n";
        project.write("V3__witness.sql", text);
        project.up().await;
        assert_eq!(ask(&db, "SELECT step, note FROM witness").await, "7|V3__witness.sql flyway_schema_history");
        // The sum is that of the file as it is written.
        assert_eq!(ask(&db, "SELECT checksum FROM flyway_schema_history WHERE version = '3'").await, crc(text).to_string());
        project.write("V11__wrong.sql", "INSERT INTO ${table} VALUES (1, '${step}');\n  INSERT INTO ${table} (step, nothing) VALUES (${step}, 1);\n");
        let error = project.up_fails().await;
        assert!(error.to_string().contains("nothing"), "{}", tell(&error));
        let place = carets(&error);
        match db.engine.dialect() {
            Dialect::Postgresql | Dialect::Mysql => assert_eq!(place, "migrations/V11__wrong.sql:2:31 nothing"),
            Dialect::Sqlite => assert!(place.starts_with("migrations/V11__wrong.sql:2:"), "{place}"),
        }
    }

    async fn a_placeholder_without_a_value_stops_before_anything_runs(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("V10__more.sql", "CREATE TABLE more (id integer);\n-- x\nINSERT INTO more VALUES (${nobody});\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "no-value", &["there is no value for the placeholder `${nobody}`", "Nothing was run"]);
        assert_eq!(carets(&error), "migrations/V10__more.sql:3:26 ${nobody}");
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1");
    }

    async fn a_repeatable_is_compared_with_its_placeholders_replaced(db: TestDatabase) {
        let project = half_applied(&db).await;
        let conf = |value: &str| format!("flyway.locations=filesystem:migrations\nflyway.placeholders.value={value}\n");
        project.write_beside("flyway.conf", &conf("1"));
        project.write("R__log.sql", "INSERT INTO witness VALUES (${value});\n");
        project.up().await;
        assert_eq!(ask(&db, "SELECT checksum FROM flyway_schema_history WHERE version IS NULL").await, crc("INSERT INTO witness VALUES (1);").to_string());
        assert_eq!(project.up().await.ran.len(), 0);
        project.write_beside("flyway.conf", &conf("2"));
        assert_eq!(project.up().await.ran.len(), 1);
        assert_eq!(ask(&db, "SELECT step FROM witness ORDER BY 1").await, "1 ; 1 ; 2");
    }

    async fn an_unknown_key_is_told_with_its_line(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.outOfOder=true\n");
        let error = project.migrator().status().await.unwrap_err();
        assert_says(&error, ErrorKind::Usage, "bad-configuration", &["flyway.conf:2: unknown key `outOfOder`", "did you mean `outOfOrder`?"]);
    }

    async fn a_configuration_of_another_tool_beside_it_does_no_harm(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\n");
        project.write_beside("diesel.toml", "[migrations_directory]\ndir = \"migrations\"\n");
        project.write_beside("dbconfig.yml", "development:\n  dir: migrations\n");
        assert_eq!(project.migrator().status().await.unwrap().format, "flyway");
        // And where the files are another tool's, the configuration alone does not make them Flyway's.
        let other = Project::new(&db, &[("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n")]);
        other.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\n");
        let error = other.migrator().format("flyway").status().await;
        assert!(error.is_ok());
        assert_eq!(other.migrator().init().unwrap().format, "dbmate");
    }

    async fn new_makes_the_next_file(db: TestDatabase) {
        let project = half_applied(&db).await;
        assert_eq!(project.migrator().new_migration("Add e-mail").unwrap().files, ["migrations/V11__add_e_mail.sql"]);
        project.write("V11_1__x.sql", "");
        assert_eq!(project.migrator().new_migration("y").unwrap().files, ["migrations/V11_2__y.sql"]);
        project.write("V20260101120000__x.sql", "");
        let made = project.migrator().new_migration("y").unwrap();
        assert_eq!(made.version.len(), 14, "{made:?}");
    }

    async fn target_of_the_configuration_counts(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.target=3\n");
        assert_eq!(project.up().await.ran.len(), 1);
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.target=current\n");
        assert_eq!(project.up().await.ran.len(), 0);
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.target=next\n");
        assert_eq!(project.up().await.ran.len(), 1);
    }

    async fn nothing_is_refused_where_validation_is_off(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("V1__create_users.sql", "CREATE TABLE users (id bigint);\n");
        project.remove("V2__orders.sql");
        project.remove("U2__orders.sql");
        project.write("V1_5__late.sql", "CREATE TABLE late (id integer);\n");
        project.write_beside("flyway.conf", "flyway.locations=filesystem:migrations\nflyway.validateOnMigrate=false\n");
        assert_eq!(project.states().await, "1 changed, 1.5 ignored, 2 missing, 3 pending, 10 pending");
        assert_eq!(project.up().await.ran.len(), 2);
    }

    async fn callbacks_run_around_migrations_and_leave_no_row(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["CREATE TABLE seen (n integer, what varchar(50))"]).await;
        for event in [
            "beforeValidate", "afterValidate", "beforeMigrate", "beforeEachMigrate", "afterEachMigrate", "afterVersioned", "beforeRepeatables",
            "afterMigrateApplied", "afterMigrate", "afterMigrateError", "beforeUndo", "beforeEachUndo", "afterEachUndo", "afterUndo",
        ] {
            project.write(&format!("{event}.sql"), format!("INSERT INTO seen SELECT count(*), '{event}' FROM seen;\n"));
        }
        project.write("afterMigrate__b.sql", "INSERT INTO seen SELECT count(*), 'afterMigrate ${flyway:table}' FROM seen;\n");
        project.write("R__again.sql", "INSERT INTO seen SELECT count(*), 'R' FROM seen;\n");
        let seen = async || {
            let told = ask(&db, "SELECT what FROM seen ORDER BY n").await;
            prepare(&db, &["DELETE FROM seen"]).await;
            told.replace(" ; ", " ")
        };
        assert_eq!(project.up().await.ran.len(), 3);
        assert_eq!(
            seen().await,
            "beforeValidate afterValidate beforeMigrate beforeEachMigrate afterEachMigrate beforeEachMigrate afterEachMigrate afterVersioned beforeRepeatables beforeEachMigrate R afterEachMigrate afterMigrateApplied afterMigrate afterMigrate flyway_schema_history"
        );
        // Also when nothing is pending, as the tool does it.
        assert_eq!(project.up().await.ran.len(), 0);
        assert_eq!(seen().await, "beforeValidate afterValidate beforeMigrate afterVersioned afterMigrate afterMigrate flyway_schema_history");
        project.migrator().down(&DownRequest::Steps(1)).await.unwrap();
        assert_eq!(seen().await, "beforeUndo beforeEachUndo afterEachUndo afterUndo");
        project.write("V10__more.sql", "INSERT INTO nowhere VALUES (1);\n");
        project.up_fails().await;
        assert_eq!(seen().await, "beforeValidate afterValidate beforeMigrate beforeEachMigrate afterMigrateError");
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1 ; 5|again|SQL|1 ; 6|10|DELETE|1");
    }

    async fn a_callback_that_fails_stops_the_run(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("beforeMigrate.sql", "INSERT INTO nowhere VALUES (1);\n");
        let error = project.up_fails().await;
        assert_eq!(carets(&error).split(':').next(), Some("migrations/beforeMigrate.sql"), "{}", tell(&error));
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1");
    }

    async fn scripts_run_around_a_baseline_and_a_repair(db: TestDatabase) {
        let project = half_applied(&db).await;
        prepare(&db, &["DROP TABLE flyway_schema_history", "CREATE TABLE seen (n integer, what varchar(50))"]).await;
        let events = ["afterConnect", "beforeBaseline", "afterBaseline", "beforeRepair", "afterRepair", "afterRepairError"];
        for event in events {
            project.write(&format!("{event}.sql"), format!("INSERT INTO seen SELECT count(*), '{event}' FROM seen;\n"));
        }
        // Nobody needs it here, so nobody minds it.
        project.write("afterMigrate.sql", "SELECT 'never ends;\n");
        let seen = async || {
            let told = ask(&db, "SELECT what FROM seen ORDER BY n").await;
            prepare(&db, &["DELETE FROM seen"]).await;
            told.replace(" ; ", " ")
        };
        project.migrator().baseline("2", Confirmation::ShowOnly).await.unwrap();
        assert_eq!(seen().await, "");
        project.migrator().baseline("2", Confirmation::Confirmed).await.unwrap();
        assert_eq!(seen().await, "afterConnect beforeBaseline afterBaseline");
        project.remove("afterMigrate.sql");
        project.up().await;
        assert_eq!(seen().await, "afterConnect");
        project.write("V10__more.sql", "CREATE TABLE orders (id integer, late integer);\n");
        let repair = async || project.migrator().repair(Confirmation::Confirmed).await;
        assert_eq!(repair().await.unwrap().changes.len(), 1);
        assert_eq!(seen().await, "afterConnect beforeRepair afterRepair");
        // Other than with the tool, nothing runs where there is nothing to do.
        assert!(!repair().await.unwrap().applied);
        assert_eq!(seen().await, "");
        project.write("V10__more.sql", "CREATE TABLE orders (id integer);\n");
        project.write("beforeRepair.sql", "INSERT INTO nowhere VALUES (1);\n");
        let error = repair().await.unwrap_err();
        assert_eq!(carets(&error).split(':').next(), Some("migrations/beforeRepair.sql"), "{}", tell(&error));
        assert_eq!(seen().await, "afterConnect afterRepairError");
        assert!(project.states().await.contains("10 changed"));
    }

    async fn what_a_script_before_a_migration_sets_stays_for_it(db: TestDatabase) {
        let project = half_applied(&db).await;
        let (set, get) = db.engine.pick(
            ("SET app.tenant = 'x';\n", "CREATE TABLE witness (step varchar(9));\nINSERT INTO witness VALUES (current_setting('app.tenant'));\n"),
            ("SET @tenant = 'x';\n", "CREATE TABLE witness (step varchar(9));\nINSERT INTO witness VALUES (@tenant);\n"),
            ("PRAGMA recursive_triggers = 1;\n", "CREATE TABLE witness (step varchar(9));\nINSERT INTO witness VALUES ('x');\n"),
        );
        project.write("beforeEachMigrate.sql", set);
        project.write("V3__witness.sql", get);
        project.up().await;
        assert_eq!(ask(&db, "SELECT step FROM witness").await, "x");
    }

    async fn callbacks_that_mean_nothing_here_are_named(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("beforeClean.sql", "SELECT 1;\n");
        let status = project.migrator().status().await.unwrap();
        let ignored: Vec<&str> = status.migrations.iter().filter_map(|entry| entry.detail.as_deref()).collect();
        assert_eq!(ignored, ["it belongs to a command that only Flyway has"]);
    }

    async fn init_sql_is_sent_to_each_session(db: TestDatabase) {
        let project = half_applied(&db).await;
        let (set, get) = db.engine.pick(
            ("SET app.tenant = 'it''s; x'", "current_setting('app.tenant')"),
            ("SET @tenant = 'it''s; x'", "@tenant"),
            ("PRAGMA recursive_triggers = 1", "'it''s; x'"),
        );
        project.write_beside("flyway.conf", &format!("flyway.locations=filesystem:migrations\nflyway.initSql={set}\n"));
        project.write("V3__witness.sql", format!("CREATE TABLE witness (step varchar(20));\nINSERT INTO witness VALUES ({get});\n"));
        project.up().await;
        assert_eq!(ask(&db, "SELECT step FROM witness").await, "it's; x");
    }

    async fn a_script_can_be_run_without_a_transaction(db: TestDatabase) {
        let project = half_applied(&db).await;
        project.write("V3__witness.sql.conf", "executeInTransaction=false\nplaceholderReplacement=false\n");
        project.write("V3__witness.sql", "CREATE TABLE witness (step varchar(20));\nINSERT INTO witness VALUES ('${x}');\nINSERT INTO nowhere VALUES (1);\n");
        let error = project.up_fails().await;
        assert_eq!(error.kind, ErrorKind::FailedPartly, "{}", tell(&error));
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|0");
        assert_eq!(ask(&db, "SELECT step FROM witness").await, "${x}");
        project.write("V3__witness.sql", "CREATE TABLE witness (step varchar(20));\nINSERT INTO witness VALUES ('${x}');\n");
        project.up().await;
        assert_eq!(types(&db).await, "1|1|SQL|1 ; 2|2|SQL|1 ; 3|3|SQL|1 ; 4|10|SQL|1");
        assert_eq!(ask(&db, "SELECT step FROM witness").await, "${x}");
    }
}

mod switch_back {
    use super::{Project, TestDatabase};
    use shoring::{PlanRequest, UpRequest};

    async fn what_flyway_itself_could_not_run_is_a_warning(db: TestDatabase) {
        let project = Project::new(
            &db,
            &[
                (
                    "V1__mixed.sql",
                    "CREATE TABLE users (id integer);\nCREATE INDEX CONCURRENTLY users_id ON users (id);\n",
                ),
                ("V2__reindex.sql", "REINDEX TABLE CONCURRENTLY users;\n"),
                ("V3__vacuum.sql", "VACUUM users;\n"),
                ("V4__told.sql", "REINDEX TABLE CONCURRENTLY users;\n"),
                ("V4__told.sql.conf", "executeInTransaction=false\n"),
                ("V5__plain.sql", "CREATE TABLE more (id integer);\n"),
            ],
        );
        project.write_beside("pom.xml", "<artifactId>flyway-maven-plugin</artifactId>\n");
        let notes = async || {
            let plan = project
                .migrator()
                .plan(&PlanRequest::Up(UpRequest::default()))
                .await
                .unwrap();
            let mut notes = plan.notes;
            notes.retain(|note| note.contains("Flyway"));
            notes
        };
        assert_eq!(
            notes().await,
            [
                "`migrations/V1__mixed.sql`: Flyway refuses a file in which CREATE INDEX CONCURRENTLY stands beside statements that belong into a transaction",
                "`migrations/V1__mixed.sql`: CREATE INDEX CONCURRENTLY waits for ever for the transaction in which Flyway holds its lock (flyway#1654)",
                "`migrations/V2__reindex.sql`: Flyway opens a transaction for it, where REINDEX TABLE CONCURRENTLY cannot run",
                "`migrations/V2__reindex.sql`: REINDEX TABLE CONCURRENTLY waits for ever for the transaction in which Flyway holds its lock (flyway#1654)",
                "`migrations/V4__told.sql`: REINDEX TABLE CONCURRENTLY waits for ever for the transaction in which Flyway holds its lock (flyway#1654)",
            ]
        );
        project.write_beside(
            "flyway.conf",
            "flyway.locations=filesystem:migrations\nflyway.mixed=true\n",
        );
        assert_eq!(notes().await.len(), 4);
        project.write_beside(
            "flyway.conf",
            "flyway.locations=filesystem:migrations\nflyway.mixed=true\nflyway.postgresql.transactional.lock=false\n",
        );
        assert_eq!(
            notes().await,
            [
                "`migrations/V2__reindex.sql`: Flyway opens a transaction for it, where REINDEX TABLE CONCURRENTLY cannot run",
            ]
        );
        project.up().await;
    }

    mod postgresql {
        #[test]
        fn is_warned_of() {
            shoring_testkit::run(
                shoring_testkit::Engine::Postgresql,
                super::what_flyway_itself_could_not_run_is_a_warning,
            );
        }
    }
}

mod schemas {
    use super::{ErrorKind, Project, TestDatabase, USERS, ask, assert_says, tell};

    async fn a_schema_of_its_own_is_made_and_entered(db: TestDatabase) {
        let project = Project::new(
            &db,
            &[
                ("V1__users.sql", USERS),
                (
                    "V2__more.sql",
                    "CREATE TABLE more (name varchar(50));\nINSERT INTO more VALUES ('${flyway:defaultSchema}');\nSET search_path = public;\n",
                ),
                ("V3__last.sql", "CREATE TABLE last (id integer);\n"),
            ],
        );
        project.write_beside(
            "flyway.toml",
            "[flyway]\nlocations = [\"filesystem:migrations\"]\ndefaultSchema = \"app\"\n[environments.default]\nurl = \"jdbc:postgresql://x/x\"\nschemas = [\"app\", \"beside\"]\n",
        );
        let report = project.up().await;
        assert_eq!(report.ran.len(), 3);
        assert_eq!(
            ask(&db, "SELECT installed_rank, version, description, type, script FROM app.flyway_schema_history ORDER BY 1").await,
            "0|NULL|<< Flyway Schema Creation >>|SCHEMA|\"app\",\"beside\" ; 1|1|users|SQL|V1__users.sql ; 2|2|more|SQL|V2__more.sql ; 3|3|last|SQL|V3__last.sql"
        );
        assert_eq!(ask(&db, "SELECT name FROM app.more").await, "app");
        assert_eq!(ask(&db, "SELECT count(*) FROM app.last").await, "0");
        assert_eq!(project.up().await.ran.len(), 0);
        project.write_beside("flyway.toml", "[flyway]\nlocations = [\"filesystem:migrations\"]\ndefaultSchema = \"other\"\ncreateSchemas = false\n");
        let error = project.up_fails().await;
        assert_says(&error, ErrorKind::Usage, "no-schema", &["`other`"]);
        assert!(!tell(&error).contains("app.flyway"));
    }

    mod postgresql {
        #[test]
        fn a_schema_of_its_own() {
            shoring_testkit::run(
                shoring_testkit::Engine::Postgresql,
                super::a_schema_of_its_own_is_made_and_entered,
            );
        }
    }
}

mod locks {
    use super::{ErrorKind, TestDatabase, ask, assert_says, half_applied};
    use shoring::UpRequest;
    use std::time::Duration;

    async fn waits_for_the_tool(db: TestDatabase) {
        let project = half_applied(&db).await;
        let name = ask(
            &db,
            db.engine
                .pick("SELECT current_schema()", "SELECT DATABASE()", ""),
        )
        .await;
        let quoted = db.engine.pick(
            format!("\"{name}\".\"flyway_schema_history\""),
            format!("`{name}`.`flyway_schema_history`"),
            String::new(),
        );
        let hash = quoted.bytes().fold(0_i32, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(i32::from(byte))
        });
        let mut tool = db.connect().await;
        tool.query(&db.engine.pick(
            format!(
                "SELECT pg_advisory_lock({})",
                77_431_708_279_161 + i64::from(hash)
            ),
            format!("SELECT GET_LOCK('Flyway-{hash}', 10)"),
            String::new(),
        ))
        .await
        .unwrap();
        let migrator = project.migrator().lock_wait(Duration::from_millis(300));
        let error = migrator.up(&UpRequest::default()).await.unwrap_err();
        assert_says(
            &error,
            ErrorKind::LockTimeout,
            "lock-held",
            &["the lock of Flyway"],
        );
        tool.close().await.unwrap();
        project.up().await;
    }

    mod postgresql {
        #[test]
        fn a_run_waits_for_the_tool() {
            shoring_testkit::run(
                shoring_testkit::Engine::Postgresql,
                super::waits_for_the_tool,
            );
        }
    }

    mod mariadb {
        #[test]
        fn a_run_waits_for_the_tool() {
            shoring_testkit::run(shoring_testkit::Engine::Mariadb, super::waits_for_the_tool);
        }
    }
}
