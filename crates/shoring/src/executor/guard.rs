//! How a transaction of ours begins: with the settings it needs and a proof that the lock is still ours; and how it becomes
//! ourselves again before it writes our tables.

use super::entry::Ours;
use super::job::Job;
use super::outgoing::Outgoing;
use super::progress::Run;
use super::session::Executor;
use super::settings::locally;
use super::trouble::Trouble;
use shoring_core::{Product, Value};
use shoring_sql::SqlWriter;

const KEEP_ROLE: &str =
    "SELECT pg_catalog.set_config('shoring.role', pg_catalog.current_setting('role'), true)";
const WEAR_KEPT_ROLE: &str =
    "SELECT pg_catalog.set_config('role', pg_catalog.current_setting('shoring.role'), true)";

/// What a run does, for people.
fn doing(run: &Run<'_>) -> String {
    let attempt = &run.attempt;
    format!("{} {} {}", attempt.command, attempt.version, attempt.name)
}

impl Executor<'_> {
    /// Opens a transaction.
    pub(super) fn push_begin(&self, out: &mut Outgoing) {
        out.push_ours(Ours::Begin, self.product().dialect().begin());
        self.push_local_settings(out);
    }

    /// Opens the transaction of a migration. Where no statement of ours stands before those of the file, the message itself
    /// says what is running: whoever waits for the lock reads it in PostgreSQL's activity, see `LeaseRow::running`.
    pub(super) fn push_begin_of(&self, out: &mut Outgoing, run: &Run<'_>) {
        if self.product() != Product::Postgresql || !self.is_proven_by_record(run) {
            return self.push_begin(out);
        }
        let doing = doing(run).replace("*/", "* /");
        let doing = SqlWriter::new(self.product().dialect()).value(&Value::from(doing));
        let begin = self.product().dialect().begin();
        out.push_ours(
            Ours::Begin,
            format!("{begin} /* doing = {} */", doing.finish()),
        );
        self.push_local_settings(out);
    }

    /// Behind a transaction pooler a setting of the session is set on whatever connection comes next, and stays there for
    /// other clients: there the settings belong to the transaction.
    fn push_local_settings(&self, out: &mut Outgoing) {
        if !self.sets_per_transaction() {
            return;
        }
        for sql in self.session_settings(self.limits.0, self.limits.1) {
            out.push_ours(Ours::Begin, locally(&sql));
        }
    }

    /// As [`Executor::push_guard`], where only the lease keeps others out: a session lock dies with its session, and the
    /// statements of a dead session with it.
    pub(super) async fn push_lease_guard(
        &mut self,
        out: &mut Outgoing,
        run: &mut Run<'_>,
    ) -> Result<(), Trouble> {
        if !self.lock.is_lease() {
            return Ok(());
        }
        self.push_guard(out, run).await
    }

    /// Whether the record of a migration that is one transaction is the proof that the lock was ours until its end. A session
    /// lock cannot be taken over while its transaction lives, so the proof need not keep the lease's row locked from its
    /// beginning on.
    pub(super) fn is_proven_by_record(&self, run: &Run<'_>) -> bool {
        run.job.is_atomic() && !self.lock.is_lease()
    }

    /// The guard at the beginning of a transaction, for the statements of the file after it.
    pub(super) async fn push_first_guard(
        &mut self,
        out: &mut Outgoing,
        run: &mut Run<'_>,
    ) -> Result<(), Trouble> {
        if self.is_proven_by_record(run) {
            return Ok(());
        }
        let wears_a_role = self.is_role_at_risk(run.job);
        if wears_a_role {
            out.push_ours(Ours::Journal, KEEP_ROLE);
            let [_, role] = self.context.tuning.own_role_locally();
            out.push_ours(Ours::Journal, role);
        }
        self.push_guard(out, run).await?;
        if wears_a_role {
            out.push_ours(Ours::Journal, WEAR_KEPT_ROLE);
        }
        Ok(())
    }

    /// Says in the lease what is being done, without asking whether it is ours: that is proven behind it.
    pub(super) fn push_renewal(&self, out: &mut Outgoing, run: &Run<'_>) {
        if self.ledger.keeps_journal {
            let (attempt, lease) = (&run.attempt, &self.ledger.lease);
            let renew = lease.renew(&attempt.run, attempt.fence, &doing(run));
            out.push_ours(Ours::Journal, renew);
        }
    }

    /// Proves inside the transaction that the lease is still ours. Its row stays locked until the end, so nobody can take
    /// it over while the transaction lives.
    pub(super) async fn push_guard(
        &mut self,
        out: &mut Outgoing,
        run: &mut Run<'_>,
    ) -> Result<(), Trouble> {
        if !self.ledger.keeps_journal {
            return Ok(());
        }
        let doing = doing(run);
        let lease = &self.ledger.lease;
        match self.product() {
            Product::Postgresql => {
                out.push_ours(
                    Ours::Proof,
                    lease.renew_or_fail(&run.attempt.run, run.attempt.fence, &doing),
                );
            }
            Product::Mysql | Product::Mariadb | Product::Sqlite if !self.lock.is_lease() => {
                let renew = lease.renew(&run.attempt.run, run.attempt.fence, &doing);
                out.push_ours(Ours::Journal, renew);
                let fail = lease.fail_unless_held(&run.attempt.run, run.attempt.fence);
                out.push_ours(Ours::Proof, fail);
            }
            Product::Mysql | Product::Mariadb | Product::Sqlite => {
                // What stands behind a guard that changed nothing would run: its answer is waited for. On a cluster each
                // statement has a packet of its own anyway.
                out.push_ours(
                    Ours::Guard,
                    lease.renew(&run.attempt.run, run.attempt.fence, &doing),
                );
                self.flush(out, run).await?;
            }
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
                out.push_ours(Ours::Journal, sql);
            }
        }
    }
}
