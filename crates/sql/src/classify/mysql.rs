//! MySQL and MariaDB: which statements end the transaction by themselves (MySQL manual 15.3.3, MariaDB "SQL statements
//! that cause an implicit commit").

use super::definition::definition;
use super::mysql_targets::{self, KINDS, MODIFIERS};
use super::phrase::Phrase;
use super::{control, needs_savepoint, plain, savepoint};
use shoring_core::{Facts, Product, TargetKind, TransactionRule};

pub(super) fn facts(mut phrase: Phrase<'_>) -> Facts {
    let sets_variables = phrase.contains_sequence(&[":", "="])
        || phrase.contains_sequence(&["INTO", "@"])
        || (phrase.is("LOAD") && phrase.contains_sequence(&["@"]));
    let word = phrase.keyword();
    let mut facts = match word.as_str() {
        "CREATE" | "ALTER" | "DROP" => define(&mut phrase),
        "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" | "XA" => {
            transaction(&mut phrase)
        }
        "SET" => set(&mut phrase),
        _ => other(&word, &mut phrase),
    };
    // In the body of a routine they are its own.
    facts.changes_session |= sets_variables && !facts.is_ddl;
    facts
}

fn define(phrase: &mut Phrase<'_>) -> Facts {
    let action = phrase.keyword();
    let found = definition(phrase, MODIFIERS, KINDS);
    // Temporary tables and sequences neither commit nor are rolled back. `DROP PREPARE` is another word for DEALLOCATE.
    let is_temporary_thing =
        found.is_temporary && matches!(found.kind, Some(TargetKind::Table | TargetKind::Sequence));
    let commits = !is_temporary_thing && found.verb != "DROP PREPARE";
    Facts {
        transaction: if commits {
            TransactionRule::ImplicitCommit
        } else {
            TransactionRule::Allowed
        },
        is_ddl: true,
        changes_session: found.is_temporary || found.verb == "DROP DATABASE",
        is_idempotent: if action == "ALTER" {
            mysql_targets::has_guarded_action(phrase)
        } else {
            found.is_guarded
        },
        targets: mysql_targets::defined(&action, found.kind, phrase),
        ..plain(found.verb)
    }
}

fn transaction(phrase: &mut Phrase<'_>) -> Facts {
    let word = phrase.keyword();
    phrase.skip();
    match word.as_str() {
        // MariaDB's anonymous block: what it does is not known here.
        "BEGIN" if phrase.is("NOT") => Facts {
            changes_session: true,
            ..plain("BEGIN NOT ATOMIC")
        },
        "BEGIN" => control("BEGIN", TransactionRule::Begin),
        "START" if phrase.is("TRANSACTION") => control("START TRANSACTION", TransactionRule::Begin),
        "COMMIT" | "ROLLBACK" if phrase.contains_sequence(&["AND", "CHAIN"]) => {
            control(format!("{word} AND CHAIN"), TransactionRule::Escapes)
        }
        // The server ends the session then.
        "COMMIT" | "ROLLBACK" if ends_session(phrase) => {
            control(format!("{word} RELEASE"), TransactionRule::Escapes)
        }
        "COMMIT" => control("COMMIT", TransactionRule::Commit),
        "SAVEPOINT" => savepoint(phrase),
        "RELEASE" => needs_savepoint("RELEASE SAVEPOINT", phrase),
        "ROLLBACK" => {
            phrase.eat("WORK");
            if phrase.eat("TO") {
                needs_savepoint("ROLLBACK TO", phrase)
            } else {
                control("ROLLBACK", TransactionRule::Rollback)
            }
        }
        "XA" => {
            let rule = if phrase.is("RECOVER") {
                TransactionRule::Allowed
            } else {
                TransactionRule::Escapes
            };
            control(format!("XA {}", phrase.keyword()), rule)
        }
        // START SLAVE, START REPLICA.
        _ => control(
            format!("{word} {}", phrase.keyword()),
            TransactionRule::ImplicitCommit,
        ),
    }
}

/// `COMMIT RELEASE`, but not `COMMIT NO RELEASE` or `ROLLBACK TO name`.
fn ends_session(phrase: &Phrase<'_>) -> bool {
    let mut phrase = phrase.clone();
    phrase.eat_all(&["WORK", "AND NO CHAIN"]);
    phrase.is("RELEASE")
}

