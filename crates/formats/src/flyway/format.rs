//! What Flyway has to say about files.

use super::history::{FlywayHistory, baseline_entry};
use super::read_files::{self, attribute};
use super::settings::Settings;
use super::{configure, detect, names, sending, version};
use crate::callback::Callback;
use crate::convert::{Portable, PortableScript, RenderInto, RenderedFile, TextPiece};
use crate::detection::Detection;
use crate::format::{DefaultTarget, FirstRun, Format, HistoryPlace, NewFile, View};
use crate::history::History;
use crate::host_config::HostConfig;
use crate::jdbc_driver::driver_setup;
use crate::numbered::{join, slug};
use crate::script::Reads;
use crate::session_schema::enter_schema;
use shoring_core::{
    Diagnostic, Kind, Migration, MigrationPlan, MigrationSet, OrderKey, Product, TableName, Tree,
    TreeError,
};

/// Flyway.
#[derive(Debug, Clone, Copy)]
pub struct Flyway;

impl Format for Flyway {
    fn name(&self) -> &'static str {
        "flyway"
    }

    fn title(&self) -> &'static str {
        "Flyway project"
    }

    fn configure(&self, view: View<'_>) -> Result<HostConfig, TreeError> {
        configure::configure(view)
    }

    fn detect(&self, view: View<'_>, config: &HostConfig) -> Result<Option<Detection>, TreeError> {
        detect::detect(view, config)
    }

    fn default_folder(&self) -> &'static str {
        "db/migration"
    }

    fn read_some(
        &self,
        tree: &dyn Tree,
        folder: &str,
        config: &HostConfig,
        reads: Reads,
    ) -> Result<MigrationSet, TreeError> {
        read_files::read(tree, folder, config, reads)
    }

    fn order_of(&self, text: &str) -> Option<OrderKey> {
        if let Some((_, order)) = version::parse(text) {
            return Some(order);
        }
        // Callbacks stand in the journal too, under names of their own.
        let name = text.strip_prefix("R__")?;
        Some(OrderKey::Last(names::description(name)))
    }

    fn history(&self) -> &'static dyn History {
        &FlywayHistory
    }

    fn history_table(
        &self,
        config: &HostConfig,
        _: &dyn Fn(&str) -> Option<String>,
    ) -> Option<HistoryPlace> {
        let settings = Settings::of(config);
        let schema = settings.schemas.first().cloned();
        Some(HistoryPlace::new(schema, settings.table))
    }

    fn schema_setting(&self, table: &TableName) -> String {
        format!(
            "set it for Flyway:  defaultSchema={}",
            table.schema.as_deref().unwrap_or_default()
        )
    }

    fn wants_facts(&self, config: &HostConfig) -> bool {
        Settings::of(config).replaces_placeholders
    }

    fn session_setup(
        &self,
        config: &HostConfig,
        product: Product,
        scheme: Option<&str>,
    ) -> Vec<String> {
        let settings = Settings::of(config);
        let mut setup: Vec<String> = driver_setup(config, product, scheme).into_iter().collect();
        let statements = settings
            .init_sql
            .iter()
            .flat_map(|sql| {
                shoring_sql::split_str(sql, shoring_sql::SplitOptions::for_product(product))
            })
            .flatten()
            .map(|piece| piece.sql().to_owned())
            .filter(|sql| !sql.is_empty());
        setup.extend(statements);
        if let Some(schema) = settings.schemas.first() {
            setup.extend(enter_schema(schema, product));
        }
        setup
    }

    fn default_target(&self, config: &HostConfig) -> DefaultTarget {
        match Settings::of(config)
            .target
            .as_deref()
            .map(|text| text.trim_end_matches('?'))
        {
            None | Some("latest") => DefaultTarget::All,
            Some("current") => DefaultTarget::Steps(0),
            Some("next") => DefaultTarget::Steps(1),
            Some(text) => DefaultTarget::Version(text.to_owned()),
        }
    }

    fn first_run(&self, config: &HostConfig) -> FirstRun {
        let settings = Settings::of(config);
        if !settings.baselines_on_migrate {
            return FirstRun::EmptyOnly;
        }
        match baseline_entry(&settings.baseline_version, &settings.baseline_description) {
            Some(row) => FirstRun::Baseline(Box::new(row)),
            None => FirstRun::EmptyOnly,
        }
    }

    fn schemas(&self, config: &HostConfig) -> Vec<String> {
        Settings::of(config).schemas
    }

    fn makes_schemas(&self, config: &HostConfig) -> bool {
        Settings::of(config).makes_schemas
    }

    fn callbacks(
        &self,
        tree: &dyn Tree,
        folder: &str,
        config: &HostConfig,
    ) -> Result<Vec<Callback>, TreeError> {
        read_files::read_callbacks(tree, folder, config)
    }

    /// As teams do it: one more than the last, or the time when the last one is a time.
    fn new_files(&self, set: &MigrationSet, name: &str, timestamp: &str) -> (String, Vec<NewFile>) {
        let last = set
            .migrations
            .iter()
            .map(AsRef::as_ref)
            .rfind(|migration: &&Migration| migration.kind == Kind::Versioned);
        let version = next_version(last, timestamp);
        // Prefix, separator and suffix of a configured project are those of its files.
        let (prefix, separator, suffix) = last.map_or(("V", "__", ".sql"), spelling);
        let folder = last
            .filter(|last| attribute_of(last, attribute::TYPE) == "SQL")
            .and_then(|last| last.up.path.rsplit_once('/'))
            .map_or(set.folder.as_str(), |(folder, _)| folder);
        let file = NewFile {
            path: join(
                folder,
                &format!("{prefix}{version}{separator}{}{suffix}", slug(name)),
            ),
            content: String::new(),
            is_added: false,
        };
        (version.replace('_', "."), vec![file])
    }

    fn reads_folders_below(&self) -> bool {
        true
    }

    fn way_back(&self, migration: &Migration) -> String {
        let path = &migration.up.path;
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let rest = file.strip_prefix('V').unwrap_or(file);
        format!("write {}", join(folder, &format!("U{rest}")))
    }

    fn switch_back_warnings(&self, plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
        sending::warnings(plan, product)
    }

    fn render(&self, into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
        let settings = Settings::of(into.config);
        let suffix = settings.suffixes.first().map_or(".sql", String::as_str);
        let mut files = Vec::new();
        let mut add = |prefix: &str, version: &str, script: &PortableScript| {
            let name = format!(
                "{prefix}{version}{}{}{suffix}",
                settings.separator, migration.name
            );
            let path = join(into.folder, &name);
            if script.is_without_transaction {
                let words = "executeInTransaction=false\n".to_owned();
                let pieces = vec![TextPiece::Words(words)];
                files.push(RenderedFile::new(format!("{path}.conf"), pieces));
            }
            files.push(RenderedFile::new(path, script.text()));
        };
        match migration.kind {
            Kind::Repeatable => add(&settings.repeatable_prefix, "", &migration.up),
            Kind::Versioned | Kind::Unordered | Kind::Baseline => {
                add(
                    &settings.versioned_prefix,
                    &migration.version,
                    &migration.up,
                );
            }
        }
        if let Some(down) = &migration.down {
            add(&settings.undo_prefix, &migration.version, down);
        }
        files
    }

    fn can_render(&self, kind: Kind) -> bool {
        kind != Kind::Baseline
    }

    fn accepts_version(&self, version: &str) -> bool {
        version::parse(version).is_some()
    }
}

