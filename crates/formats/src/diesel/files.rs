//! Recognises and reads the folders.

use super::history::DieselHistory;
use super::sending;
use crate::convert::{Portable, RenderInto, RenderedFile, TextPiece};
use crate::detection::{Detection, Strength, awaiting, folders, folders_that_hold};
use crate::directive;
use crate::format::{Format, NewFile, View};
use crate::history::History;
use crate::host_config::{HostConfig, HostSetting};
use crate::numbered::{is_sql, join, plain_folder, slug};
use crate::script::{Reads, ScriptReader, read_each};
use crate::toml_file::{TomlFile, UnknownKeys};
use shoring_core::{
    Attributes, Diagnostic, Kind, Late, Migration, MigrationPlan, MigrationSet, Missing, OrderKey,
    Policy, Product, Tree, TreeError, Version, if_there, shared,
};
use std::collections::BTreeMap;

/// diesel.
#[derive(Debug, Clone, Copy)]
pub struct Diesel;

/// The sections of its configuration.
const SECTIONS: &[&str] = &["print_schema", "migrations_directory"];

const UP: &str = "up.sql";
const DOWN: &str = "down.sql";
const METADATA: &str = "metadata.toml";
const CONFIG: &str = "diesel.toml";

/// The option that is there when the configuration file is.
const HAS_CONFIG: &str = "diesel.toml";

const POLICY: Policy = Policy {
    late: Late::Run,
    missing: Missing::Note,
    ..Policy::STRICT
};

impl Format for Diesel {
    fn name(&self) -> &'static str {
        "diesel"
    }

    fn title(&self) -> &'static str {
        "diesel project"
    }

    /// The variable `MIGRATION_DIRECTORY`, else `diesel.toml`, which another variable may name.
    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        let mut config = HostConfig::default();
        config
            .folders
            .extend((view.variables)("MIGRATION_DIRECTORY"));
        let named = (view.variables)("DIESEL_CONFIG_FILE")
            .map(|setting| setting.value.trim_start_matches("./").to_owned())
            .filter(|path| !path.starts_with('/'));
        let path = named.unwrap_or_else(|| CONFIG.to_owned());
        if let Some(file) = TomlFile::read(view.tree, &path, &mut config.diagnostics)? {
            let unknown = file.unknown(&path, "", SECTIONS, UnknownKeys::Refused("diesel"));
            config.diagnostics.extend(unknown);
            config.folders.extend(file.get("migrations_directory.dir"));
            let found = HostSetting {
                value: path.clone(),
                origin: path,
            };
            config.options.insert(HAS_CONFIG, found);
        }
        // Newer `diesel setup` writes the whole path of the machine it ran on: only one below the root means anything here.
        config
            .folders
            .retain(|folder| !folder.value.starts_with('/'));
        Ok(config)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        for folder in folders(view, config, &[self.default_folder()]) {
            let Some(what) = folders_that_hold(view.tree, folder, UP)? else {
                continue;
            };
            let (strength, evidence) = match config.option(HAS_CONFIG) {
                Some(path) => (
                    Strength::Configuration,
                    format!("{what}, and there is {path}"),
                ),
                None => (Strength::Content, what),
            };
            return Ok(Some(Detection {
                folder: folder.to_owned(),
                strength,
                evidence,
            }));
        }
        awaiting(
            view,
            &folders(view, config, &[self.default_folder()]),
            config
                .option(HAS_CONFIG)
                .map(|path| format!("there is {path}")),
            || Ok(None),
        )
    }

    fn default_folder(&self) -> &'static str {
        "migrations"
    }

    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        _: &HostConfig,
        reads: Reads,
    ) -> Result<MigrationSet, TreeError> {
        read_some(tree, folder, reads)
    }

    fn order_of(&self, version: &str) -> Option<OrderKey> {
        Some(OrderKey::Text(version.to_owned()))
    }

    fn history(&self) -> &'static dyn History {
        &DieselHistory
    }

    /// As `diesel migration generate`.
    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        let stamp = match (timestamp.get(..8), timestamp.get(8..)) {
            (Some(date), Some(time)) => {
                format!("{}-{}-{}-{time}-0000", &date[..4], &date[4..6], &date[6..])
            }
            _ => timestamp.to_owned(),
        };
        let folder = join(&set.folder, &format!("{stamp}_{}", slug(name)));
        let file = |file: &str, content: &str| NewFile {
            path: join(&folder, file),
            content: content.to_owned(),
            is_added: false,
        };
        let files = vec![
            file(UP, "-- Your SQL goes here\n"),
            file(DOWN, "-- This file should undo anything in `up.sql`\n"),
        ];
        (version_of(&stamp), files)
    }

    fn way_back(&self, migration: &Migration) -> String {
        let folder = migration.up.path.trim_end_matches(UP);
        format!("write {folder}{DOWN}")
    }

    fn switch_back_warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        sending::warnings(plan, product)
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        let name = format!("{}_{}", migration.version, migration.name);
        let folder = join(into.folder, &name);
        let file =
            |name: &str, pieces: Vec<TextPiece>| RenderedFile::new(join(&folder, name), pieces);
        let mut files = vec![file(UP, migration.up.text())];
        files.extend(migration.down.as_ref().map(|down| file(DOWN, down.text())));
        // It is said once, for both ways.
        let scripts = [Some(&migration.up), migration.down.as_ref()];
        if scripts
            .into_iter()
            .flatten()
            .any(|script| script.is_without_transaction)
        {
            let words = "run_in_transaction = false\n".to_owned();
            files.push(file(METADATA, vec![TextPiece::Words(words)]));
        }
        files
    }
}

