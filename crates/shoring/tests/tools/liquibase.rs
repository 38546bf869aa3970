//! Liquibase with changelogs in SQL.

use crate::project::{COUNT, steps};
use crate::round_trip::{Tool, block_on, round_trips};
use crate::schema::{ask, dump};
use crate::site::Site;
use shoring::DownRequest;
use shoring_core::Dialect;
use shoring_testkit::{Engine, TestDatabase};

const LIQUIBASE: Tool = Tool {
    name: "liquibase",
    format: "liquibase",
    prepare,
    files: |step| {
        let how = if step.is_routine {
            " splitStatements:false"
        } else {
            ""
        };
        // A property in the place of a word, and one that nobody set; a call as only MariaDB's own driver lets it stand.
        let up = step.up.replace("'one'", "TRIM ('${word}${none}')");
        let back = step.down.trim_end().replace('\n', "\n--rollback ");
        let text = format!(
            "--liquibase formatted sql\n--property name:word value:one\n\n--changeset a team:{}{how} labels:all\n--comment: {} of the table\n-- a comment of the file; and a semicolon\n{up}--rollback {back}\n",
            step.number, step.name
        );
        vec![(
            format!("db/changelog/parts/{:03}-{}.sql", step.number, step.name),
            text,
        )]
    },
    up: |_| vec!["update".to_owned()],
    check: |site| {
        let said = site.run(&["validate"]);
        assert!(said.contains("No validation errors found"), "{said}");
        let said = site.run(&["status", "--verbose"]);
        assert!(said.contains("is up to date"), "{said}");
    },
    converted: Some(("converted", |site| {
        let path = site.root().join("liquibase.properties");
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.replace(
            "db/changelog/master.yaml",
            "converted/db.changelog-master.yaml",
        );
        site.write("liquibase.properties", &text);
    })),
    history: |engine| {
        engine.pick(
            "SELECT id, author, filename, orderexecuted, exectype, md5sum, description, comments, tag, liquibase, contexts, labels, length(deployment_id) FROM databasechangelog ORDER BY orderexecuted",
            "SELECT ID, AUTHOR, FILENAME, ORDEREXECUTED, EXECTYPE, MD5SUM, DESCRIPTION, COMMENTS, TAG, LIQUIBASE, CONTEXTS, LABELS, length(DEPLOYMENT_ID) FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED",
            "SELECT ID, AUTHOR, FILENAME, ORDEREXECUTED, EXECTYPE, MD5SUM, DESCRIPTION, COMMENTS, TAG, LIQUIBASE, CONTEXTS, LABELS, length(DEPLOYMENT_ID) FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED",
        )
    },
};

/// Configuration, and a master that includes a folder.
fn prepare(site: &mut Site) {
    let name = site.db.name.clone();
    let login = match site.db.engine.dialect() {
        Dialect::Sqlite => format!("url=jdbc:sqlite:{}\n", site.db.file().display()),
        Dialect::Postgresql | Dialect::Mysql => {
            let login = site.login();
            let scheme = site.db.engine.pick("postgresql", "mariadb", "sqlite");
            format!(
                "url=jdbc:{scheme}://{}:{}/{name}\nusername={}\npassword={}\n",
                login.host, login.port, login.user, login.password
            )
        }
    };
    site.write(
        "liquibase.properties",
        &format!("changelogFile=db/changelog/master.yaml\n{login}"),
    );
    site.write(
        "db/changelog/master.yaml",
        "databaseChangeLog:\n  - includeAll:\n      path: parts\n      relativeToChangelogFile: true\n      contextFilter: \"prod or !test\"\n",
    );
}

round_trips!(
    LIQUIBASE,
    [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite],
    races on [postgresql Postgresql, mariadb Mariadb, sqlite Sqlite]
);

async fn site(engine: Engine) -> Site {
    let db = TestDatabase::create(engine).await;
    let mut site = Site::new("liquibase", &db);
    prepare(&mut site);
    site
}

fn write_all(site: &Site) {
    for step in steps(site.db.engine.dialect()) {
        for (path, text) in (LIQUIBASE.files)(&step) {
            site.write(&path, &text);
        }
    }
}

