//! Session variables: read before the first statement that may change one, put back by `reset`.

use super::quote;
use shoring_core::Row;
use std::collections::BTreeMap;

/// What a dump or a migration may leave changed. Those that a product or version does not have are simply not found.
/// `character_set_client` comes first: it decides how the rest is read.
const RESTORED: &[&str] = &[
    "character_set_client",
    "character_set_connection",
    "character_set_results",
    "collation_connection",
    "sql_mode",
    "autocommit",
    "time_zone",
    "foreign_key_checks",
    "unique_checks",
    "check_constraint_checks",
    "sql_notes",
    "sql_warnings",
    "sql_log_bin",
    "sql_safe_updates",
    "sql_big_selects",
    "sql_auto_is_null",
    "sql_quote_show_create",
    "sql_require_primary_key",
    "sql_generate_invisible_primary_key",
    "show_create_table_skip_secondary_engine",
    "explicit_defaults_for_timestamp",
    "default_storage_engine",
    "default_tmp_storage_engine",
    "old_alter_table",
    "alter_algorithm",
    "innodb_strict_mode",
    "group_concat_max_len",
    "lc_time_names",
    "lock_wait_timeout",
    "innodb_lock_wait_timeout",
    "max_execution_time",
    "max_statement_time",
    "transaction_isolation",
    "transaction_read_only",
    "tx_isolation",
    "tx_read_only",
    "system_versioning_alter_history",
    "print_identified_with_as_hex",
];

/// What is read with them for other reasons.
const ASKED: &[&str] = &[
    "read_only",
    "super_read_only",
    "innodb_read_only",
    "wsrep_on",
    "wsrep_provider",
    "wsrep_cluster_name",
    "group_replication_single_primary_mode",
];

/// Values by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, String>,
}

impl Variables {
    /// The query that reads them all in one round trip, whatever the product.
    pub(super) fn query() -> String {
        let names: Vec<String> = RESTORED
            .iter()
            .chain(ASKED)
            .map(|name| format!("'{name}'"))
            .collect();
        format!(
            "SHOW SESSION VARIABLES WHERE Variable_name IN ({})",
            names.join(", ")
        )
    }

    pub(super) fn from_rows(rows: &[Row]) -> Self {
        let values = rows
            .iter()
            .filter_map(|row| Some((row.text(0)?.to_ascii_lowercase(), row.text(1)?)))
            .collect();
        Self { values }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        matches!(self.get(name), Some("ON" | "1" | "YES"))
    }

    /// The statements that turn `now` back into `self`, one per changed variable.
    pub(super) fn restoring(&self, now: &Self) -> Vec<String> {
        RESTORED
            .iter()
            .filter_map(|name| {
                let before = self.get(name)?;
                (now.get(name)? != before)
                    .then(|| format!("SET SESSION {name} = {}", literal(before)))
            })
            .collect()
    }
}

/// A number as it is, anything else as text: a numeric variable takes no text, the others take no number.
fn literal(value: &str) -> String {
    if value.parse::<f64>().is_ok() && value.starts_with(|first: char| first.is_ascii_digit()) {
        value.to_owned()
    } else {
        quote::text(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        let rows: Vec<Row> = pairs
            .iter()
            .map(|(name, value)| Row::new(vec![(*name).into(), (*value).into()]))
            .collect();
        Variables::from_rows(&rows)
    }

    #[test]
    fn only_what_changed_is_put_back() {
        let before = variables(&[
            ("sql_mode", "ANSI"),
            ("lock_wait_timeout", "86400"),
            ("autocommit", "ON"),
            ("hostname", "a"),
        ]);
        let now = variables(&[
            ("sql_mode", ""),
            ("lock_wait_timeout", "1"),
            ("autocommit", "ON"),
            ("hostname", "b"),
        ]);
        assert_eq!(
            before.restoring(&now),
            [
                "SET SESSION sql_mode = _utf8mb4 x'414e5349'",
                "SET SESSION lock_wait_timeout = 86400"
            ]
        );
        assert!(before.restoring(&before).is_empty());
    }
}
