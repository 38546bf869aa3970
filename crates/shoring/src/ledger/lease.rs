//! The lease: one row of `shoring_lock` that names who runs migrations now and carries the fencing number.
//!
//! Where the server has a sound session lock, that lock decides and the row only names its holder. Behind a transaction
//! pooler and on Galera there is none, so the row itself decides: it is taken by one conditional UPDATE, renewed by a
//! heartbeat on the server's clock, and taken over only when it has expired and its session is gone. Every take raises the
//! fencing number; a writer whose number is old changes no row and stops (reliability: invariant I4).

use crate::request::Identity;
use shoring_core::{Product, Row, TableName, Value};
use shoring_formats::server_clock;
use shoring_sql::writer::SqlWriter;

/// The row as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeaseRow {
    /// Id of the run that holds it; `None` when free.
    pub(crate) owner: Option<String>,
    /// The fencing number.
    pub(crate) fence: i64,
    /// `session` or `lease`: what decides.
    pub(crate) kind: Option<String>,
    /// Where the holder runs.
    pub(crate) host: Option<String>,
    /// Its process id.
    pub(crate) pid: Option<i64>,
    /// Its user.
    pub(crate) os_user: Option<String>,
    /// Its session on the server.
    pub(crate) backend: Option<String>,
    /// What it was doing at its last write.
    pub(crate) doing: Option<String>,
    /// Since when, RFC 3339 UTC.
    pub(crate) acquired_at: Option<String>,
    /// Seconds since, by the server's clock.
    pub(crate) held_seconds: Option<i64>,
    /// Seconds since its last sign of life, by the server's clock.
    pub(crate) silent_seconds: Option<i64>,
}

impl LeaseRow {
    /// The row with what its holder's session is seen to do. What a transaction writes into the row nobody else sees
    /// before its end, but on PostgreSQL the message that is running still has it.
    #[must_use]
    pub(crate) fn running(mut self, statement: Option<&str>) -> Self {
        let Some(statement) = statement else {
            return self;
        };
        if let Some((_, rest)) = statement.split_once("doing = '") {
            self.doing = rest.split('\'').next().map(str::to_owned);
        } else if !statement.contains("shoring") && !statement.contains("pg_catalog.") {
            let words: Vec<&str> = statement.split_whitespace().collect();
            let text: String = words.join(" ").chars().take(80).collect();
            self.doing = match self.doing.filter(|doing| !doing.is_empty()) {
                Some(doing) => Some(format!("{doing}: {text}")),
                None => Some(text),
            };
        }
        self
    }

    /// The holder for people: `host web-3, pid 88, since 10:02:11 (41 s ago), running 009 …`.
    pub(crate) fn describe(&self) -> String {
        let mut text = format!(
            "host {}, pid {}",
            self.host.as_deref().unwrap_or("?"),
            self.pid
                .map_or_else(|| "?".to_owned(), |pid| pid.to_string())
        );
        if let Some(user) = &self.os_user {
            text.push_str(&format!(", user {user}"));
        }
        if let Some(since) = self
            .acquired_at
            .as_deref()
            .and_then(|time| time.get(11..19))
        {
            text.push_str(&format!(", since {since} UTC"));
        }
        if let Some(seconds) = self.held_seconds {
            text.push_str(&format!(" ({seconds} s ago)"));
        }
        if let Some(doing) = self.doing.as_deref().filter(|doing| !doing.is_empty()) {
            text.push_str(&format!(", running {doing}"));
        }
        text
    }
}

/// Builds the SQL of the lease.
#[derive(Debug, Clone)]
pub(crate) struct LeaseSql {
    /// The product.
    pub(crate) product: Product,
    /// The table.
    pub(crate) table: TableName,
}

impl LeaseSql {
    fn writer(&self) -> SqlWriter {
        SqlWriter::new(self.product.dialect())
    }

