//! Which rows of the table count. It grows with every run: of the rows of a version, or of a description, the newest one
//! decides.

use super::names;
use super::version;
use crate::history::{At, HistoryError};
use crate::rows::bad_row;
use shoring_core::{
    Applied, AppliedKind, Attributes, Checksum, Kind, Migration, MigrationSet, OrderKey, Row,
    Version,
};
use std::collections::BTreeMap;

/// Attributes of a row.
pub(super) mod attribute {
    /// `installed_rank`, the primary key.
    pub(in super::super) const RANK: &str = "rank";
    /// `description`.
    pub(in super::super) const DESCRIPTION: &str = "description";
    /// `type`.
    pub(in super::super) const TYPE: &str = "type";
    /// `script`: the path below its location.
    pub(in super::super) const SCRIPT: &str = "script";
    /// `installed_by`, where the project's configuration says it.
    pub(in super::super) const INSTALLED_BY: &str = "installed-by";
}

/// The columns as they are selected.
pub(super) const SELECTED: [&str; 10] = [
    "installed_rank",
    "version",
    "description",
    "type",
    "script",
    "checksum",
    "installed_by",
    "execution_time",
    "success",
    "installed_on",
];

/// The files by place, and whether they are baselines.
type Files<'s> = BTreeMap<(&'s OrderKey, bool), &'s Migration>;

/// A row as it stands there.
struct Line {
    rank: i64,
    version: Option<(String, OrderKey)>,
    description: String,
    type_name: String,
    script: String,
    checksum: Option<i64>,
    installed_by: Option<String>,
    milliseconds: Option<i64>,
    is_success: bool,
    installed_on: Option<String>,
}

/// What is applied, in order.
pub(super) fn decode(
    at: At<'_>,
    rows: &[Row],
    set: &MigrationSet,
) -> Result<Vec<Applied>, HistoryError> {
    let mut lines = rows
        .iter()
        .enumerate()
        // Below 0 stands the lock of products that have no other, with whatever it needs in the columns.
        .filter(|(_, row)| row.int(0).is_none_or(|rank| rank >= 0))
        .map(|(index, row)| line(at, index, row))
        .collect::<Result<Vec<Line>, _>>()?;
    lines.sort_by_key(|line| line.rank);
    let mut newest: BTreeMap<OrderKey, Line> = BTreeMap::new();
    for line in lines {
        let key = match (&line.version, line.type_name.as_str()) {
            (_, "SCHEMA") => continue,
            (Some((_, order)), _) => order.clone(),
            (None, _) => OrderKey::Last(line.description.clone()),
        };
        let is_gone = line.type_name == "DELETE" || line.type_name.starts_with("UNDO");
        match (is_gone, line.is_success) {
            (true, true) => drop(newest.remove(&key)),
            // An undo that failed left its migration as it was, or half of it: somebody has to look.
            (true, false) => {
                if let Some(known) = newest.get_mut(&key) {
                    known.is_success = false;
                }
            }
            (false, _) => drop(newest.insert(key, line)),
        }
    }
    let baseline = newest
        .iter()
        .filter(|(_, line)| line.is_success && is_baseline(&line.type_name))
        .map(|(order, _)| order.clone())
        .next_back();
    let files: Files<'_> = set
        .migrations
        .iter()
        .map(|file| ((&file.order, file.kind == Kind::Baseline), file.as_ref()))
        .collect();
    let mut applied: BTreeMap<OrderKey, Applied> = newest
        .into_iter()
        .map(|(order, line)| (order.clone(), line.into_applied(order, &files)))
        .collect();
    if let Some(baseline) = &baseline {
        // What stands below it is taken as applied, whether it ever was.
        for migration in &set.migrations {
            let is_below = migration.order <= *baseline && migration.kind == Kind::Versioned;
            if is_below && !applied.contains_key(&migration.order) {
                applied.insert(
                    migration.order.clone(),
                    below_baseline(&migration.version, &migration.order, &migration.name),
                );
            }
        }
        // Nor is anything there compared with its file.
        for row in applied.values_mut().filter(|row| row.order <= *baseline) {
            if !row.attributes.contains_key(Applied::RAN_AS_BASELINE) {
                row.checksum = None;
                row.name = None;
            }
        }
    }
    Ok(applied.into_values().collect())
}

