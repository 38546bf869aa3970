//! What the commands give back: plain data that `cli` prints for people or as JSON.

use shoring_core::{Direction, Kind, MigrationPlan};

pub use shoring_core::State;

/// One line of `status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusEntry {
    /// Version as the file (or, without a file, the history) spells it. Empty for ignored files.
    pub version: String,
    /// The name.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// How it stands.
    pub state: State,
    /// The file that applies it, relative to the project root.
    pub file: Option<String>,
    /// Checksum of the file as it is now.
    pub checksum: Option<String>,
    /// Checksum of what was applied, where known.
    pub applied_checksum: Option<String>,
    /// When it was applied, RFC 3339 UTC.
    pub applied_at: Option<String>,
    /// By whom.
    pub applied_by: Option<String>,
    /// How long it took.
    pub milliseconds: Option<u64>,
    /// Whether it has a way back.
    pub is_reversible: bool,
    /// The tag that its row in the history has.
    pub tag: Option<String>,
    /// One line more: why it is ignored, how far a failed one got.
    pub detail: Option<String>,
}

/// The database a command spoke to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseInfo {
    /// `postgresql`, `mysql`, `mariadb`, `sqlite`.
    pub product: &'static str,
    /// The product's name for people.
    pub title: &'static str,
    /// Version text. Empty when the database does not exist yet (a new SQLite file).
    pub version: String,
    /// The URL without secrets.
    pub url: String,
    /// False for an SQLite file that does not exist yet.
    pub exists: bool,
}

/// The answer of `status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Name of the format.
    pub format: &'static str,
    /// The migrations folder.
    pub dir: String,
    /// The database.
    pub database: DatabaseInfo,
    /// The history table, qualified.
    pub history_table: String,
    /// Whether it exists.
    pub history_exists: bool,
    /// The highest applied version.
    pub current: Option<String>,
    /// How many are pending (out-of-order ones included).
    pub pending: usize,
    /// Every migration, in order; then ignored files.
    pub migrations: Vec<StatusEntry>,
    /// Who is running migrations right now, for people.
    pub running: Option<String>,
    /// Whether rows without a file are left as they are.
    pub accepts_missing: bool,
    /// Whether `up` runs what stands before an applied one without being told to.
    pub accepts_late: bool,
    /// Whether everything that has no file stands after the last file: the checkout is older than the database.
    pub is_ahead: bool,
}

/// One migration that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Version.
    pub version: String,
    /// Name.
    pub name: String,
    /// The way.
    pub direction: Direction,
    /// Milliseconds.
    pub milliseconds: u64,
    /// Statements in the file.
    pub statements: u64,
    /// Rows changed, where known.
    pub rows: u64,
}

/// The answer of `up`, `down`, `redo`, `goto` and `seed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    /// The database.
    pub database: DatabaseInfo,
    /// What ran, in order.
    pub ran: Vec<Ran>,
    /// The highest applied version afterwards.
    pub current: Option<String>,
    /// How many are pending afterwards.
    pub pending: usize,
    /// Wall time in milliseconds.
    pub milliseconds: u64,
    /// Set when the database knows more than this checkout, and was recorded as working with it.
    pub notice: Option<String>,
    /// Whether `down` would take one of these back.
    pub can_go_back: bool,
}

/// One side of a conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertSide {
    /// Name of the format.
    pub format: &'static str,
    /// The migrations folder.
    pub dir: String,
    /// The history table, qualified; `None` without a database.
    pub table: Option<String>,
}

/// A history row that is told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertedRow {
    /// The version in the old table.
    pub from: String,
    /// The version in the new table.
    pub to: String,
    /// The name.
    pub name: String,
}

/// The answer of `convert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertReport {
    /// The database.
    pub database: DatabaseInfo,
    /// What it is.
    pub from: ConvertSide,
    /// What it becomes.
    pub to: ConvertSide,
    /// The files that are new, in order.
    pub files: Vec<String>,
    /// How many migrations were in the new format already.
    pub known: usize,
    /// The rows that are new, in order.
    pub rows: Vec<ConvertedRow>,
    /// How many rows were in the new table already.
    pub known_rows: usize,
    /// What of the settings file changes: `format = "goose"`.
    pub settings: Vec<String>,
    /// What is other than it was.
    pub warnings: Vec<String>,
    /// Whether it was done, or only shown.
    pub applied: bool,
    /// The highest applied version in the new spelling.
    pub current: Option<String>,
}

/// The answer of `plan`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanReport {
    /// The database.
    pub database: DatabaseInfo,
    /// What would run, in order.
    pub migrations: Vec<MigrationPlan>,
    /// Whether it rolls back everything that is applied.
    pub takes_all_back: bool,
    /// What `up` would say beside it.
    pub notes: Vec<String>,
}

