//! Saved plans as files: `plan --save FILE` writes one, `up --plan FILE` reads it.

use serde_json::Value;
use shoring::core::{Label, Position};
use shoring::{Error, ErrorKind, Result, SavedPlan};
use std::fs::File;
use std::io::Write;
use std::path::Path;

const NOTHING_RUN: &str = "Nothing was run and nothing was changed.";

/// Writes a plan. A reader finds the old file or the new one, never a half.
pub(crate) fn write(path: &Path, plan: &SavedPlan) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&beside)?;
        serde_json::to_writer_pretty(&mut file, plan)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|error| {
        // What is left of it is of no use; where nothing is left, there is nothing to remove.
        drop(std::fs::remove_file(&beside));
        Error::new(
            ErrorKind::Usage,
            "plan-not-saved",
            format!("the plan cannot be saved as `{}`: {error}", path.display()),
        )
    })
}

/// Reads a plan.
pub(crate) fn read(path: &Path) -> Result<SavedPlan> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        refusal(
            "no-plan",
            format!("the plan `{shown}` cannot be read: {error}"),
        )
    })?;
    let document: Value = serde_json::from_str(&text).map_err(|error| broken(&shown, &error))?;
    if document.get("kind").and_then(Value::as_str) != Some(SavedPlan::KIND) {
        return Err(
            refusal("bad-plan", format!("`{shown}` is not a saved plan"))
                .next("save one:  shoring plan --save FILE"),
        );
    }
    let version = document.get("v").and_then(Value::as_u64);
    if version != Some(u64::from(SavedPlan::VERSION)) {
        return Err(refusal(
            "bad-plan",
            format!("the plan `{shown}` has a shape this version of shoring does not know"),
        )
        .next("save it again with this version:  shoring plan --save FILE"));
    }
    serde_json::from_str(&text).map_err(|error| broken(&shown, &error))
}

fn refusal(code: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Usage, code, message).state(NOTHING_RUN)
}

fn broken(file: &str, error: &serde_json::Error) -> Error {
    let mut refused = refusal(
        "bad-plan",
        format!("the saved plan cannot be read: {error}"),
    )
    .next("save it again:  shoring plan --save FILE");
    if error.line() > 0 {
        refused.diagnostic.label = Some(Label {
            file: file.to_owned(),
            position: Position {
                line: error.line() as u64,
                column: error.column().max(1) as u64,
            },
            length: 1,
            excerpt: String::new(),
            excerpt_line: error.line() as u64,
            text: String::new(),
        });
    }
    refused
}
