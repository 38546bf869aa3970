//! Database sessions for PostgreSQL, MySQL, MariaDB and SQLite: one trait set, one conformance suite.
//!
//! Start reading at [`session`]. Drivers are listed in [`DRIVERS`].
#![warn(missing_docs)]

pub mod drivers;
pub mod error;
pub mod fake;
pub mod mysql;
pub mod postgresql;
pub mod session;
mod signals;
pub mod sqlite;
pub mod tls;
mod tokens;
pub mod url;

pub use drivers::{DRIVERS, connect};
pub use error::{DbError, DbErrorKind, StatementError};

pub use session::{
    Activity, BackendId, Batch, BoxFuture, Canceller, Completion, ConnectOptions, CopySource,
    Driver, LockAttempt, Notice, Session, SessionLocks, Topology,
};
pub use url::{DatabaseUrl, Host, Secret, SqliteLocation};