/// The text before the first `_`, without `-`.
fn version_of(name: &str) -> String {
    let (version, _) = name.split_once('_').unwrap_or((name, ""));
    version.replace('-', "")
}

fn read_some(tree: &dyn Tree, folder: &str, reads: Reads) -> Result<MigrationSet, TreeError> {
    let folder = plain_folder(folder);
    let names = tree.folders(folder)?;
    let names: Vec<&String> = names.iter().filter(|name| !name.starts_with('.')).collect();
    let mut migrations: Vec<Migration> = Vec::with_capacity(names.len());
    let mut diagnostics = Vec::new();
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    let each = read_each(&names, |reader, name| {
        read_folder(tree, reader, (folder, name), reads)
    });
    for (name, read) in names.iter().zip(each) {
        let (migration, found) = read?;
        diagnostics.extend(found);
        let Some(migration) = migration else { continue };
        let version = migration.version.as_str().to_owned();
        if let Some(other) = known.insert(version, name) {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-version",
                    format!(
                        "`{}` and `{}` have the same version",
                        join(folder, other),
                        join(folder, name)
                    ),
                )
                .note("diesel would run one of them and never the other")
                .hint("give the one that was never applied a new version"),
            );
        }
        migrations.push(migration);
    }
    let ignored = tree
        .files(folder)?
        .iter()
        .filter(|file| is_sql(file))
        .map(|file| {
            (
                join(folder, file),
                "diesel reads NAME/up.sql and NAME/down.sql and no other file",
            )
        })
        .collect();
    Ok(MigrationSet {
        format: Diesel.name(),
        policy: POLICY,
        folder: folder.to_owned(),
        migrations: shared(migrations),
        ignored,
        diagnostics,
    })
}

type Read = Result<(Option<Migration>, Vec<Diagnostic>), TreeError>;

