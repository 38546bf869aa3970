//! What another session is doing: who blocks it and how far it is. What this user may not see is left out.

use super::identity::Identity;
use super::session::MysqlSession;
use crate::error::{DbError, DbErrorKind};
use crate::session::{Activity, BackendId};
use shoring_core::event::{Blocker, Progress};
use shoring_core::{Product, Row};
use std::collections::BTreeSet;

/// Sessions that hold a metadata lock on what the waiting one asks for (MySQL 5.7 and later).
const METADATA_MYSQL: &str = "SELECT DISTINCT holder.PROCESSLIST_ID \
     FROM performance_schema.threads waiter \
     JOIN performance_schema.metadata_locks wanted ON wanted.OWNER_THREAD_ID = waiter.THREAD_ID AND wanted.LOCK_STATUS = 'PENDING' \
     JOIN performance_schema.metadata_locks held ON held.LOCK_STATUS = 'GRANTED' AND held.OBJECT_TYPE = wanted.OBJECT_TYPE \
          AND held.OBJECT_SCHEMA <=> wanted.OBJECT_SCHEMA AND held.OBJECT_NAME <=> wanted.OBJECT_NAME \
          AND held.OWNER_THREAD_ID <> wanted.OWNER_THREAD_ID \
          AND NOT (held.LOCK_TYPE = 'INTENTION_EXCLUSIVE' AND wanted.LOCK_TYPE = 'INTENTION_EXCLUSIVE') \
     JOIN performance_schema.threads holder ON holder.THREAD_ID = held.OWNER_THREAD_ID \
     WHERE holder.PROCESSLIST_ID IS NOT NULL AND waiter.PROCESSLIST_ID = ";

/// The same for a waiter that already holds a weaker lock on the table, as `ALTER TABLE` does. The plugin (MariaDB
/// `metadata_lock_info`, often absent) shows granted locks only.
const METADATA_MARIADB: &str = "SELECT DISTINCT held.THREAD_ID FROM information_schema.METADATA_LOCK_INFO own \
     JOIN information_schema.METADATA_LOCK_INFO held ON held.TABLE_SCHEMA = own.TABLE_SCHEMA AND held.TABLE_NAME = own.TABLE_NAME \
          AND held.LOCK_TYPE = own.LOCK_TYPE AND held.THREAD_ID <> own.THREAD_ID \
     WHERE own.LOCK_TYPE = 'Table metadata lock' AND own.THREAD_ID = ";

const ROWS_MYSQL: &str = "SELECT DISTINCT blocker.PROCESSLIST_ID FROM performance_schema.data_lock_waits waits \
     JOIN performance_schema.threads waiter ON waiter.THREAD_ID = waits.REQUESTING_THREAD_ID \
     JOIN performance_schema.threads blocker ON blocker.THREAD_ID = waits.BLOCKING_THREAD_ID \
     WHERE waiter.PROCESSLIST_ID = ";

const ROWS_MARIADB: &str = "SELECT DISTINCT blocker.trx_mysql_thread_id FROM information_schema.INNODB_LOCK_WAITS waits \
     JOIN information_schema.INNODB_TRX waiter ON waiter.trx_id = waits.requesting_trx_id \
     JOIN information_schema.INNODB_TRX blocker ON blocker.trx_id = waits.blocking_trx_id \
     WHERE waiter.trx_mysql_thread_id = ";

impl MysqlSession {
    /// See [`crate::Session::activity`].
    pub(super) async fn watch(&mut self, backend: &BackendId) -> Result<Activity, DbError> {
        let Some(identity) = Identity::parse(backend) else {
            return Ok(Activity::default());
        };
        let id = identity.connection_id;
        let Some(process) = self.process(id).await? else {
            return Ok(Activity::default());
        };
        if process.waits_for_room() {
            return Ok(Activity {
                stalled: Some(process.state),
                ..Activity::default()
            });
        }
        let mut blockers = BTreeSet::new();
        if process.waits_for_metadata() {
            blockers.extend(self.metadata_blockers(id).await?);
            if blockers.is_empty() {
                blockers.extend(self.older_transactions(id, process.seconds).await?);
            }
        }
        let query = match self.server.product {
            Product::Mariadb => ROWS_MARIADB,
            Product::Mysql | Product::Postgresql | Product::Sqlite => ROWS_MYSQL,
        };
        blockers.extend(self.ids(&format!("{query}{id}")).await?);
        let ids: Vec<u64> = blockers.into_iter().collect();
        Ok(Activity {
            blockers: self.blockers(&ids).await?,
            progress: self.progress(id, &process).await?,
            stalled: None,
        })
    }

