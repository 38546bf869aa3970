//! Which rows of the table count, and which changeset each is of.

use super::name;
use crate::history::{At, HistoryError};
use crate::rows::bad_row;
use shoring_core::{
    Applied, AppliedKind, Attributes, Checksum, Kind, Migration, MigrationSet, OrderKey, Row,
    Version,
};
use std::collections::BTreeMap;

/// The attribute of a row with the version of the tool that wrote it.
pub(super) const LIQUIBASE: &str = "liquibase";

/// What is applied, in order.
pub(super) fn decode(
    at: At<'_>,
    rows: &[Row],
    set: &MigrationSet,
) -> Result<Vec<Applied>, HistoryError> {
    let files: BTreeMap<&str, &Migration> = set
        .migrations
        .iter()
        .map(|migration| (migration.version.as_str(), migration.as_ref()))
        .collect();
    let mut all = rows
        .iter()
        .enumerate()
        .map(|(index, row)| decode_row(at, index, row, &files))
        .collect::<Result<Vec<_>, _>>()?;
    all.sort_by_key(sequence);
    // What has no file stands behind what was applied before it.
    let mut before = 0;
    for row in &mut all {
        match row.order.number() {
            Some(number) => before = number,
            None => {
                let place = u128::try_from(sequence(row)).unwrap_or(0);
                row.order = OrderKey::Numbers(vec![before, place]);
            }
        }
    }
    // Nothing in the table keeps a changeset from standing there twice: the last row counts.
    let mut last: BTreeMap<Version, Applied> = BTreeMap::new();
    for row in all {
        last.insert(row.version.clone(), row);
    }
    let mut rows: Vec<Applied> = last.into_values().collect();
    rows.sort_by(|left, right| left.order.cmp(&right.order));
    Ok(rows)
}

/// Its place in the order of execution.
pub(super) fn sequence(row: &Applied) -> i64 {
    let text = row.attributes.get(Applied::SEQUENCE);
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn decode_row(
    at: At<'_>,
    index: usize,
    row: &Row,
    files: &BTreeMap<&str, &Migration>,
) -> Result<Applied, HistoryError> {
    let text = |column: usize, name: &str| {
        row.text(column)
            .ok_or_else(|| bad_row(at.table, index, format!("{name} is NULL")))
    };
    let (id, author, file) = (text(0, "ID")?, text(1, "AUTHOR")?, text(2, "FILENAME")?);
    let execution = text(4, "EXECTYPE")?;
    let kind = match execution.as_str() {
        // The tool takes any row for one that ran; `FAILED` and `SKIPPED` are of versions of long ago.
        "EXECUTED" | "RERAN" | "FAILED" | "SKIPPED" => AppliedKind::Applied,
        "MARK_RAN" => AppliedKind::Marked,
        other => {
            return Err(bad_row(
                at.table,
                index,
                format!("EXECTYPE `{other}` is not known"),
            ));
        }
    };
    let version = format!("{}::{id}::{author}", super::paths::normalised(&file));
    let migration = files.get(version.as_str());
    let order = match migration {
        Some(migration) => migration.order.clone(),
        None => OrderKey::Text(version.clone()),
    };
    let is_compared = migration.is_none_or(|migration| {
        let any = migration.attributes.contains_key(name::ANY_CHECKSUM);
        migration.terms.passed_over.is_none() && (!any || migration.kind == Kind::Repeatable)
    });
    let checksum = row
        .text(5)
        // The sums of methods before these cannot be compared with anything.
        .filter(|sum| {
            ["9:", "8:", "7:"]
                .iter()
                .any(|method| sum.starts_with(method))
        })
        .filter(|_| is_compared)
        .map(Checksum::from_text);
    let spellings = format!("{id}\n{author}:{id}\n{id}::{author}");
    let mut attributes = Attributes::from([
        (name::ID, id),
        (name::AUTHOR, author),
        (name::FILE, file),
        (Migration::SPELLINGS, spellings),
        (Applied::SEQUENCE, row.int(3).unwrap_or(0).to_string()),
    ]);
    attributes.extend(row.text(6).map(|version| (LIQUIBASE, version)));
    let tag = row.text(8).filter(|tag| !tag.is_empty());
    attributes.extend(tag.map(|tag| (Applied::TAG, tag)));
    Ok(Applied {
        version: Version::new(version),
        order,
        name: None,
        kind,
        checksum,
        applied_at: row.text(7),
        applied_by: None,
        milliseconds: None,
        attributes,
    })
}
