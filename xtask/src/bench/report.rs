//! The tables of one bench, as Markdown that can be read on a terminal too.

use super::series::Series;
use super::tools;

/// Everything that was measured.
#[derive(Debug, Default)]
pub(super) struct Report {
    tables: Vec<Table>,
    /// All that is shown, in order.
    sections: Vec<String>,
}

/// One scenario on one database.
#[derive(Debug)]
pub(super) struct Table {
    /// Names it for those that compute with it.
    pub(super) key: String,
    pub(super) title: String,
    /// What the count of each run is, if something was counted.
    pub(super) counted: Option<&'static str>,
    pub(super) series: Vec<Series>,
}

impl Report {
    /// Adds a table and shows it at once: a bench takes a while.
    pub(super) fn add(&mut self, table: Table) {
        self.add_text(table.render());
        self.tables.push(table);
    }

    /// Adds a section that is no table of runs.
    pub(super) fn add_text(&mut self, section: String) {
        println!("\n{section}");
        self.sections.push(section);
    }

    pub(super) fn table(&self, key: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.key == key)
    }

    pub(super) fn render(&self) -> String {
        self.sections.join("\n")
    }
}

impl Table {
    pub(super) fn series(&self, tool: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.tool == tool)
    }

    fn render(&self) -> String {
        let mut header = vec![
            "tool",
            "min",
            "median",
            "max",
            "runs",
            "shoring ÷ it",
            "client CPU",
            "peak RSS",
        ];
        header.extend(self.counted);
        let mut rows = vec![header.into_iter().map(String::from).collect::<Vec<_>>()];
        let mut notes = String::new();
        let ours = self.series(tools::shoring::TOOL.name);
        for series in &self.series {
            if let Some(reason) = &series.missing {
                notes += &format!("- {}: {reason}\n", series.tool);
            }
            let Some(wall) = series.wall() else {
                continue;
            };
            let ratio = ours.and_then(|ours| series.ratio_of(ours));
            let mut row = vec![
                series.tool.to_owned(),
                seconds(wall.least),
                seconds(wall.median),
                seconds(wall.most),
                series.samples.len().to_string(),
                ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
                series.cpu().map_or_else(String::new, seconds),
                series
                    .peak()
                    .map_or_else(String::new, |peak| format!("{peak:.1} MB")),
            ];
            if self.counted.is_some() {
                let count = series.count();
                row.push(count.map_or_else(String::new, |count| format!("{count:.2}")));
            }
            rows.push(row);
        }
        let mut text = format!("### {}\n\n{}", self.title, markdown(&rows));
        if !notes.is_empty() {
            text += &format!("\nNot in the table:\n\n{notes}");
        }
        text
    }
}

/// A Markdown table with its columns aligned; the first to the left, numbers to the right.
pub(super) fn markdown(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells = widths.iter().enumerate().map(|(column, width)| {
            let cell = row.get(column).map_or("", String::as_str);
            let padding = " ".repeat(width - cell.chars().count());
            if column == 0 {
                format!("{cell}{padding}")
            } else {
                format!("{padding}{cell}")
            }
        });
        text += &format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        if index == 0 {
            let rules = widths.iter().enumerate().map(|(column, width)| {
                let colon = if column == 0 { "-" } else { ":" };
                format!("{}{colon}", "-".repeat(width + 1))
            });
            text += &format!("|{}|\n", rules.collect::<Vec<_>>().join("|"));
        }
    }
    text
}

/// Three digits that matter.
pub(super) fn seconds(value: f64) -> String {
    if value < 0.1 {
        format!("{:.1} ms", value * 1000.0)
    } else if value < 1.0 {
        format!("{:.0} ms", value * 1000.0)
    } else if value < 10.0 {
        format!("{value:.2} s")
    } else {
        format!("{value:.1} s")
    }
}

#[cfg(test)]
mod tests {
    use super::super::series::tests::series;
    use super::*;

    #[test]
    fn a_table_names_who_is_missing() {
        let table = Table {
            key: "up".into(),
            title: "Up".into(),
            counted: Some("WAL syncs each"),
            series: vec![
                series("shoring", &[500, 600, 700]),
                series("sqlx", &[1000, 1200, 1400]),
                Series {
                    missing: Some("has no up".into()),
                    ..Series::new("dbmate")
                },
            ],
        };
        assert_eq!(
            table.render(),
            "\
### Up

| tool    |    min | median |    max | runs | shoring ÷ it | client CPU | peak RSS | WAL syncs each |
|---------|-------:|-------:|-------:|-----:|-------------:|-----------:|---------:|---------------:|
| shoring | 500 ms | 600 ms | 700 ms |    3 |         1.00 |     300 ms |   8.0 MB |           1.00 |
| sqlx    | 1.00 s | 1.20 s | 1.40 s |    3 |         0.50 |     600 ms |   8.0 MB |           1.00 |

Not in the table:

- dbmate: has no up
"
        );
    }

    #[test]
    fn times_have_three_digits() {
        for (value, text) in [
            (0.0042, "4.2 ms"),
            (0.123, "123 ms"),
            (1.234, "1.23 s"),
            (61.44, "61.4 s"),
        ] {
            assert_eq!(seconds(value), text);
        }
    }
}
