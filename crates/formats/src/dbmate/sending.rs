//! What dbmate does with a block that we split: it sends the whole text as one query.

use shoring_core::{Diagnostic, MigrationPlan, Product, Severity, TransactionRule};

/// Warnings for a block that works here and would fail there.
pub(super) fn warnings(plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
    let Some(script) = plan.migration.script(plan.direction) else {
        return Vec::new();
    };
    let alone = plan
        .statements
        .iter()
        .find(|statement| statement.facts.transaction == TransactionRule::Forbidden);
    let problem = match (product, alone) {
        (Product::Postgresql, Some(statement)) if plan.statement_count > 1 => Some(format!(
            "dbmate sends the block as one query, where {} cannot run beside other statements",
            statement.facts.verb
        )),
        (Product::Postgresql | Product::Sqlite, Some(statement))
            if script.directives.transaction != shoring_core::TransactionMode::None =>
        {
            Some(format!(
                "dbmate opens a transaction, where {} cannot run",
                statement.facts.verb
            ))
        }
        (Product::Mysql | Product::Mariadb, _) if plan.has_client_commands => {
            Some("dbmate sends DELIMITER to the server, which does not know it".to_owned())
        }
        (
            Product::Postgresql | Product::Mysql | Product::Mariadb | Product::Sqlite,
            Some(_) | None,
        ) => None,
    };
    problem
        .map(|problem| {
            Diagnostic {
                severity: Severity::Warning,
                ..Diagnostic::error("not-for-dbmate", format!("`{}`: {problem}", script.path))
            }
            .hint("to stay able to go back, give the statement a file of its own, with `transaction:false`")
        })
        .into_iter()
        .collect()
}
