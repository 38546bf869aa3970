//! PostgreSQL 13 to 18 over `tokio-postgres`, everything in the simple-query protocol.
//!
//! Simple queries because a whole file goes out as one message and still comes back statement by statement, because values
//! are text in either direction, and because poolers in transaction mode accept them. Start at [`session`]; [`connect`] is
//! the way there. What it does not do: prepared statements (but for `COPY`), channel binding, GSSAPI.

mod activity;
mod batch;
mod cancel;
mod catalog;
mod connect;
mod copy_guard;
mod drive;
mod driver;
mod error;
mod handshake;
mod lock;
mod position;
mod probe;
mod quote;
mod run;
mod session;
mod settings;
mod transport;

pub use driver::Postgresql;
pub use lock::lock_key;
pub use session::PostgresSession;
