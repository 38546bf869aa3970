//! Tables as the catalogue shows them.

use crate::support::run;
use shoring_core::Dialect;

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn tables_are_found_with_their_columns(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &[
            "CREATE TABLE history (version bigint NOT NULL PRIMARY KEY, name varchar(255), at timestamp NULL, n integer NOT NULL DEFAULT 7)",
            "CREATE TABLE other (id integer)",
            "CREATE VIEW v AS SELECT 1 AS one",
        ]).await;
        let found = session.tables_named("history").await.unwrap();
        assert_eq!(found.len(), 1);
        let table = &found[0];
        assert_eq!(table.name.name, "history");
        assert_eq!(table.name.schema, session.current_schema().await.unwrap());
        let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["version", "name", "at", "n"]);
        let version = table.column("VERSION").unwrap();
        assert!(version.is_not_null && !version.has_default);
        assert!(version.type_name.starts_with("bigint"), "{}", version.type_name);
        let n = table.column("n").unwrap();
        assert!(n.is_not_null && n.has_default);
        assert!(!table.column("name").unwrap().is_not_null);

        assert_eq!(session.tables_named("nowhere").await.unwrap(), []);
        assert_eq!(session.tables_named("v").await.unwrap(), []);
        let odd = session.tables_named("it's \"odd\"\\").await.unwrap();
        assert_eq!(odd, []);

        let all = session.tables_in(None).await.unwrap();
        let names: Vec<_> = all.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["history", "other"]);
        let schema = session.current_schema().await.unwrap();
        assert_eq!(session.tables_in(schema.as_deref()).await.unwrap(), all);
        match db.engine.dialect() {
            Dialect::Postgresql => assert_eq!(schema.as_deref(), Some("public")),
            Dialect::Mysql => assert_eq!(schema.as_deref(), Some(db.name.as_str())),
            Dialect::Sqlite => assert_eq!(schema, None),
        }
    }

    async fn a_table_is_found_wherever_it_is(db: TestDatabase) {
        let mut session = db.connect().await;
        run(&mut session, &["CREATE TABLE history (id integer)"]).await;
        if db.engine.dialect() != Dialect::Postgresql {
            // MySQL looks into the current database only, SQLite has no schemas.
            assert_eq!(session.tables_named("history").await.unwrap().len(), 1);
            return;
        }
        run(&mut session, &[
            "CREATE SCHEMA app",
            "CREATE TABLE app.history (id integer GENERATED ALWAYS AS IDENTITY)",
            "CREATE TEMPORARY TABLE history (id integer)",
            "CREATE TABLE app.part (id integer) PARTITION BY LIST (id)",
            "SET search_path = nowhere",
        ]).await;
        let found = session.tables_named("history").await.unwrap();
        let schemas: Vec<_> = found.iter().filter_map(|table| table.name.schema.as_deref()).collect();
        assert_eq!(schemas, ["app", "public"]);
        assert!(found[0].columns[0].has_default);
        assert_eq!(session.current_schema().await.unwrap(), None);
        let names: Vec<_> = session.tables_in(Some("app")).await.unwrap().into_iter().map(|table| table.name).collect();
        assert_eq!(names, ["history", "part"]);
    }
}