fn attribute_of<'m>(migration: &'m Migration, name: &str) -> &'m str {
    migration.attributes.get(name).map_or("", String::as_str)
}

/// The version after the last one, in its spelling.
fn next_version(last: Option<&Migration>, timestamp: &str) -> String {
    let Some(last) = last else {
        return "1".to_owned();
    };
    // As the file spells it, `1_2` as well as `1.2`.
    let (_, file) = last.up.path.rsplit_once('/').unwrap_or(("", &last.up.path));
    let written = last.version.as_str();
    let separator = if written.contains('.') && !file.contains(written) {
        "_"
    } else {
        "."
    };
    let numbers: Vec<&str> = written.split('.').collect();
    let (end, front) = numbers
        .split_last()
        .map_or(("0", &[][..]), |(end, front)| (*end, front));
    let next = if front.is_empty() && end.len() >= 12 {
        // A clock that stands behind the last file must not put the new one before it.
        let cut = timestamp.get(..end.len()).unwrap_or(timestamp);
        let now = cut.parse::<u128>().unwrap_or(0);
        now.max(end.parse::<u128>().unwrap_or(0) + 1).to_string()
    } else {
        let width = end.len();
        format!("{:0width$}", end.parse::<u128>().unwrap_or(0) + 1)
    };
    let mut parts: Vec<&str> = front.to_vec();
    parts.push(&next);
    parts.join(separator)
}

/// Prefix, separator and suffix of a file.
fn spelling(migration: &Migration) -> (&str, &str, &str) {
    let path = migration.up.path.as_str();
    let file = path.rsplit('/').next().unwrap_or(path);
    let digits = file.find(|c: char| c.is_ascii_digit()).unwrap_or(1);
    let suffix = file.rfind('.').map_or(".sql", |at| &file[at..]);
    let after_version = &file[digits..];
    let end = after_version
        .find(migration.name.as_str())
        .filter(|_| !migration.name.is_empty());
    let version = after_version
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(0);
    // Between version and name stands the separator; the version may have single underscores.
    let separator = end
        .and_then(|end| after_version.get(version..end))
        .map_or("__", |between| {
            if between.ends_with("__") {
                "__"
            } else {
                between
            }
        });
    (&file[..digits], separator, suffix)
}
