//! The lock of Prisma Migrate, one for each server or database, whatever the project.

use crate::history::At;
use crate::tool_lock::{Taken, ToolLock};
use shoring_core::Product;

pub(super) fn locks(at: At<'_>) -> Vec<ToolLock> {
    let lock = |take: &str, release: &str| ToolLock {
        title: "the lock of Prisma Migrate".to_owned(),
        take: take.to_owned(),
        taken: Taken::ByQuery,
        release: release.to_owned(),
        is_of_session: true,
    };
    match at.product {
        Product::Postgresql => vec![lock(
            "SELECT pg_try_advisory_lock(72707369)",
            "SELECT pg_advisory_unlock(72707369)",
        )],
        Product::Mysql | Product::Mariadb => vec![lock(
            "SELECT GET_LOCK('prisma_migrate', 0)",
            "SELECT RELEASE_LOCK('prisma_migrate')",
        )],
        // Only an exclusive locking mode, which ends with its connection.
        Product::Sqlite => Vec::new(),
    }
}
