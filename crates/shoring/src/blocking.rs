//! The same engine for programs without an async runtime. The work runs on a runtime of its own, on its own thread, so that
//! it may also be called from inside somebody else's runtime without a panic.

use crate::error::{Error, ErrorKind, Result};
use crate::migrator::Migrator;
use crate::report::{RunReport, Status};
use crate::request::{DownRequest, UpRequest};
use std::future::Future;

/// A migrator whose calls return when the work is done.
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

    /// See [`Migrator::status`].
    pub fn status(&self) -> Result<Status> {
        run(self.inner.status())
    }

    /// See [`Migrator::expect_version`].
    pub fn expect_version(&self, version: &str) -> Result<()> {
        run(self.inner.expect_version(version))
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
