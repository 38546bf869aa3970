//! `status`: where the database is, migration by migration.

use super::answer::Answer;
use super::error::commands;
use super::style::{dim, green, red, yellow};
use super::table::{Align, Cell, lines};
use super::text::{clean, clean_message, count, thousands, took};
use super::time::{age, minute};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use shoring::report::{DatabaseInfo, State, Status, StatusEntry};

/// The answer of `status`. The clock and the zone come from the caller.
pub(crate) fn answer(status: &Status, now: Timestamp, zone: &TimeZone) -> Answer {
    Answer::new(for_people(status, now, zone), document(status))
}

fn for_people(status: &Status, now: Timestamp, zone: &TimeZone) -> String {
    let history = if status.history_exists {
        format!("history {}", clean(&status.history_table))
    } else {
        "no history yet".to_owned()
    };
    let mut out = format!(
        "  {}      {} project, {}, {history}\n",
        database_line(&status.database),
        status.format,
        clean(&status.dir),
    );
    if let Some(running) = &status.running {
        out.push_str(&format!(
            "  {} {}\n",
            yellow("running now:"),
            clean_message(running)
        ));
    }
    if !status.migrations.is_empty() {
        out.push('\n');
        out.push_str(&table(&status.migrations, now, zone));
    }
    out.push_str(&format!("\n  {}\n", commands(&summary(status))));
    out
}

/// `postgres://app@db:5432/app (15.8)`, `sqlite:shoring.db (new)`.
pub(crate) fn database_line(database: &DatabaseInfo) -> String {
    let url = clean(&database.url);
    if !database.exists {
        return format!("{url} (new)");
    }
    if database.version.is_empty() {
        return url;
    }
    format!("{url} ({})", clean(&database.version))
}

fn table(entries: &[StatusEntry], now: Timestamp, zone: &TimeZone) -> String {
    let heads = ["state", "version", "name", "applied", "", "by", "took", ""];
    let align = [
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Left,
    ];
    let has_times = entries.iter().any(|entry| entry.applied_at.is_some());
    let has_users = entries.iter().any(|entry| entry.applied_by.is_some());
    let has_durations = entries.iter().any(|entry| entry.milliseconds.is_some());
    let head = heads.iter().map(|head| {
        let is_shown = match *head {
            "applied" => has_times,
            "by" => has_users,
            "took" => has_durations,
            _ => true,
        };
        Cell::painted(if is_shown { *head } else { "" }, dim)
    });
    let mut rows = vec![head.collect::<Vec<Cell>>()];
    rows.extend(entries.iter().map(|entry| row(entry, now, zone)));
    lines(&align, &rows)
}

fn row(entry: &StatusEntry, now: Timestamp, zone: &TimeZone) -> Vec<Cell> {
    let paint: fn(String) -> String = match entry.state {
        State::Applied | State::Baseline => green,
        State::Pending | State::OutOfOrder => yellow,
        State::Failed | State::Changed | State::Missing => red,
        State::Ignored => dim,
    };
    let time = entry.applied_at.as_deref();
    let name = match (entry.state, &entry.file) {
        (State::Ignored, Some(file)) if entry.version.is_empty() => clean(file),
        _ => clean(&entry.name.replace('_', " ")),
    };
    vec![
        Cell::painted(entry.state.name(), paint),
        Cell::plain(clean(&entry.version)),
        Cell::plain(name),
        Cell::plain(time.map_or_else(String::new, |time| minute(time, zone))),
        Cell::painted(time.map_or_else(String::new, |time| age(time, now)), dim),
        Cell::plain(entry.applied_by.as_deref().map_or_else(String::new, clean)),
        Cell::plain(entry.milliseconds.map_or_else(String::new, took)),
        Cell::plain(detail(entry)),
    ]
}

fn detail(entry: &StatusEntry) -> String {
    let what = match (&entry.detail, entry.state) {
        (Some(detail), _) => clean_message(detail),
        (None, State::Changed) => "the file differs from what was applied".to_owned(),
        (None, State::Missing) => "there is no file".to_owned(),
        (None, State::OutOfOrder) => "stands before an applied one".to_owned(),
        (
            None,
            State::Applied | State::Pending | State::Failed | State::Baseline | State::Ignored,
        ) => String::new(),
    };
    match &entry.tag {
        None => what,
        Some(tag) if what.is_empty() => format!("tag {}", clean(tag)),
        Some(tag) => format!("tag {}, {what}", clean(tag)),
    }
}

fn summary(status: &Status) -> String {
    let number = |state: State| {
        let found = status
            .migrations
            .iter()
            .filter(|entry| entry.state == state);
        found.count() as u64
    };
    let mut parts = vec![match &status.current {
        Some(version) => format!("at {}", clean(version)),
        None => "nothing applied yet".to_owned(),
    }];
    parts.push(match status.pending {
        0 => "nothing pending".to_owned(),
        pending => format!("{} pending", thousands(pending as u64)),
    });
    for (state, one, many) in [
        (State::Failed, "failed migration", "failed migrations"),
        (State::Changed, "changed file", "changed files"),
        (State::Missing, "missing file", "missing files"),
    ] {
        if number(state) > 0 {
            parts.push(count(number(state), one, many));
        }
    }
    let hint = if number(State::Failed) > 0 {
        " See what is in the database: `shoring doctor`"
    } else if number(State::Changed) == 0 && status.is_ahead && !status.accepts_missing {
        " The database is ahead of this checkout: take the files from the newer one."
    } else if number(State::Changed) > 0 || (number(State::Missing) > 0 && !status.accepts_missing)
    {
        " Put the files back, or accept them: `shoring repair`"
    } else if number(State::OutOfOrder) > 0 && !status.accepts_late {
        " Run them all the same: `shoring up --allow-out-of-order`"
    } else if status.pending > 0 {
        " See what would run: `shoring plan`"
    } else if status.migrations.is_empty() {
        " Write the first migration: `shoring new NAME`"
    } else {
        ""
    };
    format!("{}.{hint}", parts.join(", "))
}

fn document(status: &Status) -> Value {
    json!({
        "v": 1,
        "format": status.format,
        "dir": status.dir,
        "database": database(&status.database),
        "history": {"table": status.history_table, "exists": status.history_exists},
        "current": status.current,
        "pending": status.pending,
        "running": status.running,
        "migrations": status.migrations.iter().map(entry).collect::<Vec<Value>>(),
    })
}

/// The database of every document.
pub(crate) fn database(database: &DatabaseInfo) -> Value {
    let dialect = match database.product {
        "mariadb" => "mysql",
        product => product,
    };
    json!({
        "dialect": dialect,
        "product": database.product,
        "server": Some(&database.version).filter(|version| !version.is_empty()),
        "url": database.url,
        "exists": database.exists,
    })
}

fn entry(entry: &StatusEntry) -> Value {
    json!({
        "version": entry.version,
        "name": entry.name,
        "kind": entry.kind.name(),
        "state": entry.state.name(),
        "file": entry.file,
        "checksum": entry.checksum,
        "applied_checksum": entry.applied_checksum,
        "applied_at": entry.applied_at,
        "applied_by": entry.applied_by,
        "ms": entry.milliseconds,
        "reversible": entry.is_reversible,
        "tag": entry.tag,
        "detail": entry.detail,
    })
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
