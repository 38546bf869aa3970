//! Projects handed over to the tool they belong to, and back: the real tool, which `cargo xtask test` installs and names in
//! `SHORING_TEST_TOOL_…`. One file for each tool.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so where it is"
)]

mod dbmate;
mod diesel;
mod flyway;
mod flyway_process;
mod flyway_project;
mod golang_migrate;
mod goose;
mod liquibase;
mod prisma;
mod project;
mod refinery;
mod round_trip;
mod schema;
mod site;
mod sqlx;
