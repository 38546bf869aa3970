//! The lock is in other hands: what is told of it, wherever it comes to light.

use crate::error::{Error, ErrorKind};

/// The code of it.
pub(crate) const LEASE_LOST: &str = "lease-lost";

/// Nothing more may be written. `state` is what became of what this run was about to write.
pub(crate) fn lease_lost(state: &str) -> Error {
    Error::new(
        ErrorKind::LockTimeout,
        LEASE_LOST,
        "another run has taken over the migration lock",
    )
    .state(state)
    .next("see what the other run did:  shoring status")
}
