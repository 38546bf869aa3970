//! Probes of what only PostgreSQL has.

use crate::probe::follow;
use crate::support::{fail, run};
use shoring_core::{Probe, Target, TargetKind};

shoring_testkit::server_tests! {
    [postgresql]

    async fn every_kind_has_a_life(db: TestDatabase) {
        let mut session = db.connect().await;
        let session = &mut session;
        run(session, &["CREATE SCHEMA app", "CREATE TABLE app.base (id integer)"]).await;
        for (kind, name, create, alter, drop) in [
            (TargetKind::Table, "p", "CREATE TABLE p (id integer) PARTITION BY LIST (id)", "ALTER TABLE p ENABLE ROW LEVEL SECURITY", "DROP TABLE p"),
            (TargetKind::Table, "c", "CREATE TABLE c (id integer)", "ALTER TABLE c ADD CONSTRAINT x CHECK (id > 0) NOT VALID", "DROP TABLE c"),
            (TargetKind::Table, "d", "CREATE TABLE d (id integer)", "COMMENT ON COLUMN d.id IS 'x'", "DROP TABLE d"),
            (TargetKind::Table, "e", "CREATE TABLE e (id integer)", "GRANT SELECT ON e TO public", "DROP TABLE e"),
            (TargetKind::View, "v", "CREATE VIEW v AS SELECT 1 AS one", "CREATE OR REPLACE VIEW v AS SELECT 2 AS one", "DROP VIEW v"),
            (TargetKind::View, "m", "CREATE MATERIALIZED VIEW m AS SELECT 1 WITH NO DATA", "REFRESH MATERIALIZED VIEW m", "DROP MATERIALIZED VIEW m"),
            (TargetKind::Sequence, "s", "CREATE SEQUENCE s", "ALTER SEQUENCE s INCREMENT 2", "DROP SEQUENCE s"),
            (TargetKind::Type, "mood", "CREATE TYPE mood AS ENUM ('a')", "ALTER TYPE mood ADD VALUE 'b'", "DROP TYPE mood"),
            (TargetKind::Type, "pair", "CREATE TYPE pair AS (a integer)", "ALTER TYPE pair ADD ATTRIBUTE b integer", "DROP TYPE pair"),
            (TargetKind::Type, "dom", "CREATE DOMAIN dom AS integer", "ALTER DOMAIN dom ADD CHECK (VALUE > 0)", "DROP DOMAIN dom"),
            (TargetKind::Schema, "sch", "CREATE SCHEMA sch", "COMMENT ON SCHEMA sch IS 'x'", "DROP SCHEMA sch"),
            (TargetKind::Function, "f", "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION f(), f(integer)"),
            (TargetKind::Function, "agg", "CREATE AGGREGATE agg(integer) (SFUNC = int4pl, STYPE = integer)", "COMMENT ON AGGREGATE agg(integer) IS 'x'", "DROP AGGREGATE agg(integer)"),
            (TargetKind::Procedure, "pr", "CREATE PROCEDURE pr() LANGUAGE sql AS 'SELECT 1'", "CREATE OR REPLACE PROCEDURE pr() LANGUAGE sql AS 'SELECT 2'", "DROP PROCEDURE pr"),
        ] {
            follow(session, &Target::new(kind, name), create, Some(alter), drop).await;
        }
        let base = Target { schema: Some("app".to_owned()), ..Target::new(TargetKind::Table, "base") };
        assert!(matches!(session.probe(&base).await.unwrap(), Probe::Present { .. }));
        assert_eq!(session.probe(&Target::new(TargetKind::Table, "base")).await.unwrap(), Probe::Absent);
        for (target, expected) in [
            (Target::new(TargetKind::Extension, "plpgsql"), true),
            (Target::new(TargetKind::Extension, "nowhere"), false),
            (Target::new(TargetKind::Database, db.name.clone()), true),
            (Target::new(TargetKind::Database, "nowhere"), false),
        ] {
            let is_present = matches!(session.probe(&target).await.unwrap(), Probe::Present { .. });
            assert_eq!(is_present, expected, "{target}");
        }
        assert_eq!(session.probe(&Target::new(TargetKind::Event, "x")).await.unwrap(), Probe::Unknown);
    }

    async fn an_unfinished_index_is_not_valid(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE t (id integer)", "INSERT INTO t VALUES (1), (1)"]).await;
        fail(&mut session, "CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id)").await;
        let probe = session.probe(&Target::new(TargetKind::Index, "t_id")).await.unwrap();
        assert!(matches!(probe, Probe::Present { is_valid: false, .. }), "{probe:?}");
    }

    async fn a_fingerprint_does_not_depend_on_the_search_path(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &[
            "CREATE SCHEMA app",
            "CREATE TYPE app.mood AS ENUM ('a')",
            "CREATE TABLE app.t (id integer, mood app.mood)",
            "CREATE VIEW app.v AS SELECT * FROM app.t",
        ]).await;
        for (kind, name) in [(TargetKind::Table, "t"), (TargetKind::View, "v")] {
            let target = Target { schema: Some("app".to_owned()), ..Target::new(kind, name) };
            let before = session.probe(&target).await.unwrap();
            run(&mut session, &["SET search_path = app"]).await;
            assert_eq!(session.probe(&target).await.unwrap(), before, "{target}");
            assert_eq!(session.probe(&Target::new(kind, name)).await.unwrap(), before, "{target}");
            assert_eq!(session.current_schema().await.unwrap().as_deref(), Some("app"));
            run(&mut session, &["BEGIN", "SET search_path = public, app"]).await;
            assert_eq!(session.probe(&target).await.unwrap(), before, "{target}");
            run(&mut session, &["COMMIT"]).await;
            assert_eq!(crate::support::text(&mut session, "SHOW search_path").await, "public, app");
            run(&mut session, &["RESET search_path"]).await;
        }
    }
}
