//! The screen of a run: a line for each migration that is done, a moving line for the one that runs.

use super::observed::finished;
use super::plain_lines::{Current, left, percent};
use super::waiting::{self, Try};
use crate::args::GlobalArgs;
use crate::report::error::{cross, diagnostic};
use crate::report::run::{done_line, head};
use crate::report::style::{bold, dim};
use crate::report::text::{clean, clean_message, columns, pad, share, thousands};
use crate::terminal::Terminal;
use indicatif::{ProgressBar, ProgressStyle};
use shoring::Settings;
use shoring::core::{Direction, Event, Observer};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Shows a run to people. With `--json` it only draws the moving line and prints warnings.
pub(crate) struct Screen {
    terminal: Arc<Terminal>,
    shows_lines: bool,
    is_verbose: bool,
    is_quiet: bool,
    header: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    bar: Option<ProgressBar>,
    last_wait: Option<Instant>,
    last_attempt: u32,
    has_ticker: bool,
    has_header: bool,
}

/// How often a wait is told without a terminal.
const WAIT_INTERVAL: Duration = Duration::from_secs(10);

impl Screen {
    /// The screen of a run with these settings.
    pub(crate) fn new(terminal: Arc<Terminal>, global: &GlobalArgs, settings: &Settings) -> Self {
        let database = settings.database_for_people().unwrap_or_default();
        let new = if settings.is_new_file() { " (new)" } else { "" };
        Self {
            terminal,
            shows_lines: global.json.is_none() && !global.quiet,
            is_verbose: global.verbose > 0,
            is_quiet: global.quiet,
            header: format!("{}{new}", clean(&database)),
            state: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, state: &mut State, event: &Started<'_>) {
        let (head, width) = head(event.version, event.name);
        let going_on = if event.first > 1 {
            format!("going on at statement {}", event.first)
        } else {
            String::new()
        };
        if event.first > 1 && !self.is_quiet {
            let line = format!("  {} {} {going_on}\n", dim("·"), pad(&head, width));
            self.terminal.complain(&line);
        }
        let mut current = Current::new(head, width, event.statements, Instant::now());
        current.number = event.first;
        if event.direction == Direction::Down {
            current.head.push_str(" (down)");
        }
        state.current = Some(current);
        if self.terminal.can_draw && !self.is_quiet {
            let bar = state.bar.get_or_insert_with(|| {
                let bar = new_bar();
                self.terminal.set_moving(Some(bar.clone()));
                bar
            });
            bar.set_style(spinner());
            bar.set_message(moving_words(state.current.as_ref()));
        } else if !state.has_ticker && !self.is_quiet {
            state.has_ticker = true;
            start_ticker(Arc::downgrade(&self.state), Arc::downgrade(&self.terminal));
        }
    }

    fn end(&self, state: &mut State) {
        state.current = None;
        if state.bar.take().is_some() {
            self.terminal.set_moving(None);
        }
    }

    /// Whether a wait is told now: at once, at every new try, then every ten seconds.
    fn tells_wait(state: &mut State, attempt: u32) -> bool {
        let now = Instant::now();
        let is_due = state.last_attempt != attempt
            || state
                .last_wait
                .is_none_or(|last| now.duration_since(last) >= WAIT_INTERVAL);
        if is_due {
            state.last_wait = Some(now);
            state.last_attempt = attempt;
            if let Some(current) = &mut state.current {
                current.put_off(now);
            }
        }
        is_due
    }
}

struct Started<'a> {
    version: &'a str,
    name: &'a str,
    direction: Direction,
    statements: u64,
    first: u64,
}

