//! What keeps others out.

/// What keeps others out while a run works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LockKind {
    /// The server's session lock; the lease row only tells who holds it.
    Session,
    /// The lease row itself, behind a pooler and on a cluster.
    Lease,
    /// The lease row, for the moment in which a session that starts over is without its session lock.
    Moving,
}

impl LockKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Lease => "lease",
            Self::Moving => "moving",
        }
    }
}
