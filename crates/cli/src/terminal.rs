//! Where text goes: data to stdout, talk to stderr, colours taken off where they are not wanted.
//!
//! A closed pipe ends the printing quietly, never the command: the database work goes on and the exit code stays right.

use crate::args::{ColorWhen, GlobalArgs};
use anstream::adapter::strip_str;
use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use indicatif::ProgressBar;
use std::io::{ErrorKind, IsTerminal, Stderr, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The two streams and what is known about them.
pub(crate) struct Terminal {
    /// The line that moves at the bottom. Whatever is printed goes above it, whoever prints.
    moving: Mutex<Option<ProgressBar>>,
    stdout: Mutex<Stream<Stdout>>,
    stderr: Mutex<Stream<Stderr>>,
    is_closed: AtomicBool,
    has_failed: AtomicBool,
    /// Whether somebody can be asked.
    pub(crate) can_ask: bool,
    /// Whether stderr is a terminal, so that a progress bar may be drawn.
    pub(crate) can_draw: bool,
    /// Whether stdout is a terminal that can be cleared.
    can_clear: bool,
    /// Columns.
    pub(crate) width: usize,
}

/// One of the two, with or without colours. `AutoStream` would write what stands between two line ends by itself, and a
/// status may have ten thousand lines.
struct Stream<S> {
    raw: S,
    takes_colors: bool,
}

impl<S: RawStream> Stream<S> {
    fn new(raw: S, choice: ColorChoice) -> Self {
        let choice = match choice {
            ColorChoice::Auto => AutoStream::choice(&raw),
            choice => choice,
        };
        Self {
            raw,
            takes_colors: choice != ColorChoice::Never,
        }
    }

    fn write(&mut self, text: &str) -> std::io::Result<()> {
        if self.takes_colors {
            self.raw.write_all(text.as_bytes())?;
        } else {
            self.raw.write_all(strip_str(text).to_string().as_bytes())?;
        }
        self.raw.flush()
    }
}

impl Terminal {
    /// The terminal of this process.
    pub(crate) fn new(color: ColorWhen) -> Self {
        let choice = match color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
        };
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let can_draw = std::io::stderr().is_terminal() && !is_dumb;
        Self {
            moving: Mutex::default(),
            stdout: Mutex::new(Stream::new(std::io::stdout(), choice)),
            stderr: Mutex::new(Stream::new(std::io::stderr(), choice)),
            is_closed: AtomicBool::new(false),
            has_failed: AtomicBool::new(false),
            can_ask: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            can_draw,
            can_clear: std::io::stdout().is_terminal() && !is_dumb,
            width: width(can_draw),
        }
    }

    /// Draws a moving line, or takes it away.
    pub(crate) fn set_moving(&self, bar: Option<ProgressBar>) {
        let mut moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = std::mem::replace(&mut *moving, bar) {
            old.finish_and_clear();
        }
    }

    fn above_moving(&self, write: impl FnOnce()) {
        let moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        match &*moving {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Prints data to stdout.
    pub(crate) fn print(&self, text: &str) {
        self.above_moving(|| self.write_out(text));
    }

    /// Whether [`Terminal::print_over`] has a screen to print on.
    pub(crate) fn can_clear(&self) -> bool {
        self.can_clear
    }

    /// Prints data in the place of what was on the screen.
    pub(crate) fn print_over(&self, text: &str) {
        const HOME_AND_CLEAR: &[u8] = b"\x1b[H\x1b[J";
        let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing of it is colour, which may be unwanted. Where it cannot be written, neither can the text be.
        drop(stdout.raw.write_all(HOME_AND_CLEAR));
        drop(stdout);
        self.print(text);
    }

    fn write_out(&self, text: &str) {
        if self.is_closed.load(Ordering::Relaxed) {
            return;
        }
        let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        let Err(error) = stdout.write(text) else {
            return;
        };
        drop(stdout);
        self.is_closed.store(true, Ordering::Relaxed);
        if error.kind() != ErrorKind::BrokenPipe {
            self.has_failed.store(true, Ordering::Relaxed);
            self.write_err(&format!("error: cannot write the output: {error}\n"));
        }
    }

    /// Prints talk to stderr. There is nowhere to say that this failed.
    pub(crate) fn complain(&self, text: &str) {
        self.above_moving(|| self.write_err(text));
    }

    fn write_err(&self, text: &str) {
        let mut stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        drop(stderr.write(text));
    }

    /// The exit code, given the one of the command: output that was lost (a full disk, not a closed pipe) is no success.
    pub(crate) fn exit(&self, code: u8) -> u8 {
        if code == crate::exit_code::DONE && self.has_failed.load(Ordering::Relaxed) {
            crate::exit_code::USAGE
        } else {
            code
        }
    }
}

impl From<&GlobalArgs> for Terminal {
    fn from(global: &GlobalArgs) -> Self {
        Self::new(global.color)
    }
}

fn width(can_draw: bool) -> usize {
    let asked = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse::<usize>().ok());
    let measured = || {
        let size = terminal_size::terminal_size_of(std::io::stderr()).filter(|_| can_draw);
        size.map(|(width, _)| usize::from(width.0))
    };
    asked.or_else(measured).unwrap_or(100).clamp(40, 240)
}
