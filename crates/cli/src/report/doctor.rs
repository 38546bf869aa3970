//! `doctor`: what is in the database after a failure, and the one right next command.

use super::answer::Answer;
use super::error::{commands, cross};
use super::status::database;
use super::style::{dim, green};
use super::table::{Align, Cell, lines};
use super::text::{clean, clean_message, cut};
use serde_json::{Value, json};
use shoring::report::{Case, DoctorReport};

/// The answer of `doctor`.
pub(crate) fn answer(report: &DoctorReport) -> Answer {
    let mut text = String::new();
    for case in &report.cases {
        push_case(&mut text, case);
    }
    for note in &report.notes {
        text.push_str(&format!("  note: {}\n", clean_message(note)));
    }
    if report.cases.is_empty() {
        text.push_str("  Healthy: files, history and journal agree.\n");
    }
    Answer::new(text, document(report))
}

fn push_case(out: &mut String, case: &Case) {
    let (head, _) = super::run::head(&case.version, &case.name);
    let summary = clean_message(&case.summary);
    if case.is_settled {
        out.push_str(&format!("  {} {head}   {summary}\n", green("✓")));
    } else {
        out.push_str(&format!("  {}\n", cross(&format!("{head}   {summary}"))));
    }
    let rows: Vec<Vec<Cell>> = case
        .statements
        .iter()
        .map(|statement| {
            vec![
                Cell::plain(format!("  {}", statement.finding.name())),
                Cell::plain(statement.number.to_string()),
                Cell::plain(cut(&clean_message(&statement.statement), 50)),
                Cell::painted(clean_message(&statement.evidence), dim),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let align = [Align::Left, Align::Right, Align::Left, Align::Left];
        out.push_str(&format!("\n{}", lines(&align, &rows)));
    }
    out.push('\n');
    match (&case.settlement, case.is_settled) {
        (Some(settlement), true) => {
            out.push_str(&format!("  Done:   {}\n", clean_message(settlement)));
        }
        (Some(settlement), false) => {
            let line = format!(
                "`shoring doctor --apply` would {}",
                clean_message(settlement)
            );
            out.push_str(&format!("  Apply:  {}\n", commands(&line)));
        }
        (None, _) => {}
    }
    if !case.next.is_empty() {
        out.push_str(&format!(
            "  Next:   {}\n",
            commands(&clean_message(&case.next))
        ));
    }
    out.push('\n');
}

fn document(report: &DoctorReport) -> Value {
    let cases: Vec<Value> = report
        .cases
        .iter()
        .map(|case| {
            let statements: Vec<Value> = case
                .statements
                .iter()
                .map(|statement| {
                    json!({
                        "number": statement.number,
                        "statement": statement.statement,
                        "finding": statement.finding.name(),
                        "evidence": statement.evidence,
                    })
                })
                .collect();
            json!({
                "version": case.version,
                "name": case.name,
                "summary": case.summary,
                "statements": statements,
                "next": case.next,
                "settlement": case.settlement,
                "settled": case.is_settled,
            })
        })
        .collect();
    json!({
        "v": 1,
        "database": database(&report.database),
        "healthy": report.cases.iter().all(|case| case.is_settled),
        "cases": cases,
        "notes": report.notes,
    })
}

/// What `--apply` would do, one line for each case it can settle.
pub(crate) fn settlements(report: &DoctorReport) -> Vec<String> {
    report
        .cases
        .iter()
        .filter(|case| !case.is_settled)
        .filter_map(|case| {
            let settlement = case.settlement.as_ref()?;
            Some(format!(
                "{}: {}",
                clean(&case.version),
                clean_message(settlement)
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring::report::{DatabaseInfo, Finding, StatementFinding};

    #[test]
    fn a_half_done_file() {
        let finding = |number, finding, statement: &str, evidence: &str| StatementFinding {
            number,
            statement: statement.to_owned(),
            finding,
            evidence: evidence.to_owned(),
        };
        let report = DoctorReport {
            database: DatabaseInfo {
                product: "mariadb",
                title: "MariaDB",
                version: "10.11.19".to_owned(),
                url: "mysql://app@db/shop".to_owned(),
                exists: true,
            },
            cases: vec![Case {
                version: "007".to_owned(),
                name: "invoices".to_owned(),
                summary: "2 of 3 statements are in the database".to_owned(),
                statements: vec![
                    finding(
                        1,
                        Finding::Applied,
                        "CREATE TABLE invoices (",
                        "journal: done",
                    ),
                    finding(2, Finding::Unknown, "UPDATE orders SET a = 1", "no record"),
                    finding(3, Finding::NotRun, "ALTER TABLE x", ""),
                ],
                next: "look at 2, then `shoring mark 007 applied`".to_owned(),
                settlement: Some("record statement 1 as done".to_owned()),
                is_settled: false,
            }],
            notes: vec!["the lease of a dead run was found".to_owned()],
        };
        let text = answer(&report).text;
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r"
        ✗ 007 invoices   2 of 3 statements are in the database

          applied   1   CREATE TABLE invoices (   journal: done
          unknown   2   UPDATE orders SET a = 1   no record
          not run   3   ALTER TABLE x

        Apply:  shoring doctor --apply  would record statement 1 as done
        Next:   look at 2, then  shoring mark 007 applied

        note: the lease of a dead run was found
        ");
        assert_eq!(answer(&report).json["healthy"], false);
    }
}
