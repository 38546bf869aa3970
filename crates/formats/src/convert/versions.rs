//! How the versions and names of one tool are spelled in another.
//!
//! A version stays as it is where the target takes it and orders it alike; else it gets zeros in front, for tools that order
//! versions as text; else the migrations are counted anew, from the last one that is there.

use crate::Format;
use shoring_core::{Migration, OrderKey};

/// Version and name of a migration in new files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    /// The version.
    pub version: String,
    /// The words after it: letters, digits and `_`.
    pub name: String,
}

/// How many digits migrations that are counted anew have at least.
const WIDTH: usize = 4;

/// The spellings of migrations in the files of `target`, in order, after `last`, which is there already. `None` when the target
/// has no room for them: its last version is its largest.
pub fn spell(
    target: &dyn Format,
    migrations: &[&Migration],
    last: Option<&Migration>,
) -> Option<Vec<Spelling>> {
    let heads: Vec<(&str, String)> = migrations.iter().map(|one| head(one)).collect();
    let is_in_order = |versions: &[String]| {
        let mut before: Option<OrderKey> = last.map(|last| last.order.clone());
        versions.iter().all(|version| {
            let order = target
                .order_in_files(version)
                .filter(|_| target.accepts_version(version));
            let is_after = order.is_some() && before < order;
            before = order;
            is_after
        })
    };
    let as_written = || -> Vec<String> {
        let versions = heads.iter().map(|(version, _)| (*version).to_owned());
        versions.collect()
    };
    let last_digits = last.map(|last| digits(head(last).0));
    let with_zeros = || -> Vec<String> {
        let lengths = heads.iter().map(|(version, _)| version.len());
        let width = lengths
            .chain(last_digits.map(str::len))
            .max()
            .unwrap_or_default();
        let pad = |version: &str| format!("{version:0>width$}");
        heads.iter().map(|(version, _)| pad(version)).collect()
    };
    let counted = || -> Option<Vec<String>> {
        let first = match last_digits {
            Some(digits) => digits.parse::<u128>().ok()?,
            None => 0,
        };
        let highest = first.checked_add(heads.len() as u128)?;
        let width = last_digits.map_or(0, str::len);
        let width = width.max(WIDTH).max(highest.to_string().len());
        let number = |index: usize| first + 1 + index as u128;
        Some(
            (0..heads.len())
                .map(|index| format!("{:0width$}", number(index)))
                .collect(),
        )
    };
    let versions = [Some(as_written()), Some(with_zeros()), counted()]
        .into_iter()
        .flatten()
        .find(|versions| is_in_order(versions))?;
    let names = heads.into_iter().map(|(_, name)| name);
    Some(
        versions
            .into_iter()
            .zip(names)
            .map(|(version, name)| Spelling { version, name })
            .collect(),
    )
}

/// Version and name. Where the whole name of a folder is the version, its number is; of a version of several parts, that of
/// the second: `path::id::author`.
fn head(migration: &Migration) -> (&str, String) {
    let whole = migration.version.as_str();
    let id = whole.split("::").nth(1);
    let written = id.unwrap_or(whole);
    let stem = migration.up.path.rsplit('/').next().unwrap_or_default();
    let stem = stem.trim_end_matches(".sql");
    let (version, words) = match written.split_once('_') {
        Some((version, words)) if migration.name.is_empty() && digits(version) == version => {
            (version, words)
        }
        None if id.is_some() => (
            written,
            stem.trim_start_matches(|c: char| c.is_ascii_digit()),
        ),
        _ => (written, migration.name.as_str()),
    };
    (version, words_of(words))
}

/// Whether a text is a number, written in digits, of at most this.
pub(crate) fn is_number_up_to(version: &str, largest: u128) -> bool {
    version.bytes().all(|byte| byte.is_ascii_digit())
        && version
            .parse::<u128>()
            .is_ok_and(|number| (1..=largest).contains(&number))
}

/// The digits a text begins with.
fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

/// The words of a name as any tool's file names may have them.
pub fn words_of(name: &str) -> String {
    let plain = |character: char| {
        if character.is_alphanumeric() || character == '_' {
            character
        } else {
            '_'
        }
    };
    let words: String = name.chars().map(plain).collect();
    let words = words.trim_matches('_');
    if words.is_empty() {
        "migration".to_owned()
    } else {
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HostConfig;
    use crate::memory_tree::MemoryTree;

    fn spelled(source: &str, files: &[&str], target: &str, there: &[&str]) -> Vec<String> {
        let read = |format: &str, files: &[&str]| {
            let text = "-- migrate:up\nSELECT 1;\n-- migrate:down\n";
            let paths: Vec<String> = files.iter().map(|file| format!("m/{file}")).collect();
            let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), text)).collect();
            let tree = MemoryTree::new(&files);
            let format = crate::by_name(format).unwrap();
            let mut set = format.read(&tree, "m", &HostConfig::default()).unwrap();
            set.migrations
                .sort_by(|left, right| left.order.cmp(&right.order));
            set.migrations
        };
        let (source, there) = (read(source, files), read(target, there));
        let migrations: Vec<&Migration> = source.iter().map(AsRef::as_ref).collect();
        let last = there.last().map(AsRef::as_ref);
        spell(crate::by_name(target).unwrap(), &migrations, last)
            .unwrap_or_default()
            .into_iter()
            .map(|one| format!("{}_{}", one.version, one.name))
            .collect()
    }

    #[test]
    fn versions_stay_where_the_target_orders_them_alike() {
        let files = ["001_a.up.sql", "002_b-c.up.sql"];
        for target in [
            "manual", "dbmate", "flyway", "sqlx", "prisma", "diesel", "goose",
        ] {
            assert_eq!(
                spelled("shoring", &files, target, &[]),
                ["001_a", "002_b_c"],
                "{target}"
            );
        }
    }

    #[test]
    fn zeros_keep_the_order_of_text() {
        let files = ["9_a.up.sql", "10_b.up.sql"];
        assert_eq!(spelled("shoring", &files, "goose", &[]), ["9_a", "10_b"]);
        assert_eq!(spelled("shoring", &files, "dbmate", &[]), ["09_a", "10_b"]);
    }

    #[test]
    fn what_the_target_cannot_spell_is_counted() {
        let files = ["V1__a.sql", "V1.1__b.sql", "V2__.sql"];
        assert_eq!(
            spelled("flyway", &files, "sqlx", &[]),
            ["0001_a", "0002_b", "0003_migration"]
        );
        let late = ["20260101000000_a.sql"];
        assert_eq!(spelled("sqlx", &late, "refinery", &[]), ["0001_a"]);
    }

    #[test]
    fn new_ones_come_after_those_that_are_there() {
        let files = ["3_a.up.sql", "4_b.up.sql"];
        assert_eq!(
            spelled("shoring", &files, "sqlx", &["0001_x.sql", "0002_y.sql"]),
            ["3_a", "4_b"]
        );
        assert_eq!(
            spelled("shoring", &files, "sqlx", &["0007_x.sql"]),
            ["0008_a", "0009_b"]
        );
    }
}
