//! The round trip: the tool applies all, or one half and Shoring the other. Each time the database is the same, the history too,
//! and neither finds anything strange.

use crate::project::{COUNT, Step, steps};
use crate::schema::{ask, dump};
use crate::site::{Site, said};
use shoring::{Confirmation, ConvertRequest, Overrides, UpRequest};
use shoring_core::State;
use shoring_testkit::{Engine, TestDatabase};
use std::process::{Child, Stdio};

/// A folder, and how a tool is told about it.
type Converted = (&'static str, fn(&Site));

/// How a tool is used.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// The format that Shoring has to find.
    pub(crate) format: &'static str,
    /// Prepares a project: configuration, variables.
    pub(crate) prepare: fn(&mut Site),
    /// The files of a migration: path in the project and text.
    pub(crate) files: fn(&Step) -> Vec<(String, String)>,
    /// Arguments of the run that applies everything.
    pub(crate) up: fn(&Site) -> Vec<String>,
    /// Asks the tool whether all is well; fails where it is not.
    pub(crate) check: fn(&Site),
    /// Where a project that is converted goes, when not where the tool looks by itself, and what it is told then.
    pub(crate) converted: Option<Converted>,
    /// The query of its history without times.
    pub(crate) history: fn(Engine) -> &'static str,
}

impl Tool {
    async fn site(&self, engine: Engine) -> Site {
        let db = TestDatabase::create(engine).await;
        let mut site = Site::new(self.name, &db);
        (self.prepare)(&mut site);
        site
    }

    fn write(&self, site: &Site, steps: &[Step]) {
        self.write_with(site, steps, "");
    }

    /// Writes files that begin with something.
    fn write_with(&self, site: &Site, steps: &[Step], beginning: &str) {
        for step in steps {
            for (path, text) in (self.files)(step) {
                site.write(&path, &format!("{beginning}{text}"));
            }
        }
    }

    fn apply(&self, site: &Site) {
        let arguments = (self.up)(site);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        site.run(&arguments);
    }

    async fn judge(&self, site: &Site) -> (String, String) {
        let status = site.shoring().status().await.unwrap();
        assert_eq!(status.format, self.format);
        let strange: Vec<&str> = status
            .migrations
            .iter()
            .filter(|entry| entry.state != State::Applied)
            .map(|entry| entry.version.as_str())
            .collect();
        assert_eq!(strange, Vec::<&str>::new());
        assert_eq!(status.migrations.len(), COUNT as usize);
        (self.check)(site);
        let history = ask(&site.db, (self.history)(site.db.engine)).await;
        (dump(&site.db).await, history)
    }
}

/// Both ways, against what the tool makes alone.
pub(crate) async fn there_and_back(engine: Engine, tool: Tool) {
    let all = steps(engine.dialect());
    let (first, second) = all.split_at(COUNT as usize / 2);

    let alone = tool.site(engine).await;
    tool.write(&alone, &all);
    tool.apply(&alone);
    let (schema, history) = tool.judge(&alone).await;

    let tool_first = tool.site(engine).await;
    tool.write(&tool_first, first);
    tool.apply(&tool_first);
    tool.write(&tool_first, second);
    assert_eq!(tool_first.up().await, second.len());
    let (schema_of_tool_first, history_of_tool_first) = tool.judge(&tool_first).await;

    let we_first = tool.site(engine).await;
    tool.write(&we_first, first);
    assert_eq!(we_first.up().await, first.len());
    tool.write(&we_first, second);
    tool.apply(&we_first);
    let (schema_of_we_first, history_of_we_first) = tool.judge(&we_first).await;
    // Once more, and each has nothing to do.
    tool.apply(&we_first);
    assert_eq!(we_first.up().await, 0);

    assert_eq!(schema_of_tool_first, schema);
    assert_eq!(schema_of_we_first, schema);
    assert_eq!(history_of_tool_first, history);
    assert_eq!(history_of_we_first, history);
    for site in [alone, tool_first, we_first] {
        site.db.remove().await;
    }
}

/// A byte order mark: servers refuse it where the tool sends it, so Shoring runs that file, and the tool has to know it.
pub(crate) async fn a_file_with_a_mark_is_ours_to_run(engine: Engine, tool: Tool) {
    let all = steps(engine.dialect());
    let site = tool.site(engine).await;
    tool.write_with(&site, &all[..4], "\u{feff}");
    assert_eq!(site.up().await, 4);
    tool.write(&site, &all[4..]);
    tool.apply(&site);
    tool.judge(&site).await;
    site.db.remove().await;
}

