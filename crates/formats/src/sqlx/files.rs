//! Recognises and reads the files. Their names are those of several formats: `sqlx.toml`, `Cargo.toml` or the history table
//! say that they are sqlx's.

use super::checksum::{NO_TRANSACTION, SqlxChecksum};
use super::config::{self, HAS_FILE, IGNORED};
use super::history::SqlxHistory;
use super::sending::SENDING;
use crate::checksum::FileChecksum;
use crate::convert::{self, Portable, RenderInto, RenderedFile};
use crate::detection::{Detection, Strength, awaiting, folders};
use crate::directive;
use crate::format::{Format, NewFile, View};
use crate::history::History;
use crate::host_config::HostConfig;
use crate::numbered::{self, FileName, LoneDown, Reading, is_sql, join, slug};
use crate::script::{Reads, ScriptReader};
use shoring_core::{
    Checksum, Diagnostic, Direction, Late, LineEnds, MigrationPlan, MigrationSet, OrderKey, Policy,
    Product, Script, Span, Tree, TreeError,
};

/// sqlx.
#[derive(Debug, Clone, Copy)]
pub struct Sqlx;

const POLICY: Policy = Policy {
    late: Late::Run,
    line_ends: LineEnds::Count,
    ..Policy::STRICT
};

impl Format for Sqlx {
    fn name(&self) -> &'static str {
        "sqlx"
    }

    fn title(&self) -> &'static str {
        "sqlx project"
    }

    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        config::configure(view)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        for folder in folders(view, config, numbered::FOLDERS) {
            let files = view.tree.files(folder)?;
            let count = files
                .iter()
                .filter(|file| parse_name(file).is_some())
                .count();
            if count == 0 {
                continue;
            }
            let what = format!("{folder}/ has {count} numbered .sql files");
            let (strength, evidence) = if config.options.contains_key(HAS_FILE) {
                (
                    Strength::Configuration,
                    format!("{what}, and there is a sqlx.toml"),
                )
            } else {
                match config::requirement(view.tree)? {
                    Some(line) => (Strength::Dependency, format!("{what}, and {line}")),
                    None => (Strength::Names, what),
                }
            };
            return Ok(Some(Detection {
                folder: folder.to_owned(),
                strength,
                evidence,
            }));
        }
        let has_file = config.options.contains_key(HAS_FILE);
        awaiting(
            view,
            &folders(view, config, &[self.default_folder()]),
            has_file.then(|| "there is a sqlx.toml".to_owned()),
            || config::requirement(view.tree),
        )
    }

    fn default_folder(&self) -> &'static str {
        "migrations"
    }

    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        config: &HostConfig,
        reads: Reads,
    ) -> Result<MigrationSet, TreeError> {
        reading(config, |reading| {
            numbered::read(tree, folder, reading, reads)
        })
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        numbered::order_of(version)
    }

    fn history(&self) -> &'static dyn History {
        &SqlxHistory
    }

    /// As `sqlx migrate add`: a pair of files when the first migration has one, the next number when the last two follow each
    /// other, else the time.
    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        let version = next_sequential(set).unwrap_or_else(|| timestamp.to_owned());
        let is_pair = set
            .migrations
            .first()
            .is_some_and(|first| first.up.path.ends_with(".up.sql"));
        let file = |ending: &str, content: &str| NewFile {
            path: join(&set.folder, &format!("{version}_{}{ending}", slug(name))),
            content: content.to_owned(),
            is_added: false,
        };
        let files = if is_pair {
            vec![
                file(".up.sql", "-- Add up migration script here\n"),
                file(".down.sql", "-- Add down migration script here\n"),
            ]
        } else {
            vec![file(".sql", "-- Add migration script here\n")]
        };
        (version, files)
    }

    fn switch_back_warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        SENDING.warnings(plan, product)
    }

    fn own_text(
        &self,
        tree: &dyn Tree,
        script: &Script,
        _: Direction,
    ) -> Result<Vec<Span>, TreeError> {
        let mut span = convert::whole(script);
        let line = convert::first_line(tree, &script.path, span)?;
        if line.trim_end() == NO_TRANSACTION {
            span.start += line.len() as u64;
        }
        Ok(vec![span])
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        numbered::render(into, migration, true, |script| {
            script.with_mark(Some(NO_TRANSACTION))
        })
    }
}

