//! Reads a project: from its first changelog through everything that it includes, in the order of the tool. Each changeset is
//! a migration.

use super::batch::{self, Waiting};
use super::build::Builder;
use super::changelog::wrong;
use super::collect::Collected;
use super::inherited::Inherited;
use super::master::{self, Element, LOGICAL_PATH};
use super::parameters::Parameters;
use super::property::Property;
use super::settings::Settings;
use super::{detect, paths, search_path, text};
use crate::host_config::HostConfig;
use crate::numbered::{is_sql, join};
use crate::walk::Walk;
use shoring_core::{Diagnostic, Late, MigrationSet, Missing, Policy, Tree, TreeError, shared};

/// How deep changelogs may include others, and folders lie in folders.
const DEEPEST: usize = 32;

const POLICY: Policy = Policy {
    late: Late::Run,
    // The tool looks at what its changelogs hold, and at nothing else: several projects may share one table.
    missing: Missing::Note,
    ahead: Some(Missing::Note),
    missing_repeatable: Missing::Note,
    goes_back_as_applied: true,
    may_be_empty: false,
    ..Policy::STRICT
};

/// Reads everything.
pub(super) fn read(
    tree: &dyn Tree,
    folder: &str,
    config: &HostConfig,
) -> Result<MigrationSet, TreeError> {
    let mut settings = Settings::of(config);
    search_path::add_deduced(tree, &mut settings, folder)?;
    let builder = Builder::new(config, &settings);
    let mut reader = Reader {
        tree,
        roots: settings.roots.clone(),
        parameters: builder.parameters(config, &settings),
        builder,
        waiting: Vec::new(),
        collected: Collected::default(),
        ignored: Vec::new(),
        origin: config
            .options
            .get("changelogFile")
            .map(|setting| setting.origin.clone()),
    };
    let first = detect::changelog(tree, &settings, folder)?;
    match first {
        Some(name) => reader.include(&name, &Inherited::default(), None)?,
        // A folder of changelogs without one that includes them: all, as if one did.
        None => {
            reader.roots = vec![".".to_owned()];
            reader.include_all(&paths::normalised(folder), &Inherited::default(), ALL, "")?;
        }
    }
    reader.catch_up()?;
    let (migrations, diagnostics) = reader.collected.finish();
    Ok(MigrationSet {
        format: "liquibase",
        policy: POLICY,
        folder: folder.to_owned(),
        migrations: shared(migrations),
        ignored: reader.ignored,
        diagnostics,
    })
}

struct Reader<'t> {
    tree: &'t dyn Tree,
    roots: Vec<String>,
    builder: Builder,
    /// The properties after everything that was read.
    parameters: Parameters,
    /// Changelogs in SQL whose turn it is, and which are read together.
    waiting: Vec<Waiting>,
    collected: Collected,
    ignored: Vec<(String, &'static str)>,
    /// Where the first changelog is named.
    origin: Option<String>,
}

/// What `includeAll` looks at.
const ALL: Walk = Walk {
    skipped: 0,
    depth: DEEPEST - 1,
    width: usize::MAX,
    enters_hidden: false,
};

