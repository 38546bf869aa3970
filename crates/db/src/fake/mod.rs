//! A scripted database: executor logic (a crash after step N, a lost connection, a refused lock, an unknown commit) is
//! tested without a server.
//!
//! A [`FakeServer`] is a handle that tests keep. It hands out sessions (also through the [`crate::Driver`] trait, so that
//! code that reconnects works), answers statements by the rules of its script, and remembers every call in order. It
//! stores nothing: a script that wants rows to be there later says so.
//!
//! ```
//! use shoring_core::Product;
//! use shoring_db::fake::{FakeServer, Reply};
//! use shoring_db::{Batch, DbErrorKind, Session};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let server = FakeServer::new(Product::Postgresql);
//! server.once("COMMIT", Reply::LoseConnection);
//! let mut session = server.session();
//! let batch = Batch { statements: &["BEGIN", "CREATE TABLE t (a int)", "COMMIT"] };
//! let mut done = 0;
//! let error = session.execute(batch, &mut |_| done += 1).await.unwrap_err();
//! assert_eq!((done, error.index), (2, 2));
//! assert_eq!(error.error.kind, DbErrorKind::ConnectionLost);
//! assert_eq!(server.sent().last().unwrap(), "COMMIT");
//! # });
//! ```

mod log;
mod script;
mod server;
mod session;
#[cfg(test)]
mod tests;

pub use log::Call;
pub use script::{Pattern, Reply};
pub use server::FakeServer;
pub use session::FakeSession;
