//! Finds out what a folder is and reads its migrations.

use super::below;
use crate::error::{Error, ErrorKind, Result};
use crate::settings::{HostVariables, dotenv_variables};
use shoring_core::{Applied, Diagnostic, Dialect, Label, MigrationSet, Severity, Tree, TreeError};
use shoring_formats::script::Reads;
use shoring_formats::{
    Callback, DatabaseFacts, Detection, FORMATS, Format, HostConfig, Strength, View, by_name,
};
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

const NOTHING_DONE: &str = "Nothing was run and nothing was changed.";

/// What to do about a file that cannot be read or run.
pub(crate) const CORRECT_IT: &str = "correct it, then run the same command again";

/// A format that a project may be in.
#[derive(Clone)]
pub(crate) struct Candidate {
    /// The format.
    pub(crate) format: &'static dyn Format,
    /// The migrations folder, as this format sees it.
    pub(crate) folder: String,
    /// What the tool's own configuration says.
    pub(crate) config: HostConfig,
    /// What was seen; `None` when the format was named and nothing of it is there yet.
    pub(crate) detection: Option<Detection>,
}

impl Candidate {
    /// Whether its files ask about the database, and nothing is known of it yet.
    pub(crate) fn waits_for_facts(&self) -> bool {
        self.format.wants_facts(&self.config) && self.config.facts.product.is_none()
    }

    /// Whether it is one of the formats without a tool of its own.
    pub(crate) fn is_without_tool(&self) -> bool {
        matches!(self.format.name(), "shoring" | "manual")
    }
}

/// A project: its files, and the formats they may be in. Which of several it is, the history table in the database tells.
#[derive(Clone)]
pub(crate) struct Project {
    /// The files.
    pub(crate) tree: Arc<dyn Tree>,
    /// The formats the files fit, most likely first. One, when it was given or only one fits.
    pub(crate) candidates: Vec<Candidate>,
    /// Whether the format was given, not found out.
    pub(crate) is_format_given: bool,
    /// How much of the files is read.
    pub(crate) reads: Reads,
    /// Whether nothing was said and nothing was found: the project may be in a folder below.
    is_anywhere: bool,
    /// The database, as far as its URL is known.
    database: Option<Dialect>,
    /// The question that is left when the history table does not decide between the candidates.
    tie: Option<Box<Error>>,
}

/// How much of a file with variables is read.
const LARGEST_DOTENV: u64 = 1024 * 1024;

/// Looks at the files of `tree`. `folder` and `format` come from the settings, `variables` from the environment and `.env`.
pub(crate) fn detect(
    tree: Arc<dyn Tree>,
    folder: Option<&str>,
    format: Option<&str>,
    variables: &HostVariables,
) -> Result<Project> {
    let candidates = each_format(tree.as_ref(), folder, format, variables, candidate)?;
    let (candidates, tie) = match format {
        Some(_) => (candidates, None),
        None => likely(candidates)?,
    };
    let is_anywhere = folder.is_none()
        && format.is_none()
        && candidates.iter().all(|one| one.detection.is_none())
        && !tree.has_file("shoring.toml");
    Ok(Project {
        is_anywhere,
        database: None,
        candidates,
        is_format_given: format.is_some(),
        reads: Reads::All,
        tie: tie.map(Box::new),
        tree,
    })
}

/// What the configurations of the tools say, whosever project it is: less work than to find that out.
pub(crate) fn configurations(
    tree: &dyn Tree,
    folder: Option<&str>,
    format: Option<&str>,
    variables: &HostVariables,
) -> Result<Vec<HostConfig>> {
    each_format(tree, folder, format, variables, configuration)
}

