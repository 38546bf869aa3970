//! The task that moves a connection along, keeps what the server says aside, and remembers how the connection ended.

use super::copy_guard::Guarded;
use super::error::{server_error, session_error};
use super::handshake::Watched;
use super::transport::Transport;
use crate::error::{DbError, DbErrorKind};
use crate::session::Notice;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::task::JoinHandle;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Connection};

/// A loop with `RAISE NOTICE` can say millions of things; what is beyond this is counted only.
const MOST_NOTICES: usize = 10_000;

/// There is no transaction in progress: what `ROLLBACK` says outside of one.
pub(super) const NO_ACTIVE_TRANSACTION: &str = "25P01";

#[derive(Default)]
struct Heard {
    notices: Vec<(String, Notice)>,
    dropped: usize,
}

/// What the task and the session share.
#[derive(Clone, Default)]
pub(super) struct Mailbox {
    heard: Arc<Mutex<Heard>>,
    end: Arc<OnceLock<DbError>>,
}

impl Mailbox {
    fn push(&self, notice: &tokio_postgres::error::DbError) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.notices.len() >= MOST_NOTICES {
            heard.dropped += 1;
            return;
        }
        // The severity is in the server's language (`lc_messages`); its parsed form is not.
        let severity = notice.parsed_severity().map_or_else(
            || notice.severity().to_owned(),
            |severity| severity.to_string(),
        );
        let mut message = notice.message().to_owned();
        if let Some(detail) = notice.detail() {
            message.push_str(": ");
            message.push_str(detail);
        }
        let code = notice.code().code().to_owned();
        heard.notices.push((code, Notice { severity, message }));
    }

    pub(super) fn take(&self) -> Vec<Notice> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        let mut notices: Vec<Notice> = heard
            .notices
            .into_iter()
            .map(|(_, notice)| notice)
            .collect();
        if heard.dropped > 0 {
            notices.push(Notice {
                severity: "WARNING".to_owned(),
                message: format!("{} further notices were dropped", heard.dropped),
            });
        }
        notices
    }

    /// Forgets the notices with this SQLSTATE.
    pub(super) fn forget(&self, code: &str) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.notices.retain(|(noticed, _)| noticed != code);
    }

    /// Why the connection ended, better than "closed": a server that is shut down says so before it hangs up.
    pub(super) fn explain(&self, error: &tokio_postgres::Error) -> DbError {
        let plain = session_error(error);
        match self.end.get() {
            Some(end) if plain.kind == DbErrorKind::ConnectionLost && plain.code.is_none() => {
                DbError {
                    kind: DbErrorKind::ConnectionLost,
                    ..end.clone()
                }
            }
            _ => plain,
        }
    }
}

/// Starts the task; it ends with the connection.
pub(super) fn drive(
    mut connection: Connection<Watched<Guarded<Transport>>, NoTlsStream>,
    mailbox: Mailbox,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            match poll_fn(|cx| connection.poll_message(cx)).await {
                Some(Ok(AsyncMessage::Notice(notice))) => mailbox.push(&notice),
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    let end = error
                        .as_db_error()
                        .map_or_else(|| session_error(&error), server_error);
                    drop(mailbox.end.set(end));
                    return;
                }
                None => return,
            }
        }
    })
}
