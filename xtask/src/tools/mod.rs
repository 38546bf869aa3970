//! The other migration tools: for the comparison of `bench`, and for the tests that hand a project over to the tool itself and
//! back.
//!
//! One file for each tool, and one line in [`TOOLS`]. Each is pinned and comes through its own package manager into a cache
//! folder outside the checkout. One that cannot be had is named in the tables; the rest goes on.

mod dbmate;
mod diesel;
mod flyway;
mod golang_migrate;
mod goose;
mod install;
mod liquibase;
mod prisma;
mod refinery;
mod sqlx;
mod tool;

pub(crate) use tool::{Tool, by_name};

/// Every tool, in the order of the tables.
pub(crate) const TOOLS: [&Tool; 9] = [
    &dbmate::DBMATE,
    &golang_migrate::GOLANG_MIGRATE,
    &sqlx::SQLX,
    &flyway::FLYWAY,
    &diesel::DIESEL,
    &goose::GOOSE,
    &prisma::PRISMA,
    &refinery::REFINERY,
    &liquibase::LIQUIBASE,
];
