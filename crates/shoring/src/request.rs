//! What a caller asks for: the arguments of the commands, as data.

use crate::saved_plan::SavedPlan;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Asks a run to stop. The first request lets the running statement finish and stops at the next safe point; the
/// second cancels the statement on the server and waits for its end. Cheap to clone into a signal handler.
#[derive(Debug, Clone, Default)]
pub struct StopSignal {
    signal: Arc<AtomicI32>,
    requests: Arc<AtomicI32>,
    changed: Arc<tokio::sync::Notify>,
}

impl StopSignal {
    /// Asks to stop; `signal` is the number that becomes part of the exit code (2 for SIGINT, 15 for SIGTERM).
    pub fn request(&self, signal: i32) {
        self.signal.store(signal, Ordering::SeqCst);
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
        self.changed.notify_one();
    }

    /// The signal, when a stop was asked for.
    pub fn requested(&self) -> Option<i32> {
        match self.requests.load(Ordering::SeqCst) {
            0 => None,
            _ => Some(self.signal.load(Ordering::SeqCst)),
        }
    }

    /// Whether the running statement is to be cancelled as well.
    pub fn is_urgent(&self) -> bool {
        self.requests.load(Ordering::SeqCst) > 1
    }

    /// Waits until the next request.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// What `up` (and `plan`) shall do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpRequest {
    /// Up to this version; everything when absent. Accepts the forms of a TARGET.
    pub target: Option<String>,
    /// At most this many migrations.
    pub steps: Option<usize>,
    /// Run migrations that stand before an applied one.
    pub allow_out_of_order: bool,
    /// Run this plan and nothing else. The other fields do not count then.
    pub plan: Option<Box<SavedPlan>>,
}

/// What `down` (and `plan --down`) shall do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownRequest {
    /// The last so many.
    Steps(usize),
    /// Everything after this version, which stays. `base` or `0` means everything.
    To(String),
    /// Everything.
    All,
}

/// What `plan` shall show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanRequest {
    /// What `up` would run.
    Up(UpRequest),
    /// What `down` would run.
    Down(DownRequest),
}

/// What `mark` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkAs {
    /// A row, without running.
    Applied,
    /// The same. Where the table keeps only the newest version, those before it that are not applied count as applied from then
    /// on, which [`MarkAs::Applied`] refuses.
    AppliedWithAllBefore,
    /// No row.
    Pending,
}

/// Whether a command that changes records does so or only shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Show what would be changed.
    ShowOnly,
    /// Change it.
    Confirmed,
}

/// What `convert` shall do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertRequest {
    /// Name of the format.
    pub to: String,
    /// The folder of the new files; else where its tool looks.
    pub into: Option<String>,
    /// The new history table, `table` or `schema.table`; else the tool's own.
    pub into_table: Option<String>,
    /// Write the values of placeholders into the new files.
    pub expands_placeholders: bool,
    /// Whether to do it or to show it.
    pub confirmation: Confirmation,
}

/// What `wait` and `expect` want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRequest {
    /// The version that must be applied; `head` means everything this checkout has.
    pub version: String,
    /// How long to wait; zero asks once.
    pub timeout: Duration,
}

/// What `seed` shall do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeedRequest {
    /// Only these files; all when empty.
    pub names: Vec<String>,
    /// Also those that have not changed since they last ran.
    pub force: bool,
}

/// Who runs this, for the journal. Collected by `cli`; a library caller fills in what it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The operating system user.
    pub os_user: String,
    /// The host name.
    pub host: String,
    /// The process id.
    pub pid: u32,
    /// Commit of the checkout.
    pub git: Commit,
    /// Name and version of the program: `shoring 0.1.0`.
    pub tool: String,
}

/// A commit of the checkout, with `+dirty` when files were changed.
///
/// Looked up when the first row that names it is written, and then kept: git takes longer to answer than a run that finds
/// nothing to do.
#[derive(Clone, Default)]
pub struct Commit(Option<Arc<LazyCommit>>);

type LazyCommit = LazyLock<Option<String>, Box<dyn FnOnce() -> Option<String> + Send>>;

impl Commit {
    /// No checkout.
    pub const NONE: Self = Self(None);

    /// A commit that is found out by `ask`, at most once.
    pub fn asked(ask: impl FnOnce() -> Option<String> + Send + 'static) -> Self {
        Self(Some(Arc::new(LazyLock::new(Box::new(ask)))))
    }

    /// The commit, if there is one.
    pub fn get(&self) -> Option<&str> {
        LazyLock::force(self.0.as_ref()?).as_deref()
    }
}

impl PartialEq for Commit {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Commit {}

impl std::fmt::Debug for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Commit").finish_non_exhaustive()
    }
}

/// Where a project is and what surrounds it: everything that is passed in rather than looked up.
#[derive(Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The project root.
    pub root: PathBuf,
    /// The environment variables. Other tools' configuration may name any of them.
    pub environment: std::collections::BTreeMap<String, String>,
    /// Who runs this.
    pub identity: Identity,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Of the environment only the names: it may hold a password.
        f.debug_struct("Surroundings")
            .field("root", &self.root)
            .field("environment", &self.environment.keys().collect::<Vec<_>>())
            .field("identity", &self.identity)
            .finish()
    }
}
