//! `--json=stream`: every event is a line of JSON on stdout.

use crate::report::event;
use crate::terminal::Terminal;
use shoring::core::{Event, Observer};
use std::sync::Arc;

/// Prints events as JSON lines.
pub(crate) struct Stream {
    terminal: Arc<Terminal>,
}

impl Stream {
    /// Prints to this terminal's stdout.
    pub(crate) fn new(terminal: Arc<Terminal>) -> Self {
        Self { terminal }
    }
}

impl Observer for Stream {
    fn observe(&self, event: &Event) {
        if let Some(line) = event::line(event) {
            self.terminal.print(&format!("{line}\n"));
        }
    }
}
