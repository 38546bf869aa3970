//! Finds out what a folder is and reads its migrations.

use crate::error::{Error, ErrorKind, Result};
use shoring_core::{MigrationSet, Severity, Tree, TreeError};
use shoring_formats::{Detection, FORMATS, Format, by_name};
use std::sync::Arc;

/// A project: its files, and the formats they may be in. Which of several it is, the history table in the database tells.
#[derive(Clone)]
pub(crate) struct Project {
    /// The files.
    pub(crate) tree: Arc<dyn Tree>,
    /// The migrations folder.
    pub(crate) folder: String,
    /// The formats the files fit, most likely first. One, when it was given or only one fits.
    pub(crate) candidates: Vec<&'static dyn Format>,
    /// Whether the format was given, not found out.
    pub(crate) is_format_given: bool,
    /// What was seen, for people.
    pub(crate) evidence: Vec<String>,
}

/// Looks at the files of `tree`. `folder` and `format` come from the settings.
pub(crate) fn detect(
    tree: Arc<dyn Tree>,
    folder: Option<&str>,
    format: Option<&str>,
) -> Result<Project> {
    if let Some(name) = format {
        let format = by_name(name).ok_or_else(|| unknown_format(name))?;
        let found = format
            .detect(tree.as_ref(), folder)
            .map_err(|error| tree_error(&error))?;
        let evidence = found
            .iter()
            .map(|detection| detection.evidence.clone())
            .collect();
        let folder = folder
            .map(str::to_owned)
            .or_else(|| found.map(|detection| detection.folder))
            .unwrap_or_else(|| format.default_folder().to_owned());
        return Ok(Project {
            tree,
            folder,
            candidates: vec![format],
            is_format_given: true,
            evidence,
        });
    }
    let mut found: Vec<(Detection, &'static dyn Format)> = Vec::new();
    for format in FORMATS {
        if let Some(detection) = format
            .detect(tree.as_ref(), folder)
            .map_err(|error| tree_error(&error))?
        {
            found.push((detection, *format));
        }
    }
    found.sort_by_key(|(detection, _)| std::cmp::Reverse(detection.confidence));
    let Some((best, _)) = found.first() else {
        let native = FORMATS[0];
        return Ok(Project {
            tree,
            folder: folder.unwrap_or(native.default_folder()).to_owned(),
            candidates: vec![native, FORMATS[1]],
            is_format_given: false,
            evidence: Vec::new(),
        });
    };
    let folder = best.folder.clone();
    let mut evidence: Vec<String> = found
        .iter()
        .map(|(detection, _)| detection.evidence.clone())
        .collect();
    evidence.dedup();
    let candidates = found
        .iter()
        .filter(|(detection, _)| detection.folder == folder)
        .map(|(_, format)| *format)
        .collect();
    Ok(Project {
        tree,
        folder,
        candidates,
        is_format_given: false,
        evidence,
    })
}

impl Project {
    /// Reads the migrations as one of the candidate formats. Errors in names or directives stop here.
    pub(crate) fn read(&self, format: &'static dyn Format) -> Result<MigrationSet> {
        let set = format
            .read(self.tree.as_ref(), &self.folder)
            .map_err(|error| tree_error(&error))?;
        match set
            .diagnostics
            .iter()
            .find(|diagnostic| diagnostic.severity == Severity::Error)
        {
            Some(diagnostic) => Err(Error::from_diagnostic(ErrorKind::Usage, diagnostic.clone())
                .state("Nothing was run and nothing was changed.")),
            None => Ok(set),
        }
    }
}

/// An unreadable file as an error of the engine.
pub(crate) fn tree_error(error: &TreeError) -> Error {
    Error::new(ErrorKind::Usage, "unreadable-file", error.to_string())
        .state("Nothing was run and nothing was changed.")
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
