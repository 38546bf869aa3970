//! Rules: which text gets which reply.

use crate::error::DbError;
use crate::session::Notice;
use shoring_core::Row;

/// What happens to a statement or query.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It completes with this many rows changed. A query gives no rows.
    Done(u64),
    /// It completes with these rows.
    Rows(Vec<Row>),
    /// It completes, and the server says something.
    Notice(Notice),
    /// It fails with this error.
    Fail(DbError),
    /// The connection is lost: whether the statement took effect is for the rest of the script to say. Every later call
    /// of the session fails the same way, and its locks are free.
    LoseConnection,
    /// It runs until it is cancelled, and fails with [`crate::DbErrorKind::Cancelled`].
    HangUntilCancelled,
    /// Our own process dies here: the call never ends, and [`super::FakeServer::crashed`] returns, so that the test can
    /// drop whatever was running. Use it with `tokio::select!`.
    Crash,
}

/// Which texts a rule is for. A plain `&str` is found anywhere in the text, without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Every text.
    Any,
    /// The text contains this, compared without case.
    Contains(String),
    /// The text starts with this, compared without case.
    StartsWith(String),
    /// The text is exactly this.
    Is(String),
    /// The n-th text the server receives, from 1, in whichever session.
    Nth(usize),
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self::Contains(text.to_owned())
    }
}

impl Pattern {
    fn matches(&self, number: usize, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Contains(part) => text.to_lowercase().contains(&part.to_lowercase()),
            Self::StartsWith(part) => text
                .trim_start()
                .to_lowercase()
                .starts_with(&part.to_lowercase()),
            Self::Is(whole) => text == whole,
            Self::Nth(wanted) => number == *wanted,
        }
    }
}

/// A closure that answers what it wants to.
pub(super) type Responder = Box<dyn FnMut(&str) -> Option<Reply> + Send>;

enum Rule {
    Pattern {
        pattern: Pattern,
        reply: Reply,
        is_once: bool,
    },
    Responder(Responder),
}

/// All rules; the newest that matches wins.
#[derive(Default)]
pub(super) struct Script {
    rules: Vec<Rule>,
    received: usize,
}

impl Script {
    pub(super) fn add(&mut self, pattern: Pattern, reply: Reply, is_once: bool) {
        self.rules.push(Rule::Pattern {
            pattern,
            reply,
            is_once,
        });
    }

    pub(super) fn add_responder(&mut self, responder: Responder) {
        self.rules.push(Rule::Responder(responder));
    }

    /// The reply to the next text. Without a rule, everything succeeds and changes nothing.
    pub(super) fn reply(&mut self, text: &str) -> Reply {
        self.received += 1;
        for index in (0..self.rules.len()).rev() {
            match &mut self.rules[index] {
                Rule::Pattern {
                    pattern,
                    reply,
                    is_once,
                } => {
                    if pattern.matches(self.received, text) {
                        let (reply, is_once) = (reply.clone(), *is_once);
                        if is_once {
                            self.rules.remove(index);
                        }
                        return reply;
                    }
                }
                Rule::Responder(responder) => {
                    if let Some(reply) = responder(text) {
                        return reply;
                    }
                }
            }
        }
        Reply::Done(0)
    }
}
