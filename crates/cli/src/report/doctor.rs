//! `doctor`: what is in the database after a failure, and the one right next command.

use super::answer::Answer;
use super::error::{commands, cross};
use super::status::database;
use super::style::{dim, green};
use super::table::{Align, Cell, lines};
use super::text::{clean, clean_message, cut};
use crate::exit_code;
use serde_json::{Value, json};
use shoring::report::{Case, CaseKind, DoctorReport};

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
    Answer::new(text, document(report)).with_exit(exit(report))
}

/// The code of what is open still. Of several the gravest: unknown, then partly applied, then a mismatch.
fn exit(report: &DoctorReport) -> u8 {
    let open = report.cases.iter().filter(|case| !case.is_settled);
    open.map(|case| case.kind).max().map_or(exit_code::DONE, of)
}

fn of(kind: CaseKind) -> u8 {
    match kind {
        CaseKind::Mismatch => exit_code::MISMATCH,
        CaseKind::PartlyApplied => exit_code::PARTLY,
        CaseKind::Unknown => exit_code::UNKNOWN,
    }
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
                "kind": case.kind.name(),
                "exit": of(case.kind),
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
                kind: CaseKind::Unknown,
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
        let told = answer(&report);
        assert_eq!(told.json["healthy"], false);
        assert_eq!(told.json["cases"][0]["kind"], "unknown");
        assert_eq!(
            (told.exit, &told.json["cases"][0]["exit"]),
            (12, &json!(12))
        );
    }

    #[test]
    fn the_gravest_open_case_decides_the_exit_code() {
        let case = |kind, is_settled| Case {
            kind,
            version: "007".to_owned(),
            name: "invoices".to_owned(),
            summary: String::new(),
            statements: Vec::new(),
            next: String::new(),
            settlement: None,
            is_settled,
        };
        for (cases, code) in [
            (vec![], 0),
            (vec![case(CaseKind::Mismatch, false)], 4),
            (
                vec![
                    case(CaseKind::PartlyApplied, false),
                    case(CaseKind::Mismatch, false),
                ],
                7,
            ),
            (
                vec![
                    case(CaseKind::Unknown, false),
                    case(CaseKind::PartlyApplied, false),
                ],
                12,
            ),
            (vec![case(CaseKind::PartlyApplied, true)], 0),
            (
                vec![
                    case(CaseKind::PartlyApplied, true),
                    case(CaseKind::Mismatch, false),
                ],
                4,
            ),
        ] {
            let report = DoctorReport {
                database: DatabaseInfo {
                    product: "sqlite",
                    title: "SQLite",
                    version: "3.50.0".to_owned(),
                    url: "sqlite:x.db".to_owned(),
                    exists: true,
                },
                cases,
                notes: Vec::new(),
            };
            assert_eq!(answer(&report).exit, code, "{:?}", report.cases);
        }
    }
}
