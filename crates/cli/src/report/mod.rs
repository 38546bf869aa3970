//! What is printed: for every answer of the engine a text for people and a JSON document, both pure functions.
//!
//! Texts may contain colour; [`crate::terminal`] takes it off. Everything that comes from files or servers goes through
//! [`text::clean`] before it is printed.

pub(crate) mod convert;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod history;
pub(crate) mod plan;
pub(crate) mod records;
pub(crate) mod run;
pub(crate) mod settings;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod time;

mod answer;
pub(crate) mod doctor;

pub(crate) use answer::Answer;