impl Observer for Screen {
    fn observe(&self, event: &Event) {
        let mut state = self.state();
        let state = &mut *state;
        match event {
            Event::LockWaiting {
                holder,
                waited_ms,
                limit_ms,
            } => {
                if Self::tells_wait(state, 0) && !self.is_quiet {
                    self.terminal
                        .complain(&waiting::for_run(holder, *waited_ms, *limit_ms));
                }
            }
            Event::LockTakenOver { previous, evidence } => {
                let line = format!(
                    "  the lock of a dead run was taken over: {} ({})\n",
                    clean_message(previous),
                    clean_message(evidence)
                );
                self.terminal.complain(&line);
            }
            Event::PlanReady {
                migrations,
                folder,
                format,
            } => {
                if self.shows_lines && *migrations > 0 && !state.has_header {
                    state.has_header = true;
                    let line = format!(
                        "  {}  {}      {}  {}/, {format}      {} to run\n\n",
                        dim("database"),
                        bold(&self.header),
                        dim("project"),
                        clean(folder),
                        thousands(*migrations as u64)
                    );
                    self.terminal.print(&line);
                }
            }
            Event::MigrationStarted {
                version,
                name,
                direction,
                statements,
                first_statement,
            } => {
                let started = Started {
                    version,
                    name,
                    direction: *direction,
                    statements: *statements,
                    first: *first_statement,
                };
                self.start(state, &started);
            }
            Event::StatementStarted { number, verb, .. } => {
                if let Some(current) = &mut state.current {
                    current.start_statement(*number, verb, Instant::now());
                }
                redraw(state, self.terminal.width);
            }
            Event::StatementProgress {
                number,
                verb,
                progress,
                elapsed_ms,
                ..
            } => {
                if let Some(current) = &mut state.current {
                    current.tell(*number, verb, progress.clone(), *elapsed_ms);
                }
                redraw(state, self.terminal.width);
            }
            Event::StatementWaiting {
                blockers,
                waited_ms,
                limit_ms,
                attempt,
                attempts,
                ..
            } => {
                let waiting = Try {
                    blockers,
                    waited_ms: *waited_ms,
                    limit_ms: *limit_ms,
                    attempt: *attempt,
                    attempts: *attempts,
                };
                if let (Some(bar), Some(current)) = (&state.bar, &state.current) {
                    bar.set_message(format!("{}  {}", current.head, waiting::words(&waiting)));
                }
                if Self::tells_wait(state, *attempt) && !self.is_quiet {
                    let (head, width) = current_head(state);
                    self.terminal
                        .complain(&waiting::for_lock(&head, width, &waiting));
                }
            }
            Event::StatementStalled {
                reason, elapsed_ms, ..
            } => {
                if let (Some(bar), Some(current)) = (&state.bar, &state.current) {
                    let words = waiting::words_for_room(*elapsed_ms);
                    bar.set_message(format!("{}  {words}", current.head));
                }
                if Self::tells_wait(state, 0) && !self.is_quiet {
                    let (head, width) = current_head(state);
                    self.terminal
                        .complain(&waiting::for_room(&head, width, reason, *elapsed_ms));
                }
            }
            Event::Retried {
                version,
                attempt,
                attempts,
                pause_ms,
                reason,
                ..
            } => {
                if self.is_verbose {
                    let line = format!(
                        "  {}: try {attempt} of {attempts} was given up ({}), the next in {pause_ms} ms\n",
                        clean(version),
                        clean_message(reason)
                    );
                    self.terminal.complain(&line);
                }
            }
            Event::Notice {
                severity, message, ..
            } => {
                let is_chatter = matches!(severity.as_str(), "NOTICE" | "Note" | "DEBUG" | "LOG");
                if (self.is_verbose || !is_chatter) && !self.is_quiet {
                    let line = format!(
                        "    {}: {}\n",
                        clean(&severity.to_lowercase()),
                        clean_message(message)
                    );
                    self.terminal.complain(&line);
                }
            }
            Event::MigrationFinished { .. } => {
                state.current = None;
                if let Some(bar) = &state.bar {
                    bar.set_style(spinner());
                    bar.set_message("");
                }
                if let (Some(done), true) = (finished(event), self.shows_lines) {
                    self.terminal.print(&done_line(&done));
                }
            }
            Event::MigrationFailed {
                version,
                name,
                number,
                statements,
            } => {
                self.end(state);
                if self.shows_lines {
                    let (head, width) = head(version, name);
                    let place = match number {
                        0 => String::new(),
                        number => format!("statement {number} of {statements}"),
                    };
                    let line = format!("{}  {place}", pad(&head, width));
                    self.terminal
                        .print(&format!("  {}\n\n", cross(line.trim_end())));
                }
            }
            Event::Warned { diagnostic: found } => {
                self.terminal
                    .complain(&diagnostic(found, self.terminal.width));
            }
            // Lock acquired, statement finished, and kinds to come: nothing to see.
            _ => {}
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.end(&mut self.state());
    }
}

/// What runs at the moment, and the columns that line it up.
fn current_head(state: &State) -> (String, usize) {
    state
        .current
        .as_ref()
        .map_or((String::new(), 0), |current| {
            (current.head.clone(), current.width)
        })
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("  {spinner} {wide_msg}")
        .expect("the template is a constant that the tests draw")
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
}

/// What a bar takes beside its head: itself, the spinner, the percentage, the blanks, and room for some words.
const BAR_COLUMNS: usize = 44;

fn with_share() -> ProgressStyle {
    ProgressStyle::with_template("  {spinner} {prefix}  {bar:20}  {percent:>3} %  {wide_msg}")
        .expect("the template is a constant that the tests draw")
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
        .progress_chars("█░░")
}

fn redraw(state: &State, width: usize) {
    let (Some(bar), Some(current)) = (&state.bar, &state.current) else {
        return;
    };
    let Some((name, progress, elapsed_ms)) = current.share() else {
        bar.set_style(spinner());
        bar.set_message(moving_words(Some(current)));
        return;
    };
    let left =
        left(progress, elapsed_ms).map_or_else(String::new, |left| format!("   {left} left"));
    bar.set_length(100);
    bar.set_position(percent(progress));
    let head = format!("{}   {name}", current.head);
    if columns(&head) + BAR_COLUMNS > width {
        bar.set_style(spinner());
        bar.set_message(format!("{} {} %{left}", current.head, percent(progress)));
        return;
    }
    bar.set_style(with_share());
    bar.set_prefix(head);
    bar.set_message(format!(
        "{}, {}{left}",
        clean(&progress.phase),
        share(progress.done, progress.total, progress.unit)
    ));
}

fn moving_words(current: Option<&Current>) -> String {
    let Some(current) = current else {
        return String::new();
    };
    format!(
        "{}  statement {} of {}   {}",
        current.head, current.number, current.statements, current.verb
    )
}

/// Prints the plain lines. Ends with the screen.
fn start_ticker(state: Weak<Mutex<State>>, terminal: Weak<Terminal>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let (Some(state), Some(terminal)) = (state.upgrade(), terminal.upgrade()) else {
                return;
            };
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let line = state
                .current
                .as_mut()
                .and_then(|current| current.due_line(Instant::now()));
            drop(state);
            if let Some(line) = line {
                terminal.complain(&line);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_of_the_moving_lines_are_valid() {
        drop((spinner(), with_share()));
    }
}
