//! sqlx-cli.

use crate::round_trip::{Tool, round_trips};

const SQLX: Tool = Tool {
    name: "sqlx",
    format: "sqlx",
    prepare: |site| {
        site.write("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n");
        let mode = site.db.engine.pick("", "", "?mode=rwc");
        site.set("DATABASE_URL", format!("{}{mode}", site.db.url_text()));
    },
    files: |step| {
        let stem = format!("migrations/{:04}_{}", step.number, step.name);
        vec![
            (format!("{stem}.up.sql"), step.up.clone()),
            (format!("{stem}.down.sql"), step.down.clone()),
        ]
    },
    up: |_| vec!["migrate".to_owned(), "run".to_owned()],
    check: |site| {
        let said = site.run(&["migrate", "info"]);
        let lines: Vec<&str> = said.lines().filter(|line| line.contains('/')).collect();
        assert_eq!(lines.len(), crate::project::COUNT as usize, "{said}");
        assert!(
            lines.iter().all(|line| line.contains("/installed ")),
            "{said}"
        );
    },
    converted: None,
    history: |engine| {
        engine.pick(
            "SELECT version, description, success, encode(checksum, 'hex') FROM _sqlx_migrations ORDER BY version",
            "SELECT version, description, success, hex(checksum) FROM _sqlx_migrations ORDER BY version",
            "SELECT version, description, success, hex(checksum) FROM _sqlx_migrations ORDER BY version",
        )
    },
};

round_trips!(
    SQLX,
    [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite],
    // Its command line takes no lock.
    races on []
);
