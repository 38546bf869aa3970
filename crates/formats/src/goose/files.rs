//! Recognises and reads the files. Migrations written in Go are known by name and not run.

use super::blocks::{self, Sections};
use super::config::{self, DRIVER};
use super::history::GooseHistory;
use super::mark;
use super::render;
use super::sending::{self, STATEMENTS};
use super::variables::{self, Values};
use crate::convert::{self, Portable, RenderInto, RenderedFile};
use crate::detection::{Detection, Strength, all_have, awaiting, folders};
use crate::directive;
use crate::format::{Format, NewFile, View};
use crate::history::History;
use crate::host_config::HostConfig;
use crate::line_heads::{buffered, each_line};
use crate::mentions;
use crate::numbered::{self, is_sql, join, slug};
use crate::script::{Reads, ScriptReader, read_migrations};
use shoring_core::{
    Attributes, Diagnostic, Direction, Kind, Migration, MigrationPlan, MigrationSet, Missing,
    OrderKey, Part, Policy, Product, Script, Span, Tree, TreeError, Version, shared,
};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

/// goose.
#[derive(Debug, Clone, Copy)]
pub struct Goose;

/// How many files are looked into for the mark of goose, and how far.
const LOOKED_AT: usize = 3;
const LOOKED_INTO: u64 = 64 * 1024;

const POLICY: Policy = Policy {
    missing: Missing::Note,
    ..Policy::STRICT
};

impl Format for Goose {
    fn name(&self) -> &'static str {
        "goose"
    }

    fn title(&self) -> &'static str {
        "goose project"
    }

    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        config::configure(view)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        let usual = [numbered::FOLDERS, &["."]].concat();
        for folder in folders(view, config, &usual) {
            let files = view.tree.files(folder)?;
            let paths: Vec<String> = files
                .iter()
                .filter(|file| file.ends_with(".sql") && version_of(file).is_some())
                .take(LOOKED_AT)
                .map(|file| join(folder, file))
                .collect();
            if !all_have(&paths, |path| has_mark(view.tree, path))? {
                continue;
            }
            let said = format!("{} says `-- +goose Up`", paths[0]);
            let driver = config.options.get(DRIVER);
            return Ok(Some(Detection {
                folder: folder.to_owned(),
                strength: match driver {
                    Some(_) => Strength::Configuration,
                    None => Strength::Content,
                },
                evidence: match driver {
                    Some(driver) => {
                        format!("{said}, and {} names goose's driver", driver.origin)
                    }
                    None => said,
                },
            }));
        }
        awaiting(
            view,
            &folders(view, config, numbered::FOLDERS),
            None,
            || {
                let required = mentions::find(view.tree, &["go.mod"], "github.com/pressly/goose")?;
                Ok(required.map(|mention| format!("{mention} requires goose")))
            },
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
        _: Reads,
    ) -> Result<MigrationSet, TreeError> {
        let folder = numbered::plain_folder(folder);
        let values = Arc::new(variables::values(config));
        let mut diagnostics = Vec::new();
        let mut ignored = Vec::new();
        let mut found: Vec<(String, u128)> = Vec::new();
        let mut known: BTreeMap<u128, String> = BTreeMap::new();
        for file in tree.files(folder)?.iter() {
            let path = join(folder, file);
            let is_go = file.ends_with(".go") && !file.ends_with("_test.go");
            let version = version_of(file).filter(|_| is_go || file.ends_with(".sql"));
            let Some(version) = version else {
                if is_sql(file) {
                    ignored.push((path, "its name does not begin with a number and `_`"));
                }
                continue;
            };
            if let Some(other) = known.insert(version, path.clone()) {
                diagnostics.push(
                    Diagnostic::error(
                        "duplicate-version",
                        format!("`{other}` and `{path}` have the same version"),
                    )
                    .hint("give the one that was never applied a new number"),
                );
            }
            found.push((file.clone(), version));
        }
        let mut migrations =
            read_migrations(&found, &mut diagnostics, |reader, (file, version)| {
                let path = join(folder, file);
                read_file((tree, &values), reader, &path, file, *version)
            })?;
        migrations.sort_by(|left, right| left.order.cmp(&right.order));
        Ok(MigrationSet {
            format: self.name(),
            policy: POLICY,
            folder: folder.to_owned(),
            migrations: shared(migrations),
            ignored,
            diagnostics,
        })
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        numbered::order_of(version)
    }

    fn history(&self) -> &'static dyn History {
        &GooseHistory
    }

    /// As `goose create`: the time, or the next of five digits where the files are counted (`-s`, `goose fix`).
    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        let last = set.migrations.last();
        let number = last.and_then(|last| last.order.number());
        let is_counted = last.is_some_and(|last| last.version.as_str().len() < 14);
        let version = match number.filter(|_| is_counted) {
            Some(number) => format!("{:05}", number + 1),
            None => timestamp.to_owned(),
        };
        let file = NewFile {
            path: join(&set.folder, &format!("{version}_{}.sql", slug(name))),
            content:
                "-- +goose Up\nSELECT 'up SQL query';\n\n-- +goose Down\nSELECT 'down SQL query';\n"
                    .to_owned(),
            is_added: false,
        };
        (version, vec![file])
    }

    fn way_back_name(&self) -> &'static str {
        "section `-- +goose Down`"
    }

    fn way_back(&self, migration: &Migration) -> String {
        format!(
            "write what takes it back below a line  -- +goose Down  in {}",
            migration.up.path
        )
    }

    fn refuse_product(&self, config: &HostConfig, product: Product) -> Option<Diagnostic> {
        let driver = config.options.get(DRIVER)?;
        (!config::is_for(&driver.value, product)).then(|| {
            Diagnostic::error(
                "other-product",
                format!(
                    "goose's driver is `{}` ({}), and this database is {}",
                    driver.value,
                    driver.origin,
                    product.title()
                ),
            )
            .hint("name the right database:  shoring config  shows where this one comes from")
        })
    }

    fn switch_back_warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        sending::warnings(plan, product)
    }

    fn own_text(
        &self,
        tree: &dyn Tree,
        script: &Script,
        direction: Direction,
    ) -> Result<Vec<Span>, TreeError> {
        convert::without_marks(tree, script, direction, |line| mark::mark(line).is_some())
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        render::render(into, migration)
    }
}

