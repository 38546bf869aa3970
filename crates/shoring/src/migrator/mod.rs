//! The engine's front door: one method per command. Start at [`Migrator`].

mod around;
mod baseline;
mod begin;
mod build;
mod convert;
mod convert_rows;
mod doctor;
mod doctor_failed_row;
mod doctor_index;
mod down;
mod folder_of_others;
mod gate;
mod goto;
mod history;
mod history_warnings;
mod init;
mod mark;
mod new;
mod open;
mod own_settings;
mod plan;
mod records;
mod repair;
mod run;
mod seed;
mod select_error;
mod status;
mod up;

pub use build::Migrator;
