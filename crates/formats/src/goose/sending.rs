//! What goose does with a section: it sends it statement by statement, as we do, but it knows the end of one by a `;` at the
//! end of a line alone.

use super::mark::ends_with_semicolon;
use crate::sending::{Opens, Sending};
use shoring_core::{Diagnostic, MigrationPlan, Product};

const SENDING: Sending = Sending {
    tool: "goose",
    code: "not-for-goose",
    unit: "section",
    is_whole: false,
    opens: |product| match product {
        Product::Postgresql | Product::Sqlite => Opens::Unless("`-- +goose NO TRANSACTION`"),
        // Where definitions commit by themselves, it makes no difference.
        Product::Mysql | Product::Mariadb => Opens::No,
    },
};

/// The attribute of a migration with the stretches between `StatementBegin` and `StatementEnd`: `12-80 100-150`.
pub(super) const STATEMENTS: &str = "statement-begin-end";

pub(super) fn warnings(plan: &MigrationPlan, product: Product) -> Vec<Diagnostic> {
    let mut warnings = SENDING.warnings(plan, product);
    let Some(script) = plan.migration.script(plan.direction) else {
        return warnings;
    };
    let marked: Vec<(u64, u64)> = plan
        .migration
        .attributes
        .get(STATEMENTS)
        .map(String::as_str)
        .unwrap_or_default()
        .split(' ')
        .filter_map(|stretch| {
            let (start, end) = stretch.split_once('-')?;
            Some((start.parse().ok()?, end.parse().ok()?))
        })
        .collect();
    // A driver of MySQL takes one statement at a time, unless it is told otherwise.
    if matches!(product, Product::Mysql | Product::Mariadb) {
        for (start, end) in &marked {
            let mut inside = plan
                .statements
                .iter()
                .filter(|one| *start <= one.span.start && one.span.end <= *end);
            if let (Some(_), Some(second)) = (inside.next(), inside.next()) {
                warnings.push(SENDING.warning(
                    &script.path,
                    &format!(
                        "goose sends the stretch with line {} as one statement, which MySQL refuses without `multiStatements=true` in GOOSE_DBSTRING",
                        second.position.line
                    ),
                    "put each statement on lines of its own",
                ));
            }
        }
    }
    for statement in &plan.statements {
        let is_marked = marked
            .iter()
            .any(|(start, end)| *start <= statement.span.start && statement.span.end <= *end);
        if is_marked {
            continue;
        }
        let lines: Vec<&str> = statement.text.lines().collect();
        let inner = lines.len().saturating_sub(1);
        if let Some(at) = lines[..inner]
            .iter()
            .position(|line| ends_with_semicolon(line))
        {
            let line = statement.position.line + at as u64;
            warnings.push(SENDING.warning(
                &script.path,
                &format!(
                    "goose would cut the {} at the `;` that ends line {line}",
                    statement.facts.verb
                ),
                "put it between  -- +goose StatementBegin  and  -- +goose StatementEnd",
            ));
        }
    }
    warnings
}
