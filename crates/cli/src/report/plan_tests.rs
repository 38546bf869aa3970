use super::*;
use shoring::core::statement::{Facts, TransactionRule};
use shoring::core::{
    Attributes, ChecksumBuilder, Directives, Kind, Migration, OrderKey, Position, Script, Span,
    Terms, Version,
};
use shoring::report::DatabaseInfo;

fn statement(number: u64, text: &str) -> PlannedStatement {
    PlannedStatement {
        number,
        span: Span::new(0, text.len() as u64),
        position: Position {
            line: number,
            column: 1,
        },
        text: text.to_owned(),
        hash: String::new(),
        facts: Facts {
            verb: "CREATE TABLE".to_owned(),
            transaction: TransactionRule::Allowed,
            is_ddl: true,
            changes_session: false,
            targets: Vec::new(),
            is_idempotent: false,
            savepoint: None,
        },
        has_copy_data: false,
    }
}

fn migration(version: &str, name: &str) -> Migration {
    Migration {
        version: Version::new(version),
        name: name.to_owned(),
        order: OrderKey::Text(version.to_owned()),
        kind: Kind::Versioned,
        up: Script {
            path: format!("migrations/{version}_{name}.up.sql"),
            part: None,
            size: 1,
            checksum: ChecksumBuilder::default().finish(),
            directives: Directives::default(),
            placeholders: None,
            edits: None,
        },
        down: None,
        checksums: Vec::new(),
        attributes: Attributes::new(),
        program: None,
        terms: Terms::default(),
    }
}

fn segment(mode: SegmentMode, first: u64, last: u64) -> Segment {
    Segment {
        mode,
        first,
        last,
        is_session_only: false,
    }
}

fn plan(migrations: Vec<MigrationPlan>) -> PlanReport {
    PlanReport {
        database: DatabaseInfo {
            product: "postgresql",
            title: "PostgreSQL",
            version: "15.8".to_owned(),
            url: "postgres://app@db/shop".to_owned(),
            exists: true,
        },
        migrations,
        takes_all_back: false,
        notes: Vec::new(),
    }
}

fn two() -> PlanReport {
    let one = MigrationPlan {
        migration: migration("006", "order_totals").into(),
        direction: Direction::Up,
        segments: vec![segment(SegmentMode::Transaction, 1, 1)],
        statements: vec![statement(
            1,
            "ALTER TABLE orders\n  ADD COLUMN total numeric(12,2)",
        )],
        statement_count: 1,
        checks_foreign_keys: false,
        changes_session: false,
        has_client_commands: false,
    };
    let other = MigrationPlan {
        migration: migration("007", "order_index").into(),
        direction: Direction::Up,
        segments: vec![
            segment(SegmentMode::Transaction, 1, 1),
            segment(SegmentMode::Autocommit, 2, 2),
        ],
        statements: vec![
            statement(1, "UPDATE orders SET total = 0 -- \u{1b}[2J"),
            statement(2, "CREATE INDEX CONCURRENTLY ix ON orders (total)"),
        ],
        statement_count: 12,
        checks_foreign_keys: false,
        changes_session: false,
        has_client_commands: false,
    };
    plan(vec![one, other])
}

#[test]
fn statements_stand_under_their_migration() {
    let text = answer(&two(), None, "shoring up", 80).text;
    insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r"
    006 order_totals                                                 1 transaction
      1  ALTER TABLE orders
           ADD COLUMN total numeric(12,2)
    007 order_index                          1 transaction, 1 statement on its own
      in one transaction
      1  UPDATE orders SET total = 0 -- \u{1b}[2J
      without a transaction
      2  CREATE INDEX CONCURRENTLY ix ON orders (total)
      … 10 more statements, not shown

    Nothing was sent but reads. Run it with:  shoring up
    ");
}

#[test]
fn nothing_to_do() {
    let text = answer(&plan(Vec::new()), None, "shoring up", 80).text;
    insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r"
      Nothing to do.
    ");
}

#[test]
fn the_document_has_the_shape_of_the_contract() {
    let json = answer(&two(), None, "shoring up", 80).json;
    let first = &json["migrations"][0];
    insta::assert_snapshot!(format!("{first:#}"), @r#"
    {
      "version": "006",
      "name": "order_totals",
      "direction": "up",
      "statement_count": 1,
      "transactions": [
        {
          "mode": "transaction",
          "statements": [
            {
              "sql": "ALTER TABLE orders\n  ADD COLUMN total numeric(12,2)",
              "file": "migrations/006_order_totals.up.sql",
              "line": 1,
              "column": 1,
              "number": 1,
              "verb": "CREATE TABLE",
              "lock": null,
              "rewrite": null,
              "findings": []
            }
          ]
        }
      ]
    }
    "#);
    assert_eq!(json["v"], 1);
    assert_eq!(
        json["migrations"][1]["transactions"][1]["mode"],
        "autocommit"
    );
}
