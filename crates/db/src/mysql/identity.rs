//! The server's id of a session, told apart from a later one with the same number after a restart.
//!
//! Connection ids start again at a restart, and nothing the server shows names its run directly. Two things do together:
//! the start time (now minus `Uptime`), which a clock step moves too, and the clock sequence inside `UUID()`, which the server
//! draws once per start and again only when its clock goes backwards (`sql/item_strfunc.cc`, `mysys/my_uuid.c`).

use crate::session::BackendId;
use shoring_core::{Checksum, Row};
use std::fmt;

/// Start times that differ less are the same: both are cut to seconds and read a moment apart.
const TOLERANCE_SECONDS: u64 = 5;

/// Which run of which server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Boot {
    /// Of `server_uuid` (MySQL), `server_uid` (MariaDB 10.6.? and later) or host and port.
    pub(super) server: String,
    /// Unix seconds.
    pub(super) start: u64,
    /// The fourth group of a `UUID()`.
    pub(super) clock_sequence: String,
}

/// A session of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// What `CONNECTION_ID()` says.
    pub(super) connection_id: u64,
    pub(super) boot: Boot,
    /// Of `CURRENT_USER()`: without the PROCESS privilege one sees only the sessions of one's own account.
    pub(super) account: String,
}

/// What comparing two runs gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SameBoot {
    Yes,
    /// The server was restarted in between.
    Restarted,
    /// Another server, or a clock that went backwards: nothing may be concluded.
    Unknown,
}

impl Boot {
    /// What [`Boot::from_rows`] is made of. The names are `server_uuid` or `server_uid`, whichever the server has.
    pub(super) const QUERIES: [&str; 3] = [
        "SELECT UNIX_TIMESTAMP(), UUID(), @@hostname, @@port",
        "SHOW GLOBAL VARIABLES LIKE 'server_u%id'",
        "SHOW GLOBAL STATUS LIKE 'Uptime'",
    ];

    pub(super) fn from_rows([now, names, uptime]: &[Vec<Row>; 3]) -> Self {
        let now = now.first().cloned().unwrap_or_default();
        let uptime = uptime.first().and_then(|row| row.int(1)).unwrap_or(0);
        let name = names.first().and_then(|row| row.text(1));
        let name = name.unwrap_or_else(|| {
            // MariaDB before `server_uid`.
            let host = now.text(2).unwrap_or_default();
            format!("{host}:{}", now.text(3).unwrap_or_default())
        });
        Self {
            server: short_hash(&name),
            start: u64::try_from(now.int(0).unwrap_or(0) - uptime).unwrap_or(0),
            clock_sequence: now
                .text(1)
                .and_then(|uuid| uuid.split('-').nth(3).map(str::to_owned))
                .unwrap_or_else(|| "0".to_owned()),
        }
    }

    pub(super) fn compare(&self, now: &Self) -> SameBoot {
        if self.server != now.server {
            return SameBoot::Unknown;
        }
        let is_same_start = self.start.abs_diff(now.start) <= TOLERANCE_SECONDS;
        let is_same_sequence = self.clock_sequence == now.clock_sequence;
        match (is_same_start, is_same_sequence) {
            (_, true) | (true, false) => SameBoot::Yes,
            (false, false) if now.start > self.start => SameBoot::Restarted,
            (false, false) => SameBoot::Unknown,
        }
    }
}

/// Eight hexadecimal digits that stand for a text in an id.
pub(super) fn short_hash(text: &str) -> String {
    Checksum::of(text.as_bytes())
        .as_str()
        .chars()
        .take(8)
        .collect()
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Boot {
            server,
            start,
            clock_sequence,
        } = &self.boot;
        write!(
            f,
            "{}:{server}/{start}/{clock_sequence}/{}",
            self.connection_id, self.account
        )
    }
}

impl Identity {
    pub(super) fn backend(&self) -> BackendId {
        BackendId(self.to_string())
    }

    /// Reads an id that [`Identity::backend`] wrote.
    pub(super) fn parse(backend: &BackendId) -> Option<Self> {
        let (connection_id, rest) = backend.0.split_once(':')?;
        let mut parts = rest.split('/');
        let mut next = || parts.next().filter(|part| !part.is_empty());
        Some(Self {
            connection_id: connection_id.parse().ok()?,
            boot: Boot {
                server: next()?.to_owned(),
                start: next()?.parse().ok()?,
                clock_sequence: next()?.to_owned(),
            },
            account: next()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boot(start: u64, clock_sequence: &str) -> Boot {
        Boot {
            server: short_hash("uuid"),
            start,
            clock_sequence: clock_sequence.to_owned(),
        }
    }

    #[test]
    fn an_id_is_read_back() {
        let identity = Identity {
            connection_id: 7,
            boot: boot(1_700_000_000, "a641"),
            account: short_hash("app@%"),
        };
        assert_eq!(Identity::parse(&identity.backend()), Some(identity));
        for foreign in ["", "7", "7:x", "x:a/1/b/c", "7:99"] {
            assert_eq!(Identity::parse(&BackendId(foreign.to_owned())), None);
        }
    }

    #[test]
    fn a_clock_step_is_no_restart() {
        let before = boot(1000, "aaaa");
        for (now, expected) in [
            (boot(1002, "aaaa"), SameBoot::Yes),
            (boot(4600, "aaaa"), SameBoot::Yes),
            (boot(999, "bbbb"), SameBoot::Yes),
            (boot(4600, "bbbb"), SameBoot::Restarted),
            (boot(100, "bbbb"), SameBoot::Unknown),
        ] {
            assert_eq!(before.compare(&now), expected, "{now:?}");
        }
        let elsewhere = Boot {
            server: "other".to_owned(),
            ..before.clone()
        };
        assert_eq!(before.compare(&elsewhere), SameBoot::Unknown);
    }
}
