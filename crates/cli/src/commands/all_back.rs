//! The yes that taking everything back needs, whichever command says so.

use crate::context::Context;
use crate::report::text::clean;
use shoring::{DownRequest, Error, ErrorKind, Migrator, PlanRequest, Result};

/// Asks before everything is rolled back, with the data of every table. A number of steps says by itself how far it goes; a place
/// to go to does not. `again` is the command.
pub(super) async fn confirm_all_back(
    migrator: &Migrator,
    request: &DownRequest,
    again: &str,
    context: &Context,
) -> Result<()> {
    if context.global.yes || matches!(request, DownRequest::Steps(_)) {
        return Ok(());
    }
    let plan = migrator.plan(&PlanRequest::Down(request.clone())).await?;
    if !plan.takes_all_back {
        return Ok(());
    }
    let number = plan.migrations.len();
    let url = clean(&plan.database.url);
    let question =
        format!("Roll back all {number} migrations of {url}, with the data in their tables?");
    if context.ask(&question).await? == Some(true) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Refused,
        "not-confirmed",
        format!("rolling back all {number} migrations of `{url}` needs a yes"),
    )
    .note("nothing was run")
    .next(format!("if that is meant, say `shoring {again} --yes`")))
}
