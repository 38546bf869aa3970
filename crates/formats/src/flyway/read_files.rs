//! Reads the scripts of all locations.

use super::callbacks::{self, Event};
use super::checksum::Crc;
use super::configure::{SOURCE, VARIABLE};
use super::detect;
use super::locations::{self, LocatedFile, Location};
use super::names;
use super::patterns;
use super::rows::{self, fitting_description, fitting_script};
use super::script_config::{self, ScriptConfig};
use super::settings::Settings;
use super::sort_files::{Found, Sorted, Sorter};
use crate::callback::{Callback, CallbackEvent};
use crate::checksum::FileChecksum;
use crate::directive;
use crate::host_config::HostConfig;
use crate::script::{Reads, ScriptReader, read_each};
use shoring_core::{
    Attributes, Checksum, Diagnostic, Kind, Migration, MigrationSet, OrderKey, PlaceholderSyntax,
    Placeholders, Script, TransactionMode, Tree, TreeError, Version, WithoutValue, shared,
};
use shoring_sql::Expander;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Attributes of a migration, beside those of its row.
pub(super) mod attribute {
    pub(in super::super) use super::rows::attribute::{DESCRIPTION, INSTALLED_BY, SCRIPT, TYPE};
    /// The project lets statements that belong into a transaction stand beside others.
    pub(in super::super) const MIXED: &str = "mixed";
    /// The tool of this project holds its lock with the session, not in a transaction.
    pub(in super::super) const SESSION_LOCK: &str = "session_lock";
}

/// What the scripts of a project have in common.
struct Reading<'a> {
    tree: &'a dyn Tree,
    settings: &'a Settings,
    values: Arc<BTreeMap<String, String>>,
    /// The files that say how a script runs.
    confs: BTreeSet<String>,
    reads: Reads,
}

/// Reads the migrations.
pub(super) fn read(
    tree: &dyn Tree,
    folder: &str,
    config: &HostConfig,
    reads: Reads,
) -> Result<MigrationSet, TreeError> {
    let settings = Settings::of(config);
    let mut diagnostics = Vec::new();
    let places = places(tree, folder, &settings, config, &mut diagnostics)?;
    let mut sorter = Sorter::new(&settings, diagnostics);
    let mut seen = BTreeSet::new();
    for place in &places {
        for file in place.files(tree)? {
            // Locations may lie in each other.
            if seen.insert(file.path.clone()) {
                sorter.sort(file);
            }
        }
    }
    for place in &places {
        for java in place.java(tree)? {
            for file in java.files(tree)? {
                if seen.insert(file.path.clone()) {
                    sorter.sort_program(file, place);
                }
            }
        }
    }
    let Sorted {
        found,
        confs,
        ignored,
        mut diagnostics,
    } = sorter.finish();
    let reading = Reading {
        tree,
        settings: &settings,
        values: Arc::new(values(&settings, config)),
        confs,
        reads,
    };
    let mut migrations = Vec::with_capacity(found.len());
    for read in read_each(&found, |reader, found| reading.migration(reader, found)) {
        let (migration, wrong) = read?;
        migrations.push(migration);
        diagnostics.extend(wrong);
    }
    // The folder of another database may have been found before it was known which one this is.
    let folder = match places.first() {
        Some(first) if places.iter().all(|place| place.folder != folder) => &first.folder,
        _ => folder,
    };
    Ok(MigrationSet {
        format: "flyway",
        policy: patterns::policy(&settings),
        folder: folder.to_owned(),
        migrations: shared(migrations),
        ignored,
        diagnostics,
    })
}

/// Reads the callbacks, in the order in which those of one event run.
pub(super) fn read_callbacks(
    tree: &dyn Tree,
    folder: &str,
    config: &HostConfig,
) -> Result<Vec<Callback>, TreeError> {
    let settings = Settings::of(config);
    let mut callbacks = Vec::new();
    if settings.skips_callbacks {
        return Ok(callbacks);
    }
    let mut places = places(tree, folder, &settings, config, &mut Vec::new())?;
    for text in &settings.callback_locations {
        if let Ok(place) = locations::resolve(tree, text, None)? {
            places.push(place);
        }
    }
    let mut files: Vec<(CallbackEvent, LocatedFile)> = Vec::new();
    let mut confs = BTreeSet::new();
    for place in places {
        // Nearly all files are migrations.
        let may_count =
            |name: &str| name.ends_with(".conf") || callbacks::event_of(name, &settings).is_some();
        for file in place.files_named(tree, &may_count)? {
            if file.name().ends_with(".conf") {
                confs.insert(file.path);
            } else if let Some(Event::Run(event)) = callbacks::event_of(file.name(), &settings)
                && files.iter().all(|(_, known)| known.path != file.path)
            {
                files.push((event, file));
            }
        }
    }
    let reading = Reading {
        tree,
        settings: &settings,
        values: Arc::new(values(&settings, config)),
        confs,
        reads: Reads::All,
    };
    files.sort_by(|(one, left), (other, right)| (one, left.name()).cmp(&(other, right.name())));
    let mut reader = ScriptReader::default();
    for (event, file) in files {
        let stem = names::stem(file.name(), &settings)
            .unwrap_or_default()
            .to_owned();
        let found = Found {
            kind: Kind::Repeatable,
            order: OrderKey::Last(format!("{event:?} {stem}")),
            version: stem,
            name: String::new(),
            file,
            undo: None,
            is_program: false,
        };
        let (migration, _) = reading.migration(&mut reader, &found)?;
        callbacks.push(Callback {
            event,
            migration: Arc::new(migration),
        });
    }
    Ok(callbacks)
}

