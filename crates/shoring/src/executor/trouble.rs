//! Why a try at a migration did not go through, and so whether another one may.

use super::entry::{Entry, Ours};
use super::failed::{Failed, statement_failed};
use super::session::Executor;
use crate::database_error::query_error;
use crate::error::Error;
use crate::lock;
use shoring_core::Product;
use shoring_db::{DbError, DbErrorKind};

/// Why a migration did not go through in this try.
pub(super) enum Trouble {
    /// The connection is gone. What was sent may have taken effect if `may_be_committed`.
    Lost {
        /// The driver's words.
        error: DbError,
    },
    /// A lock was not to be had, or the server broke a conflict: worth another try.
    Locked {
        /// The statement it happened at.
        failed: Box<Failed>,
    },
    /// The file let go of what we had prepared. Its transaction was rolled back, and goes without.
    Unprepared {
        /// The statement it happened at.
        failed: Box<Failed>,
    },
    /// The server refused a statement.
    Failed(Box<Failed>),
    /// Something else stopped it; the state is said there.
    Stopped(Error),
}

/// PostgreSQL: there is no prepared statement of this name.
const UNPREPARED: &str = "26000";

impl Trouble {
    /// What the failure of a query or a setting of ours means: a lost connection is worth another one.
    pub(super) fn of(error: DbError) -> Self {
        if error.kind == DbErrorKind::ConnectionLost {
            return Self::Lost { error };
        }
        Self::Stopped(query_error(&error))
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Stopped(error)
    }
}

/// The lease is in other hands: nothing more may be written.
pub(super) fn lease_lost() -> Error {
    lock::lease_lost("The transaction of this run was rolled back; nothing more was written.")
        .note("this run was silent for too long (paused, or cut off), so the other one counted it as dead")
}

/// Whether a proof failed because there is none: PostgreSQL divides by the zero rows that are ours, MySQL and SQLite meet the
/// row that is there already; the record of a migration finds no fencing number.
fn is_proof_of_loss(product: Product, error: &DbError) -> bool {
    let codes = match product {
        Product::Postgresql => ["22012", "23502"],
        Product::Mysql | Product::Mariadb => ["1062", "1048"],
        Product::Sqlite => ["SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_NOTNULL"],
    };
    error
        .code
        .as_deref()
        .is_some_and(|code| codes.contains(&code))
}

impl Executor<'_> {
    /// What the failure of an entry means.
    pub(super) fn trouble(&self, entries: &[Entry], index: usize, error: DbError) -> Trouble {
        if error.kind == DbErrorKind::ConnectionLost {
            return Trouble::Lost { error };
        }
        let product = self.product();
        let failed = match entries.get(index) {
            Some(Entry::Ours(Ours::Proof, _)) if is_proof_of_loss(product, &error) => {
                return Trouble::Stopped(lease_lost());
            }
            Some(Entry::Ours(Ours::Proof, _)) if error.code.as_deref() == Some(UNPREPARED) => {
                let failed = Box::new(Failed::ours(Ours::Proof, &error, product));
                return Trouble::Unprepared { failed };
            }
            Some(Entry::User(statement)) => {
                statement_failed(&self.script_path, statement, &error, product)
            }
            Some(Entry::Ours(ours, _)) => Failed::ours(*ours, &error, product),
            None => {
                return Trouble::Failed(Box::new(Failed::ours(Ours::Commit, &error, product)));
            }
        };
        let failed = Box::new(failed);
        if error.kind.is_worth_another_try() {
            Trouble::Locked { failed }
        } else {
            Trouble::Failed(failed)
        }
    }
}
