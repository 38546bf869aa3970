//! The lock of a tool that is a row in a table. It outlives whoever took it: ours names this run, and the next run of ours takes
//! over what a dead one left. One of the tool itself is for a person to judge.

use crate::context::Context;
use crate::database_error::query_error;
use crate::error::Result;
use crate::execute::{execute_briefly, execute_one};
use crate::ledger::Ledger;
use shoring_core::{Event, Value};
use shoring_db::{DbError, DbErrorKind, Session};
use shoring_formats::RowLock;
use shoring_sql::writer::SqlWriter;

/// What a try for the row gave.
pub(super) enum RowAttempt {
    /// Ours, or there is none to take.
    Taken(Option<Box<RowLock>>),
    /// Somebody else's.
    Held {
        holder: String,
        next: Option<String>,
    },
}

/// Who has the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowHolder {
    /// The lock.
    pub(crate) lock: RowLock,
    /// What its holder wrote, as it stands there.
    by: Option<String>,
    since: Option<String>,
}

impl RowHolder {
    /// For people.
    pub(crate) fn describe(&self) -> String {
        let by = self.by.as_deref().unwrap_or("nobody who gave a name");
        let since = self.since.as_ref();
        let since = since.map(|since| format!(" since {since}"));
        format!("{by}{}, in {}", since.unwrap_or_default(), self.lock.title)
    }

    /// Whether a run of ours took it.
    pub(crate) fn is_ours(&self) -> bool {
        self.by
            .as_ref()
            .is_some_and(|by| by.starts_with("shoring "))
    }

    /// The statement that gives it back, as long as it is still this one's.
    pub(crate) fn give_back(&self, ledger: &Ledger) -> String {
        let writer = SqlWriter::new(ledger.product.dialect())
            .sql(&self.lock.force_release)
            .sql(" AND ")
            .ident(&self.lock.holder_column);
        match &self.by {
            Some(by) => writer.sql(" = ").value(&Value::from(by.as_str())).finish(),
            None => writer.sql(" IS NULL").finish(),
        }
    }
}

/// The row that the tool of this project locks.
pub(super) fn wanted(ledger: &Ledger, context: &Context) -> Option<RowLock> {
    let format = ledger.found.format;
    let none = shoring_formats::HostConfig::default();
    let host = context.host.as_ref();
    let config = host
        .filter(|host| host.format.name() == format.name())
        .map_or(&none, |host| &host.config);
    let identity = &context.identity;
    let holder = format!(
        "on {}, pid {}, run {}",
        identity.host, identity.pid, context.run
    );
    format.row_lock(config, ledger.at(), &holder)
}

/// Who has the row; `None` when it is free, or not there.
pub(crate) async fn holder(
    session: &mut dyn Session,
    ledger: &Ledger,
    context: &Context,
) -> Result<Option<RowHolder>> {
    let Some(lock) = wanted(ledger, context) else {
        return Ok(None);
    };
    let tables = session
        .tables_named(&lock.table.name)
        .await
        .map_err(|error| query_error(&error))?;
    if tables
        .iter()
        .all(|table| table.name.schema != lock.table.schema)
    {
        return Ok(None);
    }
    let found = look(session, &lock)
        .await
        .map_err(|error| query_error(&error))?;
    Ok(found.map(|(by, since)| RowHolder { lock, by, since }))
}

async fn look(
    session: &mut dyn Session,
    lock: &RowLock,
) -> std::result::Result<Option<(Option<String>, Option<String>)>, DbError> {
    let rows = session.query(&lock.select_holder).await?;
    Ok(rows.first().map(|row| (row.text(0), row.text(1))))
}

/// Tries to take the row, without waiting. To be called by the only run of ours that may be alive.
pub(super) async fn take(
    session: &mut dyn Session,
    wanted: Option<&RowLock>,
    context: &Context,
) -> Result<RowAttempt> {
    let Some(lock) = wanted else {
        return Ok(RowAttempt::Taken(None));
    };
    match try_take(session, lock, context).await {
        Ok(None) => Ok(RowAttempt::Taken(Some(Box::new(lock.clone())))),
        Ok(Some(holder)) => Ok(RowAttempt::Held {
            holder,
            next: Some(lock.next.clone()),
        }),
        // The tool makes its tables at this very moment, or writes.
        Err(error)
            if error.kind.is_worth_another_try() || error.kind == DbErrorKind::LockTimeout =>
        {
            Ok(RowAttempt::Held {
                holder: format!("the tool itself, which is at work on {}", lock.title),
                next: None,
            })
        }
        Err(error) => Err(query_error(&error).note(format!("while taking {}", lock.title))),
    }
}

/// Who has it; `None` when it is ours now.
async fn try_take(
    session: &mut dyn Session,
    lock: &RowLock,
    context: &Context,
) -> std::result::Result<Option<String>, DbError> {
    const TRIES: usize = 3;
    for number in 1..=TRIES {
        match execute_one(session, &lock.take).await {
            Ok(1) => return Ok(None),
            Ok(_) => {}
            // The table is not there: it is made below.
            Err(error) if error.kind == DbErrorKind::Statement && number < TRIES => {
                prepare(session, lock).await?;
                continue;
            }
            Err(error) => return Err(error),
        }
        let Some((by, since)) = look(session, lock).await? else {
            // There is no row, or it was given back a moment ago.
            prepare(session, lock).await?;
            continue;
        };
        let holder = RowHolder {
            lock: lock.clone(),
            by,
            since,
        };
        if !holder.is_ours() {
            return Ok(Some(holder.describe()));
        }
        if execute_one(session, &lock.take_from_dead).await? == 1 {
            context.emit(&Event::LockTakenOver {
                previous: holder.describe(),
                evidence: "no other run of ours holds the migration lock".to_owned(),
            });
            return Ok(None);
        }
    }
    Ok(Some(format!("somebody who is faster at {}", lock.title)))
}

/// Makes the table and its row. The tool may do the same at this moment; whoever is second finds them there.
async fn prepare(session: &mut dyn Session, lock: &RowLock) -> std::result::Result<(), DbError> {
    for sql in &lock.prepare {
        match execute_one(session, sql).await {
            Ok(_) => {}
            Err(error) if error.kind == DbErrorKind::Statement => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Gives the row back; false when that fails. Then the next run of ours takes it over.
pub(crate) async fn release(session: &mut dyn Session, lock: &RowLock) -> bool {
    execute_briefly(session, &lock.release).await.is_ok()
}
