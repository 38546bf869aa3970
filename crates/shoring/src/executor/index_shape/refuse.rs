//! `CREATE INDEX IF NOT EXISTS` over an index of the same name but another shape. The server says "already exists, skipping",
//! the migration is recorded as applied, and the index it asks for is not there. So the two are compared before the
//! statement is sent.

use super::super::session::Executor;
use super::super::source::Statement;
use super::super::trouble::Trouble;
use super::{mariadb, postgresql, sqlite};
use crate::error::{Error, ErrorKind};
use shoring_core::{Diagnostic, Product};
use shoring_db::{DbError, DbErrorKind};
use shoring_sql::classify::IndexDefinition;

/// How an index that exists compares with the one a statement asks for.
pub(super) enum Comparison {
    /// No such index, or the same one.
    Agrees,
    /// Another one: what it is.
    Differs { existing: String },
    /// Its build never finished.
    Invalid,
    /// It cannot be told.
    Unknown { existing: String, why: String },
}

impl Executor<'_> {
    /// Whether a statement has to be compared before it is sent.
    pub(in crate::executor) fn may_hide_an_index(statement: &Statement) -> bool {
        statement.facts.is_idempotent && statement.facts.verb.starts_with("CREATE INDEX")
    }

    /// Refuses a statement that would take an index of another shape for its own. Everything before it was sent already;
    /// `is_inside` says that a transaction is open.
    pub(in crate::executor) async fn refuse_other_index(
        &mut self,
        statement: &Statement,
        is_inside: bool,
    ) -> Result<(), Trouble> {
        let product = self.product();
        let sql = statement.piece.sql();
        let wanted = Self::may_hide_an_index(statement)
            .then(|| IndexDefinition::read(sql, product))
            .flatten()
            .filter(|index| index.is_guarded);
        let Some(wanted) = wanted else {
            return Ok(());
        };
        let Some(name) = wanted.name.clone() else {
            return Ok(());
        };
        let session = self.session.as_mut();
        let compared = match product {
            Product::Postgresql => postgresql::compare(session, &wanted, &name, is_inside).await,
            Product::Mariadb | Product::Mysql => mariadb::compare(session, &wanted, &name).await,
            Product::Sqlite => sqlite::compare(session, &wanted, &name).await,
        };
        let diagnostic = match compared.map_err(Trouble::of)? {
            Comparison::Agrees => return Ok(()),
            Comparison::Unknown { existing, why } => {
                self.context.warn(
                    "index-not-compared",
                    format!("index {name} exists already, and whether it is the one asked for cannot be told ({why}). It is: {existing}"),
                );
                return Ok(());
            }
            Comparison::Differs { existing } => Diagnostic::error(
                "other-index",
                format!("{name} exists already, and is not the index this statement asks for"),
            )
            .note(format!("there is:   {existing}"))
            .note(format!(
                "asked for:  {}",
                sql.split_whitespace().collect::<Vec<_>>().join(" ")
            ))
            .note("`IF NOT EXISTS` would pass over it, and the migration would count as applied"),
            Comparison::Invalid => Diagnostic::error(
                "invalid-index",
                format!("index {name} exists already, but its build never finished"),
            )
            .note("it is marked invalid: no query uses it, and `IF NOT EXISTS` would keep it that way"),
        };
        let verb = statement.facts.verb.len();
        let label = statement
            .place
            .label(&self.script_path, &statement.piece, 0, verb, "");
        Err(Trouble::Stopped(
            Error::from_diagnostic(ErrorKind::Refused, diagnostic.at(label))
                .next("give the new index another name, or drop the old one if nothing needs it; then:  shoring up"),
        ))
    }
}

/// The words of an error that is only a reason not to know; a lost link is an error still.
pub(super) fn words_unless_lost(error: DbError) -> Result<String, DbError> {
    if error.kind == DbErrorKind::ConnectionLost {
        return Err(error);
    }
    Ok(error.message)
}