/// The configured locations, or the one folder that was named instead.
fn places(
    tree: &dyn Tree,
    folder: &str,
    settings: &Settings,
    config: &HostConfig,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<Location>, TreeError> {
    let mut wrong = Vec::new();
    let places = detect::places(tree, settings, config, &mut wrong)?;
    let is_configured = config.option(SOURCE).or(config.option(VARIABLE)).is_some();
    let is_one = places.iter().any(|place| place.folder == folder)
        || detect::is_of_any_vendor(tree, settings, folder)?;
    if is_configured && (is_one || places.is_empty()) {
        diagnostics.extend(wrong);
        return Ok(places);
    }
    Ok(vec![
        places
            .into_iter()
            .find(|place| place.folder == folder)
            .unwrap_or_else(|| locations::of_folder(folder)),
    ])
}

/// The values of placeholders that all scripts share.
fn values(settings: &Settings, config: &HostConfig) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> = config
        .values
        .iter()
        .map(|(name, setting)| (name.clone(), setting.value.clone()))
        .collect();
    let facts = &config.facts;
    let schema = settings.schemas.first().or(facts.schema.as_ref());
    for (name, value) in [
        ("defaultSchema", schema),
        ("database", facts.database.as_ref()),
        ("user", facts.user.as_ref()),
        ("timestamp", facts.now.as_ref()),
        ("workingDirectory", facts.root.as_ref()),
        ("table", Some(&settings.table)),
        ("environment", Some(&settings.environment)),
    ] {
        if let Some(value) = value {
            let name = format!("flyway{}{name}", settings.placeholder_separator);
            values.insert(name.to_lowercase(), value.clone());
        }
    }
    values
}