/// What is asked of each format that may be meant.
fn each_format<T>(
    tree: &dyn Tree,
    folder: Option<&str>,
    format: Option<&str>,
    variables: &HostVariables,
    ask: fn(&'static dyn Format, View<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let names: Vec<&str> = variables.keys().map(String::as_str).collect();
    let named = match format {
        Some(name) => vec![by_name(name).ok_or_else(|| unknown_format(name))?],
        None => FORMATS.to_vec(),
    };
    let each = named.into_iter().map(|format| {
        let common = |name: &str| {
            let set = variables.get(name);
            set.filter(|set| !set.value.is_empty()).cloned()
        };
        let view = View {
            tree,
            folder,
            variables: &common,
            variable_names: &names,
        };
        let beside = beside(format, view)?;
        let variables = |name: &str| common(name).or_else(|| beside.get(name).cloned());
        let view = View {
            variables: &variables,
            ..view
        };
        ask(format, view)
    });
    each.collect()
}

fn configuration(format: &'static dyn Format, view: View<'_>) -> Result<HostConfig> {
    format.configure(view).map_err(|error| tree_error(&error))
}

fn candidate(format: &'static dyn Format, view: View<'_>) -> Result<Candidate> {
    let config = configuration(format, view)?;
    let detection = format
        .detect(view, &config)
        .map_err(|error| tree_error(&error))?;
    let folder = view
        .folder
        .map(str::to_owned)
        .or_else(|| detection.as_ref().map(|found| found.folder.clone()))
        .or_else(|| config.folders.first().map(|found| found.value.clone()))
        .unwrap_or_else(|| format.default_folder().to_owned());
    Ok(Candidate {
        format,
        folder,
        config,
        detection,
    })
}

/// The variables that the tool of a format reads beside the others.
fn beside(format: &'static dyn Format, view: View<'_>) -> Result<HostVariables> {
    let mut found = HostVariables::new();
    for path in format.dotenv_files(view.tree) {
        let mut text = Vec::new();
        let input = view.tree.open(path).map_err(|error| tree_error(&error))?;
        input
            .take(LARGEST_DOTENV)
            .read_to_end(&mut text)
            .map_err(|source| {
                tree_error(&TreeError::Io {
                    path: path.to_owned(),
                    source,
                })
            })?;
        let outer = view.variable_names.iter().filter_map(|name| {
            let set = (view.variables)(name)?;
            Some(((*name).to_owned(), set.value))
        });
        let text = String::from_utf8_lossy(&text);
        found.extend(dotenv_variables(path, &text, &outer.collect())?);
    }
    Ok(found)
}

/// Those that count, most likely first.
///
/// Marks in the files or a configuration of the tool's own rule out formats that only share the names: to read a file of one
/// tool as another's would run its way back together with its way forth. Names alone are shared by several: the database
/// decides between them. Where it does not, the one that the project uses does; of several such, nobody guesses.
fn likely(all: Vec<Candidate>) -> Result<(Vec<Candidate>, Option<Error>)> {
    let strength = |candidate: &Candidate| candidate.detection.as_ref().map(|found| found.strength);
    let Some(best) = all.iter().filter_map(strength).max() else {
        // A new project. The files of two formats look the same, and the database may have the table of either.
        return Ok((
            all.into_iter().filter(Candidate::is_without_tool).collect(),
            None,
        ));
    };
    let mut found: Vec<Candidate> = all
        .into_iter()
        .filter(|candidate| strength(candidate).is_some())
        .collect();
    // What is there counts before what is still to come.
    found.retain(|candidate| {
        best == Strength::Expected || strength(candidate) > Some(Strength::Expected)
    });
    found.sort_by_key(|candidate| std::cmp::Reverse(strength(candidate)));
    let equal = found
        .iter()
        .take_while(|candidate| strength(candidate) == Some(best))
        .count();
    match best {
        Strength::Content | Strength::Configuration => {
            if equal > 1 {
                return Err(ambiguous(&found[..equal]));
            }
            found.truncate(1);
        }
        Strength::Expected | Strength::Dependency if equal > 1 => {
            let question = ambiguous(&found[..equal]);
            return Ok((found, Some(question)));
        }
        Strength::Expected | Strength::Names | Strength::Dependency => {
            let folder = found[0].folder.clone();
            found.retain(|candidate| candidate.folder == folder);
        }
    }
    // Numbered files that nobody claims are ours; other names are those of tools, and which it is, nobody guesses.
    let is_guess = best == Strength::Names && !found.iter().any(Candidate::is_without_tool);
    let question = is_guess.then(|| ambiguous(&found));
    Ok((found, question))
}

impl Project {
    /// The project for a database: where there is a folder for each and nothing in the usual ones, it is in that of this one.
    pub(crate) fn for_database(
        mut self,
        database: Option<Dialect>,
        variables: &HostVariables,
    ) -> Result<Self> {
        self.database = database;
        let folder = database
            .filter(|_| self.is_anywhere)
            .and_then(|database| below::folder_of(&self.tree, database));
        let Some(folder) = folder else {
            return Ok(self);
        };
        let mut placed = detect(Arc::clone(&self.tree), Some(&folder), None, variables)?;
        for candidate in &mut placed.candidates {
            if let Some(found) = &mut candidate.detection {
                found
                    .evidence
                    .push_str("; it is the folder of this database");
            }
        }
        Ok(Self { database, ..placed })
    }

    /// The most likely candidate.
    pub(crate) fn best(&self) -> &Candidate {
        // `detect` gives one at least.
        &self.candidates[0]
    }

    /// The most likely candidate, where no other is as likely.
    pub(crate) fn only_likely(&self) -> Option<&Candidate> {
        self.tie.is_none().then(|| self.best())
    }

    /// The most likely candidate, for what is done without a database; where two are as likely, that is a question.
    pub(crate) fn decided(&self) -> Result<&Candidate> {
        self.decided_without_history().map(|()| self.best())
    }

    /// Whether one candidate is the most likely when no history table decides.
    pub(crate) fn decided_without_history(&self) -> Result<()> {
        if let Some(question) = &self.tie {
            return Err((**question).clone());
        }
        let question = self
            .is_anywhere
            .then(|| below::question(&self.tree, self.database));
        question.flatten().map_or(Ok(()), Err)
    }

    /// Whether the files say no more than that they are numbered: then a database that another tool migrates is not taken
    /// for a new one.
    pub(crate) fn is_only_named(&self) -> bool {
        let is_sure = self
            .best()
            .detection
            .as_ref()
            .is_some_and(|found| found.strength > Strength::Names);
        !self.is_format_given && !is_sure
    }

    /// What was seen, for people.
    pub(crate) fn evidence(&self) -> Vec<String> {
        let mut evidence: Vec<String> = self
            .candidates
            .iter()
            .filter_map(|candidate| Some(candidate.detection.as_ref()?.evidence.clone()))
            .collect();
        evidence.dedup();
        // What one candidate has beside the same files says it all.
        let all = evidence.clone();
        evidence.retain(|one| {
            !all.iter()
                .any(|other| other != one && other.starts_with(one.as_str()))
        });
        evidence
    }

    /// The candidate of a format.
    pub(crate) fn candidate(&self, format: &'static dyn Format) -> &Candidate {
        self.candidates
            .iter()
            .find(|candidate| candidate.format.name() == format.name())
            .unwrap_or(self.best())
    }

    /// Takes note of what is known about the database, for the files that ask about it.
    pub(crate) fn learn(&mut self, facts: &DatabaseFacts) {
        for candidate in &mut self.candidates {
            candidate.config.facts = facts.clone();
        }
    }

    /// Takes note of what the history tells about the files. Whether they read otherwise with it.
    pub(crate) fn learn_from_history(
        &mut self,
        format: &'static dyn Format,
        set: &MigrationSet,
        applied: &[Arc<Applied>],
    ) -> bool {
        let learnt = format.config_by_history(&self.candidate(format).config, set, applied);
        let candidate = self
            .candidates
            .iter_mut()
            .find(|candidate| candidate.format.name() == format.name());
        match (candidate, learnt) {
            (Some(candidate), Some(config)) => {
                candidate.config = config;
                true
            }
            _ => false,
        }
    }

    /// Gives a label of which only the place is known its line. A file that can no longer be read gives none.
    pub(crate) fn fill_excerpt(&self, label: &mut Label) {
        if !label.excerpt.is_empty() {
            return;
        }
        let Ok(input) = self.tree.open(&label.file) else {
            return;
        };
        let Some(line) = line_of(input, label.position.line) else {
            return;
        };
        // UTF-16 would be shown as one NUL after the other.
        if line.split(|byte| *byte == 0).count() > 2 {
            return;
        }
        String::from_utf8_lossy(&line)
            .trim_start_matches('\u{feff}')
            .trim_end_matches(['\n', '\r'])
            .clone_into(&mut label.excerpt);
    }

    /// The scripts that run around migrations.
    pub(crate) fn callbacks(&self, format: &'static dyn Format) -> Result<Vec<Callback>> {
        let candidate = self.candidate(format);
        format
            .callbacks(self.tree.as_ref(), &candidate.folder, &candidate.config)
            .map_err(|error| tree_error(&error))
    }

    /// Reads the migrations as one of the candidate formats. Errors in names or directives stop here.
    pub(crate) fn read(&self, format: &'static dyn Format) -> Result<MigrationSet> {
        let candidate = self.candidate(format);
        let (tree, folder) = (self.tree.as_ref(), &candidate.folder);
        let set = format.read_some(tree, folder, &candidate.config, self.reads);
        let mut set = set.map_err(|error| tree_error(&error))?;
        set.diagnostics
            .splice(..0, candidate.config.diagnostics.iter().cloned());
        let errors = set
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error);
        match all_in_one(errors) {
            Some(mut diagnostic) => {
                if let Some(label) = &mut diagnostic.label {
                    self.fill_excerpt(label);
                }
                Err(Error::from_diagnostic(ErrorKind::Usage, diagnostic)
                    .state(NOTHING_DONE)
                    .next(CORRECT_IT))
            }
            None => Ok(set),
        }
    }
}

