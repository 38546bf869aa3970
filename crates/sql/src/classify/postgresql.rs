//! PostgreSQL.

use super::definition::{
    Kind, altered_targets, definition, eat_guard, index_targets, listed_targets, single_target,
    trigger_targets,
};
use super::phrase::Phrase;
use super::postgresql_transaction::{definition_rule, word_rule};
use super::{control, needs_savepoint, plain, savepoint};
use shoring_core::{Facts, ServerVersion, Target, TargetKind, TransactionRule};

const KINDS: &[Kind] = &[
    ("ACCESS METHOD", None),
    ("AGGREGATE", None),
    ("CAST", None),
    ("COLLATION", None),
    ("CONVERSION", None),
    ("DATABASE", Some(TargetKind::Database)),
    ("DEFAULT PRIVILEGES", None),
    ("DOMAIN", Some(TargetKind::Type)),
    ("EVENT TRIGGER", None),
    ("EXTENSION", Some(TargetKind::Extension)),
    ("FOREIGN DATA WRAPPER", None),
    ("FOREIGN TABLE", Some(TargetKind::Table)),
    ("FUNCTION", Some(TargetKind::Function)),
    ("GROUP", None),
    ("INDEX", Some(TargetKind::Index)),
    ("LANGUAGE", None),
    ("LARGE OBJECT", None),
    ("MATERIALIZED VIEW", Some(TargetKind::View)),
    ("OPERATOR CLASS", None),
    ("OPERATOR FAMILY", None),
    ("OPERATOR", None),
    ("OWNED", None),
    ("POLICY", None),
    ("PROCEDURE", Some(TargetKind::Procedure)),
    ("PUBLICATION", None),
    ("ROLE", None),
    ("ROUTINE", None),
    ("RULE", None),
    ("SCHEMA", Some(TargetKind::Schema)),
    ("SEQUENCE", Some(TargetKind::Sequence)),
    ("SERVER", None),
    ("STATISTICS", None),
    ("SUBSCRIPTION", None),
    ("SYSTEM", None),
    ("TABLE", Some(TargetKind::Table)),
    ("TABLESPACE", None),
    ("TEXT SEARCH CONFIGURATION", None),
    ("TEXT SEARCH DICTIONARY", None),
    ("TEXT SEARCH PARSER", None),
    ("TEXT SEARCH TEMPLATE", None),
    ("TRANSFORM", None),
    ("TRIGGER", Some(TargetKind::Trigger)),
    ("TYPE", Some(TargetKind::Type)),
    ("USER MAPPING", None),
    ("USER", None),
    ("VIEW", Some(TargetKind::View)),
];

const MODIFIERS: &[&str] = &[
    "GLOBAL",
    "LOCAL",
    "UNLOGGED",
    "UNIQUE",
    "RECURSIVE",
    "CONSTRAINT",
    "DEFAULT",
    "TRUSTED",
    "PROCEDURAL",
];

/// Functions that change the session of whoever calls them.
const SESSION_FUNCTIONS: &[&str] = &[
    "SET_CONFIG",
    "SETSEED",
    "PG_ADVISORY_LOCK",
    "PG_ADVISORY_LOCK_SHARED",
    "PG_TRY_ADVISORY_LOCK",
    "PG_TRY_ADVISORY_LOCK_SHARED",
    "PG_ADVISORY_UNLOCK",
    "PG_ADVISORY_UNLOCK_ALL",
];

pub(super) fn facts(mut phrase: Phrase<'_>, version: ServerVersion) -> Facts {
    let word = phrase.keyword();
    match word.as_str() {
        "CREATE" | "ALTER" | "DROP" => define(&mut phrase, version),
        "SET" => set(&mut phrase),
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE"
        | "PREPARE" => transaction(&mut phrase),
        _ => other(&word, &mut phrase),
    }
}

fn define(phrase: &mut Phrase<'_>, version: ServerVersion) -> Facts {
    let action = phrase.keyword();
    let found = definition(phrase, MODIFIERS, KINDS);
    let transaction = definition_rule(&found.verb, phrase, version);
    let mut verb = found.verb;
    if transaction == TransactionRule::CommitBeforeUse
        || (verb == "ALTER TYPE" && transaction == TransactionRule::Forbidden)
    {
        verb.push_str(" ADD VALUE");
    } else if verb == "ALTER TABLE" && transaction == TransactionRule::Forbidden {
        verb.push_str(" DETACH PARTITION CONCURRENTLY");
    }
    let is_idempotent = if action == "ALTER" {
        has_guarded_action(phrase)
    } else {
        found.is_guarded
    };
    Facts {
        transaction,
        is_ddl: true,
        changes_session: found.is_temporary,
        targets: targets(&action, found.kind, phrase),
        is_idempotent,
        ..plain(verb)
    }
}

fn targets(action: &str, kind: Option<TargetKind>, phrase: &mut Phrase<'_>) -> Vec<Target> {
    let Some(kind) = kind else {
        return Vec::new();
    };
    match (action, kind) {
        ("CREATE", TargetKind::Index) => index_targets(phrase),
        (_, TargetKind::Trigger) => trigger_targets(phrase),
        ("CREATE", TargetKind::Schema) => {
            // `CREATE SCHEMA AUTHORIZATION role` names the schema after the role.
            phrase.eat("AUTHORIZATION");
            single_target(phrase, kind)
        }
        ("CREATE", _) => single_target(phrase, kind),
        ("ALTER", _) if phrase.eat("ALL IN TABLESPACE") => Vec::new(),
        ("ALTER", _) => {
            phrase.eat("ONLY");
            altered_targets(phrase, kind)
        }
        _ => listed_targets(phrase, kind),
    }
}

