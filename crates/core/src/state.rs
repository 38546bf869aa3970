//! How a migration stands, as `status` shows it.

/// How a migration stands. The names are those of the `state` field of `status --json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Applied, and the file is as it was.
    Applied,
    /// To be applied.
    Pending,
    /// A run of it ended half-way and a part of it is in the database.
    Failed,
    /// Applied, but the file is not what was applied.
    Changed,
    /// Applied, and there is no file.
    Missing,
    /// To be applied, but a later one already is.
    OutOfOrder,
    /// Taken as applied without running.
    Baseline,
    /// A file that is not a migration.
    Ignored,
}

impl State {
    /// The name of the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::OutOfOrder => "out-of-order",
            Self::Baseline => "baseline",
            Self::Ignored => "ignored",
        }
    }
}