    /// Seconds between a column and now.
    fn seconds_since(&self, column: &'static str) -> (&'static str, &'static str, &'static str) {
        match self.product {
            Product::Postgresql => (
                "floor(extract(epoch from (clock_timestamp() - ",
                column,
                ")))::bigint",
            ),
            Product::Mysql | Product::Mariadb => {
                ("TIMESTAMPDIFF(SECOND, ", column, ", UTC_TIMESTAMP(6))")
            }
            Product::Sqlite => (
                "CAST((julianday('now') - julianday(",
                column,
                ")) * 86400 AS integer)",
            ),
        }
    }

    /// The query that reads the row.
    pub(crate) fn select(&self) -> String {
        let (before, after) = server_clock::as_text(self.product);
        let held = self.seconds_since("acquired_at");
        let silent = self.seconds_since("heartbeat_at");
        self.writer()
            .sql("SELECT owner, fence, kind, host, pid, os_user, backend, doing, ")
            .sql(before)
            .sql("acquired_at")
            .sql(after)
            .sql(", ")
            .sql(held.0)
            .sql(held.1)
            .sql(held.2)
            .sql(", ")
            .sql(silent.0)
            .sql(silent.1)
            .sql(silent.2)
            .sql(" FROM ")
            .table(&self.table)
            .sql(" WHERE id = 1")
            .finish()
    }

    /// Decodes a row of [`LeaseSql::select`].
    pub(crate) fn decode(row: &Row) -> LeaseRow {
        LeaseRow {
            owner: row.text(0).filter(|owner| !owner.is_empty()),
            fence: row.int(1).unwrap_or(0),
            kind: row.text(2),
            host: row.text(3),
            pid: row.int(4),
            os_user: row.text(5),
            backend: row.text(6),
            doing: row.text(7),
            acquired_at: row.text(8),
            held_seconds: row.int(9),
            silent_seconds: row.int(10),
        }
    }

    /// Puts the one row in, if it is not there. Not `INSERT IGNORE`: that leaves a warning on MySQL.
    pub(crate) fn insert_row(&self) -> String {
        let from = match self.product {
            Product::Mysql | Product::Mariadb => " FROM DUAL",
            Product::Postgresql | Product::Sqlite => "",
        };
        self.writer()
            .sql("INSERT INTO ")
            .table(&self.table)
            .sql(" (id, fence) SELECT 1, 0")
            .sql(from)
            .sql(" WHERE NOT EXISTS (SELECT 1 FROM ")
            .table(&self.table)
            .sql(" WHERE id = 1)")
            .finish()
    }

    /// Takes the lease if the row still is as `seen`; one changed row means it is ours, with fence `seen.fence + 1`.
    pub(crate) fn take(
        &self,
        seen: &LeaseRow,
        owner: &str,
        kind: &str,
        backend: &str,
        identity: &Identity,
    ) -> String {
        let now = server_clock::now(self.product);
        let mut writer = self
            .writer()
            .sql("UPDATE ")
            .table(&self.table)
            .sql(" SET owner = ")
            .value(&Value::from(owner));
        for (column, value) in [
            (", fence = ", Value::Int(seen.fence + 1)),
            (", kind = ", Value::from(kind)),
            (", host = ", Value::from(cut(&identity.host, 255))),
            (", pid = ", Value::Int(i64::from(identity.pid))),
            (", os_user = ", Value::from(cut(&identity.os_user, 255))),
            (", backend = ", Value::from(cut(backend, 128))),
            (", doing = ", Value::from("")),
        ] {
            writer = writer.sql(column).value(&value);
        }
        writer
            .sql(", acquired_at = ")
            .sql(now)
            .sql(", heartbeat_at = ")
            .sql(now)
            .sql(" WHERE id = 1 AND fence = ")
            .value(&Value::Int(seen.fence))
            .finish()
    }

    /// Renews the lease and says what is being done. One changed row means it is still ours.
    pub(crate) fn renew(&self, owner: &str, fence: i64, doing: &str) -> String {
        self.writer()
            .sql("UPDATE ")
            .table(&self.table)
            .sql(" SET heartbeat_at = ")
            .sql(server_clock::now(self.product))
            .sql(", doing = ")
            .value(&Value::from(cut(doing, 255)))
            .sql(" WHERE id = 1 AND owner = ")
            .value(&Value::from(owner))
            .sql(" AND fence = ")
            .value(&Value::Int(fence))
            .finish()
    }

