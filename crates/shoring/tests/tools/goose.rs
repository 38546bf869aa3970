//! goose.

use crate::dbmate::time;
use crate::round_trip::{Tool, block_on, round_trips};
use crate::schema::ask;
use crate::site::Site;
use shoring::DownRequest;
use shoring_core::Dialect;
use shoring_testkit::{Engine, TestDatabase};

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
    converted: None,
    history: |_| "SELECT version_id, is_applied FROM goose_db_version ORDER BY id",
};

round_trips!(
    GOOSE,
    [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite],
    // Its command line takes no lock.
    races on []
);

/// Variables in every form, switched on and off in the middle, in comments of both kinds, in both sections.
const WITH_VARIABLES: &str = r"-- +goose Up
-- $not_looked_at ${
-- +goose ENVSUB ON
CREATE TABLE $PREFIX (note varchar(200));
-- ${not looked at either}
INSERT INTO ${PREFIX} VALUES ('$NOTE'), ('${NOTE:0:4}'), ('${NOTE: -3}'), ('${EMPTY:-none}'),
-- and here $NOTE
('${EMPTY-none}'), ('${NONE-${NOTE}}'), ('${NOTE?has to be set}'), ('$$NOTE \$NOTE $(NOTE)'), ('a$$'), ('${QUOTED}'),
('$FROM_FILE')$END
-- +goose ENVSUB OFF
INSERT INTO things VALUES ('$NOTE');
-- +goose envsub on
-- +goose StatementBegin
INSERT INTO things VALUES ('${NOTE}');
-- +goose StatementEnd
-- +goose Down
DROP TABLE ${PREFIX};
";

async fn variables_are_those_of_goose(engine: Engine) {
    let mut outcomes = Vec::new();
    for is_ours in [true, false] {
        let db = TestDatabase::create(engine).await;
        let mut site = Site::new("goose", &db);
        (GOOSE.prepare)(&mut site);
        for (name, value) in [
            ("PREFIX", "things"),
            ("NOTE", "Größe"),
            ("EMPTY", ""),
            ("QUOTED", "it''s $NOTE"),
            ("END", ";"),
        ] {
            site.set(name, value);
        }
        site.write(".env", "FROM_FILE=filed\nNOTE=weaker\n");
        site.write("db/moves/1_things.sql", WITH_VARIABLES);
        if is_ours {
            assert_eq!(site.up().await, 1);
        } else {
            site.run(&["up"]);
        }
        outcomes.push(ask(&db, "SELECT note FROM things").await);
        // Whoever did not apply it rolls it back.
        if is_ours {
            site.run(&["down"]);
        } else {
            let down = site.shoring().down(&DownRequest::All).await;
            assert_eq!(down.unwrap().ran.len(), 1);
        }
        let left = "SELECT version_id FROM goose_db_version ORDER BY id";
        assert_eq!(ask(&db, left).await, "0");
        db.remove().await;
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert!(outcomes[0].contains("$NOTE $NOTE $(NOTE)\na$\nit's $NOTE\nfiled\n$NOTE\nGröße"));
}

macro_rules! variables {
    ($($engine:ident $variant:ident),+) => {
        mod variables {
            $(#[test]
            fn $engine() {
                super::block_on(super::variables_are_those_of_goose(super::Engine::$variant));
            })+
        }
    };
}
variables!(postgresql Postgresql, mariadb Mariadb, sqlite Sqlite);
