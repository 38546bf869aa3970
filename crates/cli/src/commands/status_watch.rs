//! `shoring status --watch`: the status again and again, until it is interrupted.

use crate::args::{JsonMode, RunArgs};
use crate::context::Context;
use crate::report::time::local_zone;
use crate::report::{Answer, status};
use shoring::report::{State, Status};
use shoring::{Error, ErrorKind, Result};
use std::time::Duration;

/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Shows the status anew whenever it is another one. On a terminal it is drawn over the one before, at every look: how long
/// ago something was moves too. Never returns but with an error; an interrupt ends the command around it.
pub(super) async fn run(context: &Context) -> Result<Answer> {
    if context.global.json == Some(JsonMode::Document) {
        return Err(Error::new(
            ErrorKind::Usage,
            "watch-json",
            "--watch prints one document after the other, and --json promises a single one",
        )
        .next("take  --json=stream  which prints each as a line"));
    }
    let mut shown = None;
    loop {
        let found = context.migrator(&RunArgs::default())?.status().await?;
        let now = essence(&found);
        if context.global.json.is_none() && context.terminal.can_clear() {
            let answer = status::answer(&found, jiff::Timestamp::now(), &local_zone());
            context.terminal.print_over(&answer.text);
        } else if shown.as_ref() != Some(&now) {
            let answer = status::answer(&found, jiff::Timestamp::now(), &local_zone());
            context.terminal.print(&match context.global.json {
                Some(_) => format!("{}\n", answer.json),
                None => answer.text,
            });
        }
        shown = Some(now);
        tokio::time::sleep(INTERVAL).await;
    }
}

/// What makes it another status; not how long ago something was.
#[derive(PartialEq, Eq)]
struct Essence {
    states: Vec<(String, State)>,
    is_running: bool,
}

fn essence(status: &Status) -> Essence {
    Essence {
        states: status
            .migrations
            .iter()
            .map(|entry| (entry.version.clone(), entry.state))
            .collect(),
        is_running: status.running.is_some(),
    }
}