    async fn process(&mut self, id: u64) -> Result<Option<Process>, DbError> {
        let progress = match self.server.product {
            Product::Mariadb => ", STAGE, MAX_STAGE, PROGRESS",
            Product::Mysql | Product::Postgresql | Product::Sqlite => "",
        };
        let asked = self
            .ask(&format!(
                "SELECT STATE, TIME{progress} FROM information_schema.PROCESSLIST WHERE ID = {id}"
            ))
            .await;
        let rows = match asked {
            // The view needs a temporary table on the disk that is full (10.11: 1021); the command does not.
            Err(error) if error.kind == DbErrorKind::Storage => return self.listed(id).await,
            asked => asked?,
        };
        Ok(rows.first().map(|row| Process {
            state: row.text(0).unwrap_or_default(),
            seconds: row.int(1).unwrap_or(0),
            progress: row.values.get(2..).map(|rest| Row::new(rest.to_vec())),
        }))
    }

    /// As [`MysqlSession::process`], in another way: `Id, User, Host, db, Command, Time, State, Info`.
    async fn listed(&mut self, id: u64) -> Result<Option<Process>, DbError> {
        let rows = self.ask("SHOW PROCESSLIST").await?;
        let is_it = |row: &&Row| row.int(0).and_then(|own| u64::try_from(own).ok()) == Some(id);
        Ok(rows.iter().find(is_it).map(|row| Process {
            state: row.text(6).unwrap_or_default(),
            seconds: row.int(5).unwrap_or(0),
            progress: None,
        }))
    }

    async fn metadata_blockers(&mut self, id: u64) -> Result<Vec<u64>, DbError> {
        let query = match self.server.product {
            Product::Mariadb => METADATA_MARIADB,
            Product::Mysql | Product::Postgresql | Product::Sqlite => METADATA_MYSQL,
        };
        self.ids(&format!("{query}{id}")).await
    }

    /// When the locks may not be seen: whoever has had a transaction open for longer than the wait may be in the way.
    async fn older_transactions(&mut self, id: u64, seconds: i64) -> Result<Vec<u64>, DbError> {
        self.ids(&format!(
            "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX \
             WHERE trx_mysql_thread_id NOT IN (0, {id}) AND trx_started <= NOW() - INTERVAL {seconds} SECOND"
        ))
        .await
    }

