//! diesel_cli.

use crate::round_trip::{Tool, round_trips};
use shoring_core::Dialect;

const DIESEL: Tool = Tool {
    name: "diesel",
    format: "diesel",
    prepare: |site| {
        site.write("diesel.toml", "# nothing is set here\n");
        let url = match site.db.engine.dialect() {
            Dialect::Postgresql | Dialect::Mysql => site.db.url_text(),
            Dialect::Sqlite => site.db.file().display().to_string(),
        };
        // diesel knows MariaDB by this scheme.
        site.set("DATABASE_URL", url.replacen("mariadb://", "mysql://", 1));
        std::fs::create_dir_all(site.root().join("migrations")).unwrap();
    },
    files: |step| {
        let folder = format!(
            "migrations/2026-01-01-0000{:02}-0000_{}",
            step.number, step.name
        );
        vec![
            (format!("{folder}/up.sql"), step.up.clone()),
            (format!("{folder}/down.sql"), step.down.clone()),
        ]
    },
    up: |_| ["migration", "run"].map(str::to_owned).to_vec(),
    check: |site| {
        let said = site.run(&["migration", "list"]);
        assert_eq!(
            said.matches("[X]").count(),
            crate::project::COUNT as usize,
            "{said}"
        );
        assert_eq!(site.run(&["migration", "pending"]).trim(), "false");
    },
    converted: None,
    history: |_| "SELECT version FROM __diesel_schema_migrations ORDER BY version",
};

round_trips!(
    DIESEL,
    [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite],
    // It has no lock.
    races on []
);