/// A project of another format is told in the tool's own, half of it applied: the tool applies the rest and finds nothing
/// strange.
pub(crate) async fn a_converted_project_is_its_own(engine: Engine, tool: Tool) {
    let all = steps(engine.dialect());
    let half = COUNT as usize / 2;
    let alone = tool.site(engine).await;
    tool.write(&alone, &all);
    tool.apply(&alone);
    let (schema, _) = tool.judge(&alone).await;

    let site = tool.site(engine).await;
    for step in &all {
        let path = format!("native/{:03}_{}", step.number, step.name);
        site.write(&format!("{path}.up.sql"), &step.up);
        site.write(&format!("{path}.down.sql"), &step.down);
    }
    let native = site.shoring_with(&Overrides {
        format: Some("shoring".to_owned()),
        dir: Some("native".to_owned()),
        database: Some(site.db.url_text()),
        ..Overrides::default()
    });
    let first = UpRequest {
        steps: Some(half),
        ..UpRequest::default()
    };
    assert_eq!(native.up(&first).await.unwrap().ran.len(), half);
    let request = ConvertRequest {
        to: tool.format.to_owned(),
        into: tool.converted.map(|(folder, _)| folder.to_owned()),
        into_table: None,
        expands_placeholders: false,
        confirmation: Confirmation::Confirmed,
    };
    let report = native.convert(&request).await.unwrap();
    assert_eq!(report.rows.len(), half);
    if let Some((_, tell)) = tool.converted {
        tell(&site);
    }
    tool.apply(&site);
    let (schema_of_converted, _) = tool.judge(&site).await;
    // Liquibase strips comments, unless it is told not to, and a conversion keeps them.
    let plain = |schema: &str| schema.replace("-- a; b", "");
    assert_eq!(plain(&schema_of_converted), plain(&schema));
    for site in [alone, site] {
        site.db.remove().await;
    }
}

/// The tool and Shoring started together, ten times: every migration runs once.
pub(crate) async fn ten_races(engine: Engine, tool: Tool) {
    for round in 0..10 {
        let site = tool.site(engine).await;
        let mut all = steps(engine.dialect());
        // A doubled migration would show as a second row, even where the history does not.
        for step in &mut all {
            if step.number > 1 && !step.is_routine {
                step.up.push_str(&format!(
                    "INSERT INTO notes VALUES ({}, 'once');\n",
                    step.number
                ));
            }
        }
        tool.write(&site, &all);
        let arguments = (tool.up)(&site);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut running = site
            .command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A tool that takes long to start would always come second.
        if round % 2 == 1 {
            until_seen(&site, &mut running).await;
        }
        let ours = site.shoring().up(&UpRequest::default()).await;
        let output = running.wait_with_output().unwrap();
        // Whoever came second may find the tables of the first half made; then it says so and stops, and goes on when asked again.
        let told = format!(
            "round {round}: {} {}; shoring {:?}",
            tool.name,
            said(&output),
            ours.as_ref().err().map(ToString::to_string)
        );
        if ours.is_err() || !output.status.success() {
            site.up().await;
        }
        let doubled = ask(
            &site.db,
            "SELECT id, count(*) FROM notes WHERE note = 'once' GROUP BY id HAVING count(*) <> 1",
        )
        .await;
        assert_eq!(doubled, "", "{told}");
        tool.judge(&site).await;
        site.db.remove().await;
    }
}

/// Waits until the tool is connected, or has ended already.
async fn until_seen(site: &Site, running: &mut Child) {
    let query = site.db.engine.pick(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
        "SELECT 1",
    );
    while running.try_wait().unwrap().is_none() && ask(&site.db, query).await == "0" {}
}

/// The tests of one tool: on each server both ways, and the file with a mark; races where it has a lock.
macro_rules! round_trips {
    ($tool:ident, [$($engine:ident $variant:ident),+], races on [$($racer:ident $racing:ident),*]) => {
        $(mod $engine {
            #[test]
            fn there_and_back() {
                crate::round_trip::block_on(crate::round_trip::there_and_back(
                    shoring_testkit::Engine::$variant,
                    super::$tool,
                ));
            }

            #[test]
            fn a_file_with_a_mark_is_ours_to_run() {
                crate::round_trip::block_on(crate::round_trip::a_file_with_a_mark_is_ours_to_run(
                    shoring_testkit::Engine::$variant,
                    super::$tool,
                ));
            }

            #[test]
            fn a_converted_project_is_its_own() {
                crate::round_trip::block_on(crate::round_trip::a_converted_project_is_its_own(
                    shoring_testkit::Engine::$variant,
                    super::$tool,
                ));
            }
        })+

        mod races {
            $(mod $racer {
                #[test]
                fn ten_races() {
                    crate::round_trip::block_on(crate::round_trip::ten_races(
                        shoring_testkit::Engine::$racing,
                        super::super::$tool,
                    ));
                }
            })*
        }
    };
}
pub(crate) use round_trips;

/// Runs a test to its end.
pub(crate) fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}