/// What one applied the other takes back, either way, and nothing is left.
async fn back_and_forth(engine: Engine) {
    let site = site(engine).await;
    write_all(&site);
    let history = (LIQUIBASE.history)(engine);
    site.run(&["update"]);
    let (schema, rows) = (dump(&site.db).await, ask(&site.db, history).await);
    site.shoring().down(&DownRequest::All).await.unwrap();
    assert_eq!(ask(&site.db, history).await, "");
    assert_eq!(site.up().await, COUNT as usize);
    assert_eq!(
        (dump(&site.db).await, ask(&site.db, history).await),
        (schema.clone(), rows)
    );
    site.run(&["rollback-count", &COUNT.to_string()]);
    assert_eq!(ask(&site.db, history).await, "");
    site.run(&["update"]);
    assert_eq!(dump(&site.db).await, schema);
    site.db.remove().await;
}

/// The tool tags the database, and both go back to the same place: letters of any size, and of several rows the oldest.
async fn tags_are_places(engine: Engine) {
    let site = site(engine).await;
    let mut text = "--liquibase formatted sql\n".to_owned();
    for number in 1..=9 {
        text.push_str(&format!(
            "--changeset me:{number}\nCREATE TABLE t{number} (id integer);\n--rollback DROP TABLE t{number};\n"
        ));
    }
    site.write("db/changelog/parts/001.sql", &text);
    let history = (LIQUIBASE.history)(engine);
    site.run(&["update-count", "--count=3"]);
    site.run(&["tag", "--tag=v1"]);
    let at_tag = ask(&site.db, history).await;
    for has_second in [false, true] {
        let mut gone = Vec::new();
        for is_ours in [true, false] {
            site.run(&["update-count", "--count=4"]);
            if has_second {
                site.run(&["tag", "--tag=V1"]);
                site.run(&["update-count", "--count=1"]);
            }
            if is_ours {
                let to = DownRequest::To("V1".to_owned());
                site.shoring().down(&to).await.unwrap();
            } else {
                site.run(&["rollback", "--tag=V1"]);
            }
            gone.push(ask(&site.db, history).await);
        }
        assert_eq!(gone[0], gone[1]);
        // There the tool tags every row of the newest second, and goes back to the first of them.
        assert!(gone[0] == at_tag || engine == Engine::Sqlite, "{gone:?}");
    }
    site.db.remove().await;
}

/// A tag on an empty table stands in a row of its own, which both leave alone.
async fn an_empty_database_is_tagged(engine: Engine) {
    let site = site(engine).await;
    write_all(&site);
    site.run(&["tag", "--tag=empty"]);
    assert_eq!(site.up().await, COUNT as usize);
    let to = DownRequest::To("empty".to_owned());
    site.shoring().down(&to).await.unwrap();
    let table = engine.pick(
        "databasechangelog",
        "DATABASECHANGELOG",
        "DATABASECHANGELOG",
    );
    let rows = format!("SELECT filename, tag FROM {table}");
    assert_eq!(ask(&site.db, &rows).await, "liquibase-internal|empty");
    site.run(&["update-count", "--count=2"]);
    site.run(&["rollback", "--tag=empty"]);
    assert_eq!(ask(&site.db, &rows).await, "liquibase-internal|empty");
    site.db.remove().await;
}

/// Rows of older versions, of cleared sums, and what either takes for changed.
async fn both_judge_sums_alike(engine: Engine) {
    let site = site(engine).await;
    let path = "db/changelog/parts/001-odd.sql";
    let head = "--liquibase formatted sql\n";
    let text = |first: &str| {
        format!(
            "{head}--changeset me:1 splitStatements:true stripComments:false\n/* kept */\ncreate   table {first} (id integer);\n--changeset me:2 endDelimiter:@@\ndelete from a\n@@\n--changeset me:3 splitStatements:false\ninsert into a values (3)\n--changeset me:4\ninsert into a values ('${{none}}4');\n"
        )
        .replace("'${none}4'", "4")
    };
    site.write(path, &text("a"));
    assert_eq!(site.up().await, 4);
    let table = engine.pick(
        "databasechangelog",
        "DATABASECHANGELOG",
        "DATABASECHANGELOG",
    );
    let sums = format!("SELECT id, md5sum FROM {table} ORDER BY orderexecuted");
    let current = ask(&site.db, &sums).await;
    // The sums of method 8 are those that the tool computes: it says so, and so do we.
    let older = sums_of_method_8(&site, table).await;
    assert_eq!(older.len(), 4, "{older:?}");
    site.run(&["validate"]);
    assert_eq!(site.up().await, 0);
    execute(&site.db, &format!("UPDATE {table} SET md5sum = NULL")).await;
    assert_eq!(site.up().await, 0);
    site.run(&["update"]);
    assert_eq!(ask(&site.db, &sums).await, current);

    // An edited changeset stops both, until it is repaired.
    site.write(path, &text("b"));
    assert!(site.command(&["validate"]).output().unwrap().status.code() != Some(0));
    let refused = site.shoring().up(&shoring::UpRequest::default()).await;
    assert_eq!(refused.unwrap_err().diagnostic.code, "changed-files");
    let repaired = site
        .shoring()
        .repair(shoring::Confirmation::Confirmed)
        .await;
    repaired.unwrap();
    site.run(&["validate"]);
    site.db.remove().await;
}

