//! Recognises and reads the files. dbmate is configured by variables, also from `.env`.

use super::blocks::{self, Block};
use super::history::DbmateHistory;
use super::sending::SENDING;
use crate::checksum::NoChecksum;
use crate::convert::{self, Portable, PortableScript, RenderInto, RenderedFile, TextPiece};
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
    Attributes, Diagnostic, Direction, Kind, Late, Migration, MigrationPlan, MigrationSet, Missing,
    OrderKey, Policy, Product, Script, Span, Terms, Tree, TreeError, Version, shared,
};
use std::collections::BTreeMap;
use std::io::Read;

/// dbmate.
#[derive(Debug, Clone, Copy)]
pub struct Dbmate;

/// How many files are looked into for the mark of dbmate, and how far.
const LOOKED_AT: usize = 3;
const LOOKED_INTO: u64 = 64 * 1024;

impl Format for Dbmate {
    fn name(&self) -> &'static str {
        "dbmate"
    }

    fn title(&self) -> &'static str {
        "dbmate project"
    }

    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        let mut config = HostConfig::default();
        config
            .folders
            .extend((view.variables)("DBMATE_MIGRATIONS_DIR"));
        config.table = (view.variables)("DBMATE_MIGRATIONS_TABLE");
        if let Some(strict) = (view.variables)("DBMATE_STRICT") {
            config.options.insert("strict", strict);
        }
        Ok(config)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        let usual = [&["db/migrations"], numbered::FOLDERS].concat();
        for folder in folders(view, config, &usual) {
            let files = view.tree.files(folder)?;
            let paths: Vec<String> = files
                .iter()
                .filter(|file| version_of(file).is_some())
                .take(LOOKED_AT)
                .map(|file| join(folder, file))
                .collect();
            if all_have(&paths, |path| has_mark(view.tree, path))? {
                return Ok(Some(Detection {
                    folder: folder.to_owned(),
                    strength: Strength::Content,
                    evidence: format!("{} says `-- migrate:up`", paths[0]),
                }));
            }
        }
        awaiting(
            view,
            &folders(view, config, &[self.default_folder()]),
            None,
            || {
                let called = mentions::find(view.tree, mentions::CALLERS, "dbmate")?;
                Ok(called.map(|mention| format!("{mention} names dbmate")))
            },
        )
    }

    fn default_folder(&self) -> &'static str {
        "db/migrations"
    }

    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        config: &HostConfig,
        _: Reads,
    ) -> Result<MigrationSet, TreeError> {
        let mut diagnostics = Vec::new();
        let mut ignored = Vec::new();
        let mut found: Vec<(&str, &str)> = Vec::new();
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        let files = tree.files(folder)?;
        for file in files.iter() {
            let Some(version) = version_of(file) else {
                if is_sql(file) {
                    let reason = "its name does not start with a number";
                    ignored.push((join(folder, file), reason));
                }
                continue;
            };
            if let Some(other) = known.insert(version, file) {
                let (other, path) = (join(folder, other), join(folder, file));
                diagnostics.push(
                    Diagnostic::error(
                        "duplicate-version",
                        format!("`{other}` and `{path}` have the same version"),
                    )
                    .note("dbmate would take the second as applied once the first is")
                    .hint("give the one that was never applied a new number"),
                );
            }
            found.push((file, version));
        }
        let migrations = read_migrations(&found, &mut diagnostics, |reader, (file, version)| {
            read_file(tree, reader, folder, file, version)
        })?;
        let is_strict = matches!(config.option("strict"), Some("true" | "1" | "t" | "T"));
        Ok(MigrationSet {
            format: self.name(),
            policy: Policy {
                late: if is_strict { Late::Refuse } else { Late::Run },
                missing: Missing::Note,
                ..Policy::STRICT
            },
            folder: folder.to_owned(),
            migrations: shared(migrations),
            ignored,
            diagnostics,
        })
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        Some(OrderKey::Text(version.to_owned()))
    }

    fn history(&self) -> &'static dyn History {
        &DbmateHistory
    }

    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        let file = NewFile {
            path: join(&set.folder, &format!("{timestamp}_{}.sql", slug(name))),
            content: "-- migrate:up\n\n\n-- migrate:down\n\n".to_owned(),
            is_added: false,
        };
        (timestamp.to_owned(), vec![file])
    }

    fn switch_back_warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        SENDING.warnings(plan, product)
    }

    fn own_text(
        &self,
        tree: &dyn Tree,
        script: &Script,
        direction: Direction,
    ) -> Result<Vec<Span>, TreeError> {
        convert::without_marks(tree, script, direction, |line| blocks::mark(line).is_some())
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        let mark = |direction: &str, script: Option<&PortableScript>| {
            let is_without = script.is_some_and(|script| script.is_without_transaction);
            let option = if is_without { " transaction:false" } else { "" };
            TextPiece::Words(format!("-- migrate:{direction}{option}\n"))
        };
        let down = migration.down.as_ref();
        let mut pieces = vec![mark("up", Some(&migration.up))];
        pieces.extend(migration.up.text());
        pieces.push(TextPiece::Words("\n".to_owned()));
        // It wants one in each file.
        pieces.push(mark("down", down));
        pieces.extend(down.map(PortableScript::text).unwrap_or_default());
        let name = format!("{}_{}.sql", migration.version, migration.name);
        vec![RenderedFile::new(join(into.folder, &name), pieces)]
    }
}

