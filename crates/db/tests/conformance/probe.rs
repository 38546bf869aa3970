//! Probes before and after: absent, present, changed, absent.

use crate::support::run;
use shoring_core::{Dialect, Probe, Target, TargetKind};
use shoring_db::Session;

/// Follows one thing through its life.
pub(crate) async fn follow(
    session: &mut Box<dyn Session>,
    target: &Target,
    create: &str,
    alter: Option<&str>,
    drop: &str,
) {
    assert_eq!(
        session.probe(target).await.unwrap(),
        Probe::Absent,
        "before {create}"
    );
    run(session, &[create]).await;
    let created = session.probe(target).await.unwrap();
    assert!(
        matches!(created, Probe::Present { is_valid: true, .. }),
        "after {create}: {created:?}"
    );
    assert_eq!(
        session.probe(target).await.unwrap(),
        created,
        "{target} asked twice"
    );
    assert_eq!(Probe::decode(&created.encode()), created);
    if let Some(alter) = alter {
        run(session, &[alter]).await;
        let altered = session.probe(target).await.unwrap();
        assert!(matches!(altered, Probe::Present { .. }), "after {alter}");
        assert_ne!(altered, created, "after {alter}");
    }
    run(session, &[drop]).await;
    assert_eq!(
        session.probe(target).await.unwrap(),
        Probe::Absent,
        "after {drop}"
    );
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_table_an_index_and_a_view(db: TestDatabase) {
        let mut session = db.connect().await;
        let session = &mut session;
        let table = Target::new(TargetKind::Table, "t");
        follow(session, &table, "CREATE TABLE t (id integer)", Some("ALTER TABLE t ADD COLUMN name varchar(20)"), "DROP TABLE t").await;
        run(session, &["CREATE TABLE t (id integer, n integer)"]).await;
        let index = Target { table: Some("t".to_owned()), ..Target::new(TargetKind::Index, "t_n") };
        let drop = db.engine.pick("DROP INDEX t_n", "DROP INDEX t_n ON t", "DROP INDEX t_n");
        follow(session, &index, "CREATE INDEX t_n ON t (n)", None, drop).await;
        let view = Target::new(TargetKind::View, "v");
        follow(session, &view, "CREATE VIEW v AS SELECT id FROM t", None, "DROP VIEW v").await;
        assert!(matches!(session.probe(&table).await.unwrap(), Probe::Present { .. }));
        // A view is no table.
        run(session, &["CREATE VIEW v AS SELECT id FROM t"]).await;
        assert_eq!(session.probe(&Target::new(TargetKind::Table, "v")).await.unwrap(), Probe::Absent);
    }

    async fn rows_do_not_change_a_fingerprint(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        let table = Target::new(TargetKind::Table, "t");
        let before = session.probe(&table).await.unwrap();
        run(&mut session, &["INSERT INTO t VALUES (1)"]).await;
        assert_eq!(session.probe(&table).await.unwrap(), before);
    }

    async fn odd_names_are_only_names(db: TestDatabase) {
        let mut session = db.connect().await;
        for kind in [TargetKind::Table, TargetKind::Index, TargetKind::View, TargetKind::Trigger, TargetKind::Function, TargetKind::Schema] {
            for name in ["it's", "a\"b", "a`b", "a\\'b", "%", "x; DROP TABLE t"] {
                let mut target = Target::new(kind, name);
                let probe = session.probe(&target).await.unwrap();
                assert!(matches!(probe, Probe::Absent | Probe::Unknown), "{target}: {probe:?}");
                target.schema = Some(name.to_owned());
                target.table = Some(name.to_owned());
                let probe = session.probe(&target).await.unwrap();
                assert!(matches!(probe, Probe::Absent | Probe::Unknown), "{target}: {probe:?}");
            }
        }
    }

    async fn a_trigger(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer)"]).await;
        if db.engine.dialect() == Dialect::Postgresql {
            run(&mut session, &["CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"]).await;
        }
        let trigger = Target { table: Some("t".to_owned()), ..Target::new(TargetKind::Trigger, "g") };
        let create = db.engine.pick(
            "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
            "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1",
            "CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT 1; END",
        );
        let drop = db.engine.pick("DROP TRIGGER g ON t", "DROP TRIGGER g", "DROP TRIGGER g");
        follow(&mut session, &trigger, create, None, drop).await;
        let loose = Target::new(TargetKind::Trigger, "g");
        follow(&mut session, &loose, create, None, drop).await;
    }
}
