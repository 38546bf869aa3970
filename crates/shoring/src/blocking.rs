//! The same engine for programs without an async runtime. The work runs on a runtime of its own, on its own thread, so that
//! it may also be called from inside somebody else's runtime without a panic.

use crate::error::{Error, ErrorKind, Result};
use crate::migrator::Migrator;
use crate::report::{
    ConvertReport, DoctorReport, GateReport, HistoryReport, InitReport, NewReport, PlanReport,
    RecordReport, RunReport, Status,
};
use crate::request::{
    Confirmation, ConvertRequest, DownRequest, GateRequest, MarkAs, PlanRequest, SeedRequest,
    UpRequest,
};
use std::future::Future;

/// A migrator whose calls return when the work is done. It has every call of [`Migrator`] but `up_on`: a session belongs to
/// the runtime that opened it.
#[derive(Clone)]
pub struct BlockingMigrator {
    inner: Migrator,
}

impl Migrator {
    /// The same migrator with blocking calls.
    pub fn blocking(self) -> BlockingMigrator {
        BlockingMigrator { inner: self }
    }
}

impl BlockingMigrator {
    /// See [`Migrator::up`].
    pub fn up(&self, request: &UpRequest) -> Result<RunReport> {
        run(self.inner.up(request))
    }

    /// See [`Migrator::down`].
    pub fn down(&self, request: &DownRequest) -> Result<RunReport> {
        run(self.inner.down(request))
    }

    /// See [`Migrator::redo`].
    pub fn redo(&self, steps: usize) -> Result<RunReport> {
        run(self.inner.redo(steps))
    }

    /// See [`Migrator::goto`].
    pub fn goto(&self, target: &str) -> Result<RunReport> {
        run(self.inner.goto(target))
    }

    /// See [`Migrator::seed`].
    pub fn seed(&self, request: &SeedRequest) -> Result<RunReport> {
        run(self.inner.seed(request))
    }

    /// See [`Migrator::convert`].
    pub fn convert(&self, request: &ConvertRequest) -> Result<ConvertReport> {
        run(self.inner.convert(request))
    }

    /// See [`Migrator::plan`].
    pub fn plan(&self, request: &PlanRequest) -> Result<PlanReport> {
        run(self.inner.plan(request))
    }

    /// See [`Migrator::status`].
    pub fn status(&self) -> Result<Status> {
        run(self.inner.status())
    }

    /// See [`Migrator::history`].
    pub fn history(&self) -> Result<HistoryReport> {
        run(self.inner.history())
    }

    /// See [`Migrator::baseline`].
    pub fn baseline(&self, version: &str, confirmation: Confirmation) -> Result<RecordReport> {
        run(self.inner.baseline(version, confirmation))
    }

    /// See [`Migrator::repair`].
    pub fn repair(&self, confirmation: Confirmation) -> Result<RecordReport> {
        run(self.inner.repair(confirmation))
    }

    /// See [`Migrator::mark`].
    pub fn mark(&self, version: &str, state: MarkAs) -> Result<RecordReport> {
        run(self.inner.mark(version, state))
    }

    /// See [`Migrator::doctor`].
    pub fn doctor(&self, confirmation: Confirmation) -> Result<DoctorReport> {
        run(self.inner.doctor(confirmation))
    }

    /// See [`Migrator::wait`].
    pub fn wait(&self, request: &GateRequest) -> Result<GateReport> {
        run(self.inner.wait(request))
    }

    /// See [`Migrator::expect`].
    pub fn expect(&self, version: &str) -> Result<GateReport> {
        run(self.inner.expect(version))
    }

    /// See [`Migrator::expect_version`].
    pub fn expect_version(&self, version: &str) -> Result<()> {
        run(self.inner.expect_version(version))
    }

    /// See [`Migrator::init`].
    pub fn init(&self) -> Result<InitReport> {
        self.inner.init()
    }

    /// See [`Migrator::new_migration`].
    pub fn new_migration(&self, name: &str) -> Result<NewReport> {
        self.inner.new_migration(name)
    }
}

/// Runs a future to its end on a thread and runtime of its own.
pub fn run<T: Send>(future: impl Future<Output = Result<T>> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| {
                    Error::new(
                        ErrorKind::Internal,
                        "no-runtime",
                        format!("cannot start a runtime: {error}"),
                    )
                })?;
            runtime.block_on(future)
        });
        thread.join().unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Internal,
                "panic",
                "the migration thread panicked",
            ))
        })
    })
}
