//! What is made of each line of `crates/sql/tests/placement/*.txt`, between two statements that want a transaction. The
//! lines themselves are proven on real servers there.

use shoring_core::{LoneCommit, Product, SegmentMode, ServerVersion, TransactionMode};
use shoring_plan::group::Grouper;
use shoring_sql::classify::classify;

/// The segments of three statements, the middle one being that of the line: `tx` or `auto`, `+` between them.
fn segments(statement: &str, product: Product, version: ServerVersion) -> Result<String, String> {
    let around = "INSERT INTO t VALUES (1)";
    let mut grouper = Grouper::new(product, TransactionMode::Auto, LoneCommit::Refuse);
    for (number, sql) in (1..).zip([around, statement, around]) {
        grouper
            .add(number, &classify(sql, product, version))
            .map_err(|error| error.to_string())?;
    }
    let segments = grouper.finish().map_err(|(_, error)| error.to_string())?;
    let shown = segments.iter().map(|segment| {
        let mode = match segment.mode {
            SegmentMode::Transaction => "tx",
            SegmentMode::OwnTransaction => "own",
            SegmentMode::Autocommit => "auto",
        };
        format!("{mode}{}", segment.last - segment.first + 1)
    });
    Ok(shown.collect::<Vec<_>>().join(" "))
}

/// Whether these segments are what the placement asks for.
fn is_right(placement: &str, segments: &Result<String, String>) -> bool {
    match placement {
        // What opens a transaction here never ends it.
        "refused" | "opens" => segments.is_err(),
        _ => segments.as_deref().is_ok_and(|segments| match placement {
            "outside" | "unheard" | "lasts" | "alone" | "commits" => segments == "tx1 auto1 tx1",
            "last" => segments == "tx2 tx1",
            "inside" | "server" => segments == "tx3",
            _ => false,
        }),
    }
}

#[test]
fn every_statement_of_the_lists_is_placed_or_refused_before_anything_runs() {
    let mut wrong = Vec::new();
    let mut lines = 0;
    for text in [
        include_str!("../../sql/tests/placement/postgresql.txt"),
        include_str!("../../sql/tests/placement/mysql.txt"),
        include_str!("../../sql/tests/placement/sqlite.txt"),
    ] {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((head, statement)) = line.split_once(": ") else {
                continue;
            };
            let [products, versions, placement] = head.split_whitespace().collect::<Vec<_>>()[..]
            else {
                continue;
            };
            let major = versions.split_once('-').unwrap().0.parse().unwrap();
            for product in [
                Product::Postgresql,
                Product::Mysql,
                Product::Mariadb,
                Product::Sqlite,
            ] {
                if !products.split(',').any(|name| name == product.name()) {
                    continue;
                }
                lines += 1;
                let found = segments(statement, product, ServerVersion::new(major, 0, 0));
                if !is_right(placement, &found) {
                    wrong.push(format!("{product:?} {placement}: {statement}: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lines > 300, "{lines} lines");
}
