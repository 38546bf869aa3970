//! Runs a segment that is one transaction. The last one of a migration carries the history row and the journal with it.

use super::entry::{Entry, Ours};
use super::foreign_keys::ForeignKeyGuard;
use super::outgoing::Outgoing;
use super::run::{Executor, Job, Progress};
use super::send::Trouble;
use super::source::{Source, Statement};
use super::step_hash::StepHash;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Attempt, RunState, Step, StepState};
use shoring_core::{AppliedKind, Direction, Product, Segment, SegmentMode, TransactionRule};
use shoring_db::{CopySource, DbErrorKind};
use shoring_formats::HistoryEntry;
use shoring_plan::statement_hash;

impl Executor<'_> {
    /// Runs `first` and what follows it up to the end of `segment`.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one try, each used once"
    )]
    pub(super) async fn transaction(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
        source: &mut Source,
        first: Statement,
        segment: &Segment,
        is_last: bool,
        foreign_keys: Option<&ForeignKeyGuard>,
    ) -> Result<(), Trouble> {
        let is_own = segment.mode == SegmentMode::OwnTransaction;
        if is_own && first.number != segment.first {
            return Err(Error::new(
                ErrorKind::Mismatch,
                "moved-transaction",
                format!(
                    "statement {} of `{}` now stands inside the file's own transaction",
                    first.number, self.script_path
                ),
            )
            .note("the statements before it are in the database already")
            .next("put BEGIN after the statements that were applied")
            .into());
        }
        let size = job
            .plan
            .migration
            .script(job.plan.direction)
            .map_or(0, |script| script.size);
        let first_number = first.number;
        let mut hashes = StepHash::default();
        let mut out = Outgoing::default();
        if !is_own {
            self.push_begin(&mut out);
        }
        let mut needs_guard = !is_own;
        let mut next = Some(first);
        while let Some(statement) = next.take() {
            let number = statement.number;
            let is_end = number >= segment.last;
            if !job.is_atomic() {
                hashes.add(&statement_hash(statement.piece.sql()));
            }
            // PostgreSQL takes SET TRANSACTION before the first query only.
            if needs_guard && statement.facts.verb != "SET TRANSACTION" {
                self.push_first_guard(&mut out, job, attempt, progress)
                    .await?;
                needs_guard = false;
            }
            let ends_own =
                is_own && is_end && statement.facts.transaction == TransactionRule::Commit;
            if ends_own {
                self.before_commit(
                    &mut out,
                    job,
                    attempt,
                    progress,
                    &hashes,
                    (first_number, number),
                    is_last,
                    foreign_keys,
                )
                .await?;
            }
            if statement.has_copy_data {
                self.flush(&mut out, progress).await?;
                self.copy(statement, source, progress).await?;
            } else {
                if !out.has_room_for(statement.piece.sql().len()) {
                    self.flush(&mut out, progress).await?;
                    self.report_file_progress(progress, source, size);
                }
                needs_guard |= is_own && number == segment.first;
                out.push(Entry::User(Box::new(statement)));
            }
            if is_end {
                if !is_own {
                    if needs_guard {
                        self.push_first_guard(&mut out, job, attempt, progress)
                            .await?;
                    }
                    // A file of this segment's size was hashed up to here; the rest of it is blanks or later segments.
                    if is_last && source.is_at_end()? {
                        source.verify()?;
                    }
                    self.before_commit(
                        &mut out,
                        job,
                        attempt,
                        progress,
                        &hashes,
                        (first_number, number),
                        is_last,
                        foreign_keys,
                    )
                    .await?;
                    out.push(Entry::Ours(Ours::Commit, "COMMIT".to_owned()));
                }
                self.flush(&mut out, progress).await?;
                // A transaction the file itself rolls back leaves its records to `record`.
                if is_last && (!is_own || ends_own) {
                    progress.is_recorded = true;
                }
                progress.done.push(Step {
                    first: first_number,
                    last: number,
                    hash: hashes.finish(),
                    state: StepState::Done,
                    probe: None,
                });
                progress.unreported = None;
                return Ok(());
            }
            if out.is_full() {
                self.flush(&mut out, progress).await?;
                self.report_file_progress(progress, source, size);
            }
            self.context.check_urgent_stop()?;
            next = source.next_statement()?;
        }
        Ok(())
    }

    pub(super) async fn flush(
        &mut self,
        out: &mut Outgoing,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        if out.is_empty() {
            return Ok(());
        }
        let entries = out.take();
        progress.is_commit_sent |= entries.iter().any(Entry::commits);
        self.send(entries, progress).await
    }

    /// Opens a transaction.
    pub(super) fn push_begin(&self, out: &mut Outgoing) {
        out.push(Entry::Ours(
            Ours::Begin,
            self.product().dialect().begin().to_owned(),
        ));
        self.push_local_settings(out);
    }

    /// Behind a transaction pooler a setting of the session is set on whatever connection comes next, and stays there for
    /// other clients: there the settings belong to the transaction.
    fn push_local_settings(&self, out: &mut Outgoing) {
        if !self.sets_per_transaction() {
            return;
        }
        for sql in self.session_settings(self.limits.0, self.limits.1) {
            out.push(Entry::Ours(
                Ours::Begin,
                sql.replacen("SET ", "SET LOCAL ", 1),
            ));
        }
    }

    /// As [`Executor::push_guard`], where only the lease keeps others out: a session lock dies with its session, and the
    /// statements of a dead session with it.
    pub(super) async fn push_lease_guard(
        &mut self,
        out: &mut Outgoing,
        attempt: &Attempt,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        if !self.lock.is_lease() {
            return Ok(());
        }
        self.push_guard(out, attempt, progress).await
    }

    /// The guard at the beginning of a transaction, for the statements of the file after it.
    async fn push_first_guard(
        &mut self,
        out: &mut Outgoing,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        let wears_a_role = self.is_role_at_risk(job);
        if wears_a_role {
            out.push(Entry::Ours(
                Ours::Journal,
                "SELECT pg_catalog.set_config('shoring.role', pg_catalog.current_setting('role'), true)"
                    .to_owned(),
            ));
            let [_, role] = self.context.tuning.own_role_locally();
            out.push(Entry::Ours(Ours::Journal, role));
        }
        self.push_guard(out, attempt, progress).await?;
        if wears_a_role {
            out.push(Entry::Ours(
                Ours::Journal,
                "SELECT pg_catalog.set_config('role', pg_catalog.current_setting('shoring.role'), true)"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// Whether the file may have become somebody who may not write our tables, with `SET ROLE`.
    fn is_role_at_risk(&self, job: &Job<'_>) -> bool {
        let plan = job.plan;
        self.product() == Product::Postgresql
            && (plan.changes_session
                || plan.statement_count > plan.statements.len() as u64
                || plan
                    .statements
                    .iter()
                    .any(|statement| statement.facts.verb == "SET LOCAL"))
    }

    /// Until the end of the transaction we are ourselves again; after it counts what the file set.
    pub(super) fn push_own_role(&self, out: &mut Outgoing, job: &Job<'_>) {
        if self.is_role_at_risk(job) {
            for sql in self.context.tuning.own_role_locally() {
                out.push(Entry::Ours(Ours::Journal, sql));
            }
        }
    }

    /// Proves inside the transaction that the lease is still ours. Its row stays locked until the end, so nobody can take
    /// it over while the transaction lives.
    pub(super) async fn push_guard(
        &mut self,
        out: &mut Outgoing,
        attempt: &Attempt,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        if !self.ledger.keeps_journal {
            return Ok(());
        }
        let doing = format!("{} {} {}", attempt.command, attempt.version, attempt.name);
        let lease = &self.ledger.lease;
        match self.product() {
            Product::Postgresql => {
                out.push(Entry::Ours(
                    Ours::Guard,
                    lease.renew_or_fail(&attempt.run, attempt.fence, &doing),
                ));
            }
            Product::Mysql | Product::Mariadb | Product::Sqlite => {
                // These go on after a guard that changed nothing: its answer is waited for.
                out.push(Entry::Ours(
                    Ours::Guard,
                    lease.renew(&attempt.run, attempt.fence, &doing),
                ));
                self.flush(out, progress).await?;
            }
        }
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one try, each used once"
    )]
    async fn before_commit(
        &mut self,
        out: &mut Outgoing,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
        hashes: &StepHash,
        (first, last): (u64, u64),
        is_last: bool,
        foreign_keys: Option<&ForeignKeyGuard>,
    ) -> Result<(), Trouble> {
        if let Some(guard) = foreign_keys {
            self.flush(out, progress).await?;
            self.check_foreign_keys(guard).await?;
        }
        if is_last || !job.is_atomic() {
            self.push_own_role(out, job);
        }
        if !job.is_atomic() && self.ledger.keeps_journal {
            let step = Step {
                first,
                last,
                hash: hashes.finish(),
                state: StepState::Done,
                probe: None,
            };
            if let Some((number, ms, rows)) = progress.unreported {
                out.push(Entry::Ours(
                    Ours::Journal,
                    self.ledger.journal.finish_step(
                        &attempt.id,
                        number,
                        StepState::Done,
                        ms,
                        Some(rows),
                    ),
                ));
            }
            out.push(Entry::Ours(
                Ours::GuardedJournal,
                self.ledger.journal.insert_step(attempt, &step, None, None),
            ));
        }
        if is_last {
            if self.product() != Product::Postgresql {
                // The records say how long it took; only PostgreSQL can measure that itself.
                self.flush(out, progress).await?;
            }
            for entry in self.records(job, attempt, progress)? {
                out.push(entry);
            }
        }
        Ok(())
    }

    /// What goes with the end of a migration: the history row and the journal's last word.
    pub(super) fn records(
        &self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &Progress,
    ) -> Result<Vec<Entry>, Trouble> {
        let product = self.product();
        let migration = &job.plan.migration;
        let milliseconds = match product {
            Product::Postgresql if job.is_atomic() => None,
            Product::Postgresql | Product::Mysql | Product::Mariadb | Product::Sqlite => {
                Some(progress.milliseconds())
            }
        };
        let mut entries = Vec::new();
        let table = &self.ledger.found.table;
        if job.keeps_history {
            match (job.plan.direction, &job.applied) {
                (Direction::Up, _) => {
                    let entry = HistoryEntry {
                        version: migration.version.clone(),
                        order: migration.order.clone(),
                        name: migration.name.clone(),
                        checksum: Some(migration.up.checksum.clone()),
                        kind: AppliedKind::Applied,
                        os_user: self.context.identity.os_user.clone(),
                        attempt: attempt.id.clone(),
                        milliseconds,
                    };
                    let sql = self
                        .ledger
                        .history()
                        .insert(product, table, &self.existing, &entry)
                        .map_err(|error| {
                            Error::new(ErrorKind::Usage, "does-not-fit", error.to_string())
                        })?;
                    entries.push(Entry::Ours(Ours::History, sql));
                }
                (Direction::Down, Some(applied)) => {
                    entries.push(Entry::Ours(
                        Ours::History,
                        self.ledger.history().delete(product, table, applied),
                    ));
                }
                (Direction::Down, None) => {}
            }
        }
        if self.ledger.keeps_journal {
            let journal = &self.ledger.journal;
            if job.is_atomic() {
                entries.push(Entry::Ours(
                    Ours::GuardedJournal,
                    journal.insert_run(
                        attempt,
                        &self.context.identity,
                        RunState::Applied,
                        false,
                        milliseconds,
                        None,
                    ),
                ));
            } else {
                entries.push(Entry::Ours(
                    Ours::Journal,
                    journal.close_open(&attempt.version),
                ));
                entries.push(Entry::Ours(
                    Ours::Journal,
                    journal.finish_run(&attempt.id, RunState::Applied, false, milliseconds, None),
                ));
            }
        }
        Ok(entries)
    }

    /// Records a migration whose last statement did not share a transaction with its records.
    pub(super) async fn record(
        &mut self,
        job: &Job<'_>,
        attempt: &Attempt,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        let mut out = Outgoing::default();
        self.push_begin(&mut out);
        self.push_own_role(&mut out, job);
        self.push_guard(&mut out, attempt, progress).await?;
        if let Some((number, ms, rows)) = progress.unreported
            && self.ledger.keeps_journal
        {
            out.push(Entry::Ours(
                Ours::Journal,
                self.ledger.journal.finish_step(
                    &attempt.id,
                    number,
                    StepState::Done,
                    ms,
                    Some(rows),
                ),
            ));
        }
        for entry in self.records(job, attempt, progress)? {
            out.push(entry);
        }
        out.push(Entry::Ours(Ours::Commit, "COMMIT".to_owned()));
        self.flush(&mut out, progress).await?;
        progress.unreported = None;
        progress.is_recorded = true;
        Ok(())
    }

    /// Runs a `COPY … FROM stdin` with the data lines that follow it in the file.
    pub(super) async fn copy(
        &mut self,
        statement: Statement,
        source: &mut Source,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        struct Lines<'s> {
            source: &'s mut Source,
        }
        impl CopySource for Lines<'_> {
            fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, String> {
                self.source
                    .next_copy_data()
                    .map(|data| data.map(String::into_bytes))
                    .map_err(|error| error.to_string())
            }
        }
        let number = statement.number;
        self.context.emit(&shoring_core::Event::StatementStarted {
            version: progress.version.clone(),
            number,
            verb: statement.facts.verb.clone(),
        });
        let began = std::time::Instant::now();
        let mut lines = Lines { source };
        match self
            .session
            .copy_in(statement.piece.sql(), &mut lines)
            .await
        {
            Ok(rows) => {
                progress.rows += rows;
                progress.rows_of_last = rows;
                progress.statements += 1;
                self.context.emit(&shoring_core::Event::StatementFinished {
                    version: progress.version.clone(),
                    number,
                    rows: Some(rows),
                    ms: Some(began.elapsed().as_millis() as u64),
                });
                Ok(())
            }
            Err(error) if error.kind == DbErrorKind::ConnectionLost => Err(Trouble::Lost { error }),
            Err(error) => {
                let product = self.product();
                Err(self.trouble(&[Entry::User(Box::new(statement))], 0, error, product))
            }
        }
    }
}