/// The number before the first `_`, from 1.
fn version_of(file: &str) -> Option<u128> {
    let (version, _) = file.split_once('_')?;
    let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let number: u128 = version.parse().ok().filter(|_| is_number)?;
    (1..=i64::MAX as u128).contains(&number).then_some(number)
}

fn has_mark(tree: &dyn Tree, path: &str) -> Result<bool, TreeError> {
    let mut has_mark = false;
    each_line(path, buffered(tree.open(path)?.take(LOOKED_INTO)), |line| {
        has_mark |= matches!(mark::mark(&line.text), Some(Ok(mark::Mark::Up)));
    })?;
    Ok(has_mark)
}

type ReadFile = Result<(Option<Migration>, Vec<Diagnostic>), TreeError>;

fn read_file(
    (tree, values): (&dyn Tree, &Arc<Values>),
    reader: &mut ScriptReader,
    path: &str,
    file: &str,
    number: u128,
) -> ReadFile {
    let mut diagnostics = Vec::new();
    let (version, rest) = file.split_once('_').unwrap_or((file, ""));
    let mut migration = Migration {
        version: Version::new(version),
        name: rest
            .trim_end_matches(".sql")
            .trim_end_matches(".go")
            .to_owned(),
        order: OrderKey::Numbers(vec![number]),
        kind: Kind::Versioned,
        // Replaced below, where it is SQL.
        up: reader.read(tree, path, &mut Vec::new())?,
        down: None,
        checksums: Vec::new(),
        attributes: Attributes::new(),
        program: None,
        terms: shoring_core::Terms::default(),
    };
    if file.ends_with(".go") {
        migration.program = Some("Go");
        migration.down = Some(migration.up.clone());
        return Ok((Some(migration), diagnostics));
    }
    let Some(sections) = blocks::read(tree, reader, path, values, &mut diagnostics)? else {
        return Ok((None, diagnostics));
    };
    let mut script = |part: Part| -> Result<Script, TreeError> {
        let mut script = script_of(tree, reader, path, &sections, part, &mut diagnostics)?;
        script.placeholders = variables::placeholders(&sections.with_variables, values);
        Ok(script)
    };
    migration.up = script(sections.up)?;
    migration.down = sections.down.map(&mut script).transpose()?;
    diagnostics.extend(directive::refuse_later_version(
        &migration.up,
        &migration.order,
    ));
    diagnostics.extend(
        migration
            .down
            .as_ref()
            .and_then(directive::refuse_compatible_with),
    );
    if !sections.statements.is_empty() {
        let stretches: Vec<String> = sections
            .statements
            .iter()
            .map(|span| format!("{}-{}", span.start, span.end))
            .collect();
        migration.attributes.insert(STATEMENTS, stretches.join(" "));
    }
    Ok((Some(migration), diagnostics))
}

