//! `convert`: what was told again, in which files and which table.

use super::answer::Answer;
use super::error::commands;
use super::status::database;
use super::text::{clean, clean_message};
use serde_json::{Value, json};
use shoring::report::{ConvertReport, ConvertSide, ConvertedRow};

/// How many files or rows are listed for people.
const LISTED: usize = 10;

/// The answer of `convert`.
pub(crate) fn answer(report: &ConvertReport) -> Answer {
    let mut text = format!(
        "  {} in {} becomes {} in {}\n\n",
        report.from.format,
        clean(&report.from.dir),
        report.to.format,
        clean(&report.to.dir)
    );
    text.push_str(&files(report));
    text.push_str(&rows(report));
    for line in &report.settings {
        text.push_str(&format!("  shoring.toml: {}\n", clean(line)));
    }
    for warning in &report.warnings {
        text.push_str(&format!("  note: {}\n", clean_message(warning)));
    }
    let is_all_there =
        report.files.is_empty() && report.rows.is_empty() && report.settings.is_empty();
    let last = match (is_all_there, report.applied) {
        (true, _) => "Everything is there already; nothing was written.".to_owned(),
        (false, true) => format!(
            "Done. The files in {} and their table stay as they are. See: `shoring status`",
            clean(&report.from.dir)
        ),
        (false, false) => "Nothing was written. Without --dry-run it is.".to_owned(),
    };
    text.push_str(&format!("\n  {}\n", commands(&last)));
    Answer::new(text, document(report))
}

fn files(report: &ConvertReport) -> String {
    let mut text = String::new();
    for path in report.files.iter().take(LISTED) {
        text.push_str(&format!("  + {}\n", clean(path)));
    }
    if report.files.len() > LISTED {
        text.push_str(&format!(
            "  + and {} more files\n",
            report.files.len() - LISTED
        ));
    }
    if report.known > 0 {
        text.push_str(&format!(
            "  {} in {} already\n",
            count(report.known, "migration is", "migrations are"),
            clean(&report.to.dir)
        ));
    }
    text
}

fn rows(report: &ConvertReport) -> String {
    let Some(table) = &report.to.table else {
        return String::new();
    };
    let table = clean(table);
    // Zeros in front are no other version to anybody.
    let plain = |version: &str| version.trim_start_matches('0').to_owned();
    let is_renamed = |row: &&ConvertedRow| plain(&row.from) != plain(&row.to);
    let mut text = String::new();
    if !report.rows.is_empty() {
        text.push_str(&format!(
            "  + {} in {table}\n",
            count(report.rows.len(), "row", "rows")
        ));
    }
    let renamed: Vec<&ConvertedRow> = report.rows.iter().filter(is_renamed).collect();
    for row in renamed.iter().take(LISTED) {
        text.push_str(&format!(
            "      {} is {} there\n",
            clean(&row.from),
            clean(&row.to)
        ));
    }
    if renamed.len() > LISTED {
        text.push_str(&format!("      and {} more\n", renamed.len() - LISTED));
    }
    if report.known_rows > 0 {
        text.push_str(&format!(
            "  {} in {table} already\n",
            count(report.known_rows, "row is", "rows are")
        ));
    }
    text
}

fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}

fn document(report: &ConvertReport) -> Value {
    let side =
        |side: &ConvertSide| json!({"format": side.format, "dir": side.dir, "table": side.table});
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| json!({"from": row.from, "to": row.to, "name": row.name}))
        .collect();
    json!({
        "v": 1,
        "database": database(&report.database),
        "from": side(&report.from),
        "to": side(&report.to),
        "files": report.files,
        "rows": rows,
        "unchanged": {"migrations": report.known, "rows": report.known_rows},
        "settings": report.settings,
        "warnings": report.warnings,
        "applied": report.applied,
        "current": report.current,
    })
}
