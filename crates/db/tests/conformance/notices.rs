//! What the server says on the side.

use crate::support::run;
use shoring_core::Dialect;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn notices_are_kept_in_order_until_taken(db: TestDatabase) {
        let mut session = db.connect().await;
        assert_eq!(session.take_notices(), []);
        match db.engine.dialect() {
            Dialect::Postgresql => {
                run(&mut session, &["DO $$ BEGIN RAISE NOTICE 'one é'; RAISE WARNING 'two'; END $$"]).await;
                let notices = session.take_notices();
                let seen: Vec<_> = notices.iter().map(|n| (n.severity.as_str(), n.message.as_str())).collect();
                assert_eq!(seen, [("NOTICE", "one é"), ("WARNING", "two")]);
            }
            Dialect::Mysql => {
                run(&mut session, &["DROP TABLE IF EXISTS nowhere"]).await;
                let notices = session.take_notices();
                assert_eq!(notices.len(), 1, "{notices:?}");
                assert_eq!(notices[0].severity, "Note");
                assert!(notices[0].message.contains("nowhere"));
            }
            // SQLite says nothing on the side.
            Dialect::Sqlite => run(&mut session, &["DROP TABLE IF EXISTS nowhere"]).await,
        }
        assert_eq!(session.take_notices(), []);
    }
}
