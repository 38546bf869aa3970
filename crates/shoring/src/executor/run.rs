//! Runs one migration from its first try to its last: retries for locks, reconnects after lost connections, and one
//! honest ending.

use super::send::Trouble;
use super::source::Source;
use super::watch::Watcher;
use crate::context::{Context, stopped};
use crate::database_error::query_error;
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::{Attempt, Ledger, OpenAttempt, Step};
use crate::lock::{RunLock, execute_one, jitter};
use crate::report::Ran;
use shoring_core::event::Blocker;
use shoring_core::{Applied, Direction, Event, MigrationPlan, Product, SegmentMode, Tree};
use shoring_db::{DbError, DbErrorKind, Session};
use shoring_sql::split::SplitOptions;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a run reconnects for one migration before it gives up.
const RECONNECTS: u32 = 5;

/// One migration to run.
pub(crate) struct Job<'p> {
    /// What, and how.
    pub(crate) plan: &'p MigrationPlan,
    /// The command it is run for.
    pub(crate) command: &'static str,
    /// The attempt of the same direction that ended half-way and is to go on.
    pub(crate) resume: Option<OpenAttempt>,
    /// For `down`: the history row that goes.
    pub(crate) applied: Option<Applied>,
    /// For `down` of a migration that was only half applied: statements whose thing is not there are passed over, and there
    /// is no history row to remove.
    pub(crate) is_undo_of_half: bool,
    /// Whether the history table gets (or loses) a row. Seeds are only in the journal.
    pub(crate) keeps_history: bool,
}

impl Job<'_> {
    /// Whether it goes out as one transaction. One that goes on, or takes back a half, does not.
    pub(super) fn is_atomic(&self) -> bool {
        self.plan.is_atomic() && self.resume.is_none() && !self.is_undo_of_half
    }

    pub(super) fn id(&self) -> String {
        self.plan.migration.id()
    }
}

/// How far a migration is in this process.
pub(super) struct Progress {
    pub(crate) version: String,
    pub(crate) started: Instant,
    /// Rows changed by the file's statements.
    pub(crate) rows: u64,
    /// Rows changed by the last one.
    pub(crate) rows_of_last: u64,
    /// Statements that completed now.
    pub(crate) statements: u64,
    /// Milliseconds of the last batch.
    pub(crate) last_ms: u64,
    /// Who was in the way when a statement last waited for a lock.
    pub(crate) blockers: Vec<Blocker>,
    /// Which try this is, from 1.
    pub(crate) attempt_number: u32,
    /// Whether the journal has the attempt's row.
    pub(crate) has_row: bool,
    /// Steps that are in the database, in order.
    pub(crate) done: Vec<Step>,
    /// A step that is in the database while the journal still says intent; goes with the next write.
    pub(crate) unreported: Option<(u64, u64, u64)>,
    /// Whether the history says so.
    pub(crate) is_recorded: bool,
    /// Whether something that commits was sent in this try.
    pub(crate) is_commit_sent: bool,
    /// The statement the server refused; 0 if none.
    pub(crate) failed_at: u64,
}

impl Progress {
    fn new(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            started: Instant::now(),
            rows: 0,
            rows_of_last: 0,
            statements: 0,
            last_ms: 0,
            blockers: Vec::new(),
            attempt_number: 1,
            has_row: false,
            done: Vec::new(),
            unreported: None,
            is_recorded: false,
            is_commit_sent: false,
            failed_at: 0,
        }
    }

    /// The last statement that is in the database; 0 if none.
    pub(super) fn done_through(&self) -> u64 {
        self.done.last().map_or(0, |step| step.last)
    }

    pub(super) fn milliseconds(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}

/// Runs migrations on one session under one lock.
pub(crate) struct Executor<'a> {
    /// The working session. Replaced after a lost connection.
    pub(crate) session: Box<dyn Session>,
    /// Where history and journal are.
    pub(crate) ledger: Ledger,
    /// The lock.
    pub(crate) lock: RunLock,
    /// What commands carry along.
    pub(crate) context: &'a Context,
    /// The files.
    pub(crate) tree: Arc<dyn Tree>,
    /// The rows of the history table, kept up to date.
    pub(crate) existing: Vec<Applied>,
    pub(super) watcher: Option<Watcher>,
    pub(super) script_path: String,
    /// How long a statement may wait for a lock, and how long it may run, in the migration that runs now.
    pub(super) limits: (Duration, Option<Duration>),
}

