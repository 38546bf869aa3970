//! Flyway: half a project with the tool and half with us, either way round; then the tool looks and finds nothing strange.

use crate::flyway_process::Flyway;
use crate::flyway_project::{FlywayProject, VERSIONS};
use crate::project::steps;
use shoring::{Confirmation, ConvertRequest, DownRequest, Migrator, UpRequest};
use shoring_core::Dialect;
use shoring_testkit::TestDatabase;

const PLACEHOLDERS: &[(&str, &str)] = &[
    ("placeholders.prefix", "shop"),
    ("placeholders.note", "it is a note"),
];

fn migrator(db: &TestDatabase, project: &FlywayProject) -> Migrator {
    Migrator::from_dir(project.folder()).database(&db.url_text())
}

async fn up(db: &TestDatabase, project: &FlywayProject, target: Option<usize>) -> usize {
    let request = UpRequest {
        target: target.map(|target| target.to_string()),
        ..UpRequest::default()
    };
    let report = migrator(db, project).up(&request).await;
    report
        .unwrap_or_else(|error| panic!("{error}: {:?} {:?}", error.diagnostic, error.state))
        .ran
        .len()
}

/// What the tool says of a database that is up to date.
fn assert_clean(flyway: &mut Flyway, repeatables: usize) {
    assert_eq!(flyway.say("validate"), ["valid"]);
    let info = flyway.say("info");
    let strange: Vec<&String> = info
        .iter()
        .filter(|line| !line.ends_with("|SUCCESS"))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert_eq!(info.len(), VERSIONS + repeatables);
    assert_eq!(flyway.say("migrate"), ["applied 0"]);
}

async fn ask(db: &TestDatabase, sql: &str) -> Vec<String> {
    let mut session = db.connect().await;
    let rows = session.query(sql).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    session.close().await.unwrap();
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = (0..row.values.len())
                .map(|at| row.text(at).unwrap_or_else(|| "NULL".to_owned()))
                .collect();
            cells.join("|")
        })
        .collect()
}

/// Everything that migrations can leave: definitions, rows, and the rows of the history without what is the moment's.
async fn everything(db: &TestDatabase) -> Vec<String> {
    let queries: &[&str] = match db.engine.dialect() {
        Dialect::Postgresql => &[
            "SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'shoring%' ORDER BY 1, ordinal_position",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'shoring%' ORDER BY 1",
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
            "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
        ],
        Dialect::Mysql => &[
            "SELECT table_name, column_name, column_type, column_default, is_nullable FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE 'shoring%' ORDER BY 1, ordinal_position",
            "SELECT table_name, index_name, column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name NOT LIKE 'shoring%' ORDER BY 1, 2",
            "SELECT routine_name, sql_mode, routine_definition FROM information_schema.routines WHERE routine_schema = DATABASE() ORDER BY 1",
            "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1",
        ],
        Dialect::Sqlite => &[
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'shoring%' AND tbl_name NOT LIKE 'shoring%' AND tbl_name <> 'flyway_schema_history' AND sql IS NOT NULL ORDER BY 1, 2",
        ],
    };
    let mut all = Vec::new();
    for query in queries {
        all.extend(ask(db, query).await);
    }
    for table in [
        "shop_orders",
        "shop_notes",
        "shop_t4",
        "shop_t8",
        "shop_big_orders",
    ] {
        all.extend(ask(db, &format!("SELECT * FROM {table} ORDER BY 1, 2")).await);
    }
    all.extend(ask(db, "SELECT installed_rank, version, description, type, script, checksum, installed_by, success FROM flyway_schema_history ORDER BY 1").await);
    all
}