/// One attempt of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Id of the attempt.
    pub attempt: String,
    /// The command: `up`, `down`, `baseline`, `mark`, `repair`, `seed`.
    pub command: String,
    /// Version.
    pub version: String,
    /// Name.
    pub name: String,
    /// `up` or `down`.
    pub direction: String,
    /// `applied`, `failed`, `started` (still running or died), `resolved`.
    pub outcome: String,
    /// RFC 3339 UTC, the server's clock.
    pub started_at: Option<String>,
    /// RFC 3339 UTC.
    pub finished_at: Option<String>,
    /// Milliseconds.
    pub milliseconds: Option<u64>,
    /// Statements in the file.
    pub statements: Option<u64>,
    /// The operating system user.
    pub os_user: Option<String>,
    /// The database user.
    pub db_user: Option<String>,
    /// The host it ran on.
    pub host: Option<String>,
    /// Its process id there.
    pub pid: Option<u64>,
    /// Version of Shoring.
    pub tool: Option<String>,
    /// Commit of the checkout, `+dirty` when files were changed.
    pub git: Option<String>,
    /// The error of a failed attempt.
    pub error: Option<String>,
}

/// The answer of `history`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryReport {
    /// The database.
    pub database: DatabaseInfo,
    /// Newest last. Where there is no journal, the rows of the history table.
    pub entries: Vec<HistoryEntry>,
    /// Whether a journal exists.
    pub has_journal: bool,
}

/// One change that `baseline`, `repair`, `mark` or `doctor --apply` makes (or would make).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// Version it is about.
    pub version: String,
    /// Name, may be empty.
    pub name: String,
    /// What is done, for people: `record as baseline`, `realign checksum`, `forget the row`.
    pub action: String,
    /// Why, for people.
    pub reason: String,
}

/// The answer of `baseline`, `repair` and `mark`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordReport {
    /// The database.
    pub database: DatabaseInfo,
    /// What was (or would be) changed.
    pub changes: Vec<RecordChange>,
    /// False when only shown.
    pub applied: bool,
    /// The highest applied version afterwards.
    pub current: Option<String>,
}

/// What is known about one statement of a half-done migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// It took effect.
    Applied,
    /// It did not.
    Absent,
    /// It never started.
    NotRun,
    /// Nobody can tell.
    Unknown,
}

impl Finding {
    /// The word for people and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Absent => "absent",
            Self::NotRun => "not run",
            Self::Unknown => "unknown",
        }
    }
}

/// One statement as `doctor` sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFinding {
    /// Number in the file, from 1.
    pub number: u64,
    /// The statement's first line, cut.
    pub statement: String,
    /// What is known.
    pub finding: Finding,
    /// How it is known.
    pub evidence: String,
}

/// What kind of thing `doctor` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseKind {
    /// Files, history and database do not agree: changed, missing, out of order, an invalid index nobody of us made.
    Mismatch,
    /// A migration is in the database in part.
    PartlyApplied,
    /// Whether a statement took effect cannot be told.
    Unknown,
}

impl CaseKind {
    /// The word for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mismatch => "mismatch",
            Self::PartlyApplied => "partly-applied",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing `doctor` found: mostly a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What kind of thing.
    pub kind: CaseKind,
    /// Version; empty for what belongs to no migration.
    pub version: String,
    /// Name of the migration, or of what was found.
    pub name: String,
    /// What is wrong, in one line.
    pub summary: String,
    /// Statement by statement; empty where that makes no sense (a changed file).
    pub statements: Vec<StatementFinding>,
    /// The one right next command.
    pub next: String,
    /// What `--apply` does (did), if it can settle it.
    pub settlement: Option<String>,
    /// Whether it was settled now.
    pub is_settled: bool,
}

/// The answer of `doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorReport {
    /// The database.
    pub database: DatabaseInfo,
    /// What was found. Empty: healthy.
    pub cases: Vec<Case>,
    /// Things that are fine but worth knowing (a lease of a dead run, an index that is being built).
    pub notes: Vec<String>,
}

/// The answer of `wait` and `expect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateReport {
    /// The version asked for.
    pub wanted: String,
    /// The highest applied version.
    pub current: Option<String>,
    /// Milliseconds waited.
    pub milliseconds: u64,
    /// Set when the database knows more than this checkout, but may be used.
    pub notice: Option<String>,
}

/// The answer of `init`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitReport {
    /// The format chosen.
    pub format: &'static str,
    /// The folder.
    pub dir: String,
    /// Why: what was found, line by line.
    pub evidence: Vec<String>,
    /// Paths written. Empty when nothing was needed.
    pub written: Vec<String>,
    /// Migrations found.
    pub migrations: usize,
}

/// The answer of `new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// Version of the new migration.
    pub version: String,
    /// Paths written, up first.
    pub files: Vec<String>,
}