impl<'a> Executor<'a> {
    /// An executor on a session that holds `lock`.
    pub(crate) async fn new(
        session: Box<dyn Session>,
        ledger: Ledger,
        lock: RunLock,
        context: &'a Context,
        tree: Arc<dyn Tree>,
        existing: Vec<Applied>,
    ) -> Result<Executor<'a>> {
        let mut executor = Self {
            session,
            ledger,
            lock,
            context,
            tree,
            existing,
            watcher: None,
            script_path: String::new(),
            limits: (context.tuning.lock_timeout, None),
        };
        executor
            .prepare_session()
            .await
            .map_err(|error| query_error(&error))?;
        executor.watch();
        Ok(executor)
    }

    pub(super) fn product(&self) -> Product {
        self.session.server().product
    }

    pub(super) fn split_options(&self) -> SplitOptions {
        SplitOptions::for_product(self.product())
    }

    pub(super) fn watch(&mut self) {
        self.watcher = Watcher::start(
            self.context.connector.as_ref(),
            self.product(),
            self.session.backend(),
            self.context.tuning.lock_timeout,
        );
    }

    /// Sets what every migration starts with: how long to wait for locks, no limit on how long a statement runs, the role.
    pub(super) async fn prepare_session(&mut self) -> std::result::Result<(), shoring_db::DbError> {
        self.limits = (self.context.tuning.lock_timeout, None);
        if self.sets_per_transaction() {
            return Ok(());
        }
        for sql in self.session_settings(self.context.tuning.lock_timeout, None) {
            execute_one(self.session.as_mut(), &sql).await?;
        }
        Ok(())
    }

    /// Whether settings go into each transaction instead of the session.
    pub(super) fn sets_per_transaction(&self) -> bool {
        self.product() == Product::Postgresql && self.lock.is_lease()
    }

    pub(super) fn session_settings(
        &self,
        lock_timeout: Duration,
        statement_timeout: Option<Duration>,
    ) -> Vec<String> {
        let milliseconds = lock_timeout.as_millis();
        match self.product() {
            Product::Postgresql => {
                // A limit on statements set for the application's role must not kill an index build (pain 48).
                let statement = statement_timeout.map_or(0, |limit| limit.as_millis());
                let mut settings = vec![
                    format!("SET lock_timeout = {milliseconds}"),
                    format!("SET statement_timeout = {statement}"),
                ];
                settings.extend(self.context.tuning.set_role(self.product()));
                settings
            }
            Product::Mysql | Product::Mariadb => {
                let mut settings = vec![format!(
                    "SET SESSION lock_wait_timeout = {}",
                    milliseconds.div_ceil(1000).max(1)
                )];
                if let (Product::Mariadb, Some(limit)) = (self.product(), statement_timeout) {
                    settings.push(format!(
                        "SET SESSION max_statement_time = {}",
                        limit.as_secs_f64()
                    ));
                }
                settings
            }
            Product::Sqlite => vec![format!("PRAGMA busy_timeout = {milliseconds}")],
        }
    }

    /// Runs one migration. On success the history says so; on failure the error says what state the database is in.
    pub(crate) async fn run(&mut self, job: &Job<'_>) -> Result<Ran> {
        let plan = job.plan;
        let migration = &plan.migration;
        let version = migration.version.as_str().to_owned();
        self.script_path = migration
            .script(plan.direction)
            .map(|script| script.path.clone())
            .unwrap_or_default();
        let attempt = Attempt {
            id: uuid::Uuid::now_v7().to_string(),
            run: self.lock.run.clone(),
            fence: self.lock.fence,
            command: job.command,
            version: version.clone(),
            name: migration.name.clone(),
            direction: plan.direction,
            checksum: migration
                .script(plan.direction)
                .map(|script| script.checksum.clone()),
            statements: plan.statement_count,
        };
        let mut progress = Progress::new(&version);
        if let Some(open) = &job.resume {
            progress.done = match self.settle(open, job).await {
                Err(error) if error.diagnostic.code == "connection-lost" => {
                    let lost = DbError::new(DbErrorKind::ConnectionLost, error.to_string());
                    self.recover(job, &attempt, &mut progress, &lost, false)
                        .await?;
                    self.settle(open, job).await?
                }
                settled => settled?,
            };
        }
        self.context.emit(&Event::MigrationStarted {
            version: version.clone(),
            name: migration.name.clone(),
            direction: plan.direction,
            statements: plan.statement_count,
            first_statement: progress.done_through() + 1,
        });
        let result = self.until_done(job, &attempt, &mut progress).await;
        if result.is_err() {
            self.context.emit(&Event::MigrationFailed {
                version: version.clone(),
                name: migration.name.clone(),
                number: match progress.failed_at {
                    0 => progress.done_through() + 1,
                    number => number,
                },
                statements: plan.statement_count,
            });
        }
        result?;
        match self.put_session_back(job).await {
            Ok(()) => {}
            // The migration is recorded, and a new session needs no putting back.
            Err(lost) if lost.kind == DbErrorKind::ConnectionLost => {
                self.recover(job, &attempt, &mut progress, &lost, false)
                    .await?;
            }
            Err(error) => return Err(query_error(&error)),
        }
        self.remember(job);
        let milliseconds = progress.milliseconds();
        self.context.emit(&Event::MigrationFinished {
            version: version.clone(),
            name: migration.name.clone(),
            direction: plan.direction,
            ms: milliseconds,
            statements: progress.statements,
            rows: progress.rows,
        });
        Ok(Ran {
            version,
            name: migration.name.clone(),
            direction: plan.direction,
            milliseconds,
            statements: plan.statement_count,
            rows: progress.rows,
        })
    }

    async fn until_done(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
    ) -> Result<()> {
        let mut reconnects = 0;
        loop {
            progress.is_commit_sent = false;
            progress.failed_at = 0;
            if job.is_atomic() {
                // A try that was rolled back counts for nothing.
                progress.rows = 0;
                progress.statements = 0;
            }
            let trouble = match self.once(job, attempt, progress).await {
                Ok(()) => return Ok(()),
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Locked { failed } => {
                    self.roll_back().await;
                    progress.failed_at = failed.number;
                    if progress.attempt_number >= self.context.tuning.lock_attempts {
                        return Err(self.gave_up(job, attempt, progress, &failed).await);
                    }
                    self.pause_before_retry(&failed, progress).await?;
                }
                Trouble::Lost { error } => {
                    reconnects += 1;
                    self.recover(job, attempt, progress, &error, reconnects > RECONNECTS)
                        .await?;
                    if progress.is_recorded {
                        return Ok(());
                    }
                }
                Trouble::Failed(failed) => {
                    progress.failed_at = failed.number;
                    return Err(self.ended(job, attempt, progress, &failed).await);
                }

                Trouble::Stopped(error) => {
                    self.roll_back().await;
                    return Err(self.with_state(job, attempt, progress, error).await);
                }
            }
        }
    }

    async fn pause_before_retry(
        &mut self,
        failed: &super::failure::Failed,
        progress: &mut Progress,
    ) -> Result<()> {
        // 250 ms after the first try, 4 s from the fifth on.
        let pause = jitter(Duration::from_millis(
            250 << progress.attempt_number.min(5).saturating_sub(1),
        ));
        self.context.emit(&Event::Retried {
            version: progress.version.clone(),
            number: failed.number,
            attempt: progress.attempt_number,
            attempts: self.context.tuning.lock_attempts,
            pause_ms: pause.as_millis() as u64,
            reason: failed.error.message.clone(),
        });
        progress.attempt_number += 1;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.context.stop.changed() => {}
        }
        match self.context.stop.requested() {
            None => Ok(()),
            Some(signal) => Err(stopped(signal)),
        }
    }

    /// One try: from the first statement that is not in the database to the end of the file.
    async fn once(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
    ) -> std::result::Result<(), Trouble> {
        let plan = job.plan;
        let Some(script) = plan.migration.script(plan.direction) else {
            return Err(
                Error::new(ErrorKind::Internal, "no-script", "the plan has no script").into(),
            );
        };
        if script.directives.lock_timeout.is_some() || script.directives.statement_timeout.is_some()
        {
            let limit = script
                .directives
                .lock_timeout
                .unwrap_or(self.context.tuning.lock_timeout);
            self.limits = (limit, script.directives.statement_timeout);
            let settings = if self.sets_per_transaction() {
                Vec::new()
            } else {
                self.session_settings(limit, script.directives.statement_timeout)
            };
            for sql in settings {
                execute_one(self.session.as_mut(), &sql)
                    .await
                    .map_err(Trouble::of)?;
            }
        }
        if !job.is_atomic() {
            self.write_start(job, attempt, progress).await?;
        }
        let guard = self.guard_foreign_keys(job).await?;
        let mut source = Source::open(
            self.tree.as_ref(),
            script,
            self.session.server(),
            self.split_options(),
        )?;
        let last_lasting = plan.last_lasting_segment();
        let mut index = 0;
        let mut carried = super::steps::Carried::new(&progress.done);
        while let Some(statement) = source.next_statement()? {
            while plan
                .segments
                .get(index)
                .is_some_and(|segment| statement.number > segment.last)
            {
                index += 1;
            }
            let Some(segment) = plan.segments.get(index) else {
                break;
            };
            if statement.number <= progress.done_through() {
                carried.check(&self.script_path, &statement)?;
                self.pass_over(&statement).await?;
                continue;
            }
            let is_last_segment = last_lasting == Some(index);
            match segment.mode {
                SegmentMode::Transaction | SegmentMode::OwnTransaction => {
                    self.transaction(
                        job,
                        attempt,
                        progress,
                        &mut source,
                        statement,
                        segment,
                        is_last_segment,
                        guard.as_ref(),
                    )
                    .await?;
                }
                SegmentMode::Autocommit => {
                    let is_last = is_last_segment && statement.number == segment.last;
                    self.single(job, attempt, progress, &mut source, statement, is_last)
                        .await?;
                }
            }
            self.report_file_progress(progress, &source, script.size);
        }
        carried.end(&self.script_path)?;
        source.verify()?;
        if !progress.is_recorded {
            self.record(job, attempt, progress).await?;
        }
        Ok(())
    }

    pub(super) fn report_file_progress(&self, progress: &Progress, source: &Source, size: u64) {
        // Only files that take a while are worth a line.
        if size < 1024 * 1024 {
            return;
        }
        self.context.emit(&Event::StatementProgress {
            version: progress.version.clone(),
            number: progress.statements,
            verb: "file".to_owned(),
            progress: shoring_core::event::Progress {
                phase: "sending".to_owned(),
                done: source.consumed,
                total: size,
                unit: "bytes",
            },
            elapsed_ms: progress.milliseconds(),
        });
    }

    /// Ends a transaction that may be open. Where none is, the server says so, and that is fine.
    pub(super) async fn roll_back(&mut self) {
        drop(execute_one(self.session.as_mut(), "ROLLBACK").await);
    }

    async fn put_session_back(&mut self, job: &Job<'_>) -> std::result::Result<(), DbError> {
        let directives = job
            .plan
            .migration
            .script(job.plan.direction)
            .map(|script| script.directives.clone())
            .unwrap_or_default();
        let is_touched = job.plan.changes_session
            || job.plan.checks_foreign_keys
            || directives.lock_timeout.is_some()
            || directives.statement_timeout.is_some();
        if is_touched {
            self.session.reset().await?;
            self.prepare_session().await?;
        }
        Ok(())
    }

    /// Keeps `existing` true.
    fn remember(&mut self, job: &Job<'_>) {
        if !job.keeps_history {
            return;
        }
        let migration = &job.plan.migration;
        self.existing.retain(|row| row.order != migration.order);
        match job.plan.direction {
            Direction::Up => self.existing.push(Applied {
                version: migration.version.clone(),
                order: migration.order.clone(),
                // The hand-made table's rows have names in a style of their own: only those read from it show it.
                name: None,
                kind: shoring_core::AppliedKind::Applied,
                checksum: Some(migration.up.checksum.clone()),
                applied_at: None,
                applied_by: None,
                milliseconds: None,
            }),
            Direction::Down => {}
        }
    }

    /// Gives session and lock back to the caller.
    pub(crate) fn into_parts(self) -> (Box<dyn Session>, RunLock) {
        (self.session, self.lock)
    }
}