shoring_testkit::server_tests! {
    [postgresql, mariadb, mysql, sqlite]

    async fn a_project_goes_there_and_back(db: TestDatabase) {
        let project = FlywayProject::generate(db.engine.dialect());
        let half = VERSIONS / 2;
        // All by the tool: what the others are compared with.
        let mut flyway = Flyway::start(&db, &project.folder(), PLACEHOLDERS);
        assert_eq!(flyway.say("migrate"), [format!("applied {}", VERSIONS + 2)]);
        let expected = everything(&db).await;
        let status = migrator(&db, &project).status().await.unwrap();
        assert_eq!((status.pending, status.current.as_deref()), (0, Some("36")));
        assert_eq!(up(&db, &project, None).await, 0);

        // The tool first, then we. With a target its repeatable files wait for the end of ours.
        let second = TestDatabase::create(db.engine).await;
        let mut flyway = Flyway::start(&second, &project.folder(), PLACEHOLDERS);
        let told = flyway.say(&format!("migrate flyway.target={half}"));
        assert!(told[0].starts_with("applied "), "{told:?}");
        assert_eq!(up(&second, &project, None).await, VERSIONS - half);
        assert_clean(&mut flyway, 2);
        assert_eq!(without_ranks(&everything(&second).await), without_ranks(&expected));
        second.remove().await;

        // We first, then the tool.
        let third = TestDatabase::create(db.engine).await;
        assert_eq!(up(&third, &project, Some(half)).await, half + 2);
        let mut flyway = Flyway::start(&third, &project.folder(), PLACEHOLDERS);
        assert_eq!(flyway.say("migrate"), [format!("applied {}", VERSIONS - half)]);
        assert_clean(&mut flyway, 2);
        assert_eq!(without_ranks(&everything(&third).await), without_ranks(&expected));

        // All by us, down to the last byte of the history.
        let fourth = TestDatabase::create(db.engine).await;
        assert_eq!(up(&fourth, &project, None).await, VERSIONS + 2);
        let mut flyway = Flyway::start(&fourth, &project.folder(), PLACEHOLDERS);
        assert_clean(&mut flyway, 2);
        assert_eq!(everything(&fourth).await, expected);
        third.remove().await;
        fourth.remove().await;
    }

    async fn a_converted_project_is_its_own(db: TestDatabase) {
        let root = tempfile::tempdir().unwrap();
        let native = root.path().join("native");
        std::fs::create_dir(&native).unwrap();
        let all = steps(db.engine.dialect());
        for step in &all {
            let path = native.join(format!("{:03}_{}", step.number, step.name));
            std::fs::write(path.with_added_extension("up.sql"), &step.up).unwrap();
            std::fs::write(path.with_added_extension("down.sql"), &step.down).unwrap();
        }
        let half = all.len() / 2;
        let migrator = Migrator::from_dir(&native).format("shoring").database(&db.url_text());
        migrator.up(&UpRequest { steps: Some(half), ..UpRequest::default() }).await.unwrap();
        let report = migrator.convert(&ConvertRequest {
            to: "flyway".to_owned(),
            into: Some("flyway".to_owned()),
            into_table: None,
            expands_placeholders: false,
            confirmation: Confirmation::Confirmed,
        }).await.unwrap();
        assert_eq!(report.rows.len(), half);
        let mut flyway = Flyway::start(&db, &root.path().join("flyway"), &[]);
        assert_eq!(flyway.say("migrate"), [format!("applied {}", all.len() - half)]);
        assert_eq!(flyway.say("validate"), ["valid"]);
        let status = migrator.format("flyway").status().await;
        assert!(status.is_ok());
    }

    async fn the_tool_reads_what_a_roll_back_a_repair_and_a_baseline_leave(db: TestDatabase) {
        let project = FlywayProject::generate(db.engine.dialect());
        project.write("deep/er/U36__crlf.sql", "SELECT 1;\n");
        let last = ask_name(&project);
        assert!(last.starts_with("V36__"), "{last}");
        up(&db, &project, None).await;
        let undo = format!("U36__{}", last.strip_prefix("V36__").unwrap());
        std::fs::remove_file(project.folder().join("deep/er/U36__crlf.sql")).unwrap();
        project.write(&format!("deep/er/{undo}"), "DROP TABLE ${prefix}_t36;\n");
        let ours = migrator(&db, &project);
        ours.down(&DownRequest::Steps(1)).await.unwrap_or_else(|error| panic!("{error}: {:?}", error.diagnostic));
        let mut flyway = Flyway::start(&db, &project.folder(), PLACEHOLDERS);
        let info = flyway.say("info");
        assert!(info.iter().any(|line| line.starts_with("36|") && line.ends_with("|PENDING")), "{info:?}");
        assert_eq!(flyway.say("migrate"), ["applied 1"]);
        assert_eq!(flyway.say("validate"), ["valid"]);
        let states = ours.status().await.unwrap();
        assert_eq!(states.pending, 0);

        // An edited file: both say so; our repair is enough for the tool.
        project.write("V2__crlf.sql", "CREATE TABLE ${prefix}_t2 (id integer, note varchar(50)); -- edited\n");
        assert_eq!(flyway.say("validate")[0], "invalid");
        assert!(ours.up(&UpRequest::default()).await.is_err());
        ours.repair(shoring::Confirmation::Confirmed).await.unwrap();
        assert_eq!(flyway.say("validate"), ["valid"]);

        let adopted = TestDatabase::create(db.engine).await;
        let mut session = adopted.connect().await;
        for table in ["shop_orders (id integer PRIMARY KEY, total integer NOT NULL, touched integer DEFAULT 0)", "shop_notes (id integer, note varchar(200))"] {
            let sql = format!("CREATE TABLE {table}");
            let batch = shoring_db::Batch { statements: &[&sql] };
            session.execute(batch, &mut |_| {}).await.unwrap();
        }
        session.close().await.unwrap();
        migrator(&adopted, &project).baseline("1", shoring::Confirmation::Confirmed).await.unwrap();
        let mut flyway = Flyway::start(&adopted, &project.folder(), PLACEHOLDERS);
        assert_eq!(flyway.say("migrate"), [format!("applied {}", VERSIONS - 1 + 2)]);
        assert_eq!(flyway.say("validate"), ["valid"]);
        assert_eq!(up(&adopted, &project, None).await, 0);
        adopted.remove().await;
    }
}