    /// Connection ids. Empty when this server has no such table or this user may not read it.
    async fn ids(&mut self, query: &str) -> Result<Vec<u64>, DbError> {
        match self.ask(query).await {
            Ok(rows) => Ok(rows
                .iter()
                .filter_map(|row| u64::try_from(row.int(0)?).ok())
                .collect()),
            Err(error) if is_out_of_sight(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// What is known about these sessions.
    pub(super) async fn blockers(&mut self, ids: &[u64]) -> Result<Vec<Blocker>, DbError> {
        let mut blockers = Vec::new();
        for id in ids {
            let mut blocker = Blocker {
                session: id.to_string(),
                ..Blocker::default()
            };
            self.describe(*id, &mut blocker).await?;
            blockers.push(blocker);
        }
        Ok(blockers)
    }

    async fn describe(&mut self, id: u64, blocker: &mut Blocker) -> Result<(), DbError> {
        let rows = self
            .ask(&format!(
                "SELECT USER, HOST, COMMAND, TIME, LEFT(INFO, 200) FROM information_schema.PROCESSLIST WHERE ID = {id}"
            ))
            .await?;
        let Some(row) = rows.first() else {
            return Ok(());
        };
        let is_idle = row.text(2).as_deref() == Some("Sleep");
        blocker.application = row
            .text(0)
            .map(|user| format!("{user}@{}", row.text(1).unwrap_or_default()));
        blocker.age_seconds = row.int(3).and_then(|age| u64::try_from(age).ok());
        blocker.statement = row.text(4);
        let transaction = self
            .optional(&format!(
                "SELECT TIMESTAMPDIFF(SECOND, trx_started, NOW()) FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = {id}"
            ))
            .await?;
        if let Some(age) = transaction.as_ref().and_then(|row| row.int(0)) {
            blocker.age_seconds = u64::try_from(age).ok();
        }
        blocker.state = Some(
            match (is_idle, transaction.is_some()) {
                (true, true) => "idle in transaction",
                (true, false) => "idle",
                (false, _) => "active",
            }
            .to_owned(),
        );
        if let Some(row) = self
            .optional(&format!(
                "SELECT ATTR_VALUE FROM performance_schema.session_account_connect_attrs \
                 WHERE ATTR_NAME = 'program_name' AND PROCESSLIST_ID = {id}"
            ))
            .await?
        {
            blocker.application = row.text(0).or_else(|| blocker.application.take());
        }
        if blocker.statement.is_none() {
            let last = self
                .optional(&format!(
                    "SELECT LEFT(s.SQL_TEXT, 200) FROM performance_schema.events_statements_current s \
                     JOIN performance_schema.threads t USING (THREAD_ID) WHERE t.PROCESSLIST_ID = {id} ORDER BY s.EVENT_ID DESC LIMIT 1"
                ))
                .await?;
            blocker.statement = last.and_then(|row| row.text(0));
        }
        Ok(())
    }

    async fn progress(&mut self, id: u64, process: &Process) -> Result<Option<Progress>, DbError> {
        if let Some(row) = &process.progress {
            return Ok(stages(&process.state, row));
        }
        // Filled only while the consumer `events_stages_current` is on, which it is not by default.
        let row = self
            .optional(&format!(
                "SELECT s.EVENT_NAME, s.WORK_COMPLETED, s.WORK_ESTIMATED FROM performance_schema.events_stages_current s \
                 JOIN performance_schema.threads t USING (THREAD_ID) \
                 WHERE t.PROCESSLIST_ID = {id} AND s.WORK_ESTIMATED IS NOT NULL"
            ))
            .await?;
        Ok(row.and_then(|row| {
            let name = row.text(0)?;
            Some(Progress {
                phase: name.rsplit('/').next().unwrap_or_default().to_owned(),
                done: u64::try_from(row.int(1)?).ok()?,
                total: u64::try_from(row.int(2)?).ok()?,
                unit: "blocks",
            })
        }))
    }

    /// One row of something that need not be there or may not be seen.
    async fn optional(&mut self, query: &str) -> Result<Option<Row>, DbError> {
        match self.ask(query).await {
            Ok(mut rows) if !rows.is_empty() => Ok(Some(rows.swap_remove(0))),
            Ok(_) => Ok(None),
            Err(error) if is_out_of_sight(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A row of the process list.
struct Process {
    state: String,
    seconds: i64,
    /// MariaDB: stage, stages, percent of the stage.
    progress: Option<Row>,
}

impl Process {
    /// `Waiting for table metadata lock`, `Waiting for schema metadata lock`, `Waiting for global read lock`, `Waiting for
    /// table level lock`, `Waiting for backup lock`.
    fn waits_for_metadata(&self) -> bool {
        self.state.starts_with("Waiting for") && self.state.contains("lock")
    }

    /// `Waiting for someone to free space` (MariaDB 10.11, `stage_waiting_for_disk_space`): the binary log, Aria and MyISAM
    /// wait for a full disk and look again every 60 s (mysys/errors.c); InnoDB fails at once.
    fn waits_for_room(&self) -> bool {
        self.state.starts_with("Waiting for someone to free space")
    }
}

/// MariaDB counts stages from 1 and gives the percent of the current one.
fn stages(phase: &str, row: &Row) -> Option<Progress> {
    let stage = row.int(0)?;
    let stages = row.int(1).filter(|stages| *stages > 0)?;
    let percent = row.text(2)?.parse::<f64>().ok()?.clamp(0.0, 100.0);
    let done = (stage - 1).max(0) * 100;
    #[expect(clippy::cast_sign_loss, reason = "clamped above")]
    let percent = percent as u64;
    Some(Progress {
        phase: phase.to_owned(),
        done: u64::try_from(done).ok()? + percent,
        total: u64::try_from(stages).ok()? * 100,
        unit: "percent",
    })
}

/// No right, no such table, no such plugin, no such column.
fn is_out_of_sight(error: &DbError) -> bool {
    error.kind == DbErrorKind::Permission
        || matches!(
            error.code.as_deref(),
            Some("1049" | "1054" | "1109" | "1146" | "1682")
        )
}