impl Reading<'_> {
    fn migration(
        &self,
        reader: &mut ScriptReader,
        found: &Found,
    ) -> Result<(Migration, Vec<Diagnostic>), TreeError> {
        let mut diagnostics = Vec::new();
        let mut crc = Crc::default();
        let up = self.script(
            reader,
            &found.file,
            found.is_program,
            &mut crc,
            &mut diagnostics,
        )?;
        let down = match &found.undo {
            None => None,
            Some(file) if self.reads == Reads::WhatApplies => Some(Script::unread(&*file.path)),
            Some(file) => {
                Some(self.script(reader, file, false, &mut Crc::default(), &mut diagnostics)?)
            }
        };
        diagnostics.extend(down.as_ref().and_then(directive::refuse_compatible_with));
        let mut checksums = if found.kind == Kind::Repeatable && !found.is_program {
            // As it is after the placeholders are replaced, and as it is written: the tool takes either.
            self.expanded_checksum(&up)?
        } else {
            Vec::new()
        };
        if !found.is_program {
            let written = crc.finish();
            checksums.extend(written);
            checksums.dedup();
        }
        let mut attributes = Attributes::from([
            (attribute::DESCRIPTION, fitting_description(&found.name)),
            (attribute::SCRIPT, fitting_script(&found.file.script)),
            (attribute::TYPE, type_name(found).to_owned()),
        ]);
        if let Some(name) = &self.settings.installed_by {
            attributes.insert(attribute::INSTALLED_BY, name.clone());
        }
        if self.settings.is_mixed {
            attributes.insert(attribute::MIXED, "true".to_owned());
        }
        if !self.settings.locks_in_transaction {
            attributes.insert(attribute::SESSION_LOCK, "true".to_owned());
        }
        let migration = Migration {
            version: Version::new(found.version.clone()),
            name: found.name.clone(),
            order: found.order.clone(),
            kind: found.kind,
            up,
            down,
            checksums,
            attributes,
            program: found
                .is_program
                .then(|| match found.file.path.rsplit('.').next() {
                    Some("kt") => "Kotlin",
                    _ => "Java",
                }),
            terms: shoring_core::Terms::default(),
        };
        Ok((migration, diagnostics))
    }

    fn script(
        &self,
        reader: &mut ScriptReader,
        file: &LocatedFile,
        is_program: bool,
        crc: &mut Crc,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Script, TreeError> {
        let mut found = Vec::new();
        let mut script = reader.read_part(self.tree, &file.path, None, crc, &mut found)?;
        if is_program {
            return Ok(script);
        }
        diagnostics.append(&mut found);
        let own = if self.confs.contains(&format!("{}.conf", file.path)) {
            script_config::read(self.tree, &file.path, diagnostics)?
        } else {
            ScriptConfig::default()
        };
        let is_in_transaction = own
            .executes_in_transaction
            .unwrap_or(self.settings.executes_in_transaction);
        if !is_in_transaction {
            if script.directives.transaction == TransactionMode::One {
                diagnostics.push(Diagnostic::error(
                    "bad-directive",
                    format!(
                        "`{}`: executeInTransaction=false and `-- shoring: one-transaction` contradict each other",
                        file.path
                    ),
                ));
            }
            script.directives.transaction = TransactionMode::None;
        }
        let replaces = own
            .replaces_placeholders
            .unwrap_or(self.settings.replaces_placeholders);
        if replaces {
            let name = format!("flyway{}filename", self.settings.placeholder_separator);
            script.placeholders = Some(Placeholders {
                syntax: PlaceholderSyntax::Between {
                    prefix: self.settings.placeholder_prefix.clone(),
                    suffix: self.settings.placeholder_suffix.clone(),
                },
                values: Arc::clone(&self.values),
                own: [(name.to_lowercase(), file.name().to_owned())].into(),
                without_value: WithoutValue::Refuse,
            });
        }
        Ok(script)
    }

    /// What the table says of a repeatable script: its text with placeholders replaced. One without a value stays as it is;
    /// a run says so.
    fn expanded_checksum(&self, script: &Script) -> Result<Vec<Checksum>, TreeError> {
        let Some(placeholders) = &script.placeholders else {
            return Ok(Vec::new());
        };
        let placeholders = Placeholders {
            without_value: WithoutValue::Keep,
            ..placeholders.clone()
        };
        let mut expander = Expander::new(self.tree.open(&script.path)?, placeholders);
        let mut crc = Crc::default();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = expander.read(&mut buffer).map_err(|error| TreeError::Io {
                path: script.path.clone(),
                source: std::io::Error::other(error.to_string()),
            })?;
            if count == 0 {
                return Ok(crc.finish());
            }
            crc.update(&buffer[..count]);
            while expander.let_go() {}
        }
    }
}

