//! What was tried on which database and what came of it. Each test adds a line to the file that `cargo xtask test` and
//! `cargo xtask soak` name; they add the lines up, print them as a table, and fail when too little was tried.

use crate::oracle::Picture;
use crate::runner::Ended;
use shoring_testkit::variable;
use std::fs::OpenOptions;
use std::io::Write;

/// What is done to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGKILL of the runner.
    Kill,
    /// Another node of the cluster wrote the same row first.
    Conflict,
    /// The link to the server is cut.
    Cut,
    /// SIGKILL of the server.
    Crash,
    /// The server is stopped and started again.
    Restart,
    /// A system call fails with an I/O error.
    Failure,
    /// The disk has no room left.
    Full,
    /// Many runs are started together; each round counts once.
    Together,
}

impl Fault {
    const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill points",
            Self::Conflict => "conflicts",
            Self::Cut => "link cuts",
            Self::Crash => "server crashes",
            Self::Restart => "server restarts",
            Self::Failure => "failed calls",
            Self::Full => "full disks",
            Self::Together => "rounds together",
        }
    }
}

/// The figures of one test. They are written when it ends, also by a failure.
pub(crate) struct Figures {
    server: &'static str,
    fault: Fault,
    points: usize,
    lost: usize,
    doubled: usize,
    wedged: usize,
}

impl Figures {
    /// Nothing tried yet.
    pub(crate) fn new(server: &'static str, fault: Fault) -> Self {
        Self {
            server,
            fault,
            points: 0,
            lost: 0,
            doubled: 0,
            wedged: 0,
        }
    }

    /// The fault was done once more.
    pub(crate) fn count(&mut self) {
        self.points += 1;
    }

    /// How often it was done.
    pub(crate) fn points(&self) -> usize {
        self.points
    }

    /// Judges what is in the database against what an undisturbed run leaves.
    pub(crate) fn judge(&mut self, picture: &Picture, expected: &Picture, what: &str) {
        if picture == expected {
            return;
        }
        self.judge_doubles(picture, what);
        self.lost += 1;
        panic!(
            "{what}: the database is not as after an undisturbed run\n{picture:#?}\nexpected {expected:#?}"
        );
    }

    /// Judges a database that need not be complete: nothing may have been done twice.
    pub(crate) fn judge_doubles(&mut self, picture: &Picture, what: &str) {
        let mut versions = picture.history.clone();
        versions.dedup();
        if versions != picture.history || picture.witnesses.values().any(|count| *count > 1) {
            self.doubled += 1;
            panic!("{what}: done twice\n{picture:#?}");
        }
    }

    /// Judges the run after the fault: it has to end well.
    pub(crate) fn judge_next(&mut self, ended: &Ended, what: &str) {
        if ended.code != Some(0) {
            self.wedged += 1;
            panic!("{what}: the next run does not end well\n{ended:#?}");
        }
    }
}

impl Drop for Figures {
    fn drop(&mut self) {
        let Self {
            server,
            fault,
            points,
            lost,
            doubled,
            wedged,
        } = self;
        let fault = fault.name();
        println!("{server}: {points} {fault}: {lost} lost, {doubled} doubled, {wedged} wedged");
        let Some(path) = variable::optional(variable::FIGURES) else {
            return;
        };
        let line = format!("{server}\t{fault}\t{points}\t{lost}\t{doubled}\t{wedged}\n");
        // One write each, so that lines of tests that end together do not mix.
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap_or_else(|error| panic!("cannot write the figures to `{path}`: {error}"));
    }
}
