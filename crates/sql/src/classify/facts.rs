//! The way in: which dialect's rules apply, and the facts they begin with.

use super::phrase::Phrase;
use super::{mysql, postgresql, sqlite};
use shoring_core::{Dialect, Facts, Product, Savepoint, ServerVersion, TransactionRule};

/// What is known about one statement, as the splitter cut it (comments around it and a terminator do no harm).
///
/// ```
/// use shoring_core::{Product, ServerVersion, TransactionRule};
/// use shoring_sql::classify;
///
/// let sql = "create unique index concurrently i on public.Orders (id)";
/// let facts = classify(sql, Product::Postgresql, ServerVersion::new(15, 0, 0));
/// assert_eq!(facts.verb, "CREATE INDEX CONCURRENTLY");
/// assert_eq!(facts.transaction, TransactionRule::Forbidden);
/// assert_eq!(facts.targets[0].to_string(), "index public.i");
/// ```
pub fn classify(sql: &str, product: Product, version: ServerVersion) -> Facts {
    let phrase = Phrase::new(sql, product);
    match product.dialect() {
        Dialect::Postgresql => postgresql::facts(phrase, version),
        Dialect::Mysql => mysql::facts(phrase),
        Dialect::Sqlite => sqlite::facts(phrase),
    }
}

/// Facts of a statement that only reads or changes rows, to be changed where it differs.
pub(super) fn plain(verb: impl Into<String>) -> Facts {
    Facts {
        verb: verb.into(),
        transaction: TransactionRule::Allowed,
        is_ddl: false,
        changes_session: false,
        targets: Vec::new(),
        is_idempotent: false,
        savepoint: None,
    }
}

/// Facts of a statement that only says something about transactions.
pub(super) fn control(verb: impl Into<String>, transaction: TransactionRule) -> Facts {
    Facts {
        transaction,
        ..plain(verb)
    }
}

/// Facts of `SAVEPOINT`. Its name comes next.
pub(super) fn savepoint(phrase: &mut Phrase<'_>) -> Facts {
    Facts {
        savepoint: phrase
            .name()
            .map(|name| Savepoint::Set(name.name.to_lowercase())),
        ..control("SAVEPOINT", TransactionRule::Inner)
    }
}

/// Facts of what needs a savepoint. Its name comes next, perhaps behind the word.
pub(super) fn needs_savepoint(verb: &str, phrase: &mut Phrase<'_>) -> Facts {
    phrase.eat("SAVEPOINT");
    Facts {
        savepoint: phrase
            .name()
            .map(|name| Savepoint::Needed(name.name.to_lowercase())),
        ..control(verb, TransactionRule::Inner)
    }
}
