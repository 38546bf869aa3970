//! SQLite: a session over one connection on its own thread, because the library blocks.
//!
//! Statements are prepared one by one from exactly their own text (a prepare that is told how many bytes remain is
//! quadratic in the file's size) and stepped without keeping rows. The user's journal mode is never changed, and no second
//! descriptor on the database file is ever opened: closing it would drop this process's POSIX locks on the file.
//! Start reading at [`session`]; [`open`] says what is refused before SQLite sees the file, [`lock_file`] how runs
//! exclude each other.

mod busy;
mod cancel;
mod catalog;
mod driver;
mod error;
mod lock_file;
mod open;
mod position;
mod pragmas;
mod probe;
mod process;
mod result_code;
mod run;
mod session;
#[cfg(test)]
mod tests;
mod version;
mod worker;

pub use driver::SqliteDriver;
pub use session::SqliteSession;
pub use version::library_version;
