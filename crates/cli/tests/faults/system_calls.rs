//! SQLite has no wire, so its faults are done at the system calls on its files: a small library in C counts them and at the
//! n-th kills the runner, tears a write, or lets the call fail. Each n is tried, up and down.

use crate::figures::{Fault, Figures};
use crate::oracle::Picture;
use crate::project::FaultProject;
use crate::runner::{Ended, Runner};
use crate::way::{self, Way};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The library, compiled once for each process of tests.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/system_calls.c");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join(format!("shoring_system_calls_{}.so", std::process::id()));
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl")
            .output()
            .expect("a C compiler, which building SQLite needs as well");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        library
    })
}

/// What the library does at the n-th call; its source says what the words mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Harm {
    Kill,
    Tear,
    Short,
    Eio,
    Broken,
    Full,
}

impl Harm {
    const fn word(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Tear => "tear",
            Self::Short => "short",
            Self::Eio => "eio",
            Self::Broken => "broken",
            Self::Full => "full",
        }
    }

    const fn fault(self) -> Fault {
        match self {
            Self::Kill | Self::Tear => Fault::Kill,
            Self::Short | Self::Eio | Self::Broken => Fault::Failure,
            Self::Full => Fault::Full,
        }
    }
}

/// Starts the command with the library in it; gives where it says that the harm was done.
fn start(project: &FaultProject, line: &str, harm: Harm, at: usize) -> (Runner, PathBuf) {
    let folder = project.file().parent().unwrap().canonicalize().unwrap();
    let report = folder.with_extension("report");
    let mut command = project.command(&project.url(None), line);
    command
        .env("LD_PRELOAD", library())
        .env("SHORING_FAULT_FOLDER", &folder)
        .env("SHORING_FAULT_AT", at.to_string())
        .env("SHORING_FAULT_HARM", harm.word())
        .env("SHORING_FAULT_REPORT", &report);
    (project.start_command(command), report)
}

/// A run that saw a call fail says the truth: what it claims is in the database, and it never takes itself for a bug.
fn judge_words(ended: &Ended, picture: &Picture, what: &str) {
    let all = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!all.contains("this is a bug"), "{what}: {ended:#?}");
    // SQLite opens for reading only what it cannot open for writing.
    let is_refused = ended.code == Some(2) && ended.stderr.contains("takes no writes");
    assert!(
        is_refused || matches!(ended.code, Some(6 | 7 | 9)),
        "{what}: {ended:#?}"
    );
    assert!(ended.stderr.contains("error: "), "{what}: {ended:#?}");
    assert!(ended.stderr.contains("Next:"), "{what}: {ended:#?}");
    if let Some((_, rest)) = ended.stderr.split_once("The database is at ") {
        let said = rest.split([' ', ',', '.']).next().unwrap();
        assert_eq!(
            picture.history.last().map(String::as_str),
            Some(said),
            "{what}: {ended:#?}"
        );
    }
    if ended.stderr.contains("before the first migration") {
        assert_eq!(picture.history, Vec::<String>::new(), "{what}: {ended:#?}");
    }
}

pub(crate) async fn at_every_call(project: &FaultProject, way: Way, harms: &[(Harm, usize)]) {
    let expected = way.undisturbed(project).await;
    way.begin(project).await;
    // What the disturbed command begins with.
    let begin = std::fs::read(project.file()).ok();
    for (harm, stride) in harms {
        let mut figures = Figures::new("sqlite", harm.fault());
        let stride = way::stride(*stride);
        let mut at = 1;
        loop {
            project.wipe().await;
            if let Some(bytes) = &begin {
                std::fs::write(project.file(), bytes).unwrap();
            }
            let (runner, report) = start(project, way.line(), *harm, at);
            let ended = runner.end().await;
            let call = std::fs::read_to_string(&report).ok();
            let Some(call) = call else {
                assert_eq!(ended.code, Some(0), "{ended:#?}");
                break;
            };
            std::fs::remove_file(&report).unwrap();
            figures.count();
            let what = format!("{harm:?} at call {at} ({call}) of `{}`", way.line());
            if harm.fault() == Fault::Kill {
                assert_eq!(ended.code, None, "{what}: {ended:#?}");
            } else {
                let picture = project.oracle().await.picture().await;
                figures.judge_doubles(&picture, &what);
                if ended.code == Some(0) {
                    figures.judge(&picture, &expected, &what);
                } else {
                    judge_words(&ended, &picture, &what);
                }
            }
            let next = project.run(way.line()).await;
            figures.judge_next(&next, &format!("{what}: {ended:#?}"));
            let mut oracle = project.oracle().await;
            let picture = oracle.picture().await;
            figures.judge(&picture, &expected, &what);
            oracle.assert_lock_row_is_free().await;
            assert!(
                picture.schema.iter().any(|line| line == "ok"),
                "{what}: {picture:#?}"
            );
            at += stride;
        }
        assert!(
            figures.points() >= 12,
            "{harm:?}: only {} points",
            figures.points()
        );
    }
}

mod sqlite {
    use super::{Harm, Way, at_every_call};
    use crate::project::FaultProject;
    use shoring_testkit::{Engine, TestDatabase, run};

    async fn up_killed(database: TestDatabase) {
        at_every_call(
            &FaultProject::mixed(database),
            Way::Up,
            &[(Harm::Kill, 1), (Harm::Tear, 1)],
        )
        .await;
    }

    async fn down_killed(database: TestDatabase) {
        at_every_call(
            &FaultProject::mixed(database),
            Way::Down,
            &[(Harm::Kill, 1), (Harm::Tear, 2)],
        )
        .await;
    }

    async fn up_failed(database: TestDatabase) {
        let harms = [(Harm::Eio, 1), (Harm::Broken, 3), (Harm::Short, 5)];
        at_every_call(&FaultProject::mixed(database), Way::Up, &harms).await;
    }

    async fn down_failed(database: TestDatabase) {
        at_every_call(
            &FaultProject::mixed(database),
            Way::Down,
            &[(Harm::Eio, 2), (Harm::Broken, 5)],
        )
        .await;
    }

    async fn up_full(database: TestDatabase) {
        at_every_call(&FaultProject::mixed(database), Way::Up, &[(Harm::Full, 1)]).await;
    }

    async fn down_full(database: TestDatabase) {
        at_every_call(
            &FaultProject::mixed(database),
            Way::Down,
            &[(Harm::Full, 1)],
        )
        .await;
    }

    #[test]
    fn up_killed_at_every_system_call_converges() {
        run(Engine::Sqlite, up_killed);
    }

    #[test]
    fn down_killed_at_every_system_call_converges() {
        run(Engine::Sqlite, down_killed);
    }

    #[test]
    fn up_says_the_truth_when_any_system_call_fails() {
        run(Engine::Sqlite, up_failed);
    }

    #[test]
    fn down_says_the_truth_when_any_system_call_fails() {
        run(Engine::Sqlite, down_failed);
    }

    #[test]
    fn up_says_the_truth_when_the_disk_is_full_at_any_write() {
        run(Engine::Sqlite, up_full);
    }

    #[test]
    fn down_says_the_truth_when_the_disk_is_full_at_any_write() {
        run(Engine::Sqlite, down_full);
    }
}
