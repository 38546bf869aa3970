//! Observers without a screen: one that remembers what ran, one that passes events on.

use crate::report::run::ran;
use serde_json::Value;
use shoring::core::{Event, Observer};
use shoring::report::Ran;
use std::sync::{Arc, Mutex, PoisonError};

/// Remembers what ran, so that the document of a failure can tell.
#[derive(Default)]
pub(crate) struct Observed {
    done: Mutex<Vec<Value>>,
}

impl Observed {
    /// The migrations that were done, as in the document of a run.
    pub(crate) fn applied(&self) -> Vec<Value> {
        self.done
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Observer for Observed {
    fn observe(&self, event: &Event) {
        if let Some(done) = finished(event) {
            self.done
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(ran(&done));
        }
    }
}

/// The migration that an event says is done.
pub(super) fn finished(event: &Event) -> Option<Ran> {
    let Event::MigrationFinished {
        version,
        name,
        direction,
        ms,
        statements,
        rows,
    } = event
    else {
        return None;
    };
    Some(Ran {
        version: version.clone(),
        name: name.clone(),
        direction: *direction,
        milliseconds: *ms,
        statements: *statements,
        rows: *rows,
    })
}

/// Passes every event on to several observers.
pub(crate) struct Tap {
    observers: Vec<Arc<dyn Observer>>,
}

impl Tap {
    /// Passes on to these, in order.
    pub(crate) fn new(observers: Vec<Arc<dyn Observer>>) -> Self {
        Self { observers }
    }
}

impl Observer for Tap {
    fn observe(&self, event: &Event) {
        for observer in &self.observers {
            observer.observe(event);
        }
    }
}
