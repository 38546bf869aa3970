//! Database URLs in every spelling people use, parsed into parts; the password can never be printed.
//!
//! Start at [`DatabaseUrl::parse`]. One file per spelling ([`network`] URLs, libpq [`keywords`], the [`go`] DSN, [`sqlite`]
//! paths), all of which yield [`parts::Parts`]; [`parameters`] says which names mean something. Nothing here touches the
//! network, the file system or the environment.

mod database_url;
mod error;
mod go;
mod keywords;
mod network;
mod parameters;
mod parts;
mod redacted;
mod spelling;
mod sqlite;
#[cfg(test)]
mod tests;
mod text;
mod tls_policy;

pub use database_url::{DatabaseUrl, Host, Secret, SqliteLocation};
pub use error::UrlError;
pub use tls_policy::{TlsMode, TlsPolicy, TrustRoots};
