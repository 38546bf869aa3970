//! What a command has at hand.

use crate::args::{GlobalArgs, JsonMode, RunArgs};
use crate::progress::{Observed, Screen, Stream, Tap};
use crate::terminal::Terminal;
use shoring::core::Observer;
use shoring::{Error, ErrorKind, Migrator, Overrides, Result, Settings, StopSignal, Surroundings};
use std::io::BufRead;
use std::sync::Arc;

/// What a command has at hand.
pub(crate) struct Context {
    pub(crate) global: GlobalArgs,
    pub(crate) terminal: Arc<Terminal>,
    pub(crate) surroundings: Surroundings,
    pub(crate) stop: StopSignal,
    /// What ran so far, for the document of a run that fails.
    pub(crate) observed: Arc<Observed>,
}

impl Context {
    /// The settings without the flags of a running command.
    pub(crate) fn settings(&self) -> Result<Settings> {
        self.settings_for(&RunArgs::default())
    }

    /// The settings.
    pub(crate) fn settings_for(&self, run: &RunArgs) -> Result<Settings> {
        let overrides = Overrides {
            database: self.global.database.clone(),
            dir: self.global.dir.clone(),
            format: self.global.format.clone(),
            environment: self.global.environment.clone(),
            history_table: self.global.history_table.clone(),
            no_journal: run.no_journal,
            lock_wait: run.lock_wait,
            lock_timeout: run.lock_timeout,
            lock_attempts: run.lock_attempts,
            ..Overrides::default()
        };
        Settings::load(&overrides, &self.surroundings)
    }

    /// The engine with the screen and the signals of this run.
    pub(crate) fn migrator(&self, run: &RunArgs) -> Result<Migrator> {
        let settings = self.settings_for(run)?;
        let screen = Screen::new(Arc::clone(&self.terminal), &self.global, &settings);
        let mut observers: Vec<Arc<dyn Observer>> =
            vec![Arc::<Observed>::clone(&self.observed), Arc::new(screen)];
        if self.global.json == Some(JsonMode::Stream) {
            observers.push(Arc::new(Stream::new(Arc::clone(&self.terminal))));
        }
        Ok(Migrator::new(&settings)
            .observer(Arc::new(Tap::new(observers)))
            .stop_signal(self.stop.clone()))
    }

    /// Asks on the terminal; `None` when nobody can be asked. `--yes` answers yes.
    pub(crate) async fn ask(&self, question: &str) -> Result<Option<bool>> {
        if self.global.yes {
            return Ok(Some(true));
        }
        if !self.terminal.can_ask || self.global.json.is_some() {
            return Ok(None);
        }
        self.terminal.complain(&format!("{question} [y/N] "));
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).map(|_| line)
        });
        tokio::select! {
            answer = answer => {
                let line = answer.ok().and_then(std::result::Result::ok).unwrap_or_default();
                let word = line.trim().to_lowercase();
                Ok(Some(word == "y" || word == "yes"))
            }
            () = self.stop.changed() => Err(stopped(self.stop.requested().unwrap_or(2))),
        }
    }

    /// Whether the answer is printed for people.
    pub(crate) fn is_for_people(&self) -> bool {
        self.global.json.is_none()
    }
}

/// The error of a command that was left before it changed anything.
pub(crate) fn stopped(signal: i32) -> Error {
    Error::new(ErrorKind::Stopped(signal), "stopped", "stopped by a signal")
}