    /// As [`LeaseSql::renew`], without changing what it says: the heartbeat. Whatever the fencing number is: a run changes its own
    /// when it connects again, and another run is another owner.
    pub(crate) fn heartbeat(&self, owner: &str) -> String {
        self.writer()
            .sql("UPDATE ")
            .table(&self.table)
            .sql(" SET heartbeat_at = ")
            .sql(server_clock::now(self.product))
            .sql(" WHERE id = 1 AND owner = ")
            .value(&Value::from(owner))
            .finish()
    }

    /// PostgreSQL: renews and fails with a division by zero when the lease is lost, so that it can stand first in a
    /// message whose later statements must not run then.
    pub(crate) fn renew_or_fail(&self, owner: &str, fence: i64, doing: &str) -> String {
        self.writer()
            .sql("WITH held AS (")
            .sql(&self.renew(owner, fence, doing))
            .sql(" RETURNING 1) SELECT 1 / count(*) FROM held")
            .finish()
    }

    /// MySQL and SQLite: fails with a duplicate key when the lease is lost or its row is gone: it puts the row in twice then.
    /// Division by zero is a warning or NULL there.
    pub(crate) fn fail_unless_held(&self, owner: &str, fence: i64) -> String {
        self.writer()
            .sql("INSERT INTO ")
            .table(&self.table)
            .sql(" (id, fence) SELECT 1, 0 FROM (SELECT 1 UNION ALL SELECT 2) AS twice WHERE NOT EXISTS (SELECT 1 FROM ")
            .table(&self.table)
            .sql(" WHERE id = 1 AND owner = ")
            .value(&Value::from(owner))
            .sql(" AND fence = ")
            .value(&Value::Int(fence))
            .sql(")")
            .finish()
    }

    /// Points the lease at another session of the same run, and says what keeps others out from now on. `fences` are the fencing
    /// number of the run until now and from now on; asked twice, because the first answer was lost, it is the same.
    pub(crate) fn move_to(
        &self,
        owner: &str,
        fences: (i64, i64),
        backend: &str,
        kind: &str,
    ) -> String {
        let (old, new) = fences;
        self.writer()
            .sql("UPDATE ")
            .table(&self.table)
            .sql(" SET backend = ")
            .value(&Value::from(cut(backend, 128)))
            .sql(", kind = ")
            .value(&Value::from(kind))
            .sql(", fence = ")
            .value(&Value::Int(new))
            .sql(", heartbeat_at = ")
            .sql(server_clock::now(self.product))
            .sql(" WHERE id = 1 AND owner = ")
            .value(&Value::from(owner))
            .sql(" AND fence IN (")
            .values(&[Value::Int(old), Value::Int(new)])
            .sql(")")
            .finish()
    }

    /// Gives the lease back, if it is still ours.
    pub(crate) fn release(&self, owner: &str, fence: i64) -> String {
        self.writer()
            .sql("UPDATE ")
            .table(&self.table)
            .sql(" SET owner = NULL, doing = NULL WHERE id = 1 AND owner = ")
            .value(&Value::from(owner))
            .sql(" AND fence = ")
            .value(&Value::Int(fence))
            .finish()
    }
}

/// The first `limit` characters.
pub(in crate::ledger) fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_that_moves_shuts_out_what_was_sent_before() {
        let lease = LeaseSql {
            product: Product::Sqlite,
            table: TableName::new(None, "shoring_lock"),
        };
        let moved = lease.move_to("run", (3, 4), "8", "lease");
        // The number it had, or has already: then the answer to the first try was lost.
        assert!(moved.contains(", fence = 4,"), "{moved}");
        assert!(
            moved.ends_with(" WHERE id = 1 AND owner = 'run' AND fence IN (3, 4)"),
            "{moved}"
        );
        // A message of the old session names 3, the heartbeat none.
        assert!(lease.renew("run", 3, "").ends_with(" AND fence = 3"));
        assert!(lease.heartbeat("run").ends_with(" AND owner = 'run'"));
    }
}
