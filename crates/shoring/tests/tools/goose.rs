//! goose.

use crate::dbmate::time;
use crate::round_trip::{Tool, round_trips};
use shoring_core::Dialect;

const GOOSE: Tool = Tool {
    name: "goose",
    format: "goose",
    prepare: |site| {
        let name = &site.db.name;
        let (driver, text) = match site.db.engine.dialect() {
            Dialect::Postgresql => {
                let login = site.login();
                let text = format!(
                    "host={} port={} user={} password={} dbname={name} sslmode=disable",
                    login.host, login.port, login.user, login.password
                );
                ("postgres", text)
            }
            Dialect::Mysql => {
                let login = site.login();
                let text = format!(
                    "{}:{}@tcp({}:{})/{name}",
                    login.user, login.password, login.host, login.port
                );
                ("mysql", text)
            }
            Dialect::Sqlite => ("sqlite3", site.db.file().display().to_string()),
        };
        site.set("GOOSE_DRIVER", driver);
        site.set("GOOSE_DBSTRING", text);
        site.set("GOOSE_MIGRATION_DIR", "db/moves");
        // Another program's: goose does not look at it.
        site.set("DATABASE_URL", "postgres://nobody@localhost:1/nothing");
    },
    files: |step| {
        let up = if step.is_routine {
            format!(
                "-- +goose StatementBegin\n{}-- +goose StatementEnd\n",
                step.up
            )
        } else {
            step.up.clone()
        };
        vec![(
            format!("db/moves/{}_{}.sql", time(step.number), step.name),
            format!("-- +goose Up\n{up}\n-- +goose Down\n{}", step.down),
        )]
    },
    up: |_| vec!["up".to_owned()],
    check: |site| {
        let said = site.run(&["status"]);
        assert!(!said.contains("Pending"), "{said}");
        assert_eq!(
            said.matches(".sql").count(),
            crate::project::COUNT as usize,
            "{said}"
        );
    },
    history: |_| "SELECT version_id, is_applied FROM goose_db_version ORDER BY id",
};

round_trips!(
    GOOSE,
    [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite],
    // Its command line takes no lock.
    races on []
);
