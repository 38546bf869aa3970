//! What `shoring config` shows: every setting with its origin, secrets masked.

use super::duration::format_duration;
use super::keys::{KEYS, Key};
use super::load::Settings;
use super::origin::{Origin, Sourced};
use std::time::Duration;

/// One setting as it may be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub key: &'static Key,
    /// Its value; `None` when nothing is set and there is no fixed default.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Origin,
}

impl Settings {
    /// Every setting in the order of [`KEYS`], safe to print.
    pub fn entries(&self) -> Vec<Entry> {
        KEYS.iter().map(|key| self.entry(key)).collect()
    }

    fn entry(&self, key: &'static Key) -> Entry {
        let (value, origin) = match key.name {
            "database" => (
                Some(
                    self.database_for_people()
                        .unwrap_or_else(|| "(not a database URL)".to_owned()),
                ),
                self.database.origin.clone(),
            ),
            "password" => optional(
                self.password
                    .as_ref()
                    .map(|password| password.clone().map(|_| "***".to_owned()))
                    .as_ref(),
            ),
            "password_file" => optional(self.password_file.as_ref()),
            "dir" => optional(self.dir.as_ref()),
            "format" => optional(self.format.as_ref()),
            "history_table" => optional(self.history_table.as_ref()),
            "journal" => shown(&self.journal.clone().map(|on| on.to_string())),
            "lock_wait" => shown(&duration(&self.lock_wait)),
            "lock_timeout" => shown(&duration(&self.lock_timeout)),
            "lock_attempts" => shown(&self.lock_attempts.clone().map(|n| n.to_string())),
            "connect_timeout" => shown(&duration(&self.connect_timeout)),
            "role" => optional(self.role.as_ref()),
            "seeds" => shown(&self.seeds),
            _ => (None, Origin::Default),
        };
        Entry { key, value, origin }
    }
}

fn shown(value: &Sourced<String>) -> (Option<String>, Origin) {
    (Some(value.value.clone()), value.origin.clone())
}

fn optional(value: Option<&Sourced<String>>) -> (Option<String>, Origin) {
    value.map_or((None, Origin::Default), shown)
}

fn duration(value: &Sourced<Duration>) -> Sourced<String> {
    value.clone().map(format_duration)
}

#[cfg(test)]
mod tests {
    use crate::request::Commit;
    use crate::settings::{KEYS, Origin, Overrides, Settings};
    use crate::{Identity, Surroundings};
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            root: PathBuf::from("/nowhere/at/all"),
            environment: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
            identity: Identity {
                os_user: "me".to_owned(),
                host: "here".to_owned(),
                pid: 1,
                git: Commit::NONE,
                tool: "shoring".to_owned(),
            },
        }
    }

    #[test]
    fn every_key_of_the_table_has_an_entry() {
        let settings = Settings::load(&Overrides::default(), &surroundings(&[])).unwrap();
        let with_values = settings.entries();
        assert_eq!(with_values.len(), KEYS.len());
        for entry in with_values {
            let is_fixed = !entry.key.default.contains(' ') && entry.key.default != "none";
            if is_fixed
                && entry.key.name != "dir"
                && entry.key.name != "format"
                && entry.key.name != "database"
            {
                assert_eq!(
                    entry.value.as_deref(),
                    Some(entry.key.default),
                    "{}",
                    entry.key.name
                );
                assert_eq!(entry.origin, Origin::Default);
            }
        }
    }

    #[test]
    fn neither_entries_nor_debug_show_a_password() {
        for database in [
            "postgres://app:canary@db/app",
            "mysql://app:canary@db/app",
            "postgres://app:can@ary#canary@db/app",
            "canary://canary",
        ] {
            let surroundings =
                surroundings(&[("DATABASE_URL", database), ("SHORING_PASSWORD", "canary")]);
            let settings = Settings::load(&Overrides::default(), &surroundings).unwrap();
            let shown = format!(
                "{:?} {settings:?} {:?}",
                settings.entries(),
                settings.database_url().err()
            );
            assert!(!shown.contains("canary"), "{shown}");
        }
    }

    #[test]
    fn the_flag_beats_the_environment_and_its_password_the_outside_one() {
        let surroundings = surroundings(&[
            ("DATABASE_URL", "postgres://app@db/two"),
            ("SHORING_PASSWORD", "outside"),
        ]);
        let from_environment = Settings::load(&Overrides::default(), &surroundings).unwrap();
        let url = from_environment.database_url().unwrap();
        assert_eq!(url.password.unwrap().reveal(), "outside");
        let overrides = Overrides {
            database: Some("postgres://app:inside@db/one".to_owned()),
            ..Overrides::default()
        };
        let from_flag = Settings::load(&overrides, &surroundings).unwrap();
        let url = from_flag.database_url().unwrap();
        assert_eq!(url.password.unwrap().reveal(), "inside");
        assert_eq!(from_flag.database.origin, Origin::Flag);
    }
}
