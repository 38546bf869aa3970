//! What each file is, by its name; two of one place are a mistake.

use super::callbacks::{self, Event};
use super::locations::{self, LocatedFile, Location};
use super::names::{self, Named, Role};
use super::rows::fitting_description;
use super::settings::Settings;
use super::version;
use shoring_core::{Diagnostic, Kind, OrderKey};
use std::collections::{BTreeMap, BTreeSet};

/// A script that was found.
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) version: String,
    pub(super) order: OrderKey,
    pub(super) name: String,
    pub(super) file: LocatedFile,
    pub(super) undo: Option<LocatedFile>,
    pub(super) is_program: bool,
}

/// Puts files where they belong by their names.
pub(super) struct Sorter<'s> {
    pub(super) settings: &'s Settings,
    /// By place and kind: a baseline and a versioned migration may have one version.
    found: BTreeMap<(OrderKey, bool), Found>,
    undo: BTreeMap<OrderKey, LocatedFile>,
    /// Files that may say how a script runs.
    confs: BTreeSet<String>,
    ignored: Vec<(String, &'static str)>,
    diagnostics: Vec<Diagnostic>,
}

/// What was found.
pub(super) struct Sorted {
    pub(super) found: Vec<Found>,
    pub(super) confs: BTreeSet<String>,
    pub(super) ignored: Vec<(String, &'static str)>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'s> Sorter<'s> {
    pub(super) fn new(settings: &'s Settings, diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            settings,
            found: BTreeMap::new(),
            undo: BTreeMap::new(),
            confs: BTreeSet::new(),
            ignored: Vec::new(),
            diagnostics,
        }
    }

    pub(super) fn sort(&mut self, file: LocatedFile) {
        if file.name().ends_with(".conf") {
            self.confs.insert(file.path);
            return;
        }
        if let Some(event) = callbacks::event_of(file.name(), self.settings) {
            if let Event::NotRun(reason) = event {
                self.diagnostics.push(Diagnostic::warning(
                    "callback-not-run",
                    format!("`{}` is not run: {reason}", file.path),
                ));
                self.ignored.push((file.path, reason));
            }
            return;
        }
        match names::parse(file.name(), self.settings) {
            None => {
                let is_sql = names::stem(file.name(), self.settings).is_some();
                if is_sql {
                    self.pass_over(file.path, "its name begins with no prefix of Flyway", false);
                } else if file.name().ends_with(".java") || file.name().ends_with(".kt") {
                    self.sort_program(file, &locations::of_folder(""));
                }
            }
            Some(Named::Wrong(reason)) => self.pass_over(file.path, reason, true),
            Some(Named::Repeatable { name }) => self.add(Found {
                kind: Kind::Repeatable,
                version: format!(
                    "{}{}{name}",
                    self.settings.repeatable_prefix, self.settings.separator
                ),
                order: OrderKey::Last(fitting_description(&name)),
                name,
                file,
                undo: None,
                is_program: false,
            }),
            Some(Named::Versioned {
                role: Role::Undo,
                order,
                ..
            }) => {
                if let Some(other) = self.undo.get(&order) {
                    let diagnostic = duplicate(&other.path, &file.path);
                    self.diagnostics.push(diagnostic);
                } else {
                    self.undo.insert(order, file);
                }
            }
            Some(Named::Versioned {
                role: role @ (Role::Apply | Role::Baseline),
                version,
                order,
                name,
            }) => self.add(Found {
                kind: if role == Role::Baseline {
                    Kind::Baseline
                } else {
                    Kind::Versioned
                },
                version,
                order,
                name,
                file,
                undo: None,
                is_program: false,
            }),
        }
    }

    /// A class that may be a migration: it has its place, and cannot be run.
    pub(super) fn sort_program(&mut self, file: LocatedFile, place: &Location) {
        let name = file.name().to_owned();
        let Some(stem) = name
            .strip_suffix(".java")
            .or_else(|| name.strip_suffix(".kt"))
        else {
            return;
        };
        let class = match &place.class_path {
            Some(package) if !package.is_empty() => format!("{}.{stem}", package.replace('/', ".")),
            Some(_) | None => stem.to_owned(),
        };
        // Classes have the names of the tool's defaults, whatever is configured for scripts.
        let Some((prefix, rest)) = stem.split_at_checked(1) else {
            return;
        };
        let Some((left, description)) = rest.split_once("__") else {
            return;
        };
        let file = LocatedFile {
            path: file.path,
            script: class,
        };
        let (kind, version, order) = match (prefix, version::parse(left)) {
            ("V", Some((version, order))) => (Kind::Versioned, version, order),
            ("B", Some((version, order))) => (Kind::Baseline, version, order),
            ("R", None) if left.is_empty() => (
                Kind::Repeatable,
                format!("R__{description}"),
                OrderKey::Last(fitting_description(description)),
            ),
            _ => return,
        };
        self.add(Found {
            kind,
            version,
            order,
            name: description.to_owned(),
            file,
            undo: None,
            is_program: true,
        });
    }

    fn add(&mut self, found: Found) {
        let key = (found.order.clone(), found.kind == Kind::Baseline);
        if let Some(other) = self.found.get(&key) {
            let diagnostic = duplicate(&other.file.path, &found.file.path);
            self.diagnostics.push(diagnostic);
        } else {
            self.found.insert(key, found);
        }
    }

    fn pass_over(&mut self, path: String, reason: &'static str, looks_meant: bool) {
        let message = format!("`{path}` is not run: {reason}");
        if self.settings.refuses_bad_names {
            self.diagnostics.push(
                Diagnostic::error("bad-name", message)
                    .hint("rename it, or take validateMigrationNaming out of the configuration"),
            );
        } else if looks_meant {
            self.diagnostics.push(
                Diagnostic::warning("ignored-file", message)
                    .hint("rename it, or move it out of the folder"),
            );
        }
        self.ignored.push((path, reason));
    }

    pub(super) fn finish(mut self) -> Sorted {
        for ((order, is_baseline), found) in &mut self.found {
            if !is_baseline {
                found.undo = self.undo.remove(order);
            }
        }
        for file in self.undo.into_values() {
            self.ignored
                .push((file.path, "there is no migration of its version to undo"));
        }
        Sorted {
            found: self.found.into_values().collect(),
            confs: self.confs,
            ignored: self.ignored,
            diagnostics: self.diagnostics,
        }
    }
}

fn duplicate(one: &str, other: &str) -> Diagnostic {
    Diagnostic::error(
        "duplicate-version",
        format!("`{one}` and `{other}` have the same version"),
    )
    .hint("give the one that was never applied the next free version")
}
