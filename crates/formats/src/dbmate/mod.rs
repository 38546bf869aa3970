//! dbmate: one file for both ways, with `-- migrate:up` and `-- migrate:down`, and a table of version strings. The facts are
//! in `docs/formats/dbmate.md`.

mod blocks;
mod files;
mod history;
mod sending;

pub use files::Dbmate;