fn script_of(
    tree: &dyn Tree,
    reader: &mut ScriptReader,
    path: &str,
    sections: &Sections,
    part: Part,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Script, TreeError> {
    let mut script = reader.read_part(
        tree,
        path,
        Some(part),
        &mut crate::checksum::NoChecksum,
        diagnostics,
    )?;
    if sections.is_without_transaction {
        directive::without_transaction(&mut script, "-- +goose NO TRANSACTION", diagnostics);
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HostSetting;
    use crate::memory_tree::MemoryTree;
    use shoring_core::TransactionMode;

    const SQL: &str = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n";

    #[test]
    fn files_are_migrations_and_go_files_are_named() {
        let tree = MemoryTree::new(&[
            ("m/10_b.sql", SQL),
            (
                "m/9_a.sql",
                "-- +goose Up\n-- +goose NO TRANSACTION\nVACUUM;\n",
            ),
            ("m/11_c.go", "package m"),
            ("m/11_c_test.go", "package m"),
            ("m/embed.go", "package m"),
            ("m/0_zero.sql", SQL),
            ("m/seed.sql", ""),
        ]);
        let set = Goose.read(&tree, "m", &HostConfig::default()).unwrap();
        assert_eq!(set.diagnostics, []);
        let told: Vec<(String, bool, TransactionMode, Option<&str>)> = set
            .migrations
            .iter()
            .map(|migration| {
                (
                    migration.id(),
                    migration.down.is_some(),
                    migration.up.directives.transaction,
                    migration.program,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("9_a".to_owned(), false, TransactionMode::None, None),
                ("10_b".to_owned(), true, TransactionMode::Auto, None),
                ("11_c".to_owned(), true, TransactionMode::Auto, Some("Go")),
            ]
        );
        assert_eq!(set.ignored.len(), 2);
    }

    #[test]
    fn variables_and_marks_give_it_away() {
        let variables = |name: &str| {
            let value = match name {
                "GOOSE_DRIVER" => "sqlite3",
                "GOOSE_DBSTRING" => "./app.db",
                "GOOSE_MIGRATION_DIR" => "./db/moves",
                "GOOSE_TABLE" => "app.versions",
                _ => return None,
            };
            Some(HostSetting {
                value: value.to_owned(),
                origin: format!("environment {name}"),
            })
        };
        let none = |_: &str| None;
        let tree = MemoryTree::new(&[("db/moves/1_a.sql", SQL), ("sql/1_a.sql", SQL)]);
        let view = |variables| View {
            tree: &tree,
            folder: None,
            variables,
            variable_names: &[],
        };
        let config = Goose.configure(view(&variables)).unwrap();
        assert_eq!(config.database.as_ref().unwrap().value, "sqlite:./app.db");
        let found = Goose.detect(view(&variables), &config).unwrap().unwrap();
        assert_eq!(
            (found.folder.as_str(), found.strength),
            ("db/moves", Strength::Configuration)
        );
        assert_eq!(
            found.evidence,
            "db/moves/1_a.sql says `-- +goose Up`, and environment GOOSE_DRIVER names goose's driver"
        );
        assert!(Goose.refuse_product(&config, Product::Sqlite).is_none());
        assert_eq!(
            Goose
                .refuse_product(&config, Product::Postgresql)
                .unwrap()
                .to_string(),
            "goose's driver is `sqlite3` (environment GOOSE_DRIVER), and this database is PostgreSQL"
        );
        let found = Goose
            .detect(view(&none), &HostConfig::default())
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.folder.as_str(), found.strength),
            ("sql", Strength::Content)
        );
        let made = MemoryTree::new(&[
            ("up/1_a.sql", SQL),
            ("Makefile", "up:\n\tgoose -dir ./up postgres \"$(DB)\" up\n"),
        ]);
        let view = View {
            tree: &made,
            folder: None,
            variables: &none,
            variable_names: &[],
        };
        let config = Goose.configure(view).unwrap();
        assert_eq!(Goose.detect(view, &config).unwrap().unwrap().folder, "up");
    }

    #[test]
    fn new_files_are_those_of_goose_create() {
        let new = |files: &[(&str, &str)]| {
            let tree = MemoryTree::new(files);
            let set = Goose.read(&tree, "m", &HostConfig::default()).unwrap();
            let (_, files) = Goose.new_files(&set, "Add mail", "20260101000000");
            files[0].path.clone()
        };
        assert_eq!(new(&[]), "m/20260101000000_add_mail.sql");
        assert_eq!(new(&[("m/00004_a.sql", SQL)]), "m/00005_add_mail.sql");
        assert_eq!(
            new(&[("m/20250101000000_a.sql", SQL)]),
            "m/20260101000000_add_mail.sql"
        );
    }
}
