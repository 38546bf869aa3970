//! How a command ended, as a number. The table is part of the contract: scripts rely on it.
//!
//! | code | meaning | retry? |
//! |---|---|---|
//! | 0 | done, or nothing to do | |
//! | 1 | internal error: a bug | no |
//! | 2 | usage or configuration | no |
//! | 3 | pending migrations (`status --exit-code`, `wait`, `expect`) | |
//! | 4 | drift or history mismatch (changed, missing, out of order) | no |
//! | 5 | findings at or above the threshold | no |
//! | 6 | migration failed, fully rolled back | after the fix |
//! | 7 | migration failed, partly applied; the journal says where | `doctor` |
//! | 8 | lock not obtained in time | yes |
//! | 9 | cannot connect | yes (authentication: no) |
//! | 10 | database is ahead of this checkout | no |
//! | 11 | refused: destructive or unconfirmed | no |
//! | 12 | outcome unknown (connection lost during commit) | `doctor` |
//! | 130, 143, 129 | stopped by SIGINT, SIGTERM, SIGHUP at a safe point | yes |

use shoring::ErrorKind;

/// Done, or nothing to do.
pub(crate) const DONE: u8 = 0;
/// A bug of ours.
pub(crate) const INTERNAL: u8 = 1;
/// Wrong flags, files or values.
pub(crate) const USAGE: u8 = 2;
/// Something is pending.
pub(crate) const PENDING: u8 = 3;
/// Files and history disagree.
pub(crate) const MISMATCH: u8 = 4;
/// A migration is in the database in part.
pub(crate) const PARTLY: u8 = 7;
/// Whether something took effect cannot be told.
pub(crate) const UNKNOWN: u8 = 12;

/// The code of an error.
pub(crate) fn of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Usage => USAGE,
        ErrorKind::Pending => PENDING,
        ErrorKind::Mismatch => MISMATCH,
        ErrorKind::FailedRolledBack => 6,
        ErrorKind::FailedPartly => PARTLY,
        ErrorKind::LockTimeout => 8,
        ErrorKind::Unreachable | ErrorKind::Authentication => 9,
        ErrorKind::Ahead => 10,
        ErrorKind::Refused => 11,
        ErrorKind::OutcomeUnknown => UNKNOWN,
        ErrorKind::Stopped(signal) => stopped_by(signal),
        // `ErrorKind` is open for new kinds; one that is not listed here is a bug of this table.
        _ => INTERNAL,
    }
}

/// The code of a command that a signal ended, as shells spell it.
pub(crate) fn stopped_by(signal: i32) -> u8 {
    u8::try_from(signal).map_or(INTERNAL, |number| number.saturating_add(128))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_contract() {
        for (kind, code) in [
            (ErrorKind::Internal, 1),
            (ErrorKind::Usage, 2),
            (ErrorKind::Pending, 3),
            (ErrorKind::Mismatch, 4),
            (ErrorKind::FailedRolledBack, 6),
            (ErrorKind::FailedPartly, 7),
            (ErrorKind::LockTimeout, 8),
            (ErrorKind::Unreachable, 9),
            (ErrorKind::Authentication, 9),
            (ErrorKind::Ahead, 10),
            (ErrorKind::Refused, 11),
            (ErrorKind::OutcomeUnknown, 12),
            (ErrorKind::Stopped(2), 130),
            (ErrorKind::Stopped(15), 143),
            (ErrorKind::Stopped(1), 129),
        ] {
            assert_eq!(of(kind), code, "{kind:?}");
        }
    }
}