/// The file of the last version.
fn ask_name(project: &FlywayProject) -> String {
    let files = std::fs::read_dir(project.folder().join("deep/er")).unwrap();
    files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .find(|name| name.starts_with("V36__"))
        .unwrap()
}

/// The rows of the history without their places in it: what runs again does so once more or once less.
fn without_ranks(all: &[String]) -> Vec<String> {
    let mut all: Vec<String> = all
        .iter()
        .map(|line| match line.split_once('|') {
            Some((rank, rest)) if rank.parse::<u32>().is_ok() && rest.contains("|SQL|") => {
                rest.to_owned()
            }
            _ => line.clone(),
        })
        .collect();
    all.sort();
    all
}

mod races {
    use super::{ask, migrator};
    use crate::flyway_process::Flyway;
    use crate::flyway_project::FlywayProject;
    use shoring::UpRequest;
    use shoring_testkit::{Engine, TestDatabase};

    const ROUNDS: usize = 10;
    const EACH: usize = 5;

    /// The tool and we, started together: each migration runs once.
    async fn nothing_runs_twice(db: TestDatabase) {
        let project = FlywayProject::generate(db.engine.dialect());
        for file in std::fs::read_dir(project.folder()).unwrap() {
            let file = file.unwrap().path();
            if file.is_file() {
                std::fs::remove_file(file).unwrap();
            }
        }
        std::fs::remove_dir_all(project.folder().join("deep")).unwrap();
        project.write("V0__witness.sql", "CREATE TABLE witness (step integer);\n");
        let settings = [super::PLACEHOLDERS, &[("installedBy", "the tool")]].concat();
        let mut flyway = Flyway::start(&db, &project.folder(), &settings);
        let slowly = db
            .engine
            .pick("SELECT pg_sleep(0.05);", "DO SLEEP(0.05);", "");
        let mut by_tool = 0;
        let mut by_us = 0;
        for round in 0..ROUNDS {
            for number in 1..=EACH {
                let version = round * EACH + number;
                project.write(
                    &format!("V{version}__step.sql"),
                    &format!("INSERT INTO witness VALUES ({version});\n{slowly}\n"),
                );
            }
            flyway.begin("migrate");
            if round % 2 == 1 {
                // Every other time we come when the tool is at work: it lets go of its lock between two migrations.
                let begun = format!("SELECT count(*) FROM witness WHERE step > {}", round * EACH);
                while ask(&db, &begun).await == ["0"] {}
            }
            let ours = migrator(&db, &project).up(&UpRequest::default()).await;
            let told = flyway.answer();
            let ours = ours.unwrap_or_else(|error| panic!("{error}: {:?}", error.diagnostic));
            by_us += ours.ran.len();
            by_tool += told[0]
                .strip_prefix("applied ")
                .unwrap_or_else(|| panic!("{told:?}"))
                .parse::<usize>()
                .unwrap();
            let done = (round + 1) * EACH;
            let counts = ask(&db, "SELECT count(*), count(DISTINCT step) FROM witness").await;
            assert_eq!(counts, [format!("{done}|{done}")], "round {round}");
            assert_eq!(flyway.say("validate"), ["valid"], "round {round}");
        }
        assert_eq!(by_us + by_tool, ROUNDS * EACH + 1);
        let told = ask(
            &db,
            "SELECT count(*) FROM flyway_schema_history WHERE installed_by = 'the tool'",
        )
        .await;
        assert_eq!(told, [by_tool.to_string()]);
        assert!(
            by_tool > 0 && by_us > 0,
            "{by_tool} by the tool, {by_us} by us: no race"
        );
        let rows = ask(
            &db,
            "SELECT count(*), count(DISTINCT version) FROM flyway_schema_history",
        )
        .await;
        assert_eq!(rows, [format!("{0}|{0}", ROUNDS * EACH + 1)]);
    }

    mod postgresql {
        #[test]
        fn nothing_runs_twice() {
            shoring_testkit::run(super::Engine::Postgresql, super::nothing_runs_twice);
        }
    }

    mod mariadb {
        #[test]
        fn nothing_runs_twice() {
            shoring_testkit::run(super::Engine::Mariadb, super::nothing_runs_twice);
        }
    }
}