fn is_baseline(type_name: &str) -> bool {
    matches!(
        type_name,
        "BASELINE" | "SQL_BASELINE" | "JDBC_BASELINE" | "SQL_STATE_SCRIPT" | "JDBC_STATE_SCRIPT"
    )
}

/// A migration that a baseline stands for.
pub(super) fn below_baseline(version: &Version, order: &OrderKey, name: &str) -> Applied {
    Applied {
        name: Some(name.to_owned()),
        kind: AppliedKind::Baseline,
        ..Applied::new(version.clone(), order.clone())
    }
}

fn line(at: At<'_>, index: usize, row: &Row) -> Result<Line, HistoryError> {
    let bad = |reason: String| bad_row(at.table, index, reason);
    let needed = |column: usize| {
        row.text(column)
            .ok_or_else(|| bad(format!("{} is NULL", SELECTED[column])))
    };
    let version = match row.text(1) {
        None => None,
        Some(text) => Some(
            version::parse(&text).ok_or_else(|| bad(format!("version `{text}` is no version")))?,
        ),
    };
    Ok(Line {
        rank: row
            .int(0)
            .ok_or_else(|| bad("installed_rank is not a number".to_owned()))?,
        version,
        description: needed(2)?,
        type_name: needed(3)?,
        script: needed(4)?,
        checksum: row.int(5),
        installed_by: row.text(6).filter(|user| !user.is_empty()),
        milliseconds: row.int(7),
        is_success: row
            .bool(8)
            .ok_or_else(|| bad("success is neither true nor false".to_owned()))?,
        installed_on: row.text(9),
    })
}

impl Line {
    fn into_applied(self, order: OrderKey, files: &Files<'_>) -> Applied {
        let is_run_baseline = is_baseline(&self.type_name) && self.type_name != "BASELINE";
        let wanted = if is_run_baseline {
            Kind::Baseline
        } else {
            Kind::Versioned
        };
        let file = files
            .get(&(&order, wanted == Kind::Baseline))
            .copied()
            .filter(|file| file.kind == wanted || file.kind == Kind::Repeatable);
        let is_same_name = file.is_some_and(|file| {
            file.attributes.get(attribute::DESCRIPTION) == Some(&self.description)
        });
        let name = match file {
            Some(file) if is_same_name => file.name.clone(),
            Some(_) | None => self.description.replace(' ', "_"),
        };
        let is_program = matches!(
            self.type_name.as_str(),
            "JDBC" | "SPRING_JDBC" | "JDBC_BASELINE" | "JDBC_STATE_SCRIPT" | "CUSTOM" | "SCRIPT"
        );
        let kind = match (self.is_success, self.type_name.as_str()) {
            (false, _) => AppliedKind::Failed,
            (true, "BASELINE") => AppliedKind::Baseline,
            (true, _) if is_program => AppliedKind::ByProgram,
            (true, _) => AppliedKind::Applied,
        };
        let order_is_step = order.is_step();
        let version = match (&self.version, file) {
            (Some((version, _)), _) => Version::new(version.clone()),
            (None, Some(file)) => file.version.clone(),
            (None, None) => Version::new(format!("R__{name}")),
        };
        let mut attributes = Attributes::from([
            (attribute::RANK, self.rank.to_string()),
            (attribute::DESCRIPTION, self.description),
            (attribute::TYPE, self.type_name),
            (attribute::SCRIPT, self.script),
        ]);
        if is_run_baseline {
            attributes.insert(Applied::RAN_AS_BASELINE, "true".to_owned());
        }
        Applied {
            version,
            order,
            // Without its file the version is all there is to call it.
            name: (file.is_some() || order_is_step).then_some(name),
            kind,
            checksum: self
                .checksum
                .map(|checksum| Checksum::from_text(checksum.to_string())),
            applied_at: self.installed_on,
            applied_by: self.installed_by,
            milliseconds: self
                .milliseconds
                .and_then(|value| u64::try_from(value).ok()),
            attributes,
        }
    }
}

/// The description as it fits the column: 200 characters.
pub(super) fn fitting_description(name: &str) -> String {
    const LIMIT: usize = 200;
    let description = names::description(name);
    if description.encode_utf16().count() <= LIMIT {
        return description;
    }
    let head: String = description.chars().take(LIMIT - 3).collect();
    format!("{head}...")
}