/// How the files of a project are read: characters that do not count in checksums are a setting.
fn reading<R>(config: &HostConfig, read: impl FnOnce(&Reading<'_>) -> R) -> R {
    let ignored = config.option(IGNORED).unwrap_or_default();
    let read_text = |reader: &mut ScriptReader,
                     tree: &dyn Tree,
                     path: &str,
                     diagnostics: &mut Vec<Diagnostic>| {
        read_text(reader, tree, path, ignored, diagnostics)
    };
    read(&Reading {
        format: Sqlx.name(),
        policy: POLICY,
        parse: parse_name,
        why_ignored,
        largest: i64::MAX as u128,
        lone_down: LoneDown::Refuse,
        read_text: &read_text,
    })
}

/// Reads one file with its SHA-384.
fn read_text(
    reader: &mut ScriptReader,
    tree: &dyn Tree,
    path: &str,
    ignored: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(Script, Vec<Checksum>), TreeError> {
    let mut checksum = SqlxChecksum::without(ignored);
    let mut script = reader.read_part(tree, path, None, &mut checksum, diagnostics)?;
    if checksum.is_without_transaction() {
        directive::without_transaction(&mut script, NO_TRANSACTION, diagnostics);
    }
    Ok((script, checksum.finish()))
}

/// `NUMBER_words.sql`, `NUMBER_words.up.sql`, `NUMBER_words.down.sql`.
fn parse_name(file: &str) -> Option<FileName<'_>> {
    let (version, rest) = file.split_once('_')?;
    let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let rest = rest.strip_suffix(".sql").filter(|_| is_number)?;
    let (name, direction) = if let Some(name) = rest.strip_suffix(".up") {
        (name, Some(Direction::Up))
    } else if let Some(name) = rest.strip_suffix(".down") {
        (name, Some(Direction::Down))
    } else {
        (rest, None)
    };
    Some(FileName {
        version,
        name,
        direction,
    })
}

fn why_ignored(file: &str) -> Option<&'static str> {
    is_sql(file).then(|| match file.split_once('_') {
        // A number in front that is no number stops sqlx itself.
        Some(_) if file.ends_with(".sql") => "its name does not start with a number",
        Some(_) => "its name does not end in `.sql` in small letters",
        None => "no `_` follows its number",
    })
}

