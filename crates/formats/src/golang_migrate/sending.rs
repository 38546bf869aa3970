//! What golang-migrate does with a file that we split: it sends the whole text as one query.

use shoring_core::{Diagnostic, MigrationPlan, Product, Severity, TransactionRule};

/// Warnings for a file that works here and would fail there.
pub(super) fn warnings(plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
    let path = plan
        .migration
        .script(plan.direction)
        .map_or("", |script| script.path.as_str());
    let mut warnings = Vec::new();
    let mut warn = |message: String, hint: &str| {
        warnings.push(
            Diagnostic {
                severity: Severity::Warning,
                ..Diagnostic::error("not-for-golang-migrate", message)
            }
            .hint(hint),
        );
    };
    match product {
        Product::Postgresql => {
            let alone = plan
                .statements
                .iter()
                .find(|statement| statement.facts.transaction == TransactionRule::Forbidden);
            if let Some(statement) = alone.filter(|_| plan.statement_count > 1) {
                warn(
                    format!(
                        "`{path}`: golang-migrate sends the file as one query, where {} cannot run beside other statements",
                        statement.facts.verb
                    ),
                    "to stay able to go back, give the statement a file of its own",
                );
            }
            if plan
                .statements
                .iter()
                .any(|statement| statement.has_copy_data)
            {
                warn(
                    format!("`{path}`: golang-migrate cannot send the data of COPY … FROM stdin"),
                    "to stay able to go back, write INSERT statements",
                );
            }
        }
        Product::Mysql | Product::Mariadb => {
            if plan.has_client_commands {
                warn(
                    format!(
                        "`{path}`: golang-migrate sends DELIMITER to the server, which does not know it"
                    ),
                    "to stay able to go back, leave DELIMITER out and give each routine a file of its own",
                );
            }
        }
        Product::Sqlite => {
            let own = plan
                .statements
                .iter()
                .any(|statement| statement.facts.transaction == TransactionRule::Begin);
            if own {
                warn(
                    format!(
                        "`{path}`: golang-migrate opens a transaction itself, where BEGIN fails"
                    ),
                    "take BEGIN and COMMIT out, or give golang-migrate x-no-tx-wrap=true",
                );
            }
        }
    }
    warnings
}
