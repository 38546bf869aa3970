//! A version as the journal keeps it: as it is, or, where it is longer than the column, its beginning with a hash of all of it,
//! so that no two are taken for one.

use super::lease::cut;
use shoring_core::{Applied, Checksum, MigrationSet, OrderKey, Version};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long the column is.
const LONGEST: usize = 64;
const OF_HASH: usize = 16;

/// The key of a version.
pub(in crate::ledger) fn version_key(version: &str) -> String {
    if version.chars().count() <= LONGEST {
        return version.to_owned();
    }
    let hash = Checksum::of(version.as_bytes());
    let beginning = cut(version, LONGEST - OF_HASH - 1);
    format!("{beginning}~{}", &hash.as_str()[..OF_HASH])
}

/// Where the migrations of a project and the rows of its history stand, by their keys.
pub(in crate::ledger) fn orders_by_key(
    set: &MigrationSet,
    rows: &[Arc<Applied>],
) -> BTreeMap<String, OrderKey> {
    let of_rows = rows.iter().map(|row| (&row.version, &row.order));
    let of_files = set
        .migrations
        .iter()
        .map(|file| (&file.version, &file.order));
    // Most versions are in both, and the key of a long one takes a hash.
    let orders: BTreeMap<&Version, &OrderKey> = of_rows.chain(of_files).collect();
    orders
        .into_iter()
        .map(|(version, order)| (version_key(version.as_str()), order.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_versions_are_told_apart() {
        assert_eq!(version_key("20260101000000"), "20260101000000");
        let long = |end: &str| version_key(&format!("{}{end}", "é".repeat(100)));
        assert_eq!(long("a").chars().count(), LONGEST);
        assert_ne!(long("a"), long("b"));
        assert_eq!(long("a"), long("a"));
    }
}
