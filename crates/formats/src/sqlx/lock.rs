//! The lock of sqlx's library, one for each database. Its command line takes none.

use crate::history::At;
use crate::tool_lock::{Taken, ToolLock};
use shoring_core::{Product, Value};
use shoring_sql::writer::SqlWriter;

/// `generate_lock_id` of the tool: the CRC-32 of the database's name, salted.
fn id_of(database: &str) -> i64 {
    const SALT: i64 = 0x3d32_ad9e;
    SALT.wrapping_mul(i64::from(crc32fast::hash(database.as_bytes())))
}

pub(super) fn locks(at: At<'_>, database: &str) -> Vec<ToolLock> {
    let writer = || SqlWriter::new(at.product.dialect());
    let lock = |take: &str, after: &str, release: &str, id: &Value| ToolLock {
        title: "the lock of sqlx".to_owned(),
        take: writer().sql(take).value(id).sql(after).finish(),
        taken: Taken::ByQuery,
        release: writer().sql(release).value(id).sql(")").finish(),
        is_of_session: true,
    };
    match at.product {
        Product::Postgresql => vec![lock(
            "SELECT pg_try_advisory_lock(",
            ")",
            "SELECT pg_advisory_unlock(",
            &Value::Int(id_of(database)),
        )],
        Product::Mysql | Product::Mariadb => vec![lock(
            "SELECT GET_LOCK(",
            ", 0)",
            "SELECT RELEASE_LOCK(",
            &Value::from(format!("{:x}", id_of(database))),
        )],
        Product::Sqlite => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_that_of_the_tool() {
        assert_eq!(id_of("app"), 3_469_795_979_745_788_610);
        assert_eq!(format!("{:x}", id_of("app")), "3027310f4fd382c2");
    }
}
