//! What diesel does with a file that we split: it sends the whole text as one query, inside a transaction. An empty file it
//! refuses.

use crate::sending::{Opens, Sending};
use shoring_core::{Diagnostic, MigrationPlan, Product};

const SENDING: Sending = Sending {
    tool: "diesel",
    code: "not-for-diesel",
    unit: "file",
    is_whole: true,
    opens: |product| match product {
        Product::Postgresql | Product::Sqlite => {
            Opens::Unless("`run_in_transaction = false` in metadata.toml")
        }
        // Where definitions commit by themselves, it makes no difference.
        Product::Mysql | Product::Mariadb => Opens::No,
    },
};

pub(super) fn warnings(plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
    let mut warnings = SENDING.warnings(plan, product);
    if let Some(script) = plan.migration.script(plan.direction)
        && script.size == 0
    {
        warnings.push(SENDING.warning(
            &script.path,
            "diesel refuses a file without a byte",
            "write a comment into it",
        ));
    }
    warnings
}
