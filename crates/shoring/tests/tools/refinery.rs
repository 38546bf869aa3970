//! refinery's command line, told to check everything.

use crate::round_trip::{Tool, round_trips};
use shoring_core::Dialect;

const REFINERY: Tool = Tool {
    name: "refinery",
    format: "refinery",
    prepare: |site| {
        let text = match site.db.engine.dialect() {
            Dialect::Sqlite => {
                // refinery opens no file that is not there.
                std::fs::write(site.db.file(), "").unwrap();
                format!(
                    "[main]\ndb_type = \"Sqlite\"\ndb_path = \"{}\"\n",
                    site.db.file().display()
                )
            }
            dialect => {
                let login = site.login();
                let kind = match dialect {
                    Dialect::Postgresql => "Postgres",
                    Dialect::Mysql | Dialect::Sqlite => "Mysql",
                };
                format!(
                    "[main]\ndb_type = \"{kind}\"\ndb_host = \"{}\"\ndb_port = \"{}\"\ndb_user = \"{}\"\ndb_pass = \"{}\"\ndb_name = \"{}\"\n",
                    login.host, login.port, login.user, login.password, site.db.name
                )
            }
        };
        site.write("refinery.toml", &text);
    },
    files: |step| {
        let letter = if step.number % 5 == 0 { "U" } else { "V" };
        let folder = if step.number % 4 == 0 { "more/" } else { "" };
        vec![(
            format!(
                "migrations/{folder}{letter}{}__{}.sql",
                step.number, step.name
            ),
            step.up.clone(),
        )]
    },
    up: |_| {
        // -m and -d: missing and changed files are errors, as in its library.
        [
            "migrate",
            "-c",
            "refinery.toml",
            "-p",
            "migrations",
            "-m",
            "-d",
        ]
        .map(str::to_owned)
        .to_vec()
    },
    check: |site| {
        let said = site.run(&[
            "migrate",
            "-c",
            "refinery.toml",
            "-p",
            "migrations",
            "-m",
            "-d",
        ]);
        assert!(said.contains("no migrations to apply"), "{said}");
    },
    converted: None,
    history: |_| "SELECT version, name, checksum FROM refinery_schema_history ORDER BY version",
};

round_trips!(
    REFINERY,
    [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite],
    // It has no lock.
    races on []
);
