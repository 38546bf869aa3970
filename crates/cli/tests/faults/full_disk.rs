//! The server's disk is full: the error names the statement and what is in the database, nothing is half-recorded, however
//! often one tries; once there is room the next run goes on. (SQLite's full disks are in `system_calls`.)

use crate::figures::{Fault, Figures};
use crate::oracle::{Oracle, Picture};
use crate::own_mariadb::Mariadb;
use crate::own_postgresql::Postgresql;
use crate::own_server::OwnServer;
use crate::project::FaultProject;
use crate::runner::Ended;
use shoring_testkit::TestDatabase;
use std::collections::BTreeMap;
use std::time::Duration;

/// Megabytes that are enough for everything here.
const ROOM: u32 = 512;

/// What the file that does not fit is about.
const TABLES: &str = "CREATE TABLE witness (step varchar(20) NOT NULL);\nCREATE TABLE big (n int, filler varchar(2000));\n";
const AFTER: &str = "INSERT INTO witness VALUES ('3.1');\n";

fn witnesses(steps: &[&str]) -> BTreeMap<String, i64> {
    steps.iter().map(|step| ((*step).to_owned(), 1)).collect()
}

/// What a person reads at the end: the place, the state, and that it is the disk that needs seeing to.
fn assert_words(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{ended:#?}");
    let all = [
        words,
        &["Next:   make room on the database's disk, or mend it; then run the same command again"],
    ];
    for word in all.concat() {
        assert!(ended.stderr.contains(word), "`{word}`: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("fix "), "{}", ended.stderr);
}

/// Nothing of 002 is recorded, and nobody holds a lock.
async fn assert_untouched(oracle: &mut Oracle) -> Picture {
    let picture = oracle.picture().await;
    assert_eq!(picture.history, ["001"], "{picture:#?}");
    assert_eq!(picture.witnesses, witnesses(&[]), "{picture:#?}");
    assert_eq!(oracle.number("SELECT count(*) FROM big").await, 0);
    oracle.assert_no_locks().await;
    oracle.assert_lease_is_free().await;
    picture
}

/// All three are in, once.
async fn converges(project: &FaultProject, rows: i64, steps: &[&str], figures: &mut Figures) {
    let ended = project.run("up").await;
    figures.judge_next(&ended, "after there was room");
    assert_done(project, rows, steps).await;
}

async fn assert_done(project: &FaultProject, rows: i64, steps: &[&str]) {
    let mut oracle = project.oracle().await;
    let picture = oracle.picture().await;
    assert_eq!(picture.history, ["001", "002", "003"]);
    assert_eq!(picture.witnesses, witnesses(steps));
    assert_eq!(oracle.number("SELECT count(*) FROM big").await, rows);
    oracle.assert_no_locks().await;
    oracle.assert_lease_is_free().await;
}

mod postgresql {
    use super::*;

    const FILL: &str = "INSERT INTO witness VALUES ('2.1');\n\
        INSERT INTO big SELECT n, repeat(md5(n::text), 60) FROM generate_series(1, 30000) n;\n\
        INSERT INTO witness VALUES ('2.3');\n";

    async fn project(server: &OwnServer) -> FaultProject {
        FaultProject::empty(TestDatabase::create_on(server.server()).await)
            .with("migrations/001_tables.up.sql", TABLES)
            .with("migrations/002_fill.up.sql", FILL)
            .with("migrations/003_after.up.sql", AFTER)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn rows_that_do_not_fit_are_rolled_back() {
        let mut server = OwnServer::prepared(Postgresql).with_disk(24);
        server.fill();
        server.launch().await;
        let space = server.disk().path().join("space").display().to_string();
        server.run(&["install", "-d", "-o", "postgres", "-g", "postgres", &space]);
        let project = project(&server).await;
        let name = project.database.name.clone();
        let mut admin = project.oracle().await;
        admin
            .execute(&format!("CREATE TABLESPACE small LOCATION '{space}'"))
            .await;
        admin
            .execute(&format!(
                "ALTER DATABASE {name} SET default_tablespace = small"
            ))
            .await;
        let mut figures = Figures::new("postgresql", Fault::Full);
        for _ in 0..2 {
            let ended = project.run("up").await;
            figures.count();
            assert_words(
                &ended,
                6,
                &[
                    "could not extend file",
                    "migrations/002_fill.up.sql:2:1",
                    "statement 2 of 3 in 002_fill: INSERT",
                    "002 was rolled back completely. The database is at 001, nothing of 002 remains.",
                ],
            );
            assert_untouched(&mut project.oracle().await).await;
            let status = project.expect("status --json", 0).await;
            assert!(
                status.stdout.contains("\"current\": \"001\""),
                "{status:#?}"
            );
        }
        server.disk().grow(ROOM);
        converges(&project, 30_000, &["2.1", "2.3", "3.1"], &mut figures).await;
    }

    /// A PostgreSQL that cannot write its log goes down as a whole; when it is back, the same run goes on.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_log_that_does_not_fit_ends_the_server_and_not_the_run() {
        let mut server = OwnServer::prepared(Postgresql)
            .with_disk(12)
            .with_arguments(&["-c", "max_wal_size=1GB", "-c", "checkpoint_timeout=1h"]);
        server.fill();
        let log = server.data().join("pg_wal").display().to_string();
        let small = server.disk().path().join("pg_wal").display().to_string();
        server.run(&["cp", "-a", "--", &log, &small]);
        server.run(&["rm", "-r", "--", &log]);
        server.run(&["ln", "-s", "--", &small, &log]);
        server.launch().await;
        let project = project(&server).await;
        let mut figures = Figures::new("postgresql", Fault::Full);
        let mut runner = project.start("up");
        while !server.has_said("PANIC:") {
            assert!(!runner.has_ended(), "{}", runner.said());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        figures.count();
        server.disk().grow(ROOM);
        let mut end = std::pin::pin!(runner.end());
        let ended = loop {
            tokio::select! {
                ended = &mut end => break ended,
                () = tokio::time::sleep(Duration::from_millis(50)) => {
                    // Without room for a checkpoint it does not come up again by itself.
                    if server.has_ended() {
                        server.launch_only();
                    }
                }
            }
        };
        figures.judge_next(&ended, &server.log());
        assert!(
            ended.stderr.contains("the connection was lost"),
            "{ended:#?}"
        );
        assert_done(&project, 30_000, &["2.1", "2.3", "3.1"]).await;
    }
}

mod mariadb {
    use super::*;

    const FILL: &str = "CREATE TABLE extra (a int);\n\
        INSERT INTO witness VALUES ('2.2');\n\
        INSERT INTO big SELECT seq, repeat('x', 2000) FROM seq_1_to_30000;\n\
        CREATE TABLE more (a int);\n\
        INSERT INTO witness VALUES ('2.5');\n";

    async fn project(server: &OwnServer, fill: &str) -> FaultProject {
        FaultProject::empty(TestDatabase::create_on(server.server()).await)
            .with("migrations/001_tables.up.sql", TABLES)
            .with("migrations/002_fill.up.sql", fill)
            .with("migrations/003_after.up.sql", AFTER)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn rows_that_do_not_fit_leave_what_was_committed_before_them() {
        let mut server = OwnServer::prepared(Mariadb).with_data_on_disk(48);
        server.fill();
        server.launch().await;
        let project = project(&server, FILL).await;
        let mut figures = Figures::new("mariadb", Fault::Full);
        for _ in 0..2 {
            let ended = project.run("up").await;
            figures.count();
            assert_words(
                &ended,
                7,
                &[
                    "The table 'big' is full",
                    "migrations/002_fill.up.sql:3:",
                    "statement 3 of 5 in 002_fill: INSERT",
                    "1 of 5 statements of 002 are in the database (recorded), 2 to 5 are not.",
                ],
            );
            let picture = assert_untouched(&mut project.oracle().await).await;
            let has = |name: &str| {
                let column = format!("column|{name}|");
                picture.schema.iter().any(|line| line.starts_with(&column))
            };
            assert!(has("extra") && !has("more"), "{picture:#?}");
        }
        server.disk().grow(ROOM);
        converges(&project, 30_000, &["2.2", "2.5", "3.1"], &mut figures).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn definitions_that_do_not_fit_leave_nothing() {
        let mut server = OwnServer::prepared(Mariadb).with_data_on_disk(64);
        server.fill();
        server.launch().await;
        let project = project(
            &server,
            "INSERT INTO big SELECT seq, repeat('x', 2000) FROM seq_1_to_1000;\n\
             CREATE TABLE more (a int);\n\
             INSERT INTO witness VALUES ('2.3');\n\
             ALTER TABLE big ADD COLUMN c int, ALGORITHM = COPY;\n",
        )
        .await;
        project.expect("up 001", 0).await;
        let before = project.oracle().await.picture().await;
        let mut figures = Figures::new("mariadb", Fault::Full);
        let ballast = server.disk().path().join("ballast").display().to_string();
        for _ in 0..2 {
            // Room for the rows, and for no file after them.
            let fill =
                "rm -f \"$1\"; dd if=/dev/zero of=\"$1\" bs=64k 2>&1; truncate -s -6M \"$1\"";
            server.run(&["sh", "-c", fill, "sh", &ballast]);
            let ended = project.run("up").await;
            figures.count();
            // Which of the definitions found no room is the server's affair, not what is said and left.
            assert!(matches!(ended.code, Some(6 | 7)), "{ended:#?}");
            assert_words(
                &ended,
                ended.code.unwrap(),
                &["migrations/002_fill.up.sql:"],
            );
            let mut oracle = project.oracle().await;
            let picture = oracle.picture().await;
            assert_eq!(picture.history, before.history);
            figures.judge_doubles(&picture, &ended.stderr);
            let left = oracle
                .rows("SELECT NAME FROM information_schema.INNODB_SYS_TABLES WHERE NAME LIKE '%#sql%'")
                .await;
            assert_eq!(left, Vec::<String>::new());
            oracle.assert_lease_is_free().await;
        }
        server.run(&["rm", "--", &ballast]);
        converges(&project, 1000, &["2.3", "3.1"], &mut figures).await;
    }

    /// For its binary log, MariaDB waits, and looks for room once a minute. The run says what it waits for, and can be
    /// stopped.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_waits_for_room_is_told_and_can_be_stopped() {
        let server = OwnServer::prepared(Mariadb).with_disk(4);
        let log = server.disk().path().join("log").display().to_string();
        server.run(&["install", "-d", "-o", "mysql", "-g", "mysql", &log]);
        let mut server = server.with_arguments(&[
            &format!("--log-bin={log}/binary"),
            "--server-id=1",
            "--binlog-format=ROW",
            "--binlog-cache-size=64M",
            // Not even the list of processes finds room, which needs a temporary table.
            &format!("--tmpdir={log}"),
        ]);
        server.fill();
        server.launch().await;
        let project = project(&server, &FILL.replace("30000", "5000")).await;
        let mut figures = Figures::new("mariadb", Fault::Full);
        let mut runner = project.start("up");
        runner.says("the server waits for room on its disk").await;
        figures.count();
        let said = runner.said();
        for word in [
            "⧗ 002 fill",
            "Waiting for someone to free space",
            "it goes on by itself within a minute",
            "Ctrl-C twice cancels the statement",
        ] {
            assert!(said.contains(word), "`{word}`: {said}");
        }
        runner.signal("INT");
        runner.says("stopping at the next safe point").await;
        runner.signal("INT");
        let ended = runner.end().await;
        assert_words(
            &ended,
            130,
            &[
                "cancelling the running statement",
                "No space left on device",
                "1 of 5 statements of 002 are in the database (recorded), 2 to 5 are not.",
            ],
        );
        // What it could not write down for want of room, the next run finds out.
        let mut oracle = project.oracle().await;
        let history = oracle.rows("SELECT version FROM shoring_history").await;
        assert_eq!(history, ["001"]);
        assert_eq!(oracle.number("SELECT count(*) FROM witness").await, 0);
        server.disk().grow(ROOM);
        converges(&project, 5000, &["2.2", "2.5", "3.1"], &mut figures).await;
    }
}