/// How many errors of files are named beside the first.
const NAMED: usize = 20;

/// The first error, and the others as notes: whoever mends files wants to know all that are wrong.
fn all_in_one<'d>(mut errors: impl Iterator<Item = &'d Diagnostic>) -> Option<Diagnostic> {
    let mut first = errors.next()?.clone();
    let others: Vec<&Diagnostic> = errors.collect();
    for other in others.iter().take(NAMED) {
        let place = other.label.as_ref().map_or_else(String::new, |label| {
            let position = label.position;
            format!("{}:{}:{}: ", label.file, position.line, position.column)
        });
        first = first.note(format!("also {place}{}", other.message));
    }
    if others.len() > NAMED {
        first = first.note(format!("and {} more", others.len() - NAMED));
    }
    Some(first)
}

/// An unreadable file as an error of the engine.
pub(crate) fn tree_error(error: &TreeError) -> Error {
    Error::new(ErrorKind::Usage, "unreadable-file", error.to_string())
        .state(NOTHING_DONE)
        .next(CORRECT_IT)
}

/// Longer lines are not worth showing, and one of a dump may have gigabytes.
const SHOWN_LINE: u64 = 64 * 1024;

/// A line of a text, counted from 1. `None` when it is too long, or not there.
fn line_of(input: impl Read, number: u64) -> Option<Vec<u8>> {
    let mut input = BufReader::new(input);
    for _ in 1..number {
        input.skip_until(b'\n').ok()?;
    }
    let mut line = Vec::new();
    let mut input = input.take(SHOWN_LINE);
    input.read_until(b'\n', &mut line).ok()?;
    (input.limit() > 0).then_some(line)
}