/// `ALTER TABLE t ADD COLUMN IF NOT EXISTS …` with nothing else, and the like.
fn has_guarded_action(phrase: &Phrase<'_>) -> bool {
    let mut phrase = phrase.clone();
    phrase.eat("ONLY");
    if phrase.name().is_none() || phrase.has_comma() {
        return false;
    }
    phrase.eat_all(&["ADD", "DROP", "COLUMN", "CONSTRAINT", "VALUE"]);
    eat_guard(&mut phrase)
}

fn set(phrase: &mut Phrase<'_>) -> Facts {
    phrase.skip();
    if phrase.is("TRANSACTION") {
        return control("SET TRANSACTION", TransactionRule::Inner);
    }
    if phrase.is("CONSTRAINTS") {
        return plain("SET CONSTRAINTS");
    }
    // Ends with the transaction by itself.
    if phrase.is("LOCAL") {
        return Facts {
            is_idempotent: true,
            ..plain("SET LOCAL")
        };
    }
    Facts {
        changes_session: true,
        is_idempotent: true,
        ..plain("SET")
    }
}

fn transaction(phrase: &mut Phrase<'_>) -> Facts {
    let word = phrase.keyword();
    phrase.skip();
    match word.as_str() {
        "BEGIN" => control("BEGIN", TransactionRule::Begin),
        "START" => control("START TRANSACTION", TransactionRule::Begin),
        "SAVEPOINT" => savepoint(phrase),
        "RELEASE" => needs_savepoint("RELEASE", phrase),
        "COMMIT" | "ROLLBACK" if phrase.eat("PREPARED") => {
            control(format!("{word} PREPARED"), TransactionRule::Forbidden)
        }
        "COMMIT" | "END" | "ROLLBACK" | "ABORT" if phrase.contains_sequence(&["AND", "CHAIN"]) => {
            control(format!("{word} AND CHAIN"), TransactionRule::Escapes)
        }
        "COMMIT" | "END" => control(word, TransactionRule::Commit),
        "PREPARE" if phrase.is("TRANSACTION") => {
            control("PREPARE TRANSACTION", TransactionRule::Escapes)
        }
        "PREPARE" => Facts {
            changes_session: true,
            ..plain("PREPARE")
        },
        _ => {
            phrase.eat_all(&["WORK", "TRANSACTION"]);
            if phrase.eat("TO") {
                needs_savepoint("ROLLBACK TO", phrase)
            } else {
                control(word, TransactionRule::Rollback)
            }
        }
    }
}

fn other(word: &str, phrase: &mut Phrase<'_>) -> Facts {
    let (verb, transaction) = word_rule(word, phrase);
    phrase.skip();
    let mut facts = Facts {
        transaction,
        ..plain(verb)
    };
    match word {
        "INSERT" | "MERGE" | "UPDATE" | "DELETE" | "TRUNCATE" | "COPY" | "VACUUM" | "ANALYZE"
        | "LOCK" | "CLUSTER" | "REINDEX" | "REFRESH" | "COMMENT" | "GRANT" | "REVOKE"
        | "SECURITY" | "REASSIGN" | "IMPORT" => table_facts(word, phrase, &mut facts),
        "RESET" | "DISCARD" | "LISTEN" | "UNLISTEN" | "LOAD" | "DEALLOCATE" => {
            facts.changes_session = true;
            facts.is_idempotent = word != "DEALLOCATE";
        }
        // What they run is not known here.
        "DO" | "CALL" | "EXECUTE" => facts.changes_session = true,
        "SHOW" | "CHECKPOINT" => facts.is_idempotent = true,
        "DECLARE" => facts.changes_session = phrase.contains("HOLD"),
        _ => {
            facts.changes_session = SESSION_FUNCTIONS
                .iter()
                .any(|function| phrase.contains(function));
        }
    }
    facts
}

/// Statements that name the table they work on, and the ones that change definitions.
fn table_facts(word: &str, phrase: &mut Phrase<'_>, facts: &mut Facts) {
    match word {
        "COMMENT" | "GRANT" | "REVOKE" | "SECURITY" => {
            facts.is_ddl = true;
            facts.is_idempotent = true;
        }
        "REASSIGN" | "IMPORT" => facts.is_ddl = true,
        "VACUUM" | "ANALYZE" | "CLUSTER" => {
            facts.is_idempotent = true;
            facts.is_ddl = word == "CLUSTER";
        }
        "REINDEX" => {
            facts.is_ddl = true;
            facts.is_idempotent = true;
            phrase.eat_parentheses();
            let kind = match phrase.keyword().as_str() {
                "INDEX" => TargetKind::Index,
                "TABLE" => TargetKind::Table,
                _ => return,
            };
            phrase.skip();
            phrase.eat("CONCURRENTLY");
            facts.targets = single_target(phrase, kind);
        }
        "REFRESH" => {
            facts.is_ddl = true;
            facts.is_idempotent = true;
            phrase.eat_all(&["MATERIALIZED VIEW", "CONCURRENTLY"]);
            facts.targets = single_target(phrase, TargetKind::View);
        }
        "TRUNCATE" | "LOCK" => {
            phrase.eat_all(&["TABLE", "ONLY"]);
            facts.targets = listed_targets(phrase, TargetKind::Table);
        }
        "COPY" => {
            phrase.eat("BINARY");
            facts.targets = single_target(phrase, TargetKind::Table);
        }
        _ => {
            phrase.eat_all(&["INTO", "FROM", "ONLY"]);
            facts.targets = single_target(phrase, TargetKind::Table);
        }
    }
}
