//! Named locks as session-level advisory locks.

use super::activity::{BLOCKER_COLUMNS, blocker};
use super::session::PostgresSession;
use crate::error::DbError;
use crate::session::LockAttempt;

/// The advisory lock key of a name: FNV-1a with 64 bits over its UTF-8 bytes, read as a signed number. Part of the
/// interface: another version or another program must come to the same key.
pub fn lock_key(name: &str) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in name.bytes() {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash.cast_signed()
}

pub(super) async fn try_lock(
    session: &mut PostgresSession,
    name: &str,
) -> Result<LockAttempt, DbError> {
    // Advisory locks count: taken twice they have to be given back twice.
    if session.held.contains(name) {
        return Ok(LockAttempt::Acquired);
    }
    // Behind a pooler the next statement may run in another backend, and the lock stays behind in this one.
    if session.topology().await?.pooler.is_some() {
        return Ok(LockAttempt::Unsupported);
    }
    let key = lock_key(name);
    let rows = session
        .rows(&format!("SELECT pg_catalog.pg_try_advisory_lock({key})"))
        .await?;
    if rows.first().and_then(|row| row.bool(0)) == Some(true) {
        session.held.insert(name.to_owned());
        return Ok(LockAttempt::Acquired);
    }
    // A 64-bit key is shown as its two halves, with objsubid 1 (manual, section 54.13 "pg_locks").
    let high = key.cast_unsigned() >> 32;
    let low = key.cast_unsigned() & 0xffff_ffff;
    let rows = session
        .rows(&format!(
            "SELECT {BLOCKER_COLUMNS} FROM pg_catalog.pg_locks l \
             JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
             AND l.classid = '{high}'::pg_catalog.oid AND l.objid = '{low}'::pg_catalog.oid \
             AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())"
        ))
        .await?;
    Ok(LockAttempt::Held(rows.first().map(blocker)))
}

pub(super) async fn unlock(session: &mut PostgresSession, name: &str) -> Result<(), DbError> {
    // Asking the server for a lock that is not held brings a warning.
    if session.held.remove(name) {
        let key = lock_key(name);
        session
            .rows(&format!("SELECT pg_catalog.pg_advisory_unlock({key})"))
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_change() {
        // Published test vectors of FNV-1a 64.
        assert_eq!(lock_key("").cast_unsigned(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(lock_key("a").cast_unsigned(), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(lock_key("foobar").cast_unsigned(), 0x8594_4171_f739_67e8);
    }
}
