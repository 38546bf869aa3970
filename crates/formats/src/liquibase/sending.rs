//! What works here and would fail in Liquibase: it cuts at each `;` outside of quotes and of `BEGIN … END`, knows no dollar
//! quotes, and sends what is not to be cut as one.

use super::name;
use crate::sending::{Opens, Sending};
use shoring_core::{Diagnostic, Direction, MigrationPlan, Product};

const SENDING: Sending = Sending {
    tool: "Liquibase",
    code: "not-for-liquibase",
    unit: "changeset",
    is_whole: false,
    opens: |product| match product {
        Product::Postgresql | Product::Sqlite => Opens::Unless("`runInTransaction:false`"),
        // Where definitions commit by themselves, it makes no difference.
        Product::Mysql | Product::Mariadb => Opens::No,
    },
};

pub(super) fn warnings(plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
    let mut warnings = SENDING.warnings(plan, product);
    let migration = &plan.migration;
    if plan.direction == Direction::Down {
        return warnings;
    }
    let path = &migration.up.path;
    if migration.attributes.contains_key(name::WHOLE) && plan.statement_count > 1 {
        let problem = match product {
            Product::Postgresql => None,
            Product::Mysql | Product::Mariadb => Some("the server takes one statement at a time"),
            Product::Sqlite => Some("only the first statement runs"),
        };
        warnings.extend(problem.map(|problem| {
            SENDING.warning(
                path,
                &format!("Liquibase sends the changeset as one, where {problem}"),
                "take  splitStatements:false  out, or give each statement a changeset of its own",
            )
        }));
    }
    let cuts = migration
        .attributes
        .get(name::CUTS)
        .map(String::as_str)
        .unwrap_or_default();
    let cuts: Vec<u64> = cuts.split(' ').filter_map(|at| at.parse().ok()).collect();
    for statement in &plan.statements {
        let is_inside = |at: &&u64| statement.span.start < **at && **at < statement.span.end;
        if cuts.iter().any(|at| is_inside(&at)) {
            warnings.push(SENDING.warning(
                path,
                &format!(
                    "Liquibase would cut the {} that begins in line {} at a `;` inside of it",
                    statement.facts.verb, statement.position.line
                ),
                "add  splitStatements:false  or  endDelimiter://  to the changeset",
            ));
        }
    }
    warnings
}
