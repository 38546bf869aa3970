//! What is in a database, as text: definitions and rows, without the tables of Shoring.

use shoring_core::Dialect;
use shoring_testkit::TestDatabase;

/// Everything the migrations made.
pub(crate) async fn dump(db: &TestDatabase) -> String {
    let queries: &[&str] = match db.engine.dialect() {
        Dialect::Postgresql => &[
            "SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'shoring%' ORDER BY 1, 2",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'shoring%' ORDER BY 1",
            "SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' ORDER BY 1",
        ],
        Dialect::Mysql => &[
            "SELECT table_name, column_name, column_type, column_default, is_nullable, collation_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE 'shoring%' ORDER BY 1, 2",
            "SELECT table_name, index_name, column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name NOT LIKE 'shoring%' ORDER BY 1, 2, 3",
            "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1",
        ],
        Dialect::Sqlite => &[
            // Tools write the definition of their own table in other words.
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'shoring%' AND tbl_name NOT LIKE '%migrations' AND tbl_name NOT LIKE 'goose%' AND tbl_name NOT LIKE 'refinery%' AND tbl_name NOT LIKE 'DATABASECHANGELOG%' ORDER BY 1",
        ],
    };
    let mut text = String::new();
    for query in queries {
        text.push_str(&ask(db, query).await);
        text.push('\n');
    }
    for rows in [
        "SELECT * FROM orders ORDER BY id",
        "SELECT * FROM notes ORDER BY id, note",
        "SELECT * FROM t4",
        "SELECT * FROM t7",
        "SELECT * FROM t34",
    ] {
        text.push_str(&ask(db, rows).await);
        text.push('\n');
    }
    // goose leaves out the `\r` of what it sends, and SQLite keeps the text.
    text.replace("\r\n", "\n")
}

/// All rows as lines, columns between `|`.
pub(crate) async fn ask(db: &TestDatabase, sql: &str) -> String {
    let mut session = db.connect().await;
    let rows = session.query(sql).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    session.close().await.unwrap();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cell = |at| row.text(at).unwrap_or_else(|| "NULL".to_owned());
            let cells: Vec<String> = (0..row.values.len()).map(cell).collect();
            cells.join("|")
        })
        .collect();
    lines.join("\n")
}
