//! SQLite.

use super::definition::{
    Kind, altered_targets, definition, index_targets, listed_targets, single_target,
    trigger_targets,
};
use super::phrase::Phrase;
use super::{control, needs_savepoint, plain, savepoint};
use shoring_core::{Facts, TargetKind, TransactionRule};

const KINDS: &[Kind] = &[
    ("INDEX", Some(TargetKind::Index)),
    ("TABLE", Some(TargetKind::Table)),
    ("TRIGGER", Some(TargetKind::Trigger)),
    ("VIEW", Some(TargetKind::View)),
    ("VIRTUAL TABLE", Some(TargetKind::Table)),
];

/// Pragmas that a transaction refuses (`synchronous`, `temp_store` when temporary tables are in use) or in which they have no
/// effect (`foreign_keys`, `journal_mode`, `page_size`): seen with SQLite 3.40.
const NOT_IN_TRANSACTION: &[&str] = &[
    "AUTO_VACUUM",
    "FOREIGN_KEYS",
    "JOURNAL_MODE",
    "PAGE_SIZE",
    "SYNCHRONOUS",
    "TEMP_STORE",
    "TEMP_STORE_DIRECTORY",
];

/// Pragmas that do something even without a value, and not in a transaction.
const ACTING: &[&str] = &["WAL_CHECKPOINT"];

/// Pragmas whose argument only says what is to be read.
const READING: &[&str] = &[
    "FOREIGN_KEY_CHECK",
    "FOREIGN_KEY_LIST",
    "INDEX_INFO",
    "INDEX_LIST",
    "INDEX_XINFO",
    "INTEGRITY_CHECK",
    "QUICK_CHECK",
    "TABLE_INFO",
    "TABLE_LIST",
    "TABLE_XINFO",
];

/// Pragmas that are written to the file and survive the session.
const STORED: &[&str] = &["APPLICATION_ID", "USER_VERSION", "SCHEMA_VERSION"];

pub(super) fn facts(mut phrase: Phrase<'_>) -> Facts {
    let word = phrase.keyword();
    match word.as_str() {
        "CREATE" | "ALTER" | "DROP" => define(&mut phrase),
        "BEGIN" => control("BEGIN", TransactionRule::Begin),
        "COMMIT" | "END" => control(word, TransactionRule::Commit),
        "SAVEPOINT" => {
            phrase.skip();
            savepoint(&mut phrase)
        }
        "RELEASE" => {
            phrase.skip();
            needs_savepoint("RELEASE", &mut phrase)
        }
        "ROLLBACK" => {
            if phrase.find("TO") {
                needs_savepoint("ROLLBACK TO", &mut phrase)
            } else {
                control(word, TransactionRule::Rollback)
            }
        }
        "PRAGMA" => pragma(&mut phrase),
        "VACUUM" => Facts {
            is_idempotent: !phrase.contains("INTO"),
            ..control(word, TransactionRule::Forbidden)
        },
        "DETACH" | "ATTACH" => attach(&word),
        "REINDEX" | "ANALYZE" | "EXPLAIN" => Facts {
            is_idempotent: true,
            ..plain(word)
        },
        "INSERT" | "REPLACE" | "UPDATE" | "DELETE" => {
            phrase.skip();
            if phrase.eat("OR") {
                phrase.skip();
            }
            phrase.eat_all(&["INTO", "FROM"]);
            Facts {
                targets: single_target(&mut phrase, TargetKind::Table),
                ..plain(word)
            }
        }
        _ => Facts {
            // An extension stays for the session.
            changes_session: phrase.contains("LOAD_EXTENSION"),
            ..plain(word)
        },
    }
}

fn define(phrase: &mut Phrase<'_>) -> Facts {
    let action = phrase.keyword();
    let found = definition(phrase, &["UNIQUE"], KINDS);
    let targets = match (action.as_str(), found.kind) {
        (_, None) => Vec::new(),
        ("CREATE", Some(TargetKind::Index)) => index_targets(phrase),
        ("CREATE", Some(TargetKind::Trigger)) => trigger_targets(phrase),
        ("CREATE", Some(kind)) => single_target(phrase, kind),
        ("ALTER", Some(kind)) => altered_targets(phrase, kind),
        (_, Some(kind)) => listed_targets(phrase, kind),
    };
    Facts {
        is_ddl: true,
        changes_session: found.is_temporary,
        targets,
        is_idempotent: found.is_guarded && action != "ALTER",
        ..plain(found.verb)
    }
}

fn pragma(phrase: &mut Phrase<'_>) -> Facts {
    phrase.skip();
    let Some(name) = phrase.name() else {
        return plain("PRAGMA");
    };
    let upper = name.name.to_ascii_uppercase();
    let is_any = |list: &[&str]| list.contains(&upper.as_str());
    let sets = !phrase.is_at_end() && !is_any(READING);
    let is_forbidden = (sets && is_any(NOT_IN_TRANSACTION)) || is_any(ACTING);
    Facts {
        transaction: if is_forbidden {
            TransactionRule::Forbidden
        } else {
            TransactionRule::Allowed
        },
        changes_session: sets && !is_any(STORED),
        is_idempotent: true,
        ..plain(format!("PRAGMA {}", name.name.to_ascii_lowercase()))
    }
}

/// The list of attached databases is the session's. `DETACH` fails in a transaction that has used the database ("database x
/// is locked"), and older versions refused it in any, so it goes outside.
fn attach(word: &str) -> Facts {
    Facts {
        transaction: if word == "DETACH" {
            TransactionRule::Forbidden
        } else {
            TransactionRule::Allowed
        },
        changes_session: true,
        ..plain(word)
    }
}