fn set(phrase: &mut Phrase<'_>) -> Facts {
    phrase.skip();
    if phrase.is("TRANSACTION") {
        return control("SET TRANSACTION", TransactionRule::Inner);
    }
    // SET STATEMENT … FOR runs a statement with variables of its own.
    if phrase.product == Product::Mariadb && phrase.is("STATEMENT") && phrase.find("FOR") {
        return facts(phrase.clone());
    }
    // Passwords and default roles are stored by statements that commit.
    let is_stored = phrase.is("PASSWORD") || phrase.contains_sequence(&["DEFAULT", "ROLE"]);
    let enables_autocommit = phrase.contains_sequence(&["AUTOCOMMIT", "=", "1"])
        || phrase.contains_sequence(&["AUTOCOMMIT", "=", "ON"])
        || phrase.contains_sequence(&["AUTOCOMMIT", "=", "TRUE"])
        || phrase.contains_sequence(&["AUTOCOMMIT", ":", "=", "1"]);
    Facts {
        transaction: if is_stored || enables_autocommit {
            TransactionRule::ImplicitCommit
        } else {
            TransactionRule::Allowed
        },
        changes_session: !is_stored,
        is_idempotent: true,
        ..plain(if is_stored { "SET PASSWORD" } else { "SET" })
    }
}

fn other(word: &str, phrase: &mut Phrase<'_>) -> Facts {
    phrase.skip();
    let second = phrase.keyword();
    let two = || format!("{word} {second}");
    let committing = |verb: String| control(verb, TransactionRule::ImplicitCommit);
    match word {
        "RENAME" | "GRANT" | "REVOKE" | "TRUNCATE" => Facts {
            is_ddl: true,
            is_idempotent: matches!(word, "GRANT" | "REVOKE"),
            targets: mysql_targets::changed(word, phrase),
            ..committing(match word {
                "RENAME" => two(),
                "TRUNCATE" => "TRUNCATE TABLE".to_owned(),
                _ => word.to_owned(),
            })
        },
        "ANALYZE" | "CHECK" | "OPTIMIZE" | "REPAIR" => {
            // MariaDB's ANALYZE SELECT only explains.
            phrase.eat_all(&["LOCAL", "NO_WRITE_TO_BINLOG"]);
            if !phrase.is_any(&["TABLE", "TABLES", "VIEW"]) {
                return plain(word);
            }
            Facts {
                is_idempotent: true,
                ..committing(format!("{word} TABLE"))
            }
        }
        "FLUSH" | "RESET" => Facts {
            is_idempotent: word == "FLUSH",
            // FLUSH TABLES WITH READ LOCK holds a lock for the session.
            changes_session: phrase.contains("LOCK"),
            ..committing(two())
        },
        "LOCK" => Facts {
            changes_session: true,
            ..committing("LOCK TABLES".to_owned())
        },
        "UNLOCK" => Facts {
            changes_session: true,
            is_idempotent: true,
            // Commits only when LOCK TABLES is in force, which ended the transaction itself.
            ..plain("UNLOCK TABLES")
        },
        "INSTALL" | "UNINSTALL" | "STOP" | "CHANGE" => committing(two()),
        // MySQL's manual lists both; MariaDB 10.11 does not commit.
        "CACHE" => key_cache(phrase, two()),
        "LOAD" if second == "INDEX" => key_cache(phrase, two()),
        "LOAD" => Facts {
            targets: mysql_targets::changed(word, phrase),
            ..plain(two())
        },
        "INSERT" | "REPLACE" | "UPDATE" | "DELETE" => Facts {
            targets: mysql_targets::changed(word, phrase),
            ..plain(word)
        },
        "USE" | "PREPARE" | "DEALLOCATE" | "HANDLER" => Facts {
            changes_session: true,
            is_idempotent: word == "USE",
            ..plain(word)
        },
        // What they run is not known here.
        "CALL" | "EXECUTE" | "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" => Facts {
            changes_session: true,
            ..plain(word)
        },
        "SHOW" | "HELP" | "DESCRIBE" | "DESC" | "EXPLAIN" => Facts {
            is_idempotent: true,
            ..plain(word)
        },
        _ => Facts {
            changes_session: phrase.contains("GET_LOCK") || phrase.contains("RELEASE_LOCK"),
            ..plain(word)
        },
    }
}

fn key_cache(phrase: &Phrase<'_>, verb: String) -> Facts {
    match phrase.product {
        Product::Mariadb => plain(verb),
        Product::Mysql | Product::Postgresql | Product::Sqlite => {
            control(verb, TransactionRule::ImplicitCommit)
        }
    }
}
