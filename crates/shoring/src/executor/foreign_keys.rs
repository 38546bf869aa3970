//! SQLite: a file that drops a table runs with `foreign_keys` off, and every reference is checked before its commit.
//!
//! With enforcement on, `DROP TABLE` deletes the table's rows first, and `ON DELETE CASCADE` takes the children's with them:
//! the rebuild `CREATE new, INSERT, DROP old, RENAME` silently empties other tables. `PRAGMA foreign_keys` is without effect
//! inside a transaction, so it has to be set before (SQLite manual, "Making other kinds of table schema changes", step 1;
//! drizzle-orm#5782, efcore#37598).

use super::job::Job;
use super::session::Executor;
use super::trouble::Trouble;
use crate::error::{Error, ErrorKind};
use crate::execute::execute_one;
use shoring_core::Row;
use shoring_db::DbError;
use std::collections::BTreeSet;

/// The broken references that were there before.
pub(super) struct ForeignKeyGuard {
    before: BTreeSet<String>,
}

impl Executor<'_> {
    /// Switches enforcement off if this migration needs it.
    pub(super) async fn guard_foreign_keys(
        &mut self,
        job: &Job<'_>,
    ) -> Result<Option<ForeignKeyGuard>, Trouble> {
        if !job.plan.checks_foreign_keys {
            return Ok(None);
        }
        let before = self.broken_references().await?;
        self.switch_foreign_keys_off().await.map_err(Trouble::of)?;
        Ok(Some(ForeignKeyGuard {
            before: before.into_iter().map(|(key, _)| key).collect(),
        }))
    }

    async fn switch_foreign_keys_off(&mut self) -> Result<(), DbError> {
        if !self.owes_foreign_keys {
            let rows = self.session.query("PRAGMA foreign_keys").await?;
            self.owes_foreign_keys = rows.first().and_then(|row| row.int(0)) == Some(1);
        }
        if self.owes_foreign_keys {
            execute_one(self.session.as_mut(), "PRAGMA foreign_keys = OFF").await?;
        }
        Ok(())
    }

    /// Switches enforcement on again, where it was on. A whole reset would read the schema again.
    pub(super) async fn put_foreign_keys_back(&mut self) -> Result<(), DbError> {
        if self.owes_foreign_keys {
            execute_one(self.session.as_mut(), "PRAGMA foreign_keys = ON").await?;
            self.owes_foreign_keys = false;
        }
        Ok(())
    }

    /// Fails when a reference is broken now that was not before.
    pub(super) async fn check_foreign_keys(
        &mut self,
        guard: &ForeignKeyGuard,
    ) -> Result<(), Trouble> {
        let broken: Vec<(String, String)> = self
            .broken_references()
            .await?
            .into_iter()
            .filter(|(key, _)| !guard.before.contains(key))
            .collect();
        let Some((_, first)) = broken.first() else {
            return Ok(());
        };
        let mut error = Error::new(
            ErrorKind::FailedRolledBack,
            "broken-references",
            format!(
                "{} rows would refer to rows that are no longer there",
                broken.len()
            ),
        )
        .note(first.clone());
        for (_, reference) in broken.iter().skip(1).take(4) {
            error = error.note(reference.clone());
        }
        Err(error
            .note("found by `PRAGMA foreign_key_check` before the commit; the file drops a table, so it ran with foreign_keys off")
            .next("in a rebuild: create the new table, copy all rows, drop the old one, rename the new one to the old name")
            .into())
    }

    async fn broken_references(&mut self) -> Result<Vec<(String, String)>, Trouble> {
        let rows = self
            .session
            .query("PRAGMA foreign_key_check")
            .await
            .map_err(Trouble::of)?;
        Ok(rows.iter().map(describe).collect())
    }
}

fn describe(row: &Row) -> (String, String) {
    let text = |column| row.text(column).unwrap_or_default();
    (
        format!("{}\t{}\t{}\t{}", text(0), text(1), text(2), text(3)),
        match row.text(1) {
            Some(id) => format!("table `{}`, row {id}: refers to `{}`", text(0), text(2)),
            None => format!("table `{}`: refers to `{}`", text(0), text(2)),
        },
    )
}