impl Reader<'_> {
    /// Reads the changelog of a name. `by` is the file and line that asks for it.
    fn include(
        &mut self,
        name: &str,
        inherited: &Inherited,
        by: Option<(&str, &Element)>,
    ) -> Result<(), TreeError> {
        let name = paths::normalised(name);
        let refuse = |reader: &mut Self, message: String, hint: &str| {
            let diagnostic = match by {
                Some((path, element)) => wrong(path, element.line, "", &message, hint),
                None => {
                    let message = match &reader.origin {
                        Some(origin) => format!("{origin}: {message}"),
                        None => message,
                    };
                    Box::new(Diagnostic::error("liquibase-changelog", message).hint(hint))
                }
            };
            reader.complain(*diagnostic)
        };
        if inherited.names.contains(&name) || inherited.names.len() > DEEPEST {
            return refuse(
                self,
                format!("`{name}` includes itself"),
                "take the include out",
            );
        }
        let Some(path) = paths::find(self.tree, &self.roots, &name) else {
            if by.is_none_or(|(_, element)| element.is("errorIfMissing", true)) {
                refuse(
                    self,
                    format!("there is no changelog `{name}`"),
                    "paths count from the search path, or with relativeToChangelogFile from the file that includes",
                )?;
            }
            return Ok(());
        };
        self.include_found(path, &name, inherited)
    }

    /// Reads a changelog that is there. One that is SQL waits, and is read with others.
    fn include_found(
        &mut self,
        path: String,
        name: &str,
        inherited: &Inherited,
    ) -> Result<(), TreeError> {
        let mut inherited = inherited.clone();
        inherited.names.insert(0, name.to_owned());
        if is_sql(name) {
            self.waiting.push(Waiting { path, inherited });
            return Ok(());
        }
        let Some(text) = self.text(&path)? else {
            return Ok(());
        };
        if !master::has_extension(name) {
            self.ignored
                .push((path, "it is neither SQL nor a changelog that includes SQL"));
            return Ok(());
        }
        self.read_master(&path, name, &text, &inherited)
    }

    fn read_master(
        &mut self,
        path: &str,
        name: &str,
        text: &str,
        inherited: &Inherited,
    ) -> Result<(), TreeError> {
        let elements = match master::read(name, text) {
            Ok(elements) => elements,
            Err(error) => {
                return self.complain(*wrong(
                    path,
                    error.line,
                    "",
                    &error.reason,
                    "only include, includeAll and property are read in a changelog that is no SQL",
                ));
            }
        };
        let mut inherited = inherited.clone();
        let of_all = elements.iter().find(|element| element.name == LOGICAL_PATH);
        if let Some(path) = of_all.and_then(|element| element.get(&[""])) {
            inherited.path_of_changelog = Some(self.expand(&inherited, path)?);
        }
        for element in &elements {
            self.see(path, name, element, &inherited)?;
        }
        Ok(())
    }

    fn see(
        &mut self,
        path: &str,
        name: &str,
        element: &Element,
        inherited: &Inherited,
    ) -> Result<(), TreeError> {
        let mut of = |names: &[&str]| {
            let text = element.get(names);
            text.map(|text| self.expand(inherited, text)).transpose()
        };
        match element.name.as_str() {
            "property" if element.get(&["file"]).is_none() => {
                let property = Property {
                    name: of(&["name"])?,
                    value: of(&["value"])?,
                    context: of(&["contextFilter", "context"])?,
                    labels: of(&["labels"])?,
                    dbms: of(&["dbms"])?,
                    is_global: element.is("global", true),
                };
                self.catch_up()?;
                property.set(&mut self.parameters, name, &self.builder);
            }
            "include" | "includeAll" => {
                const CLASSES: [&str; 3] = ["filter", "resourceFilter", "resourceComparator"];
                if let Some(class) = CLASSES.iter().find(|class| element.get(&[class]).is_some()) {
                    self.refuse(
                        path,
                        element,
                        &format!("`{class}` of {} is not supported", element.name),
                    )?;
                    return Ok(());
                }
                if element.is("ignore", false) {
                    return Ok(());
                }
                let is_all = element.name == "includeAll";
                let Some(target) = of(&[if is_all { "path" } else { "file" }])? else {
                    return self.refuse(path, element, &format!("{} names nothing", element.name));
                };
                let target = if element.is("relativeToChangelogFile", false) {
                    paths::beside(name, &target)
                } else {
                    paths::normalised(&target)
                };
                let mut inherited =
                    inherited.and(of(&["contextFilter", "context"])?, of(&["labels"])?);
                if let Some(path) = of(&[LOGICAL_PATH])? {
                    inherited.path_of_include = Some(path);
                }
                if !is_all {
                    return self.include(&target, &inherited, Some((path, element)));
                }
                let number = |name: &str| element.get(&[name]).and_then(|text| text.parse().ok());
                // The tool counts the folder itself as 1.
                let below = |depth: usize| depth.saturating_sub(1);
                let walk = Walk {
                    skipped: number("minDepth").map_or(0, below),
                    depth: number("maxDepth").map_or(ALL.depth, |most| below(most).min(ALL.depth)),
                    ..ALL
                };
                let end = element.get(&["endsWithFilter"]).unwrap_or_default();
                let is_found = self.include_all(&target, &inherited, walk, end)?;
                if !is_found && element.is("errorIfMissingOrEmpty", true) {
                    self.refuse(
                        path,
                        element,
                        &format!("there is no changelog in `{target}/`"),
                    )?;
                }
            }
            // The first is read before all others; the rest means nothing where a changelog only includes.
            LOGICAL_PATH | "objectQuotingStrategy" | "changeLogId" => {}
            _ => self.refuse(
                path,
                element,
                &format!(
                    "`{}` is not supported: only changesets in SQL are run",
                    element.name
                ),
            )?,
        }
        Ok(())
    }

    fn refuse(&mut self, path: &str, element: &Element, message: &str) -> Result<(), TreeError> {
        self.complain(*wrong(
            path,
            element.line,
            "",
            message,
            "run it with Liquibase itself;  or write it as SQL, in a file that is included",
        ))
    }

    /// Reads all changelogs below a folder, by their paths. False when there is none.
    fn include_all(
        &mut self,
        folder: &str,
        inherited: &Inherited,
        walk: Walk,
        end: &str,
    ) -> Result<bool, TreeError> {
        if folder.starts_with("..") {
            return Ok(false);
        }
        let mut found = Vec::new();
        for root in &self.roots {
            // A name counts from the root.
            let before = join(root, "").len();
            walk.each(self.tree, &join(root, folder), &mut |folder, file| {
                let path = join(folder, file);
                let name = path[before..].to_owned();
                found.push((path, name));
            })?;
        }
        // The first root that has a name counts.
        found.sort_by(|(_, left), (_, right)| left.cmp(right));
        found.dedup_by(|(_, later), (_, first)| later == first);
        let mut is_found = false;
        for (path, name) in found {
            if inherited.names.contains(&name) || !name.ends_with(end) {
                continue;
            }
            if !is_sql(&name) && !self.is_changelog(&name)? {
                continue;
            }
            is_found = true;
            if is_sql(&name) {
                self.include_found(path, &name, inherited)?;
            } else {
                self.include(&name, inherited, None)?;
            }
        }
        Ok(is_found)
    }

    /// Whether something that is no SQL is a changelog.
    fn is_changelog(&mut self, name: &str) -> Result<bool, TreeError> {
        if !master::has_extension(name) {
            return Ok(false);
        }
        let Some(path) = paths::find(self.tree, &self.roots, name) else {
            return Ok(false);
        };
        Ok(self
            .text(&path)?
            .is_some_and(|text| master::is_changelog(&text)))
    }

    /// The text of a file; `None`, with a diagnostic, when it is none.
    fn text(&mut self, path: &str) -> Result<Option<String>, TreeError> {
        match text::read(self.tree, path)? {
            Ok(text) => Ok(Some(text)),
            Err(diagnostic) => {
                self.complain(*diagnostic)?;
                Ok(None)
            }
        }
    }

    /// Reads the changelogs in SQL that wait: what comes now depends on them, or is said after what they say.
    fn catch_up(&mut self) -> Result<(), TreeError> {
        let waiting = std::mem::take(&mut self.waiting);
        batch::read(
            self.tree,
            &self.builder,
            &mut self.parameters,
            &mut self.collected,
            &waiting,
        )
    }

    fn complain(&mut self, diagnostic: Diagnostic) -> Result<(), TreeError> {
        self.catch_up()?;
        self.collected.diagnostics.push(diagnostic);
        Ok(())
    }

    /// A text with the values of properties in the place of their names.
    fn expand(&mut self, inherited: &Inherited, text: &str) -> Result<String, TreeError> {
        if !text.contains("${") {
            return Ok(text.to_owned());
        }
        self.catch_up()?;
        Ok(self.parameters.lookup(&inherited.names).expand(text))
    }
}