const fn type_name(found: &Found) -> &'static str {
    match (found.is_program, found.kind) {
        (true, Kind::Baseline) => "JDBC_BASELINE",
        (true, Kind::Versioned | Kind::Unordered | Kind::Repeatable) => "JDBC",
        (false, Kind::Baseline) => "SQL_BASELINE",
        (false, Kind::Versioned | Kind::Unordered | Kind::Repeatable) => "SQL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::View;
    use crate::memory_tree::MemoryTree;

    const FOLDER: &str = "src/main/resources/db/migration";

    fn read_all(files: &[(&str, &str)], conf: &str) -> MigrationSet {
        let mut all: Vec<(String, &str)> = files
            .iter()
            .map(|(path, text)| {
                let is_whole = path.starts_with("src/");
                let path = if is_whole {
                    (*path).to_owned()
                } else {
                    format!("{FOLDER}/{path}")
                };
                (path, *text)
            })
            .collect();
        all.push(("flyway.conf".to_owned(), conf));
        let all: Vec<(&str, &str)> = all
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        let tree = MemoryTree::new(&all);
        let view = View {
            tree: &tree,
            folder: None,
            variables: &|_| None,
            variable_names: &[],
        };
        let config = super::super::configure::configure(view).unwrap();
        assert_eq!(config.diagnostics, []);
        let detection = detect::detect(view, &config).unwrap().unwrap();
        read(&tree, &detection.folder, &config, Reads::All).unwrap()
    }

    fn told(set: &MigrationSet) -> Vec<String> {
        set.migrations
            .iter()
            .map(|migration| {
                let checksums: Vec<&str> =
                    migration.checksums.iter().map(Checksum::as_str).collect();
                format!(
                    "{} {} {} {} {}",
                    migration.id(),
                    migration.attributes[attribute::TYPE],
                    migration.attributes[attribute::SCRIPT],
                    if migration.down.is_some() {
                        "with undo"
                    } else {
                        "-"
                    },
                    checksums.join("|")
                )
            })
            .collect()
    }

    fn wrong(set: &MigrationSet) -> Vec<String> {
        set.diagnostics.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn files_are_read_from_all_folders_in_the_order_of_versions() {
        let set = read_all(
            &[
                ("V2__two.sql", "123456789"),
                ("V10__ten.sql", ""),
                ("deep/V1_1__one_one.sql", "1234\r\n56789"),
                ("U2__two.sql", "x"),
                ("U3__three.sql", "x"),
                ("B2__all.sql", ""),
                ("R__views.sql", "${v}"),
                ("R__b.sql", "x"),
                ("afterMigrate.sql", "x"),
                ("beforeClean.sql", "x"),
                ("V__x.sql", ""),
                ("notes.sql", ""),
                ("V2__two.sql.conf", "executeInTransaction=false"),
                ("src/main/java/db/migration/V4__Load.java", "class"),
                ("src/main/java/db/migration/Helper.java", "class"),
            ],
            "flyway.placeholders.v=123456789\n",
        );
        assert_eq!(
            wrong(&set),
            [
                "`src/main/resources/db/migration/V__x.sql` is not run: it has no version before its separator",
                "`src/main/resources/db/migration/beforeClean.sql` is not run: it belongs to a command that only Flyway has",
            ]
        );
        let mut ignored: Vec<&str> = set
            .ignored
            .iter()
            .map(|(path, _)| &path[FOLDER.len() + 1..])
            .collect();
        ignored.sort_unstable();
        assert_eq!(
            ignored,
            ["U3__three.sql", "V__x.sql", "beforeClean.sql", "notes.sql"]
        );
        assert_eq!(
            told(&set),
            [
                "1.1_one_one SQL deep/V1_1__one_one.sql - -873187034",
                "2_two SQL V2__two.sql with undo -873187034",
                "2_all SQL_BASELINE B2__all.sql - 0",
                "4_Load JDBC db.migration.V4__Load - ",
                "10_ten SQL V10__ten.sql - 0",
                "R__b SQL R__b.sql - -1931733373",
                "R__views SQL R__views.sql - -873187034|23180085",
            ]
        );
        let of = |version: &str| {
            set.migrations
                .iter()
                .find(|one| one.version.as_str() == version)
                .unwrap()
        };
        assert_eq!(of("2").up.directives.transaction, TransactionMode::None);
        assert_eq!(of("10").up.directives.transaction, TransactionMode::Auto);
        let placeholders = of("10").up.placeholders.clone().unwrap();
        assert_eq!(placeholders.value("flyway:filename"), Some("V10__ten.sql"));
        assert_eq!(
            placeholders.value("flyway:table"),
            Some("flyway_schema_history")
        );
        assert_eq!(placeholders.value("V"), Some("123456789"));
    }

    #[test]
    fn two_files_of_one_version_are_named() {
        let set = read_all(
            &[
                ("V1__a.sql", ""),
                ("sub/V1.0__b.sql", ""),
                ("R__a.sql", ""),
                ("sub/R__a.sql", ""),
                ("B1__x.sql", ""),
            ],
            "",
        );
        assert_eq!(
            wrong(&set),
            [
                format!("`{FOLDER}/R__a.sql` and `{FOLDER}/sub/R__a.sql` have the same version"),
                format!(
                    "`{FOLDER}/V1__a.sql` and `{FOLDER}/sub/V1.0__b.sql` have the same version"
                ),
            ]
        );
    }

    #[test]
    fn names_and_placeholders_are_what_is_configured() {
        let set = read_all(
            &[
                ("M-1--a_b.ddl", "x"),
                ("V2__c.sql", "x"),
                ("M-x--y.ddl", ""),
            ],
            "flyway.sqlMigrationPrefix=M-\nflyway.sqlMigrationSeparator=--\nflyway.sqlMigrationSuffixes=.ddl\nflyway.placeholderReplacement=false\nflyway.validateMigrationNaming=true\nflyway.installedBy=ci\nflyway.mixed=true\n",
        );
        assert_eq!(told(&set), ["1_a_b SQL M-1--a_b.ddl - -1931733373"]);
        assert_eq!(set.migrations[0].up.placeholders, None);
        assert_eq!(set.migrations[0].attributes[attribute::INSTALLED_BY], "ci");
        assert_eq!(
            set.diagnostics
                .iter()
                .filter(|one| one.code == "bad-name")
                .count(),
            1
        );
    }
}
