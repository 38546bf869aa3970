//! `up`, `down`, `redo`, `goto`, `seed`: what ran, and where the database is now.

use super::answer::Answer;
use super::error::commands;
use super::status::database;
use super::style::{dim, green};
use super::text::{clean, clean_message, columns, count, pad, pad_left, thousands, took};
use serde_json::{Value, json};
use shoring::core::Direction;
use shoring::report::{Ran, RunReport};

/// What was asked, for the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// `up`.
    Up,
    /// `down`.
    Down,
    /// `redo` or `goto`.
    Move,
    /// `seed`.
    Seed,
}

/// The answer of a run. The lines of the migrations were printed while they ran.
pub(crate) fn answer(report: &RunReport, asked: Asked) -> Answer {
    Answer::new(for_people(report, asked), document(report))
}

fn for_people(report: &RunReport, asked: Asked) -> String {
    let ways = |way: Direction| {
        let found = report.ran.iter().filter(|ran| ran.direction == way);
        found.count() as u64
    };
    let at = match &report.current {
        Some(version) => format!("at {}", clean(version)),
        None => "nothing is applied".to_owned(),
    };
    let now = match &report.current {
        Some(_) => format!("now {at}"),
        None => "nothing is applied now".to_owned(),
    };
    let line = if report.ran.is_empty() {
        match asked {
            Asked::Seed => "Nothing to do: the seeds have not changed.".to_owned(),
            Asked::Down => format!("Nothing to roll back: {at}."),
            Asked::Up | Asked::Move => match report.pending {
                0 => format!("Nothing to do: {at}, nothing pending."),
                pending => format!(
                    "Nothing to do: {at}, {} pending.",
                    thousands(pending as u64)
                ),
            },
        }
    } else {
        let duration = took(report.milliseconds);
        let mut done = Vec::new();
        if ways(Direction::Down) > 0 {
            done.push(format!("{} rolled back", thousands(ways(Direction::Down))));
        }
        if ways(Direction::Up) > 0 {
            done.push(format!("{} applied", thousands(ways(Direction::Up))));
        }
        let done = done.join(", ");
        let pending = match report.pending {
            0 => String::new(),
            pending => format!(", {} pending", thousands(pending as u64)),
        };
        match asked {
            Asked::Seed => format!(
                "{} in {duration}.",
                count(report.ran.len() as u64, "seed file run", "seed files run")
            ),
            Asked::Up if report.can_go_back => {
                format!("{done} in {duration}, {now}{pending}. Undo the last with: `shoring down`")
            }
            Asked::Down => {
                format!("{done} in {duration}, {now}{pending}. Apply again with: `shoring up`")
            }
            Asked::Up | Asked::Move => format!("{done} in {duration}, {now}{pending}."),
        }
    };
    let gap = if report.ran.is_empty() { "" } else { "\n" };
    let notice = report.notice.as_deref().map_or_else(String::new, |notice| {
        format!("  {}\n", clean_message(notice))
    });
    format!("{gap}  {}\n{notice}", commands(&line))
}

/// The line of one migration that is done:
/// `  ✓ 001 create_users              3 statements     2 ms`.
pub(crate) fn done_line(ran: &Ran) -> String {
    let (head, width) = head(&ran.version, &ran.name);
    let statements = count(ran.statements, "statement ", "statements");
    let mut line = format!(
        "  {} {}  {}  {}",
        green("✓"),
        pad(&head, width),
        pad_left(&statements, 14),
        pad_left(&took(ran.milliseconds), 8),
    );
    if ran.direction == Direction::Down {
        line.push_str(&format!("   {}", dim("rolled back")));
    }
    if ran.rows > 0 {
        line.push_str(&format!("   {}", count(ran.rows, "row", "rows")));
    }
    line.push('\n');
    line
}

/// Version and name of a migration, and the width that lines up with its neighbours: versions of one project are about
/// equally long.
pub(crate) fn head(version: &str, name: &str) -> (String, usize) {
    let version = clean(version);
    let width = columns(&version) + 25;
    (
        format!("{version} {}", clean(name)).trim().to_owned(),
        width,
    )
}

