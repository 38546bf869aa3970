//! The one table: what ran on which server.

use super::tally::{Counts, Tally};
use crate::servers::{Outcome, Server};

/// Renders the table; servers that did not run are loud, and so are the disks that could not be filled.
pub(super) fn render(
    outcomes: &[(Server, Outcome)],
    no_small_disk: Option<&str>,
    tally: &Tally,
) -> String {
    let mut rows = vec![
        [
            "server", "version", "from", "passed", "failed", "ignored", "seconds",
        ]
        .map(String::from)
        .to_vec(),
    ];
    for server in Server::ALL {
        let outcome = outcomes.iter().find(|(name, _)| *name == server);
        let counts = tally
            .by_server
            .get(&Some(server))
            .copied()
            .unwrap_or_default();
        rows.push(match outcome.map(|(_, outcome)| outcome) {
            Some(Outcome::Running { version, origin }) => {
                row([server.segment(), version, origin], counts)
            }
            Some(Outcome::Failed(error)) => {
                let first = error.split('\n').next().unwrap_or_default();
                vec![
                    server.segment().into(),
                    format!("COULD NOT BE HAD: {first}"),
                ]
            }
            Some(Outcome::NotAsked) | None => {
                let name = server.segment();
                vec![
                    name.into(),
                    format!("NOT RUN: ask for it with --server {name}"),
                ]
            }
        });
    }
    if let Some(reason) = no_small_disk {
        rows.push(vec!["full disks".into(), format!("NOT RUN: {reason}")]);
    }
    let rest = tally.by_server.get(&None).copied().unwrap_or_default();
    rows.push(row(["no server", "", ""], rest));
    rows.push(row(["all", "", ""], tally.total()));
    align(&rows, 3)
}

fn row(texts: [&str; 3], counts: Counts) -> Vec<String> {
    let mut cells: Vec<String> = texts.map(String::from).to_vec();
    cells.extend([counts.passed, counts.failed, counts.ignored].map(|number| number.to_string()));
    cells.push(format!("{:.1}", counts.time.as_secs_f64()));
    cells
}

/// The first `texts` columns to the left, numbers to the right; short rows do not widen columns.
pub(super) fn align(rows: &[Vec<String>], texts: usize) -> String {
    let columns = rows[0].len();
    let width = |column: usize| {
        let full = rows
            .iter()
            .filter(|row| row.len() == columns || column == 0);
        full.map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            line += &if column < texts {
                format!("{cell:<width$}  ")
            } else {
                format!("{cell:>width$}  ")
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_aligned_and_loud() {
        let outcomes = [
            (
                Server::Postgresql,
                Outcome::Running {
                    version: "15.18".into(),
                    origin: "/usr/bin".into(),
                },
            ),
            (Server::Mariadb, Outcome::Failed("no disk\nlog".into())),
            (Server::Mysql, Outcome::NotAsked),
        ];
        let mut tally = Tally::default();
        tally.by_server.insert(
            Some(Server::Postgresql),
            Counts {
                passed: 120,
                ..Counts::default()
            },
        );
        let text = render(&outcomes, Some("it takes root"), &tally);
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(
            lines[0],
            "server      version  from      passed  failed  ignored  seconds"
        );
        assert_eq!(
            lines[1],
            "postgresql  15.18    /usr/bin     120       0        0      0.0"
        );
        assert_eq!(lines[3], "mariadb     COULD NOT BE HAD: no disk");
        assert_eq!(
            lines[5],
            "mysql       NOT RUN: ask for it with --server mysql"
        );
        assert_eq!(lines[7], "full disks  NOT RUN: it takes root");
        assert_eq!(
            lines[9],
            "all                               120       0        0      0.0"
        );
    }
}
