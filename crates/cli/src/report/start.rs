//! `init` and `new`: what was found and what was written.

use super::answer::Answer;
use super::error::commands;
use super::text::{clean, clean_message, count};
use serde_json::json;
use shoring::report::{InitReport, NewReport};

/// The answer of `init`.
pub(crate) fn init(report: &InitReport) -> Answer {
    let mut text = String::new();
    for line in &report.evidence {
        text.push_str(&format!("  found   {}\n", clean_message(line)));
    }
    for path in &report.written {
        text.push_str(&format!("  wrote   {}\n", clean(path)));
    }
    let files = count(report.migrations as u64, "migration", "migrations");
    let wrote = if report.written.is_empty() {
        " Nothing was written."
    } else {
        ""
    };
    let next = if report.migrations == 0 {
        "Write the first: `shoring new create_users`"
    } else {
        "See where the database is: `shoring status`"
    };
    let gap = if text.is_empty() { "" } else { "\n" };
    let line = format!(
        "{} project in {}, {files}.{wrote} {next}",
        report.format,
        clean(&report.dir)
    );
    text.push_str(&format!("{gap}  {}\n", commands(&line)));
    let document = json!({
        "v": 1,
        "format": report.format,
        "dir": report.dir,
        "evidence": report.evidence,
        "written": report.written,
        "migrations": report.migrations,
    });
    Answer::new(text, document)
}

/// The answer of `new`: the paths on stdout, one a line, so that an editor can be started on them.
pub(crate) fn new(report: &NewReport) -> Answer {
    let text: String = report
        .files
        .iter()
        .map(|path| format!("{}\n", clean(path)))
        .collect();
    Answer::new(
        text,
        json!({"v": 1, "version": report.version, "files": report.files}),
    )
}
