//! `plan`: the exact statements in order, with their transaction borders.

use super::answer::Answer;
use super::error::commands;
use super::status::database;
use super::style::{bold, dim};
use super::text::{clean, columns, count, pad};
use serde_json::{Value, json};
use shoring::core::{Direction, MigrationPlan, PlannedStatement, Segment, SegmentMode};
use shoring::report::PlanReport;

/// How many lines of one statement are shown.
const LINE_LIMIT: usize = 60;

/// The answer of `plan`; `saved` is the file it was written into, `command` what runs the same.
pub(crate) fn answer(
    plan: &PlanReport,
    saved: Option<&str>,
    command: &str,
    width: usize,
) -> Answer {
    Answer::new(
        for_people(plan, saved, command, width),
        document(plan, saved),
    )
}

fn for_people(plan: &PlanReport, saved: Option<&str>, command: &str, width: usize) -> String {
    let mut out = String::new();
    for migration in &plan.migrations {
        push_migration(&mut out, migration, width.min(100));
    }
    for note in &plan.notes {
        out.push_str(&format!("  {}\n", super::text::clean_message(note)));
    }
    let line = match (plan.migrations.is_empty(), saved) {
        (true, None) => "Nothing to do.".to_owned(),
        (true, Some(file)) => format!("Nothing to do. Saved as {}.", clean(file)),
        (false, None) => {
            let command = clean(command);
            format!("Nothing was sent but reads. Run it with: `{command}`")
        }
        (false, Some(file)) => {
            let file = clean(file);
            format!(
                "Nothing was sent but reads. Saved as {file}. Run it with: `shoring up --plan {file}`"
            )
        }
    };
    let gap = if out.is_empty() { "" } else { "\n" };
    out.push_str(&format!("{gap}  {}\n", commands(&line)));
    out
}

fn push_migration(out: &mut String, plan: &MigrationPlan, width: usize) {
    let migration = &plan.migration;
    let version = migration.version.as_str();
    let id = if migration.id() == version {
        clean(version)
    } else {
        clean(&format!("{version} {}", migration.name))
    };
    let way = match plan.direction {
        Direction::Up => "",
        Direction::Down => "  (down)",
    };
    let borders = borders(plan);
    let room = width.saturating_sub(columns(&borders) + 4).max(20);
    out.push_str(&format!(
        "  {}  {}\n",
        bold(pad(&format!("{id}{way}"), room)),
        dim(borders)
    ));
    let last = plan
        .statements
        .last()
        .map_or(0, |statement| statement.number);
    let digits = last.to_string().len();
    let has_parts = plan.segments.len() > 1;
    for segment in &plan.segments {
        if has_parts {
            out.push_str(&format!("    {}\n", dim(title(segment))));
        }
        for statement in statements(plan, segment) {
            push_statement(out, statement, digits);
        }
    }
    let hidden = plan
        .statement_count
        .saturating_sub(plan.statements.len() as u64);
    if hidden > 0 {
        let more = count(hidden, "more statement", "more statements");
        out.push_str(&format!("    … {more}, not shown\n"));
    }
}

fn push_statement(out: &mut String, statement: &PlannedStatement, digits: usize) {
    let indent = " ".repeat(4 + digits + 2);
    let lines: Vec<&str> = statement.text.split('\n').collect();
    for (number, line) in lines.iter().take(LINE_LIMIT).enumerate() {
        let line = clean(&line.trim_end().replace('\t', "    "));
        if number == 0 {
            let number = statement.number;
            out.push_str(&format!(
                "    {}  {line}\n",
                dim(format!("{number:>digits$}"))
            ));
        } else if line.is_empty() {
            out.push('\n');
        } else {
            out.push_str(&format!("{indent}{line}\n"));
        }
    }
    if lines.len() > LINE_LIMIT {
        let more = count((lines.len() - LINE_LIMIT) as u64, "more line", "more lines");
        out.push_str(&format!("{indent}… {more}\n"));
    }
}

fn statements<'a>(
    plan: &'a MigrationPlan,
    segment: &'a Segment,
) -> impl Iterator<Item = &'a PlannedStatement> {
    plan.statements
        .iter()
        .filter(|statement| (segment.first..=segment.last).contains(&statement.number))
}

/// `1 transaction`, `1 transaction, 2 statements on their own`.
fn borders(plan: &MigrationPlan) -> String {
    let transactions = plan
        .segments
        .iter()
        .filter(|segment| segment.mode != SegmentMode::Autocommit)
        .count() as u64;
    let alone: u64 = plan
        .segments
        .iter()
        .filter(|segment| segment.mode == SegmentMode::Autocommit)
        .map(|segment| segment.last + 1 - segment.first)
        .sum();
    let mut parts = Vec::new();
    if transactions > 0 {
        parts.push(count(transactions, "transaction", "transactions"));
    }
    if alone > 0 {
        parts.push(count(
            alone,
            "statement on its own",
            "statements on their own",
        ));
    }
    if parts.is_empty() {
        parts.push("no statements".to_owned());
    }
    parts.join(", ")
}

const fn title(segment: &Segment) -> &'static str {
    match segment.mode {
        SegmentMode::Transaction => "in one transaction",
        SegmentMode::OwnTransaction => "in the transaction of the file",
        SegmentMode::Autocommit => "without a transaction",
    }
}

fn document(plan: &PlanReport, saved: Option<&str>) -> Value {
    let migrations: Vec<Value> = plan.migrations.iter().map(migration).collect();
    json!({
        "v": 1,
        "database": database(&plan.database),
        "migrations": migrations,
        "notes": plan.notes,
        "saved": saved,
    })
}

fn migration(plan: &MigrationPlan) -> Value {
    let file = plan
        .migration
        .script(plan.direction)
        .map(|script| script.path.as_str());
    let transactions: Vec<Value> = plan
        .segments
        .iter()
        .map(|segment| {
            let statements: Vec<Value> = statements(plan, segment)
                .map(|statement| {
                    json!({
                        "sql": statement.text,
                        "file": file,
                        "line": statement.position.line,
                        "column": statement.position.column,
                        "number": statement.number,
                        "verb": statement.facts.verb,
                        "lock": null,
                        "rewrite": null,
                        "findings": [],
                    })
                })
                .collect();
            json!({"mode": segment.mode.name(), "statements": statements})
        })
        .collect();
    json!({
        "version": plan.migration.version.as_str(),
        "name": plan.migration.name,
        "direction": plan.direction.name(),
        "statement_count": plan.statement_count,
        "transactions": transactions,
    })
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
