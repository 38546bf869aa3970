//! One statement that the server refused: which, what the server said, and where in the file it points.

use super::entry::Ours;
use super::source::Statement;
use shoring_core::{Label, Product, Target};
use shoring_db::DbError;
use shoring_sql::tokens::token_at;

/// One statement that the server refused.
pub(super) struct Failed {
    /// Number in the file; 0 for a statement of ours.
    pub(crate) number: u64,
    /// What happened.
    pub(crate) error: DbError,
    /// Where.
    pub(crate) label: Option<Label>,
    /// What it is.
    pub(crate) verb: String,
    /// What it touches, what it makes first.
    pub(crate) targets: Vec<Target>,
}

impl Failed {
    pub(super) fn ours(ours: Ours, error: &DbError, product: Product) -> Self {
        let verb = match ours {
            Ours::Begin => "beginning the transaction",
            Ours::Guard | Ours::Proof => "checking the lease",
            Ours::History => "writing the history row",
            Ours::GuardedJournal | Ours::Journal => "writing the journal",
            Ours::Commit => "committing",
        };
        Self {
            number: 0,
            error: error.clone(),
            label: None,
            verb: format!("{verb} ({})", product.title()),
            targets: Vec::new(),
        }
    }
}

/// A failure with a caret under the token the server means, or under the statement's first word.
pub(super) fn statement_failed(
    file: &str,
    statement: &Statement,
    error: &DbError,
    product: Product,
) -> Failed {
    let sql = statement.piece.sql();
    let (offset, length) = match error.offset {
        Some(offset) if offset < sql.len() => {
            let token = token_at(sql, offset, product.dialect());
            (token.start, token.end - token.start)
        }
        Some(_) => (sql.len().saturating_sub(1), 1),
        None => (0, statement.facts.verb.len().min(sql.len())),
    };
    let text = match &error.code {
        // SQLite's codes begin with its name.
        Some(code) if product == Product::Sqlite => code.clone(),
        Some(code) => format!("{} {code}", product.title()),
        None => product.title().to_owned(),
    };
    Failed {
        number: statement.number,
        error: error.clone(),
        label: Some(
            statement
                .place
                .label(file, &statement.piece, offset, length.max(1), text),
        ),
        verb: statement.facts.verb.clone(),
        targets: statement.facts.targets.clone(),
    }
}
