//! What another session is doing, from `pg_stat_activity` and the progress views.

use super::session::PostgresSession;
use crate::error::DbError;
use crate::session::{Activity, BackendId};
use shoring_core::Row;
use shoring_core::event::{Blocker, Progress};

/// The columns of [`blocker`], for a `pg_stat_activity` called `a`. What may not be seen is NULL there, or reads
/// `<insufficient privilege>`.
pub(super) const BLOCKER_COLUMNS: &str = "a.pid, nullif(a.application_name, ''), a.usename, a.state, \
     extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start, a.backend_start))::bigint, \
     nullif(pg_catalog.\"left\"(a.query, 200), '<insufficient privilege>')";

pub(super) fn blocker(row: &Row) -> Blocker {
    Blocker {
        session: row.text(0).unwrap_or_default(),
        application: row.text(1).or_else(|| row.text(2)),
        state: row.text(3),
        age_seconds: row.int(4).and_then(|age| u64::try_from(age).ok()),
        statement: row.text(5).filter(|statement| !statement.is_empty()),
    }
}

/// The backend's pid and its start in microseconds, from `pid:backend_start`.
pub(super) fn parse_backend(backend: &BackendId) -> Option<(i32, i64)> {
    let (pid, start) = backend.0.split_once(':')?;
    Some((pid.parse().ok()?, start.parse().ok()?))
}

pub(super) async fn is_alive(
    session: &mut PostgresSession,
    backend: &BackendId,
) -> Result<Option<bool>, DbError> {
    let Some((pid, start)) = parse_backend(backend) else {
        return Ok(None);
    };
    // The row of another user's session is shown to everyone, but without rights (`pg_read_all_stats`) its start is NULL
    // (PostgreSQL 10 and later), and then nobody can tell whether the pid was given away again.
    let rows = session
        .rows(&format!(
            "SELECT (extract(epoch FROM backend_start) * 1000000)::bigint \
             FROM pg_catalog.pg_stat_activity WHERE pid = {pid}"
        ))
        .await?;
    Ok(match rows.first() {
        None => Some(false),
        Some(row) => row.int(0).map(|seen| seen == start),
    })
}

/// The progress views as (phase, done, total, unit) with the first version that has them.
const PROGRESS: &[(u32, &str)] = &[
    (
        12,
        "SELECT phase, CASE WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END, \
         CASE WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END, \
         CASE WHEN tuples_total > 0 THEN 'rows' ELSE 'blocks' END \
         FROM pg_catalog.pg_stat_progress_create_index WHERE pid = ",
    ),
    (
        12,
        "SELECT phase, heap_blks_scanned, heap_blks_total, 'blocks' \
         FROM pg_catalog.pg_stat_progress_cluster WHERE pid = ",
    ),
    (
        10,
        "SELECT phase, heap_blks_scanned, heap_blks_total, 'blocks' \
         FROM pg_catalog.pg_stat_progress_vacuum WHERE pid = ",
    ),
    (
        13,
        "SELECT phase, sample_blks_scanned, sample_blks_total, 'blocks' \
         FROM pg_catalog.pg_stat_progress_analyze WHERE pid = ",
    ),
    (
        14,
        "SELECT 'copying', bytes_processed, bytes_total, 'bytes' \
         FROM pg_catalog.pg_stat_progress_copy WHERE pid = ",
    ),
];

pub(super) async fn activity(
    session: &mut PostgresSession,
    backend: &BackendId,
) -> Result<Activity, DbError> {
    let Some((pid, _)) = parse_backend(backend) else {
        return Ok(Activity::default());
    };
    let blockers = session
        .rows(&format!(
            "SELECT {BLOCKER_COLUMNS} FROM pg_catalog.pg_stat_activity a \
             WHERE a.pid = ANY (pg_catalog.pg_blocking_pids({pid})) ORDER BY a.pid"
        ))
        .await?;
    let major = session.version().major;
    let views: Vec<String> = PROGRESS
        .iter()
        .filter(|(since, _)| *since <= major)
        .map(|(_, query)| format!("{query}{pid}"))
        .collect();
    let progress = session.rows(&views.join(" UNION ALL ")).await?;
    Ok(Activity {
        blockers: blockers.iter().map(blocker).collect(),
        progress: progress.first().and_then(read_progress),
        // A PostgreSQL whose disk is full fails at once.
        stalled: None,
    })
}

/// Without rights every column but the pid is NULL: then there is nothing to tell.
fn read_progress(row: &Row) -> Option<Progress> {
    let number = |column| row.int(column).and_then(|value| u64::try_from(value).ok());
    Some(Progress {
        phase: row.text(0)?,
        done: number(1)?,
        total: number(2)?,
        unit: match row.text(3)?.as_str() {
            "rows" => "rows",
            "bytes" => "bytes",
            _ => "blocks",
        },
    })
}
