//! `baseline`, `repair`, `mark`, `wait`, `expect`: what was written into the records, or what stands in them.

use super::answer::Answer;
use super::error::commands;
use super::status::database;
use super::text::{clean, clean_message, took};
use serde_json::{Value, json};
use shoring::report::{GateReport, RecordChange, RecordReport};

/// The answer of a command that changes records.
pub(crate) fn answer(report: &RecordReport, nothing: &str) -> Answer {
    let mut text = String::new();
    for change in &report.changes {
        text.push_str(&format!("  ✓ {}\n", change_line(change)));
    }
    let now = match &report.current {
        Some(version) => format!("now at {}", clean(version)),
        None => "nothing is applied".to_owned(),
    };
    let last = match (report.changes.is_empty(), report.applied) {
        (true, _) => format!("{nothing}; {now}."),
        (false, true) => format!("Recorded; {now}. No migration was run. See: `shoring status`"),
        (false, false) => "Nothing was changed.".to_owned(),
    };
    let gap = if text.is_empty() { "" } else { "\n" };
    text.push_str(&format!("{gap}  {}\n", commands(&last)));
    Answer::new(text, document(report))
}

/// `003 create_user_index: realign checksum (the file differs)`.
pub(crate) fn change_line(change: &RecordChange) -> String {
    let (head, _) = super::run::head(&change.version, &change.name);
    let why = if change.reason.is_empty() {
        String::new()
    } else {
        format!(" ({})", clean_message(&change.reason))
    };
    format!("{head}: {}{why}", clean_message(&change.action))
}

fn document(report: &RecordReport) -> Value {
    let changes: Vec<Value> = report
        .changes
        .iter()
        .map(|change| {
            json!({
                "version": change.version,
                "name": change.name,
                "action": change.action,
                "reason": change.reason,
            })
        })
        .collect();
    json!({
        "v": 1,
        "database": database(&report.database),
        "changes": changes,
        "applied": report.applied,
        "current": report.current,
    })
}

/// The answer of `wait` and `expect`.
pub(crate) fn gate(report: &GateReport) -> Answer {
    let current = report
        .current
        .as_deref()
        .map_or_else(|| "nothing".to_owned(), clean);
    let waited = match report.milliseconds {
        0..1000 => String::new(),
        milliseconds => format!(" after {}", took(milliseconds)),
    };
    let mut text = format!(
        "  at {current}{waited}, {} is applied\n",
        clean(&report.wanted)
    );
    if let Some(notice) = &report.notice {
        text.push_str(&format!("  {}\n", clean_message(notice)));
    }
    let json = json!({
        "v": 1,
        "wanted": report.wanted,
        "current": report.current,
        "ms": report.milliseconds,
        "notice": report.notice,
        "outcome": "done",
    });
    Answer::new(text, json)
}
