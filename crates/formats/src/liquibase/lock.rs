//! The lock of Liquibase: a row that says that somebody is at work. It outlives whoever wrote it, so ours says whose it is.

use super::settings::LOCK_TABLE;
use crate::history::At;
use crate::tool_lock::RowLock;
use shoring_core::{Product, TableName, Value};
use shoring_sql::writer::SqlWriter;

/// What ours begins with.
const OURS: &str = "shoring ";

pub(super) fn row_lock(at: At<'_>, holder: &str, table: Option<&str>) -> RowLock {
    let dialect = at.product.dialect();
    let name = match (table, at.product) {
        (Some(table), Product::Postgresql) => table.to_lowercase(),
        (Some(table), _) => table.to_owned(),
        // Beside a history in lower letters is a lock in lower letters.
        (None, _) if at.table.name.name.chars().any(|c| c.is_ascii_lowercase()) => {
            LOCK_TABLE.to_lowercase()
        }
        (None, _) => LOCK_TABLE.to_owned(),
    };
    let table = TableName {
        schema: at.table.name.schema.clone(),
        name,
    };
    let writer = |sql: &str| SqlWriter::new(dialect).sql(sql);
    let is_lower = table.name.chars().any(|c| c.is_ascii_lowercase());
    let name = |name: &str| {
        if is_lower {
            name.to_lowercase()
        } else {
            name.to_owned()
        }
    };
    let (id, locked, granted, by) = (
        name("ID"),
        name("LOCKED"),
        name("LOCKGRANTED"),
        name("LOCKEDBY"),
    );
    let mine = Value::from(
        format!("{OURS}{holder}")
            .chars()
            .take(255)
            .collect::<String>(),
    );
    let (truth, lie) = (Value::Bool(true), Value::Bool(false));
    let now = match at.product {
        Product::Postgresql | Product::Mysql | Product::Mariadb => "NOW()",
        Product::Sqlite => "CURRENT_TIMESTAMP",
    };
    let take = |or_ours: bool| {
        let taking = writer("UPDATE ")
            .table(&table)
            .sql(" SET ")
            .ident(&locked)
            .sql(" = ")
            .value(&truth)
            .sql(", ")
            .ident(&by)
            .sql(" = ")
            .value(&mine)
            .sql(", ")
            .ident(&granted)
            .sql(&format!(" = {now} WHERE "))
            .ident(&id)
            .sql(" = 1 AND (")
            .ident(&locked)
            .sql(" = ")
            .value(&lie);
        let taking = if or_ours {
            taking
                .sql(" OR ")
                .ident(&by)
                .sql(" LIKE ")
                .value(&Value::from(format!("{OURS}%")))
        } else {
            taking
        };
        taking.sql(")").finish()
    };
    let give_back = |whose: Option<&Value>| {
        let giving = writer("UPDATE ")
            .table(&table)
            .sql(" SET ")
            .ident(&locked)
            .sql(" = ")
            .value(&lie)
            .sql(", ")
            .ident(&by)
            .sql(" = NULL, ")
            .ident(&granted)
            .sql(" = NULL WHERE ")
            .ident(&id)
            .sql(" = 1");
        match whose {
            Some(whose) => giving
                .sql(" AND ")
                .ident(&by)
                .sql(" = ")
                .value(whose)
                .finish(),
            None => giving.finish(),
        }
    };
    RowLock {
        title: "the lock row of Liquibase".to_owned(),
        prepare: prepare(at.product, &table, [&id, &locked, &granted, &by]),
        take: take(false),
        take_from_dead: take(true),
        release: give_back(Some(&mine)),
        select_holder: writer("SELECT ")
            .ident(&by)
            .sql(", ")
            .ident(&granted)
            .sql(" FROM ")
            .table(&table)
            .sql(" WHERE ")
            .ident(&id)
            .sql(" = 1 AND ")
            .ident(&locked)
            .sql(" = ")
            .value(&truth)
            .finish(),
        force_release: give_back(None),
        holder_column: by.clone(),
        table,
        next: "if no Liquibase is at work any more, give its lock back:  shoring repair --yes   (as  liquibase release-locks  does)".to_owned(),
    }
}

/// The table and its row, as the tool makes them. Each of these may find it there.
fn prepare(
    product: Product,
    table: &TableName,
    [id, locked, granted, by]: [&str; 4],
) -> Vec<String> {
    let writer = |sql: &str| SqlWriter::new(product.dialect()).sql(sql);
    let create = writer("CREATE TABLE IF NOT EXISTS ")
        .table(table)
        .sql(" (")
        .ident(id);
    let (of_id, of_locked, of_granted, end) = match product {
        Product::Postgresql => (
            " INTEGER NOT NULL, ",
            " BOOLEAN NOT NULL, ",
            " TIMESTAMP WITHOUT TIME ZONE, ",
            " VARCHAR(255), CONSTRAINT ",
        ),
        Product::Mysql | Product::Mariadb => (
            " INT NOT NULL, ",
            " TINYINT(1) NOT NULL, ",
            " datetime NULL, ",
            " VARCHAR(255) NULL, CONSTRAINT ",
        ),
        Product::Sqlite => (
            " INTEGER NOT NULL, ",
            " BOOLEAN NOT NULL, ",
            " TEXT, ",
            " VARCHAR(255), CONSTRAINT ",
        ),
    };
    let key = match product {
        Product::Postgresql => format!("{}_pkey", table.name),
        Product::Mysql | Product::Mariadb | Product::Sqlite => {
            format!("PK_{}", table.name.to_uppercase())
        }
    };
    let create = create
        .sql(of_id)
        .ident(locked)
        .sql(of_locked)
        .ident(granted)
        .sql(of_granted)
        .ident(by)
        .sql(end)
        .ident(&key)
        .sql(" PRIMARY KEY (")
        .ident(id)
        .sql("))")
        .finish();
    let insert = writer("INSERT INTO ")
        .table(table)
        .sql(" (")
        .ident(id)
        .sql(", ")
        .ident(locked)
        .sql(") SELECT 1, ")
        .value(&Value::Bool(false))
        .sql(if product.dialect() == shoring_core::Dialect::Mysql {
            " FROM DUAL"
        } else {
            ""
        })
        .sql(" WHERE NOT EXISTS (SELECT 1 FROM ")
        .table(table)
        .sql(")")
        .finish();
    vec![create, insert]
}
