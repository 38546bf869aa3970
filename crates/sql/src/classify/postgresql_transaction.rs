//! Which PostgreSQL statements refuse to run in a transaction block. Every line of this file is proven on a server by
//! `tests/postgresql.rs`, with a near miss beside it.
//!
//! What cannot be known from the text (a partitioned table under `CLUSTER` or `REINDEX`, a procedure that commits) is
//! taken as allowed.

use super::phrase::Phrase;
use shoring_core::{ServerVersion, TransactionRule};

/// The rule for `CREATE`, `ALTER` and `DROP`; the phrase stands at the name.
pub(super) fn definition_rule(
    verb: &str,
    phrase: &Phrase<'_>,
    version: ServerVersion,
) -> TransactionRule {
    let mut phrase = phrase.clone();
    let is_forbidden = match verb {
        "CREATE INDEX CONCURRENTLY"
        | "DROP INDEX CONCURRENTLY"
        | "CREATE DATABASE"
        | "DROP DATABASE"
        | "CREATE TABLESPACE"
        | "DROP TABLESPACE"
        | "ALTER SYSTEM"
        // Fine when the subscription has no slot, which only the server knows.
        | "DROP SUBSCRIPTION" => true,
        "ALTER DATABASE" => phrase.find("SET TABLESPACE"),
        "CREATE SUBSCRIPTION" => creates_slot(&phrase),
        "ALTER SUBSCRIPTION" => refreshes(&mut phrase),
        "ALTER TABLE" => phrase.find("DETACH PARTITION") && phrase.find("CONCURRENTLY"),
        "ALTER TYPE" if adds_value(&mut phrase) => {
            // Since 12 the value can be added in a transaction, but not used before its end.
            if version.major >= 12 {
                return TransactionRule::CommitBeforeUse;
            }
            true
        }
        _ => false,
    };
    rule(is_forbidden)
}

/// The name and the rule of a statement that begins with any other word; the phrase stands at that word.
pub(super) fn word_rule(word: &str, phrase: &Phrase<'_>) -> (String, TransactionRule) {
    let mut phrase = phrase.clone();
    phrase.skip();
    match word {
        "VACUUM" => ("VACUUM".to_owned(), TransactionRule::Forbidden),
        "CLUSTER" => {
            phrase.eat("VERBOSE");
            phrase.eat_parentheses();
            ("CLUSTER".to_owned(), rule(phrase.is_at_end()))
        }
        "DISCARD" => {
            let what = phrase.keyword();
            (
                format!("DISCARD {what}").trim_end().to_owned(),
                rule(what == "ALL"),
            )
        }
        "REINDEX" => reindex(&mut phrase),
        "REFRESH" => (
            "REFRESH MATERIALIZED VIEW".to_owned(),
            TransactionRule::Allowed,
        ),
        "TRUNCATE" | "LOCK" => (format!("{word} TABLE"), TransactionRule::Allowed),
        _ => (word.to_owned(), TransactionRule::Allowed),
    }
}

const fn rule(is_forbidden: bool) -> TransactionRule {
    if is_forbidden {
        TransactionRule::Forbidden
    } else {
        TransactionRule::Allowed
    }
}

fn adds_value(phrase: &mut Phrase<'_>) -> bool {
    phrase.name().is_some() && phrase.eat("ADD VALUE")
}

/// A subscription is created with a slot, and so not in a transaction, unless it says otherwise.
fn creates_slot(phrase: &Phrase<'_>) -> bool {
    let is_off = |option: &str| {
        ["FALSE", "OFF", "0", "'false'", "'off'", "'0'"]
            .iter()
            .any(|value| phrase.contains_sequence(&[option, "=", value]))
    };
    !is_off("CONNECT") && !is_off("CREATE_SLOT")
}

/// `ALTER SUBSCRIPTION` refreshes unless it says otherwise; 17 and 18 refuse changes of the slot as well.
fn refreshes(phrase: &mut Phrase<'_>) -> bool {
    phrase.skip();
    if phrase.is("REFRESH") {
        return true;
    }
    if !phrase.is_any(&["SET", "ADD", "DROP"]) {
        return false;
    }
    phrase.skip();
    if phrase.is("PUBLICATION") {
        return !["FALSE", "OFF", "0"]
            .iter()
            .any(|value| phrase.contains_sequence(&["REFRESH", "=", value]));
    }
    phrase.contains("FAILOVER") || phrase.contains("TWO_PHASE")
}

fn reindex(phrase: &mut Phrase<'_>) -> (String, TransactionRule) {
    let is_option = phrase.is_punctuation(b'(')
        && phrase.contains("CONCURRENTLY")
        && !["FALSE", "OFF", "0"]
            .iter()
            .any(|value| phrase.contains_sequence(&["CONCURRENTLY", value]));
    phrase.eat_parentheses();
    let what = phrase.keyword();
    phrase.skip();
    let is_concurrent = phrase.is("CONCURRENTLY") || is_option;
    let verb = format!(
        "REINDEX {what}{}",
        if is_concurrent { " CONCURRENTLY" } else { "" }
    );
    let is_whole = matches!(what.as_str(), "SCHEMA" | "DATABASE" | "SYSTEM");
    (verb.trim_end().to_owned(), rule(is_concurrent || is_whole))
}