/// Puts the sums of method 8 into the rows, as the tool says them when they are wrong.
async fn sums_of_method_8(site: &Site, table: &str) -> Vec<String> {
    execute(
        &site.db,
        &format!("UPDATE {table} SET md5sum = '8:00000000000000000000000000000000'"),
    )
    .await;
    let output = site.command(&["validate"]).output().unwrap();
    let said = crate::site::said(&output);
    let mut told: Vec<String> = Vec::new();
    for line in said.lines().filter(|line| line.contains("but is now: ")) {
        let (front, sum) = line.trim().split_once(" was: ").unwrap();
        let (_, sum) = sum.split_once("but is now: ").unwrap();
        let id = front.split("::").nth(1).unwrap();
        let update = format!("UPDATE {table} SET md5sum = '{sum}' WHERE id = '{id}'");
        execute(&site.db, &update).await;
        if !told.contains(&update) {
            told.push(update);
        }
    }
    told
}

async fn execute(db: &TestDatabase, sql: &str) {
    let mut session = db.connect().await;
    let batch = shoring_db::Batch { statements: &[sql] };
    session.execute(batch, &mut |_| {}).await.unwrap();
    session.close().await.unwrap();
}

/// The tool waits for our lock, we for its, and a lock of a dead run of ours is taken over.
async fn a_locked_row_is_waited_for(engine: Engine) {
    let site = site(engine).await;
    write_all(&site);
    site.run(&["update-count", "--count=1"]);
    let table = engine.pick(
        "databasechangeloglock",
        "DATABASECHANGELOGLOCK",
        "DATABASECHANGELOGLOCK",
    );
    let lock = |by: &str| {
        let now = engine.pick("now()", "now()", "CURRENT_TIMESTAMP");
        let truth = engine.pick("true", "1", "1");
        format!("UPDATE {table} SET locked = {truth}, lockedby = '{by}', lockgranted = {now}")
    };
    execute(&site.db, &lock("build-7 (10.0.0.7)")).await;
    let briefly = site
        .shoring()
        .lock_wait(std::time::Duration::from_millis(10));
    let refused = briefly
        .up(&shoring::UpRequest::default())
        .await
        .unwrap_err();
    assert_eq!(refused.diagnostic.code, "lock-held");
    assert!(
        refused.diagnostic.notes[0].contains("build-7 (10.0.0.7)"),
        "{refused:?}"
    );
    assert!(
        refused
            .next
            .iter()
            .any(|next| next.contains("shoring repair")),
        "{refused:?}"
    );
    site.shoring()
        .repair(shoring::Confirmation::Confirmed)
        .await
        .unwrap();
    execute(&site.db, &lock("shoring on here, pid 1, run 0")).await;
    assert_eq!(site.up().await, COUNT as usize - 1);
    let free = ask(
        &site.db,
        &format!("SELECT lockedby, lockgranted FROM {table}"),
    )
    .await;
    assert_eq!(free, "NULL|NULL");
    site.run(&["update"]);
    site.db.remove().await;
}

mod more {
    use super::{
        Engine, a_locked_row_is_waited_for, an_empty_database_is_tagged, back_and_forth, block_on,
        both_judge_sums_alike, tags_are_places,
    };

    macro_rules! more {
        ($($engine:ident $variant:ident),+) => {
            $(mod $engine {
                #[test]
                fn back_and_forth() {
                    super::block_on(super::back_and_forth(super::Engine::$variant));
                }

                #[test]
                fn both_judge_sums_alike() {
                    super::block_on(super::both_judge_sums_alike(super::Engine::$variant));
                }

                #[test]
                fn tags_are_places() {
                    super::block_on(super::tags_are_places(super::Engine::$variant));
                }

                #[test]
                fn an_empty_database_is_tagged() {
                    super::block_on(super::an_empty_database_is_tagged(super::Engine::$variant));
                }

                #[test]
                fn a_locked_row_is_waited_for() {
                    super::block_on(super::a_locked_row_is_waited_for(super::Engine::$variant));
                }
            })+
        };
    }
    more!(postgresql Postgresql, mariadb Mariadb, sqlite Sqlite);
}
