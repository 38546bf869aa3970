//! Where each known statement is placed: data in `segments/<server>.txt`, read by `plan` without sending anything.
//!
//! A line is `EXPECTED | SQL; SQL`. Expected are the segments of a file that has `CREATE TABLE before (a int)` in front and
//! `CREATE TABLE after (a int)` behind: `tx 1-2, auto 3, tx 4`; or `refused`. `*` marks a segment that only changes the
//! session.

use crate::support::Project;
use shoring::{PlanRequest, UpRequest};
use shoring_core::SegmentMode;
use shoring_testkit::{Engine, TestDatabase};

async fn segments(db: &TestDatabase, sql: &str) -> String {
    let text = format!("CREATE TABLE before (a int);\n{sql};\nCREATE TABLE after (a int);\n");
    let project = Project::new(db, &[("001_x.up.sql", &text)]);
    let plan = project
        .migrator()
        .plan(&PlanRequest::Up(UpRequest::default()))
        .await;
    let Ok(plan) = plan else {
        return "refused".to_owned();
    };
    let segments: Vec<String> = plan.migrations[0]
        .segments
        .iter()
        .map(|segment| {
            let mode = match segment.mode {
                SegmentMode::Transaction => "tx",
                SegmentMode::OwnTransaction => "own",
                SegmentMode::Autocommit => "auto",
            };
            let mark = if segment.is_session_only { "*" } else { "" };
            if segment.first == segment.last {
                format!("{mode}{mark} {}", segment.first)
            } else {
                format!("{mode}{mark} {}-{}", segment.first, segment.last)
            }
        })
        .collect();
    segments.join(", ")
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn are_as_listed(db: TestDatabase) {
        let cases = match db.engine {
            Engine::Postgresql => include_str!("segments/postgresql.txt"),
            Engine::Mariadb | Engine::Mysql => include_str!("segments/mysql.txt"),
            Engine::Sqlite => include_str!("segments/sqlite.txt"),
        };
        let mut wrong = Vec::new();
        for line in cases.split('\n').filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (expected, sql) = line.split_once(" | ").unwrap_or_else(|| panic!("{line}"));
            let found = segments(&db, sql).await;
            if found != expected.trim() {
                wrong.push(format!("{found} | {sql}"));
            }
        }
        assert!(wrong.is_empty(), "found:\n{}", wrong.join("\n"));
    }
}
