//! `query`, and results that nobody keeps.

use crate::support::{batch, number};
use shoring_db::DbErrorKind;

/// The most memory this process ever used, in kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .split('\n')
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn rows_come_with_their_values(db: TestDatabase) {
        let mut session = db.connect().await;
        let rows = session
            .query("SELECT 42, NULL, 'é''漢' UNION ALL SELECT -1, 'x', ''")
            .await
            .unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].int(0), Some(42));
        assert!(rows[0].get(1).is_null());
        assert_eq!(rows[0].text(2).as_deref(), Some("é'漢"));
        assert_eq!(rows[1].int(0), Some(-1));
        assert_eq!(rows[1].text(2).as_deref(), Some(""));
    }

    async fn several_statements_are_no_query(db: TestDatabase) {
        let mut session = db.connect().await;
        let error = session.query("SELECT 1; SELECT 2").await.unwrap_err();
        assert_eq!(error.kind, DbErrorKind::Statement);
        assert_eq!(session.query("SELECT ';'").await.unwrap().len(), 1);
    }

    async fn results_of_a_batch_are_not_kept(db: TestDatabase) {
        let mut session = db.connect().await;
        // 300 MB. The server may take its share; we must not.
        let rows = db.engine.pick(
            "SELECT repeat('x', 1000) FROM generate_series(1, 300000)",
            "SELECT repeat('x', 1000) FROM (SELECT 1 FROM information_schema.columns a, information_schema.columns b LIMIT 300000) t",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT hex(zeroblob(500)) FROM n",
        );
        let before = peak();
        batch(&mut session, &[rows]).await.1.unwrap();
        let grown = peak().saturating_sub(before);
        assert!(grown < 100_000, "grew by {grown} kB");
        assert_eq!(number(&mut session, "SELECT 1").await, 1);
    }
}
