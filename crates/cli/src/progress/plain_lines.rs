//! Without a terminal: one plain line every ten seconds while something long runs.

use crate::report::text::{about, clean, share};
use shoring::core::event::Progress;
use std::time::{Duration, Instant};

/// How often a line is printed.
const INTERVAL: Duration = Duration::from_secs(10);

/// What the executor calls the progress of a whole file.
const FILE: &str = "file";

/// What runs at the moment.
pub(super) struct Current {
    /// Version and name, cleaned.
    pub(super) head: String,
    /// Columns that line it up with its neighbours.
    pub(super) width: usize,
    /// What the statement is.
    pub(super) verb: String,
    /// Statement number.
    pub(super) number: u64,
    /// Statements of the file.
    pub(super) statements: u64,
    /// How far the statement is, with the milliseconds it took.
    progress: Option<(Progress, u64)>,
    /// How much of a large file was sent. It stays true while statement after statement begins.
    file: Option<(Progress, u64)>,
    started: Instant,
    last_line: Instant,
}

impl Current {
    /// A migration that starts now.
    pub(super) fn new(head: String, width: usize, statements: u64, now: Instant) -> Self {
        Self {
            head,
            width,
            verb: String::new(),
            number: 0,
            statements,
            progress: None,
            file: None,
            started: now,
            last_line: now,
        }
    }

    /// The next statement starts.
    pub(super) fn start_statement(&mut self, number: u64, verb: &str, now: Instant) {
        self.number = number;
        self.verb = clean(verb);
        self.progress = None;
        self.started = now;
    }

    /// How far a statement is, or the file.
    pub(super) fn tell(&mut self, number: u64, verb: &str, progress: Progress, elapsed_ms: u64) {
        if verb == FILE {
            self.file = Some((progress, elapsed_ms));
            return;
        }
        self.number = number;
        self.verb = clean(verb);
        self.progress = Some((progress, elapsed_ms));
    }

    /// What can be drawn as a bar: its name, how far it is, and the milliseconds it took.
    pub(super) fn share(&self) -> Option<(&str, &Progress, u64)> {
        let named = |(name, told)| {
            let (progress, elapsed_ms): &(Progress, u64) = told;
            (progress.total > 0).then_some((name, progress, *elapsed_ms))
        };
        let statement = self
            .progress
            .as_ref()
            .map(|told| (self.verb.as_str(), told));
        let file = self.file.as_ref().map(|told| (FILE, told));
        statement.and_then(named).or_else(|| file.and_then(named))
    }

    /// The line, when it is time for one.
    pub(super) fn due_line(&mut self, now: Instant) -> Option<String> {
        if now.duration_since(self.last_line) < INTERVAL {
            return None;
        }
        self.last_line = now;
        Some(format!("{}: {}\n", self.head, self.words(now)))
    }

    /// Puts the next line off: something was printed just now.
    pub(super) fn put_off(&mut self, now: Instant) {
        self.last_line = now;
    }

    fn words(&self, now: Instant) -> String {
        let what = if self.verb.is_empty() {
            format!("statement {} of {}", self.number.max(1), self.statements)
        } else {
            self.verb.clone()
        };
        match self.share() {
            Some((name, progress, elapsed_ms)) => format!(
                "{} {} % ({}){}",
                if name.is_empty() { &what } else { name },
                percent(progress),
                share(progress.done, progress.total, progress.unit),
                left(progress, elapsed_ms)
                    .map_or_else(String::new, |left| format!(", about {left} left")),
            ),
            None => format!(
                "{what}, {} so far",
                about(now.duration_since(self.started).as_secs())
            ),
        }
    }
}

/// Whole percent.
pub(super) fn percent(progress: &Progress) -> u64 {
    let share = u128::from(progress.done) * 100 / u128::from(progress.total.max(1));
    u64::try_from(share.min(100)).unwrap_or(100)
}

/// How long it will go on at this pace; `None` while that cannot be told.
pub(super) fn left(progress: &Progress, elapsed_ms: u64) -> Option<String> {
    let remaining = progress.total.checked_sub(progress.done)?;
    if progress.done == 0 || elapsed_ms < 1_000 {
        return None;
    }
    let milliseconds = u128::from(elapsed_ms) * u128::from(remaining) / u128::from(progress.done);
    u64::try_from(milliseconds / 1000).ok().map(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_every_ten_seconds() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut current = Current::new("012 index_events_user".to_owned(), 28, 1, start);
        current.start_statement(1, "CREATE INDEX CONCURRENTLY", start);
        assert_eq!(current.due_line(after(9)), None);
        assert_eq!(
            current.due_line(after(10)).as_deref(),
            Some("012 index_events_user: CREATE INDEX CONCURRENTLY, 10 s so far\n")
        );
        assert_eq!(current.due_line(after(19)), None);
        let progress = Progress {
            phase: "building index".to_owned(),
            done: 31_000_000_000,
            total: 54_000_000_000,
            unit: "bytes",
        };
        current.tell(1, "CREATE INDEX CONCURRENTLY", progress, 500_000);
        assert_eq!(
            current.due_line(after(20)).as_deref(),
            Some(
                "012 index_events_user: CREATE INDEX CONCURRENTLY 57 % (31 of 54 GB), about 6 min left\n"
            )
        );
    }

    #[test]
    fn the_share_of_a_file_outlives_its_statements() {
        let start = Instant::now();
        let mut current = Current::new("004 seed".to_owned(), 28, 300_000, start);
        let sent = Progress {
            phase: "sending".to_owned(),
            done: 3_000_000,
            total: 30_000_000,
            unit: "bytes",
        };
        current.tell(10, "file", sent, 1_000);
        current.start_statement(700, "INSERT", start);
        let share = current
            .share()
            .map(|(name, progress, _)| (name, percent(progress)));
        assert_eq!(share, Some(("file", 10)));
    }
}
