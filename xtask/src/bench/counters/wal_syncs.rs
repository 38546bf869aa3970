//! How often PostgreSQL waited for its log to reach the disk. The counter is that of the whole cluster, so the server must
//! be idle otherwise; its background writers add a few.

use crate::bench::database::{Database, Product};

pub(in crate::bench) const TITLE: &str = "WAL syncs each";

/// What the server counted so far; `None` where there is no such counter.
pub(in crate::bench) fn so_far(database: &Database) -> Result<Option<u64>, String> {
    if database.product != Product::Postgresql {
        return Ok(None);
    }
    let version = database.ask_server("SHOW server_version_num")?;
    // 18 moved it.
    let query = if version.as_str() < "180000" {
        "SELECT wal_sync FROM pg_stat_wal"
    } else {
        "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'"
    };
    let text = database.ask_server(query)?;
    let number = text.parse();
    number
        .map(Some)
        .map_err(|_| format!("`{query}` answered `{text}`"))
}

/// What was added for each of `count` migrations since `before`.
pub(in crate::bench) fn each(
    database: &Database,
    before: u64,
    count: usize,
) -> Result<f64, String> {
    // A backend hands in its counts when it ends.
    database.wait_for_sessions()?;
    let now = so_far(database)?.unwrap_or(before);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok((now - before) as f64 / count as f64)
}
