//! Scripts that run around migrations: the name of the event, alone or with `__description`.

use super::names;
use super::settings::Settings;
use crate::callback::CallbackEvent;

/// What is known about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// It happens here too.
    Run(CallbackEvent),
    /// It does not.
    NotRun(&'static str),
}

const OF_STATEMENTS: &str = "a callback for each statement is not run";
const OF_COMMANDS: &str = "it belongs to a command that only Flyway has";
const OF_SCHEMAS: &str = "schemas are made before anything runs";
const OF_READING: &str = "what only reads runs nothing here";

const EVENTS: &[(&str, Event)] = &[
    ("afterConnect", Event::Run(CallbackEvent::AfterConnect)),
    ("beforeValidate", Event::Run(CallbackEvent::BeforeValidate)),
    ("afterValidate", Event::Run(CallbackEvent::AfterValidate)),
    ("createSchema", Event::NotRun(OF_SCHEMAS)),
    ("beforeCreateSchema", Event::NotRun(OF_SCHEMAS)),
    ("beforeMigrate", Event::Run(CallbackEvent::BeforeMigrate)),
    (
        "beforeEachMigrate",
        Event::Run(CallbackEvent::BeforeEachMigrate),
    ),
    (
        "afterEachMigrate",
        Event::Run(CallbackEvent::AfterEachMigrate),
    ),
    (
        "afterEachMigrateError",
        Event::Run(CallbackEvent::AfterEachMigrateError),
    ),
    ("afterVersioned", Event::Run(CallbackEvent::AfterVersioned)),
    (
        "beforeRepeatables",
        Event::Run(CallbackEvent::BeforeRepeatables),
    ),
    (
        "afterMigrateApplied",
        Event::Run(CallbackEvent::AfterMigrateApplied),
    ),
    ("afterMigrate", Event::Run(CallbackEvent::AfterMigrate)),
    (
        "afterMigrateError",
        Event::Run(CallbackEvent::AfterMigrateError),
    ),
    ("beforeUndo", Event::Run(CallbackEvent::BeforeUndo)),
    ("beforeEachUndo", Event::Run(CallbackEvent::BeforeEachUndo)),
    ("afterEachUndo", Event::Run(CallbackEvent::AfterEachUndo)),
    (
        "afterEachUndoError",
        Event::Run(CallbackEvent::AfterEachUndoError),
    ),
    ("afterUndo", Event::Run(CallbackEvent::AfterUndo)),
    ("afterUndoError", Event::Run(CallbackEvent::AfterUndoError)),
    ("beforeBaseline", Event::Run(CallbackEvent::BeforeBaseline)),
    ("afterBaseline", Event::Run(CallbackEvent::AfterBaseline)),
    ("beforeRepair", Event::Run(CallbackEvent::BeforeRepair)),
    ("afterRepair", Event::Run(CallbackEvent::AfterRepair)),
    (
        "beforeConnect",
        Event::NotRun("nothing can run before there is a connection"),
    ),
    (
        "afterValidateError",
        Event::NotRun("what does not match stops a run before anything is sent"),
    ),
    (
        "afterBaselineError",
        Event::Run(CallbackEvent::AfterBaselineError),
    ),
    (
        "afterRepairError",
        Event::Run(CallbackEvent::AfterRepairError),
    ),
    ("beforeEachMigrateStatement", Event::NotRun(OF_STATEMENTS)),
    ("afterEachMigrateStatement", Event::NotRun(OF_STATEMENTS)),
    (
        "afterEachMigrateStatementError",
        Event::NotRun(OF_STATEMENTS),
    ),
    ("beforeEachUndoStatement", Event::NotRun(OF_STATEMENTS)),
    ("afterEachUndoStatement", Event::NotRun(OF_STATEMENTS)),
    ("afterEachUndoStatementError", Event::NotRun(OF_STATEMENTS)),
    ("beforeClean", Event::NotRun(OF_COMMANDS)),
    ("afterClean", Event::NotRun(OF_COMMANDS)),
    ("afterCleanError", Event::NotRun(OF_COMMANDS)),
    ("beforeInfo", Event::NotRun(OF_READING)),
    ("afterInfo", Event::NotRun(OF_READING)),
    ("afterInfoError", Event::NotRun(OF_READING)),
    (
        "afterMigrateOperationFinish",
        Event::NotRun("it is for plugins"),
    ),
    (
        "afterInfoOperationFinish",
        Event::NotRun("it is for plugins"),
    ),
];

/// The event a file is for; `None` when it is for none.
pub(super) fn event_of(file: &str, settings: &Settings) -> Option<Event> {
    let stem = names::stem(file, settings)?;
    let (_, event) = EVENTS.iter().find(|(known, _)| {
        // Asked of every file, and nearly none begins with the name of an event.
        let rest = stem.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(settings.separator.as_str()))
    })?;
    Some(*event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_by_the_name() {
        let settings = Settings::default();
        let of = |file: &str| event_of(file, &settings);
        assert_eq!(
            of("afterMigrate.sql"),
            Some(Event::Run(CallbackEvent::AfterMigrate))
        );
        assert_eq!(
            of("afterMigrate__grant.sql"),
            Some(Event::Run(CallbackEvent::AfterMigrate))
        );
        assert_eq!(of("beforeClean.sql"), Some(Event::NotRun(OF_COMMANDS)));
        assert_eq!(of("aftermigrate.sql"), None);
        assert_eq!(of("V1__afterMigrate.sql"), None);
    }
}
