//! goose (v3): both ways in one file between marks, and a table with a row for each applied version. The facts are in
//! `docs/formats/goose.md`.

mod blocks;
mod config;
mod files;
mod history;
mod mark;
mod render;
mod sending;
mod variables;

pub use files::Goose;
