//! Runs one test with a database of its own.

use crate::{Engine, TestDatabase};

/// Creates a database, runs the test with it, and drops the database whether or not the test passed.
///
/// # Panics
/// When the test does.
pub fn run<F>(engine: Engine, test: impl FnOnce(TestDatabase) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let database = TestDatabase::create(engine).await;
        let outcome = tokio::spawn(test(database.clone())).await;
        database.remove().await;
        if let Err(failure) = outcome {
            std::panic::resume_unwind(failure.into_panic());
        }
    });
}