fn ambiguous(candidates: &[Candidate]) -> Error {
    let names: Vec<&str> = candidates
        .iter()
        .map(|candidate| candidate.format.name())
        .collect();
    let mut error = Error::new(
        ErrorKind::Usage,
        "several-formats",
        match names.as_slice() {
            [only] => format!("only their names say that these files are of {only}"),
            names => format!("these files could be of {}", names.join(" or of ")),
        },
    );
    for candidate in candidates {
        if let Some(found) = &candidate.detection {
            error = error.note(format!("{}: {}", candidate.format.name(), found.evidence));
        }
    }
    let choices: Vec<String> = names
        .iter()
        .map(|name| format!("--format {name}"))
        .collect();
    error
        .state(NOTHING_DONE)
        .next(format!("say which is meant:  {}", choices.join("   or   ")))
        .next(format!(
            "or for good in shoring.toml:  format = \"{}\"",
            names[0]
        ))
}

fn unknown_format(name: &str) -> Error {
    let known: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
    let error = Error::new(
        ErrorKind::Usage,
        "unknown-format",
        format!("unknown format `{name}`"),
    );
    let nearest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(known, name), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match nearest {
        Some((_, known)) => error.next(format!("did you mean `--format {known}`?")),
        None => error.note(format!("this version reads: {}", known.join(", "))),
    }
}
