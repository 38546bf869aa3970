//! What the fault tests tried: the lines they left behind, added up, as a table, and whether it was enough.

use std::collections::BTreeMap;

use super::table::align;
use crate::servers::Server;

/// Faults that each database has to survive in a whole run of the tests.
const LEAST: u64 = 300;

/// The databases that promise is made for.
const JUDGED: [Server; 4] = [
    Server::Postgresql,
    Server::Mariadb,
    Server::Mysql,
    Server::Sqlite,
];

/// Rounds of many runs are no faults.
const ROUNDS: &str = "rounds together";

/// Points, lost, doubled, wedged.
type Counts = [u64; 4];

/// Sums by database and kind of fault.
#[derive(Debug, Default)]
pub(super) struct Figures {
    sums: BTreeMap<(String, String), Counts>,
}

impl Figures {
    /// Adds up lines of database, fault, points, lost, doubled, wedged with tabs between them.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut figures = Self::default();
        for line in text.lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let [server, fault, numbers @ ..] = cells.as_slice() else {
                return Err(format!("no line of figures: `{line}`"));
            };
            let numbers: Vec<u64> = numbers
                .iter()
                .filter_map(|number| number.parse().ok())
                .collect();
            let numbers: Counts = numbers
                .try_into()
                .map_err(|_| format!("no line of figures: `{line}`"))?;
            let sum = figures
                .sums
                .entry(((*server).to_owned(), (*fault).to_owned()))
                .or_default();
            for (sum, number) in sum.iter_mut().zip(numbers) {
                *sum += number;
            }
        }
        Ok(figures)
    }

    /// The table; empty when no fault test ran.
    pub(super) fn render(&self) -> String {
        if self.sums.is_empty() {
            return String::new();
        }
        let mut rows = vec![
            ["database", "fault", "points", "lost", "doubled", "wedged"]
                .map(String::from)
                .to_vec(),
        ];
        for ((server, fault), counts) in &self.sums {
            let mut row = vec![server.clone(), fault.clone()];
            row.extend(counts.map(|number| number.to_string()));
            rows.push(row);
        }
        align(&rows, 2)
    }

    /// Faults that were done on one database.
    fn points(&self, server: Server) -> u64 {
        self.sums
            .iter()
            .filter(|((name, fault), _)| name == server.segment() && fault != ROUNDS)
            .map(|(_, counts)| counts[0])
            .sum()
    }

    /// Databases on which less was tried than promised.
    pub(super) fn complaints(&self, is_running: impl Fn(Server) -> bool) -> Vec<String> {
        JUDGED
            .into_iter()
            .filter(|server| is_running(*server))
            .filter_map(|server| {
                let points = self.points(server);
                (points < LEAST).then(|| {
                    format!(
                        "{}: {points} faults were tried, {LEAST} are promised",
                        server.segment()
                    )
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "mariadb\tkill points\t200\t0\t0\t0\nmariadb\tkill points\t60\t0\t1\t0\n\
                         mariadb\tlink cuts\t30\t0\t0\t0\nmariadb\trounds together\t50\t0\t0\t0\n";

    #[test]
    fn lines_of_one_kind_are_added_up() {
        let table = Figures::read(LINES).unwrap().render();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines[0],
            "database  fault            points  lost  doubled  wedged"
        );
        assert_eq!(
            lines[1],
            "mariadb   kill points         260     0        1       0"
        );
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn too_few_faults_are_told() {
        let figures = Figures::read(LINES).unwrap();
        let complaints = figures.complaints(|server| server == Server::Mariadb);
        assert_eq!(
            complaints,
            ["mariadb: 290 faults were tried, 300 are promised"]
        );
        let enough = format!("{LINES}mariadb\tserver crashes\t10\t0\t0\t0\n");
        let figures = Figures::read(&enough).unwrap();
        assert!(
            figures
                .complaints(|server| server == Server::Mariadb)
                .is_empty()
        );
    }

    #[test]
    fn a_broken_line_is_no_zero() {
        assert!(Figures::read("mariadb\tkill points\t2\n").is_err());
        assert!(Figures::read("mariadb\tkill points\t2\t0\tx\t0\n").is_err());
    }
}