fn document(report: &RunReport) -> Value {
    json!({
        "v": 1,
        "applied": report.ran.iter().map(ran).collect::<Vec<Value>>(),
        "current": report.current,
        "pending": report.pending,
        "outcome": "done",
        "ms": report.milliseconds,
        "notice": report.notice,
        "database": database(&report.database),
    })
}

/// One migration that ran, as in every document.
pub(crate) fn ran(ran: &Ran) -> Value {
    json!({
        "version": ran.version,
        "name": ran.name,
        "direction": ran.direction.name(),
        "ms": ran.milliseconds,
        "statements": ran.statements,
        "rows": ran.rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoring::report::DatabaseInfo;

    fn one(version: &str, name: &str, direction: Direction, rows: u64) -> Ran {
        Ran {
            version: version.to_owned(),
            name: name.to_owned(),
            direction,
            milliseconds: 2,
            statements: 3,
            rows,
        }
    }

    fn report(ran: Vec<Ran>) -> RunReport {
        RunReport {
            database: DatabaseInfo {
                product: "sqlite",
                title: "SQLite",
                version: "3.53.0".to_owned(),
                url: "sqlite:shoring.db".to_owned(),
                exists: true,
            },
            ran,
            current: Some("006".to_owned()),
            pending: 0,
            milliseconds: 21,
            notice: None,
            can_go_back: true,
        }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn lines_line_up() {
        let mut slow = one("004", "backfill_status", Direction::Up, 1200);
        slow.statements = 1;
        slow.milliseconds = 65_000;
        let shown: String = [
            done_line(&one("001", "create_users", Direction::Up, 0)),
            done_line(&slow),
            done_line(&one("006", "post_tags", Direction::Down, 0)),
            done_line(&one(
                "20261121101500",
                "post_\u{1b}[2Jtags",
                Direction::Up,
                0,
            )),
        ]
        .concat();
        insta::assert_snapshot!(plain(&shown), @r"
        ✓ 001 create_users                3 statements      2 ms
        ✓ 004 backfill_status             1 statement   1 min 05 s   1,200 rows
        ✓ 006 post_tags                   3 statements      2 ms   rolled back
        ✓ 20261121101500 post_\u{1b}[2Jtags          3 statements      2 ms
        ");
    }

    #[test]
    fn summaries_name_the_next_command() {
        let up = report(vec![one("006", "post_tags", Direction::Up, 0)]);
        let down = report(vec![one("006", "post_tags", Direction::Down, 0)]);
        let both = report(vec![
            one("006", "post_tags", Direction::Down, 0),
            one("006", "post_tags", Direction::Up, 0),
        ]);
        let nothing = report(Vec::new());
        let shown: String = [
            (&up, Asked::Up),
            (&down, Asked::Down),
            (&both, Asked::Move),
            (&nothing, Asked::Up),
            (&nothing, Asked::Down),
            (&nothing, Asked::Seed),
        ]
        .map(|(report, asked)| {
            plain(&answer(report, asked).text)
                .trim_start_matches('\n')
                .to_owned()
        })
        .concat();
        insta::assert_snapshot!(shown, @r"
        1 applied in 21 ms, now at 006. Undo the last with:  shoring down
        1 rolled back in 21 ms, now at 006. Apply again with:  shoring up
        1 rolled back, 1 applied in 21 ms, now at 006.
        Nothing to do: at 006, nothing pending.
        Nothing to roll back: at 006.
        Nothing to do: the seeds have not changed.
        ");
    }

    #[test]
    fn the_document_has_the_shape_of_the_contract() {
        let up = report(vec![one("006", "post_tags", Direction::Up, 0)]);
        insta::assert_snapshot!(format!("{:#}", answer(&up, Asked::Up).json), @r#"
        {
          "v": 1,
          "applied": [
            {
              "version": "006",
              "name": "post_tags",
              "direction": "up",
              "ms": 2,
              "statements": 3,
              "rows": 0
            }
          ],
          "current": "006",
          "pending": 0,
          "outcome": "done",
          "ms": 21,
          "notice": null,
          "database": {
            "dialect": "sqlite",
            "product": "sqlite",
            "server": "3.53.0",
            "url": "sqlite:shoring.db",
            "exists": true
          }
        }
        "#);
    }
}