fn read_folder(
    tree: &dyn Tree,
    reader: &mut ScriptReader,
    (folder, name): (&str, &str),
    reads: Reads,
) -> Read {
    let mut diagnostics = Vec::new();
    let inside = join(folder, name);
    let path = join(&inside, UP);
    let Some(mut up) = if_there(reader.read(tree, &path, &mut diagnostics))? else {
        if !tree.files(&inside)?.is_empty() {
            diagnostics.push(
                Diagnostic::error("no-script", format!("`{inside}` has no {UP}"))
                    .note("diesel stops here too")
                    .hint("bring the file back, or remove the folder"),
            );
        }
        return Ok((None, diagnostics));
    };
    let down = join(&inside, DOWN);
    let mut down = if tree.has_file(&down) {
        Some(reader.read_way_back(tree, &down, reads, &mut diagnostics)?)
    } else {
        None
    };
    let metadata = TomlFile::read(tree, &join(&inside, METADATA), &mut diagnostics)?;
    if let Some(metadata) = metadata {
        let runs_in_transaction = metadata.get("run_in_transaction");
        // A file that does not say so says no.
        if runs_in_transaction.is_none_or(|setting| setting.value != "true") {
            for script in [Some(&mut up), down.as_mut()].into_iter().flatten() {
                directive::without_transaction(
                    script,
                    "run_in_transaction = false",
                    &mut diagnostics,
                );
            }
        }
    }
    diagnostics.extend(down.as_ref().and_then(directive::refuse_compatible_with));
    let version = version_of(name);
    let (_, words) = name.split_once('_').unwrap_or((name, ""));
    let order = OrderKey::Text(version.clone());
    diagnostics.extend(directive::refuse_later_version(&up, &order));
    let migration = Migration {
        version: Version::new(version),
        name: words.to_owned(),
        order,
        kind: Kind::Versioned,
        up,
        down,
        checksums: Vec::new(),
        attributes: Attributes::new(),
        program: None,
        terms: shoring_core::Terms::default(),
    };
    Ok((Some(migration), diagnostics))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;
    use shoring_core::TransactionMode;

    #[test]
    fn folders_are_migrations_in_the_order_of_their_versions() {
        let tree = MemoryTree::new(&[
            ("m/2020-01-02-030405_bar/up.sql", "SELECT 1;"),
            ("m/2020-01-02-030405_bar/down.sql", "SELECT 1;"),
            ("m/2026-11-21-014621-0000_foo/up.sql", "SELECT 1;"),
            ("m/00000000000000_diesel_initial_setup/up.sql", ""),
            ("m/2027_odd/notes.md", ""),
            ("m/.keep/up.sql", ""),
            ("m/one.sql", ""),
        ]);
        let set = Diesel.read(&tree, "m", &HostConfig::default()).unwrap();
        let mut ids: Vec<(OrderKey, String)> = set
            .migrations
            .iter()
            .map(|migration| (migration.order.clone(), migration.id()))
            .collect();
        ids.sort();
        let ids: Vec<String> = ids.into_iter().map(|(_, id)| id).collect();
        assert_eq!(
            ids,
            [
                "00000000000000_diesel_initial_setup",
                "20200102030405_bar",
                "202611210146210000_foo"
            ]
        );
        assert_eq!(
            set.diagnostics
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            ["`m/2027_odd` has no up.sql"]
        );
        assert_eq!(set.ignored.len(), 1);
        assert_eq!(
            Diesel.way_back(&set.migrations[2]),
            "write m/2026-11-21-014621-0000_foo/down.sql"
        );
    }

    #[test]
    fn metadata_decides_about_the_transaction() {
        for (metadata, expected) in [
            ("run_in_transaction = false\n", TransactionMode::None),
            ("run_in_transaction = true\n", TransactionMode::Auto),
            ("", TransactionMode::None),
        ] {
            let tree = MemoryTree::new(&[
                ("m/1_a/up.sql", "SELECT 1;"),
                ("m/1_a/metadata.toml", metadata),
            ]);
            let set = Diesel.read(&tree, "m", &HostConfig::default()).unwrap();
            let mode = set.migrations[0].up.directives.transaction;
            assert_eq!(mode, expected, "{metadata}");
        }
    }

    #[test]
    fn two_folders_of_one_version_are_an_error() {
        let tree = MemoryTree::new(&[("m/2020-01_a/up.sql", ""), ("m/202001_b/up.sql", "")]);
        let set = Diesel.read(&tree, "m", &HostConfig::default()).unwrap();
        assert_eq!(
            set.diagnostics[0].to_string(),
            "`m/2020-01_a` and `m/202001_b` have the same version"
        );
    }

    #[test]
    fn the_configuration_names_the_folder() {
        let none = |_: &str| None;
        for (config, folder, strength) in [
            (None, "migrations", Strength::Content),
            (Some(""), "migrations", Strength::Configuration),
            (
                Some("[migrations_directory]\ndir = \"db/moves\"\n"),
                "db/moves",
                Strength::Configuration,
            ),
            (
                Some("[migrations_directory]\ndir = \"/home/me/app/migrations\"\n"),
                "migrations",
                Strength::Configuration,
            ),
        ] {
            let mut files = vec![("migrations/1_a/up.sql", ""), ("db/moves/1_a/up.sql", "")];
            files.extend(config.map(|text| ("diesel.toml", text)));
            let tree = MemoryTree::new(&files);
            let view = View {
                tree: &tree,
                folder: None,
                variables: &none,
                variable_names: &[],
            };
            let config = Diesel.configure(view).unwrap();
            let found = Diesel.detect(view, &config).unwrap().unwrap();
            assert_eq!((found.folder.as_str(), found.strength), (folder, strength));
        }
    }

    #[test]
    fn a_new_migration_is_named_as_by_diesel() {
        let tree = MemoryTree::new(&[]);
        let set = Diesel
            .read(&tree, "migrations", &HostConfig::default())
            .unwrap();
        let (version, files) = Diesel.new_files(&set, "Add mail", "20261121014621");
        assert_eq!(version, "202611210146210000");
        assert_eq!(
            files[0].path,
            "migrations/2026-11-21-014621-0000_add_mail/up.sql"
        );
        assert_eq!(
            files[1].path,
            "migrations/2026-11-21-014621-0000_add_mail/down.sql"
        );
    }
}