/// The next number, where sqlx would count on.
fn next_sequential(set: &MigrationSet) -> Option<String> {
    let numbers: Vec<u128> = set
        .migrations
        .iter()
        .filter_map(|migration| migration.order.number())
        .collect();
    let last = *numbers.last()?;
    let counts_on = match numbers.as_slice() {
        [.., before, last] => last - before == 1,
        [last] => *last <= 1,
        [] => false,
    };
    counts_on.then(|| format!("{:04}", last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HistoryPlace;
    use crate::memory_tree::MemoryTree;
    use shoring_core::TransactionMode;

    #[test]
    fn names_are_taken_apart_as_the_tool_does() {
        for (file, expected) in [
            ("1_a.sql", Some(("1", "a", None))),
            (
                "0002_b_c.up.sql",
                Some(("0002", "b_c", Some(Direction::Up))),
            ),
            ("3_x.down.sql", Some(("3", "x", Some(Direction::Down)))),
            ("4.sql", None),
            ("5-a.sql", None),
            ("a_b.sql", None),
            ("6_a.SQL", None),
            ("7_notes.md", None),
        ] {
            let found = parse_name(file).map(|name| (name.version, name.name, name.direction));
            assert_eq!(found, expected, "{file}");
        }
    }

    #[test]
    fn a_mark_at_the_first_byte_asks_for_no_transaction() {
        let tree = MemoryTree::new(&[
            ("m/1_a.sql", "-- no-transaction\nVACUUM;"),
            ("m/2_b.sql", "\n-- no-transaction\nSELECT 1;"),
            (
                "m/3_c.sql",
                "-- no-transaction\n-- shoring: one-transaction\nSELECT 1;",
            ),
        ]);
        let set = Sqlx.read(&tree, "m", &HostConfig::default()).unwrap();
        let modes: Vec<TransactionMode> = set
            .migrations
            .iter()
            .map(|migration| migration.up.directives.transaction)
            .collect();
        assert_eq!(
            modes,
            [
                TransactionMode::None,
                TransactionMode::Auto,
                TransactionMode::None
            ]
        );
        assert_eq!(
            set.diagnostics[0].to_string(),
            "`m/3_c.sql`: `-- no-transaction` and `-- shoring: one-transaction` contradict each other"
        );
    }

    #[test]
    fn new_files_are_those_of_sqlx_migrate_add() {
        let new = |files: &[(&str, &str)]| {
            let tree = MemoryTree::new(files);
            let set = Sqlx.read(&tree, "m", &HostConfig::default()).unwrap();
            let (_, files) = Sqlx.new_files(&set, "Add mail", "20260101000000");
            let paths: Vec<String> = files.into_iter().map(|file| file.path).collect();
            paths.join(" ")
        };
        assert_eq!(new(&[]), "m/20260101000000_add_mail.sql");
        assert_eq!(new(&[("m/0001_a.sql", "")]), "m/0002_add_mail.sql");
        assert_eq!(
            new(&[("m/7_a.up.sql", ""), ("m/7_a.down.sql", "")]),
            "m/20260101000000_add_mail.up.sql m/20260101000000_add_mail.down.sql"
        );
        assert_eq!(
            new(&[("m/8_a.sql", ""), ("m/9_b.sql", "")]),
            "m/0010_add_mail.sql"
        );
    }

    #[test]
    fn what_requires_sqlx_is_seen() {
        let none = |_: &str| None;
        let detect = |files: &[(&str, &str)]| {
            let tree = MemoryTree::new(files);
            let view = View {
                tree: &tree,
                folder: None,
                variables: &none,
                variable_names: &[],
            };
            let config = Sqlx.configure(view).unwrap();
            Sqlx.detect(view, &config)
                .unwrap()
                .map(|found| format!("{:?} {}: {}", found.strength, found.folder, found.evidence))
        };
        let file = ("migrations/1_a.sql", "");
        assert_eq!(
            detect(&[file]).unwrap(),
            "Names migrations: migrations/ has 1 numbered .sql files"
        );
        for cargo in [
            "[dependencies]\nsqlx = \"0.9\"\n",
            "[workspace]\n[workspace.dependencies.sqlx]\n",
            "[dependencies]\nsqlx.workspace = true",
        ] {
            assert_eq!(
                detect(&[file, ("Cargo.toml", cargo)]).unwrap(),
                "Dependency migrations: migrations/ has 1 numbered .sql files, and Cargo.toml:2 requires sqlx"
            );
        }
        assert_eq!(
            detect(&[file, ("Cargo.toml", "[dependencies]\nsqlx-core = \"1\"")]).unwrap(),
            "Names migrations: migrations/ has 1 numbered .sql files"
        );
        assert_eq!(
            detect(&[
                ("db/moves/1_a.sql", ""),
                ("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n"),
                (
                    "src/main.rs",
                    "fn main() {\n    sqlx::migrate!(\"./db/moves\");\n}"
                )
            ])
            .unwrap(),
            "Dependency db/moves: db/moves/ has 1 numbered .sql files, and Cargo.toml:2 requires sqlx"
        );
        assert_eq!(
            detect(&[
                ("db/moves/1_a.sql", ""),
                ("sqlx.toml", "[migrate]\nmigrations-dir = \"db/moves\"\n")
            ])
            .unwrap(),
            "Configuration db/moves: db/moves/ has 1 numbered .sql files, and there is a sqlx.toml"
        );
    }

    #[test]
    fn the_configuration_is_read() {
        let variables = |name: &str| {
            (name == "APP_DB").then(|| crate::HostSetting {
                value: "postgres:///app".to_owned(),
                origin: ".env:1".to_owned(),
            })
        };
        let tree = MemoryTree::new(&[(
            "sqlx.toml",
            "[common]\ndatabase-url-var = \"APP_DB\"\n[migrate]\ntable-name = \"app.moves\"\nignored-chars = [\"\\r\"]\nfolder = \"x\"\n",
        )]);
        let view = View {
            tree: &tree,
            folder: None,
            variables: &variables,
            variable_names: &[],
        };
        let config = Sqlx.configure(view).unwrap();
        assert_eq!(config.database.as_ref().unwrap().origin, ".env:1");
        assert_eq!(config.option(IGNORED), Some("\r"));
        assert_eq!(
            Sqlx.history_table(&config, &|_| None),
            Some(HistoryPlace::parse("app.moves"))
        );
        assert_eq!(
            config.diagnostics[0].to_string(),
            "sqlx.toml:6: unknown key `migrate.folder`"
        );
    }
}
