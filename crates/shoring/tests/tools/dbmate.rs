//! dbmate.

use crate::round_trip::{Tool, round_trips};
use shoring_core::Dialect;

const DBMATE: Tool = Tool {
    name: "dbmate",
    format: "dbmate",
    prepare: |site| {
        let name = &site.db.name;
        let url = match site.db.engine.dialect() {
            Dialect::Postgresql => {
                format!(
                    "postgres://{}/{name}?sslmode=disable",
                    site.login().authority
                )
            }
            Dialect::Mysql => format!("mysql://{}/{name}", site.login().authority),
            Dialect::Sqlite => format!("sqlite:{}", site.db.file().display()),
        };
        site.set("DATABASE_URL", url);
    },
    files: |step| {
        vec![(
            format!("db/migrations/{}_{}.sql", time(step.number), step.name),
            format!("-- migrate:up\n{}\n-- migrate:down\n{}", step.up, step.down),
        )]
    },
    up: |_| ["--no-dump-schema", "migrate"].map(str::to_owned).to_vec(),
    check: |site| {
        let said = site.run(&["status", "--exit-code"]);
        assert!(said.contains("Pending: 0"), "{said}");
    },
    converted: None,
    history: |_| "SELECT version FROM schema_migrations ORDER BY version",
};

/// The version of a migration as a time.
pub(crate) fn time(number: u32) -> String {
    format!("202601010000{number:02}")
}

round_trips!(
    DBMATE,
    [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite],
    // It has no lock.
    races on []
);
