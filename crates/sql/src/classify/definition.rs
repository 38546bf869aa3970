//! `CREATE`, `ALTER` and `DROP` of named things, as far as the dialects agree.

use super::phrase::{Name, Phrase};
use shoring_core::{Target, TargetKind};

/// A kind of thing: its words, and how it is called in targets if the vocabulary has it.
pub(super) type Kind = (&'static str, Option<TargetKind>);

/// What is created, altered or dropped.
pub(super) struct Definition {
    /// `CREATE TABLE`.
    pub(super) verb: String,
    pub(super) kind: Option<TargetKind>,
    /// `IF EXISTS`, `IF NOT EXISTS` or `OR REPLACE` was written.
    pub(super) is_guarded: bool,
    /// `TEMP` or `TEMPORARY` was written.
    pub(super) is_temporary: bool,
}

/// Reads the words from `CREATE`, `ALTER` or `DROP` to the name. `modifiers` may stand before the kind. The kinds are tried
/// in order, so `FOREIGN TABLE` stands before `TABLE`.
pub(super) fn definition(
    phrase: &mut Phrase<'_>,
    modifiers: &[&str],
    kinds: &[Kind],
) -> Definition {
    let action = phrase.keyword();
    phrase.skip();
    let mut is_guarded = false;
    let mut is_temporary = false;
    let found = loop {
        // Before the modifiers: SPATIAL REFERENCE SYSTEM is a kind, SPATIAL INDEX is not.
        if let Some(kind) = kinds.iter().find(|(words, _)| phrase.eat(words)) {
            break Some(kind);
        }
        if phrase.eat("OR REPLACE") {
            is_guarded = true;
        } else if phrase.eat("TEMP") || phrase.eat("TEMPORARY") {
            is_temporary = true;
        } else if !modifiers.iter().any(|modifier| phrase.eat(modifier)) && !eat_view_option(phrase)
        {
            break None;
        }
    };
    let (words, kind) = match found {
        Some((words, kind)) => ((*words).to_owned(), *kind),
        None => (phrase.keyword(), None),
    };
    let mut verb = format!("{action} {words}").trim_end().to_owned();
    if kind == Some(TargetKind::Index) && phrase.eat("CONCURRENTLY") {
        verb.push_str(" CONCURRENTLY");
    }
    let is_guarded = eat_guard(phrase) || is_guarded;
    Definition {
        verb,
        kind,
        is_guarded,
        is_temporary,
    }
}

/// Steps over MySQL's `DEFINER = user@host`, `ALGORITHM = word` or `SQL SECURITY word`.
fn eat_view_option(phrase: &mut Phrase<'_>) -> bool {
    if phrase.eat("SQL SECURITY") {
        phrase.skip();
        return true;
    }
    if !phrase.eat("DEFINER") && !phrase.eat("ALGORITHM") {
        return false;
    }
    phrase.eat_punctuation(b'=');
    phrase.skip();
    phrase.eat_parentheses();
    if phrase.eat_punctuation(b'@') {
        phrase.skip();
    }
    true
}

/// Steps over `IF EXISTS` or `IF NOT EXISTS`.
pub(super) fn eat_guard(phrase: &mut Phrase<'_>) -> bool {
    phrase.eat("IF NOT EXISTS") || phrase.eat("IF EXISTS")
}

/// The index and its table in `[name] … ON [ONLY] table`. The index lives in the schema of its table.
pub(super) fn index_targets(phrase: &mut Phrase<'_>) -> Vec<Target> {
    let index = if phrase.is("ON") { None } else { phrase.name() };
    if !phrase.find("ON") {
        return index
            .map(|name| name.target(TargetKind::Index))
            .into_iter()
            .collect();
    }
    phrase.eat("ONLY");
    let Some(table) = phrase.name() else {
        return Vec::new();
    };
    let mut targets = Vec::new();
    if let Some(index) = index {
        targets.push(Target {
            kind: TargetKind::Index,
            schema: index.schema.or_else(|| table.schema.clone()),
            name: index.name,
            table: Some(table.name.clone()),
        });
    }
    targets.push(table.target(TargetKind::Table));
    targets
}

/// The trigger and its table in `name … ON table`.
pub(super) fn trigger_targets(phrase: &mut Phrase<'_>) -> Vec<Target> {
    let Some(trigger) = phrase.name() else {
        return Vec::new();
    };
    let table = if phrase.find("ON") {
        phrase.name()
    } else {
        None
    };
    let (schema, table) = match table {
        Some(Name { schema, name }) => (schema, Some(name)),
        None => (None, None),
    };
    vec![Target {
        kind: TargetKind::Trigger,
        schema: trigger.schema.or(schema),
        name: trigger.name,
        table,
    }]
}

/// The thing altered, and the one it becomes with `RENAME TO`. `IF EXISTS` and the like were stepped over.
pub(super) fn altered_targets(phrase: &mut Phrase<'_>, kind: TargetKind) -> Vec<Target> {
    let Some(old) = phrase.name() else {
        return Vec::new();
    };
    phrase.eat_parentheses();
    let new = if phrase.eat("RENAME TO") {
        phrase.name().map(|name| Name {
            schema: name.schema.or_else(|| old.schema.clone()),
            name: name.name,
        })
    } else {
        None
    };
    std::iter::once(old)
        .chain(new)
        .map(|name| name.target(kind))
        .collect()
}

/// The targets of a list of names.
pub(super) fn listed_targets(phrase: &mut Phrase<'_>, kind: TargetKind) -> Vec<Target> {
    phrase
        .names()
        .into_iter()
        .map(|name| name.target(kind))
        .collect()
}

/// The only name, as a list.
pub(super) fn single_target(phrase: &mut Phrase<'_>, kind: TargetKind) -> Vec<Target> {
    phrase
        .name()
        .map(|name| name.target(kind))
        .into_iter()
        .collect()
}
