//! Numbered SQL files against a table `schema_migrations(version, name, applied_at)` that somebody made by hand.
//! The table's shape is never changed; what it cannot hold (checksums, who, how long) stands in our journal.

mod convention;
mod history;

pub use convention::Manual;
