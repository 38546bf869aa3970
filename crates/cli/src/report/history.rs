//! `history`: every attempt, newest last.

use super::answer::Answer;
use super::status::database;
use super::style::{dim, green, red, yellow};
use super::table::{Align, Cell, lines};
use super::text::{clean, clean_message, cut, took};
use super::time::minute;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use shoring::report::{HistoryEntry, HistoryReport};

/// The answer of `history`.
pub(crate) fn answer(history: &HistoryReport, zone: &TimeZone) -> Answer {
    Answer::new(for_people(history, zone), document(history))
}

fn for_people(history: &HistoryReport, zone: &TimeZone) -> String {
    if history.entries.is_empty() {
        return "  Nothing has been run yet.\n".to_owned();
    }
    let heads = [
        "when", "command", "version", "name", "outcome", "took", "by", "commit", "",
    ];
    let align = [
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Left,
        Align::Left,
        Align::Left,
    ];
    let mut rows = vec![
        heads
            .map(|head| Cell::painted(head, dim))
            .into_iter()
            .collect(),
    ];
    rows.extend(history.entries.iter().map(|entry| row(entry, zone)));
    let mut out = lines(&align, &rows);
    if !history.has_journal {
        out.push_str(
            "\n  There is no journal in this database: these are the rows of the history table.\n",
        );
    }
    out
}

fn row(entry: &HistoryEntry, zone: &TimeZone) -> Vec<Cell> {
    let paint: fn(String) -> String = match entry.outcome.as_str() {
        "applied" => green,
        "failed" => red,
        "started" => yellow,
        _ => |text| text,
    };
    let user = entry.os_user.as_deref().or(entry.db_user.as_deref());
    let by = match (user, entry.host.as_deref()) {
        (Some(user), Some(host)) => format!("{}@{}", clean(user), clean(host)),
        (Some(only), None) | (None, Some(only)) => clean(only),
        (None, None) => String::new(),
    };
    let text = |value: Option<&str>| value.map_or_else(String::new, clean);
    vec![
        Cell::plain(
            entry
                .started_at
                .as_deref()
                .map_or_else(String::new, |time| minute(time, zone)),
        ),
        Cell::plain(clean(&entry.command)),
        Cell::plain(clean(&entry.version)),
        Cell::plain(clean(&entry.name.replace('_', " "))),
        Cell::painted(clean(&entry.outcome), paint),
        Cell::plain(entry.milliseconds.map_or_else(String::new, took)),
        Cell::plain(by),
        Cell::plain(text(entry.git.as_deref())),
        Cell::plain(
            entry
                .error
                .as_deref()
                .map_or_else(String::new, |error| cut(&clean_message(error), 80)),
        ),
    ]
}

fn document(history: &HistoryReport) -> Value {
    let entries: Vec<Value> = history
        .entries
        .iter()
        .map(|entry| {
            json!({
                "attempt": entry.attempt,
                "command": entry.command,
                "version": entry.version,
                "name": entry.name,
                "direction": entry.direction,
                "outcome": entry.outcome,
                "started_at": entry.started_at,
                "finished_at": entry.finished_at,
                "ms": entry.milliseconds,
                "statements": entry.statements,
                "os_user": entry.os_user,
                "db_user": entry.db_user,
                "host": entry.host,
                "pid": entry.pid,
                "tool": entry.tool,
                "git": entry.git,
                "error": entry.error,
            })
        })
        .collect();
    json!({
        "v": 1,
        "database": database(&history.database),
        "journal": history.has_journal,
        "history": entries,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring::report::DatabaseInfo;

    #[test]
    fn attempts_line_up() {
        let entry = |version: &str, outcome: &str, error: Option<&str>| HistoryEntry {
            attempt: "01".to_owned(),
            command: "up".to_owned(),
            version: version.to_owned(),
            name: "create_users".to_owned(),
            direction: "up".to_owned(),
            outcome: outcome.to_owned(),
            started_at: Some("2026-11-20T16:40:00Z".to_owned()),
            finished_at: None,
            milliseconds: Some(12),
            statements: Some(3),
            os_user: Some("maria".to_owned()),
            db_user: None,
            host: Some("web-3".to_owned()),
            pid: Some(88),
            tool: None,
            git: Some("0123456789ab+dirty".to_owned()),
            error: error.map(str::to_owned),
        };
        let report = HistoryReport {
            database: DatabaseInfo {
                product: "sqlite",
                title: "SQLite",
                version: "3.53.0".to_owned(),
                url: "sqlite:shoring.db".to_owned(),
                exists: true,
            },
            entries: vec![
                entry("1", "failed", Some("no such\ntable")),
                entry("1", "applied", None),
            ],
            has_journal: true,
        };
        let text = answer(&report, &TimeZone::UTC).text;
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r"
        when               command   version   name           outcome    took   by            commit
        2026-11-20 16:40   up        1         create users   failed    12 ms   maria@web-3   0123456789ab+dirty   no such table
        2026-11-20 16:40   up        1         create users   applied   12 ms   maria@web-3   0123456789ab+dirty
        ");
    }
}
