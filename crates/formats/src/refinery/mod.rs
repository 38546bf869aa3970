//! refinery: `V1__name.sql` in order and `U1__name.sql` at any time, and a table with a hash of each. The facts are in
//! `docs/formats/refinery.md`.

mod config;
mod files;
mod history;
mod name;
mod sending;
mod sip_hash;

pub use files::Refinery;
