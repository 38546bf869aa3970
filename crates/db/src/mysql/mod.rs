//! MySQL and MariaDB, over `mysql_async`.
//!
//! The session looks to a migration as the `mysql` client's does: server defaults for `sql_mode` and `time_zone`,
//! `SET NAMES utf8mb4`, nothing else. Where the two products differ, a file says so. Start reading at [`session`]; [`packet`]
//! says what is sent together, [`run`] how results are told apart, [`connect`] and [`tls`] how a connection is made.
//!
//! `LOAD DATA LOCAL` is always refused: a statement that asks for it is not sent, and a server that asks for a file without
//! being told to loses the connection, because no handler for it is ever installed.

mod activity;
mod cancel;
mod catalog;
mod connect;
mod driver;
mod error;
mod error_kind;
mod identity;
mod lock;
mod packet;
mod position;
mod probe;
mod quote;
mod run;
mod session;
mod tls;
mod topology;
mod values;
mod variables;

pub use driver::MysqlDriver;
pub use session::MysqlSession;
