//! What a file name says: prefix, version, separator, description, suffix.

use super::settings::Settings;
use super::version;
use shoring_core::OrderKey;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// `V1.2__name.sql`, `B…`, `U…`.
    Versioned {
        role: Role,
        /// The version as the table spells it.
        version: String,
        order: OrderKey,
        /// What stands after the separator.
        name: String,
    },
    /// `R__name.sql`.
    Repeatable { name: String },
    /// It begins like a migration, and is none.
    Wrong(&'static str),
}

/// What a versioned file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Apply,
    Undo,
    Baseline,
}

/// The name without a suffix of migrations.
pub(super) fn stem<'n>(file: &'n str, settings: &Settings) -> Option<&'n str> {
    settings.suffixes.iter().find_map(|suffix| {
        let at = file.len().checked_sub(suffix.len())?;
        let ending = file.get(at..)?;
        ending.eq_ignore_ascii_case(suffix).then(|| &file[..at])
    })
}

/// Takes a file name apart; `None` when it is no SQL file, or begins with no prefix.
pub(super) fn parse(file: &str, settings: &Settings) -> Option<Named> {
    let stem = stem(file, settings)?;
    let prefixes = [
        (&settings.versioned_prefix, Some(Role::Apply)),
        (&settings.undo_prefix, Some(Role::Undo)),
        (&settings.baseline_prefix, Some(Role::Baseline)),
        (&settings.repeatable_prefix, None),
    ];
    // The longest prefix that fits.
    let (prefix, role) = prefixes
        .iter()
        .filter(|(prefix, _)| stem.starts_with(prefix.as_str()))
        .max_by_key(|(prefix, _)| prefix.len())?;
    let rest = &stem[prefix.len()..];
    let (left, name) = match rest.split_once(settings.separator.as_str()) {
        Some((left, name)) => (left, name.to_owned()),
        None => (rest, String::new()),
    };
    Some(match role {
        None if left.is_empty() => Named::Repeatable { name },
        None => Named::Wrong("a repeatable migration has no version before its separator"),
        Some(_) if left.is_empty() => Named::Wrong("it has no version before its separator"),
        Some(role) => match version::parse(left) {
            Some((version, order)) => Named::Versioned {
                role: *role,
                version,
                order,
                name,
            },
            None => Named::Wrong("what stands before its separator is no version"),
        },
    })
}

/// The description of a name: each `_` is a blank.
pub(super) fn description(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(file: &str, settings: &Settings) -> String {
        match parse(file, settings) {
            None => "nothing".to_owned(),
            Some(Named::Wrong(reason)) => reason.to_owned(),
            Some(Named::Repeatable { name }) => format!("R {name}"),
            Some(Named::Versioned {
                role,
                version,
                name,
                ..
            }) => format!("{role:?} {version} {name}"),
        }
    }

    #[test]
    fn names_are_taken_apart_as_the_tool_does() {
        let settings = Settings::default();
        for (file, expected) in [
            ("V1__create_users.sql", "Apply 1 create_users"),
            ("V1_1__x.SQL", "Apply 1.1 x"),
            ("V001__a.sql", "Apply 001 a"),
            ("V2__two__x_y.sql", "Apply 2 two__x_y"),
            ("V3.sql", "Apply 3 "),
            ("V3__.sql", "Apply 3 "),
            ("U1__back.sql", "Undo 1 back"),
            ("B5__all.sql", "Baseline 5 all"),
            ("R__views.sql", "R views"),
            (
                "R1__views.sql",
                "a repeatable migration has no version before its separator",
            ),
            ("V__x.sql", "it has no version before its separator"),
            (
                "Vx__y.sql",
                "what stands before its separator is no version",
            ),
            ("V1__x.sql.conf", "nothing"),
            ("v1__x.sql", "nothing"),
            ("beforeMigrate.sql", "nothing"),
            ("README.md", "nothing"),
        ] {
            assert_eq!(told(file, &settings), expected, "{file}");
        }
        assert_eq!(description("two__x_y"), "two  x y");
    }

    #[test]
    fn the_longest_prefix_counts() {
        let settings = Settings {
            versioned_prefix: "V".to_owned(),
            undo_prefix: "VU".to_owned(),
            separator: "-".to_owned(),
            suffixes: vec![".pgsql".to_owned(), ".sql".to_owned()],
            ..Settings::default()
        };
        assert_eq!(told("VU1-a.pgsql", &settings), "Undo 1 a");
        assert_eq!(told("V1-a-b.sql", &settings), "Apply 1 a-b");
    }
}
