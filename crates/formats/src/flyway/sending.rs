//! What Flyway makes of a file that we put into transactions by ourselves: it decides for the whole file.

use super::read_files::attribute;
use shoring_core::{
    Diagnostic, MigrationPlan, PlannedStatement, Product, TransactionMode, TransactionRule,
};

/// Warnings for a file that works here and would fail there.
pub(super) fn warnings(plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
    let Some(script) = plan.migration.script(plan.direction) else {
        return Vec::new();
    };
    let path = &script.path;
    let mut warnings = Vec::new();
    let mut warn = |message: String, hint: &str| {
        warnings.push(Diagnostic::warning("not-for-flyway", message).hint(hint));
    };
    let alone = plan
        .statements
        .iter()
        .find(|statement| statement.facts.transaction == TransactionRule::Forbidden);
    let (Product::Postgresql | Product::Sqlite, Some(statement)) = (product, alone) else {
        return warnings;
    };
    let is_told = script.directives.transaction == TransactionMode::None;
    let is_known = is_known(statement, product);
    let has_others = plan
        .statements
        .iter()
        .any(|statement| statement.facts.transaction != TransactionRule::Forbidden);
    let may_be_mixed = plan.migration.attributes.contains_key(attribute::MIXED);
    if !is_told && !is_known {
        warn(
            format!(
                "`{path}`: Flyway opens a transaction for it, where {} cannot run",
                statement.facts.verb
            ),
            "to stay able to go back, put `executeInTransaction=false` into a .conf beside it",
        );
    } else if !is_told && has_others && !may_be_mixed {
        warn(
            format!(
                "`{path}`: Flyway refuses a file in which {} stands beside statements that belong into a transaction",
                statement.facts.verb
            ),
            "to stay able to go back, give the statement a file of its own",
        );
    }
    let waits_for_lock = !plan
        .migration
        .attributes
        .contains_key(attribute::SESSION_LOCK);
    if product == Product::Postgresql
        && waits_for_lock
        && statement.facts.verb.contains("CONCURRENTLY")
    {
        warn(
            format!(
                "`{path}`: {} waits for ever for the transaction in which Flyway holds its lock (flyway#1654)",
                statement.facts.verb
            ),
            "to stay able to go back, set `postgresql.transactional.lock = false` for Flyway",
        );
    }
    warnings
}

/// Whether the tool itself knows that it cannot run in a transaction.
fn is_known(statement: &PlannedStatement, product: Product) -> bool {
    let verb = statement.facts.verb.as_str();
    match product {
        Product::Postgresql => {
            const KNOWN: &[&str] = &[
                "CREATE DATABASE",
                "DROP DATABASE",
                "CREATE TABLESPACE",
                "DROP TABLESPACE",
                "CREATE SUBSCRIPTION",
                "DROP SUBSCRIPTION",
                "ALTER SYSTEM",
                "REINDEX SCHEMA",
                "REINDEX DATABASE",
                "REINDEX SYSTEM",
                "VACUUM",
                "DISCARD ALL",
            ];
            let is_index = verb.contains("INDEX CONCURRENTLY") && !verb.starts_with("REINDEX");
            is_index || KNOWN.iter().any(|known| verb.starts_with(known))
        }
        Product::Sqlite => verb.starts_with("PRAGMA"),
        Product::Mysql | Product::Mariadb => true,
    }
}
