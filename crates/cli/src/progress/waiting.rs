//! The words for waiting: on another run, on a lock of a table.

use crate::report::style::{dim, yellow};
use crate::report::text::{about, clean, clean_message, cut, pad};
use shoring::core::event::Blocker;

/// `⧗ another run holds the migration lock (…), 4 s of 30 s`.
pub(super) fn for_run(holder: &str, waited_ms: u64, limit_ms: u64) -> String {
    format!(
        "  {} waiting for another run, {} of {}\n    {}\n",
        yellow("⧗"),
        about(waited_ms / 1000),
        about(limit_ms.div_ceil(1000)),
        dim(format!("held by {}", clean_message(holder))),
    )
}

/// One try of a statement that waits for a lock.
pub(super) struct Try<'a> {
    pub(super) blockers: &'a [Blocker],
    pub(super) waited_ms: u64,
    pub(super) limit_ms: u64,
    pub(super) attempt: u32,
    pub(super) attempts: u32,
}

/// `⧗ 008 add_orders_total          waiting for a lock, 2 s of 3 s (try 2 of 30)` and who holds it.
pub(super) fn for_lock(head: &str, width: usize, waiting: &Try<'_>) -> String {
    let mut out = format!(
        "  {} {}  {}\n",
        yellow("⧗"),
        pad(head, width),
        words(waiting)
    );
    for blocker in waiting.blockers {
        out.push_str(&format!(
            "    {}\n",
            dim(format!("held by {}", who(blocker)))
        ));
    }
    out
}

/// `waiting for a lock, 2 s of 3 s (try 2 of 30)`.
pub(super) fn words(waiting: &Try<'_>) -> String {
    format!(
        "waiting for a lock, {} of {} (try {} of {})",
        about(waiting.waited_ms / 1000),
        about(waiting.limit_ms.div_ceil(1000)),
        waiting.attempt,
        waiting.attempts,
    )
}

/// `⧗ 008 fill_totals          the server waits for room on its disk, 12 s so far`, and what to do about it.
pub(super) fn for_room(head: &str, width: usize, reason: &str, elapsed_ms: u64) -> String {
    format!(
        "  {} {}  {}\n    {}\n    {}\n",
        yellow("⧗"),
        pad(head, width),
        words_for_room(elapsed_ms),
        dim(format!(
            "it says: {}. Make room, and it goes on by itself within a minute",
            clean_message(reason)
        )),
        dim("Ctrl-C twice cancels the statement"),
    )
}

/// `the server waits for room on its disk, 12 s so far`.
pub(super) fn words_for_room(elapsed_ms: u64) -> String {
    format!(
        "the server waits for room on its disk, {} so far",
        about(elapsed_ms / 1000)
    )
}

/// `pid 4711, app "reporting", idle in transaction for 4 min: SELECT …`.
fn who(blocker: &Blocker) -> String {
    let mut out = format!("pid {}", clean(&blocker.session));
    if let Some(application) = blocker
        .application
        .as_deref()
        .filter(|name| !name.is_empty())
    {
        out.push_str(&format!(", app \"{}\"", clean(application)));
    }
    if let Some(state) = &blocker.state {
        out.push_str(&format!(", {}", clean(state)));
    }
    if let Some(seconds) = blocker.age_seconds {
        out.push_str(&format!(" for {}", about(seconds)));
    }
    if let Some(statement) = &blocker.statement {
        out.push_str(&format!(": {}", cut(&clean_message(statement), 100)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_room_is_told_with_what_to_do() {
        let shown = for_room(
            "008 fill_totals",
            28,
            "Waiting for someone to free space",
            12_400,
        );
        insta::assert_snapshot!(anstream::adapter::strip_str(&shown).to_string(), @r"
        ⧗ 008 fill_totals               the server waits for room on its disk, 12 s so far
          it says: Waiting for someone to free space. Make room, and it goes on by itself within a minute
          Ctrl-C twice cancels the statement
        ");
    }

    #[test]
    fn the_holder_is_named() {
        let blocker = Blocker {
            session: "4711".to_owned(),
            application: Some("reporting".to_owned()),
            state: Some("idle in transaction".to_owned()),
            age_seconds: Some(240),
            statement: Some("SELECT *\nFROM orders".to_owned()),
        };
        let waiting = Try {
            blockers: &[blocker],
            waited_ms: 2_000,
            limit_ms: 3_000,
            attempt: 2,
            attempts: 30,
        };
        let shown = for_lock("008 add_orders_total", 28, &waiting);
        insta::assert_snapshot!(anstream::adapter::strip_str(&shown).to_string(), @r#"
        ⧗ 008 add_orders_total          waiting for a lock, 2 s of 3 s (try 2 of 30)
          held by pid 4711, app "reporting", idle in transaction for 4 min: SELECT * FROM orders
        "#);
    }
}
