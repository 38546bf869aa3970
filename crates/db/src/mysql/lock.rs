//! The named lock: `GET_LOCK(name, 0)`, kept by the connection, freed by the server when the connection ends.
//!
//! It is server-wide, so the database is part of the name; a name is at most 64 characters (MySQL 5.7 and later, error 3057)
//! and compared without case. On a multi-primary cluster it holds on one node only, and behind a pooler on whichever
//! connection answered: both are refused.

use super::quote;
use super::session::MysqlSession;
use crate::error::{DbError, DbErrorKind};
use crate::session::LockAttempt;
use shoring_core::Checksum;

const LONGEST: usize = 64;

impl MysqlSession {
    /// See [`crate::Session::try_lock`].
    pub(super) async fn lock(&mut self, name: &str) -> Result<LockAttempt, DbError> {
        let topology = self.read_topology().await?;
        if topology.pooler.is_some() || topology.galera.is_some() {
            return Ok(LockAttempt::Unsupported);
        }
        let literal = self.lock_literal(name);
        // Of a lock that this session has already, a second GET_LOCK would have to be released twice.
        let answer = self
            .ask(&format!(
                "SELECT IF(IS_USED_LOCK({literal}) = CONNECTION_ID(), 1, GET_LOCK({literal}, 0))"
            ))
            .await?;
        match answer.first().and_then(|row| row.int(0)) {
            Some(1) => Ok(LockAttempt::Acquired),
            Some(_) => {
                let blocker = match self.lock_holder(&literal).await? {
                    Some(holder) => self.blockers(&[holder]).await?.pop(),
                    None => None,
                };
                Ok(LockAttempt::Held(blocker))
            }
            None => Err(DbError::new(
                DbErrorKind::Statement,
                "the server could not take the lock (`GET_LOCK` gave NULL)",
            )),
        }
    }

    /// See [`crate::Session::unlock`].
    pub(super) async fn release(&mut self, name: &str) -> Result<(), DbError> {
        let literal = self.lock_literal(name);
        // 0 is somebody else's, NULL is nobody's: neither is an error.
        self.ask(&format!("SELECT RELEASE_LOCK({literal})")).await?;
        Ok(())
    }

    async fn lock_holder(&mut self, literal: &str) -> Result<Option<u64>, DbError> {
        let rows = self.ask(&format!("SELECT IS_USED_LOCK({literal})")).await?;
        Ok(rows
            .first()
            .and_then(|row| row.int(0))
            .and_then(|id| u64::try_from(id).ok()))
    }

    fn lock_literal(&self, name: &str) -> String {
        quote::text(&server_name(self.database.as_deref(), name))
    }
}

/// The name on the server; a long one is replaced by its hash.
fn server_name(database: Option<&str>, name: &str) -> String {
    let whole = format!("shoring:{}:{name}", database.unwrap_or_default());
    if whole.chars().count() <= LONGEST && whole.is_ascii() {
        return whole;
    }
    let hash = Checksum::of(whole.as_bytes());
    format!("shoring:{}", &hash.as_str()[..LONGEST - 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_differ() {
        assert_eq!(server_name(Some("app"), "migrate"), "shoring:app:migrate");
        let long = "x".repeat(80);
        let first = server_name(Some("a"), &long);
        let second = server_name(Some("b"), &long);
        assert_eq!(first.len(), LONGEST);
        assert_ne!(first, second);
        assert_ne!(server_name(None, "ä"), server_name(None, "a"));
    }
}