/// `^(\d+).*\.sql$`: the leading digits, as text.
fn version_of(file: &str) -> Option<&str> {
    let stem = file.strip_suffix(".sql")?;
    let digits = stem
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(stem.len());
    (digits > 0).then(|| &stem[..digits])
}

fn has_mark(tree: &dyn Tree, path: &str) -> Result<bool, TreeError> {
    let mut has_mark = false;
    each_line(path, buffered(tree.open(path)?.take(LOOKED_INTO)), |head| {
        has_mark |= blocks::mark(&head.text).is_some();
    })?;
    Ok(has_mark)
}

type ReadFile = Result<(Option<Migration>, Vec<Diagnostic>), TreeError>;

fn read_file(
    tree: &dyn Tree,
    reader: &mut ScriptReader,
    folder: &str,
    file: &str,
    version: &str,
) -> ReadFile {
    let mut diagnostics = Vec::new();
    let path = join(folder, file);
    let Some(pair) = blocks::read(tree, reader, &path, &mut diagnostics)? else {
        return Ok((None, diagnostics));
    };
    let mut script = |block| script_of(tree, reader, &path, block, &mut diagnostics);
    let (up, down) = (script(&pair.up)?, script(&pair.down)?);
    let rest = &file[version.len()..file.len() - ".sql".len()];
    let migration = Migration {
        version: Version::new(version),
        name: rest.trim_start_matches(['_', '-']).to_owned(),
        // By the names of the files, byte by byte: `10_x` before `9_x`, as the tool has it.
        order: OrderKey::Text(file.to_owned()),
        kind: Kind::Versioned,
        up,
        down: Some(down),
        checksums: Vec::new(),
        attributes: Attributes::new(),
        program: None,
        terms: Terms {
            refused: pair.refused,
            ..Terms::default()
        },
    };
    Ok((Some(migration), diagnostics))
}

fn script_of(
    tree: &dyn Tree,
    reader: &mut ScriptReader,
    path: &str,
    block: &Block,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Script, TreeError> {
    let mut script =
        reader.read_part(tree, path, Some(block.part), &mut NoChecksum, diagnostics)?;
    if block.is_without_transaction {
        directive::without_transaction(&mut script, "transaction:false", diagnostics);
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    #[test]
    fn order_is_that_of_the_names_and_versions_are_text() {
        let text = "-- migrate:up\nSELECT 1;\n-- migrate:down\n";
        let tree = MemoryTree::new(&[
            ("db/migrations/9_b.sql", text),
            ("db/migrations/10_a.sql", text),
            ("db/migrations/0009_c.sql", text),
            ("db/migrations/notes.sql", ""),
            ("db/migrations/README.md", ""),
        ]);
        let set = Dbmate
            .read(&tree, "db/migrations", &HostConfig::default())
            .unwrap();
        assert_eq!(set.diagnostics, []);
        let mut in_order = set.migrations.clone();
        in_order.sort_by(|left, right| left.order.cmp(&right.order));
        let versions: Vec<&str> = in_order
            .iter()
            .map(|migration| migration.version.as_str())
            .collect();
        assert_eq!(versions, ["0009", "10", "9"]);
        assert_eq!(set.ignored.len(), 1);
    }

    #[test]
    fn marks_give_it_away_and_numbers_alone_do_not() {
        let none = |_: &str| None;
        let detect = |text: &str| {
            let tree = MemoryTree::new(&[("db/migrations/1_a.sql", text)]);
            let view = View {
                tree: &tree,
                folder: None,
                variables: &none,
                variable_names: &[],
            };
            Dbmate.detect(view, &HostConfig::default()).unwrap()
        };
        let found = detect("-- migrate:up\n").unwrap();
        assert_eq!(found.strength, Strength::Content);
        assert_eq!(found.folder, "db/migrations");
        assert_eq!(detect("SELECT 1;\n"), None);
    }
}
