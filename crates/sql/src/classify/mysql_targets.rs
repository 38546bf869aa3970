//! What MySQL and MariaDB statements touch. Indexes are named within their table.

use super::definition::{
    Kind, eat_guard, index_targets, listed_targets, single_target, trigger_targets,
};
use super::phrase::{Name, Phrase};
use shoring_core::{Target, TargetKind};

pub(super) const KINDS: &[Kind] = &[
    ("DATABASE", Some(TargetKind::Schema)),
    ("EVENT", Some(TargetKind::Event)),
    ("FUNCTION", Some(TargetKind::Function)),
    ("INDEX", Some(TargetKind::Index)),
    ("LOGFILE GROUP", None),
    ("PACKAGE BODY", None),
    ("PACKAGE", None),
    ("PREPARE", None),
    ("PROCEDURE", Some(TargetKind::Procedure)),
    ("RESOURCE GROUP", None),
    ("ROLE", None),
    ("SCHEMA", Some(TargetKind::Schema)),
    ("SEQUENCE", Some(TargetKind::Sequence)),
    ("SERVER", None),
    ("SPATIAL REFERENCE SYSTEM", None),
    ("TABLE", Some(TargetKind::Table)),
    ("TABLESPACE", None),
    ("TRIGGER", Some(TargetKind::Trigger)),
    ("USER", None),
    ("VIEW", Some(TargetKind::View)),
];

pub(super) const MODIFIERS: &[&str] = &[
    "AGGREGATE",
    "UNIQUE",
    "FULLTEXT",
    "SPATIAL",
    "ONLINE",
    "OFFLINE",
    "IGNORE",
    "UNDO",
];

/// The targets of `CREATE`, `ALTER` and `DROP`; the phrase stands at the name.
pub(super) fn defined(
    action: &str,
    kind: Option<TargetKind>,
    phrase: &mut Phrase<'_>,
) -> Vec<Target> {
    let Some(kind) = kind else {
        return Vec::new();
    };
    match (action, kind) {
        ("CREATE" | "DROP", TargetKind::Index) => index_targets(phrase),
        ("CREATE", TargetKind::Trigger) => trigger_targets(phrase),
        ("DROP", _) => listed_targets(phrase, kind),
        ("ALTER", _) => altered(phrase, kind),
        _ => single_target(phrase, kind),
    }
}

/// The thing altered, and the one it becomes with `RENAME [TO|AS] name` among the actions.
fn altered(phrase: &mut Phrase<'_>, kind: TargetKind) -> Vec<Target> {
    let Some(old) = phrase.name() else {
        return Vec::new();
    };
    let mut targets = vec![old.clone().target(kind)];
    while kind == TargetKind::Table && phrase.find("RENAME") {
        if phrase.is_any(&["COLUMN", "INDEX", "KEY"]) {
            continue;
        }
        phrase.eat_all(&["TO", "AS"]);
        phrase.eat_punctuation(b'=');
        let new = phrase.name().map(|name| Name {
            schema: name.schema.or_else(|| old.schema.clone()),
            name: name.name,
        });
        targets.extend(new.map(|name| name.target(kind)));
        break;
    }
    targets
}

/// MariaDB's `ALTER TABLE t ADD COLUMN IF NOT EXISTS …` with nothing else, and the like.
pub(super) fn has_guarded_action(phrase: &Phrase<'_>) -> bool {
    let mut phrase = phrase.clone();
    if phrase.name().is_none() || phrase.has_comma() {
        return false;
    }
    phrase.eat_all(&[
        "ADD",
        "DROP",
        "COLUMN",
        "CONSTRAINT",
        "UNIQUE",
        "INDEX",
        "KEY",
        "FOREIGN KEY",
        "PRIMARY KEY",
        "PARTITION",
    ]);
    eat_guard(&mut phrase)
}

/// The table of a statement that changes rows, or all tables of `RENAME TABLE`; the phrase stands after the first word.
pub(super) fn changed(word: &str, phrase: &mut Phrase<'_>) -> Vec<Target> {
    match word {
        "RENAME" => {
            if !phrase.eat("TABLE") && !phrase.eat("TABLES") {
                return Vec::new();
            }
            eat_guard(phrase);
            let mut targets = Vec::new();
            while let Some(name) = phrase.name() {
                targets.push(name.target(TargetKind::Table));
                if !phrase.eat("TO") && !phrase.eat_punctuation(b',') {
                    break;
                }
            }
            targets
        }
        "GRANT" | "REVOKE" => Vec::new(),
        "LOAD" => {
            if phrase.find("TABLE") {
                single_target(phrase, TargetKind::Table)
            } else {
                Vec::new()
            }
        }
        _ => {
            phrase.eat_all(&[
                "LOW_PRIORITY",
                "HIGH_PRIORITY",
                "DELAYED",
                "QUICK",
                "IGNORE",
                "TABLE",
                "INTO",
                "FROM",
            ]);
            single_target(phrase, TargetKind::Table)
        }
    }
}