/// The path as it fits the column: 1000 characters.
pub(super) fn fitting_script(path: &str) -> String {
    const LIMIT: usize = 1000;
    if path.chars().count() <= LIMIT {
        return path.to_owned();
    }
    let kept: String = path.chars().take(LIMIT).skip(3).collect();
    format!("...{kept}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;
    use shoring_core::{Policy, Product, TableName, Value};

    /// Rows as text: `rank|version|description|type|success`, an empty version for none.
    fn decoded(lines: &[&str]) -> Result<Vec<String>, String> {
        let rows: Vec<Row> = lines
            .iter()
            .map(|line| {
                let cells: Vec<&str> = line.split('|').collect();
                let version = (!cells[1].is_empty()).then_some(cells[1]);
                Row::new(vec![
                    Value::from(cells[0]),
                    Value::from(version),
                    Value::from(cells[2]),
                    Value::from(cells[3]),
                    Value::from("x.sql"),
                    Value::Int(7),
                    Value::from("me"),
                    Value::Int(1),
                    Value::from(cells[4]),
                    Value::Null,
                ])
            })
            .collect();
        let set = MigrationSet {
            format: "flyway",
            policy: Policy::STRICT,
            folder: String::new(),
            migrations: Vec::new(),
            ignored: Vec::new(),
            diagnostics: Vec::new(),
        };
        let table = super::super::history::FlywayHistory
            .shape(&TableName::new(None, "flyway_schema_history"));
        let at = At {
            product: Product::Postgresql,
            table: &table,
        };
        let applied = decode(at, &rows, &set).map_err(|error| error.to_string())?;
        Ok(applied
            .iter()
            .map(|row| {
                let rank = row
                    .attributes
                    .get(attribute::RANK)
                    .map_or("-", String::as_str);
                format!("{} {} {rank}", row.version, row.kind.name())
            })
            .collect())
    }

    #[test]
    fn the_newest_row_of_a_version_decides() {
        for (lines, expected) in [
            (vec!["1|1|a|SQL|t", "2|1.0|a|DELETE|t"], vec![]),
            (
                vec!["1|1|a|SQL|t", "2|1|a|DELETE|t", "3|1|a|SQL|t"],
                vec!["1 applied 3"],
            ),
            // A commercial edition was here.
            (vec!["1|1|a|SQL|t", "2|1|a|UNDO_SQL|t"], vec![]),
            (vec!["1|1|a|SQL|t", "2|1|a|UNDO_SQL|f"], vec!["1 failed 1"]),
            (vec!["1|1|a|SQL|f"], vec!["1 failed 1"]),
            (vec!["1|2|a|JDBC|t"], vec!["2 program 1"]),
            (
                vec!["0||<< x >>|SCHEMA|t", "-100|ab|flyway-lock|SQL|t"],
                vec![],
            ),
            (
                vec!["0||<< x >>|SCHEMA|t", "-100|1|flyway-lock|SQL|t"],
                vec![],
            ),
            (
                vec!["1||b view|SQL|t", "2||b view|SQL|t", "3||a view|SQL|t"],
                vec!["R__a_view applied 3", "R__b_view applied 2"],
            ),
            (vec!["1||b view|SQL|t", "2||b view|DELETE|t"], vec![]),
            (
                vec!["1|3|b|BASELINE|t", "2|4|c|SQL|t"],
                vec!["3 baseline 1", "4 applied 2"],
            ),
        ] {
            assert_eq!(decoded(&lines).unwrap(), expected, "{lines:?}");
        }
    }

    #[test]
    fn rows_that_nobody_understands_are_named() {
        assert_eq!(
            decoded(&["1|1|a|SQL|t", "2|x|b|SQL|t"]).unwrap_err(),
            "row 2 of `flyway_schema_history` cannot be read: version `x` is no version"
        );
        assert_eq!(
            decoded(&["1|1|a|SQL|maybe"]).unwrap_err(),
            "row 1 of `flyway_schema_history` cannot be read: success is neither true nor false"
        );
    }

    #[test]
    fn long_texts_are_cut_as_the_tool_cuts_them() {
        let long = "x".repeat(1200);
        assert_eq!(
            fitting_description(&long),
            format!("{}...", "x".repeat(197))
        );
        let script = fitting_script(&format!("abc{long}"));
        assert_eq!((script.len(), &script[..4]), (1000, "...x"));
        assert_eq!(fitting_description("a_b"), "a b");
    }
}
