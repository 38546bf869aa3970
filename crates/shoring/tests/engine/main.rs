//! Scenarios of the engine as a library, on real servers: what a user does, and what the database says afterwards.
//!
//! One file per theme. [`support::Project`] is a folder of migrations beside a database of its own.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so where it is"
)]

mod bad_files;
mod conformance;
mod convert;
mod copy;
mod dbmate;
mod diesel;
mod disagreement;
mod doctor_failed_row;
mod failure;
mod flyway;
mod gates;
mod golang_migrate;
mod goose;
mod half_done;
mod hygiene;
mod index_shape;
mod invalid_index;
mod jdbc_driver;
mod library;
mod liquibase;
mod manual;
mod manual_shapes;
mod new_files;
mod no_transaction;
mod odd_files;
mod other_tools;
mod pairs;
mod plan;
mod prisma;
mod read_only;
mod rebuild;
mod records;
mod refinery;
mod roles;
mod round_trip;
mod saved_plan;
mod seeds;
mod segments;
mod sqlx;
mod string_modes;
mod support;
