use super::*;
use shoring::core::Kind;

fn entry(version: &str, name: &str, state: State) -> StatusEntry {
    let is_applied = matches!(state, State::Applied | State::Changed | State::Missing);
    StatusEntry {
        version: version.to_owned(),
        name: name.to_owned(),
        kind: Kind::Versioned,
        state,
        file: Some(format!("db/migration/V{version}__{name}.sql")),
        checksum: Some("c0ffee".to_owned()),
        applied_checksum: None,
        applied_at: is_applied.then(|| "2026-03-02T09:14:00Z".to_owned()),
        applied_by: is_applied.then(|| "deploy".to_owned()),
        milliseconds: is_applied.then_some(12),
        is_reversible: false,
        tag: None,
        detail: None,
    }
}

fn status(migrations: Vec<StatusEntry>) -> Status {
    let pending = migrations
        .iter()
        .filter(|entry| matches!(entry.state, State::Pending | State::OutOfOrder))
        .count();
    Status {
        format: "flyway",
        dir: "db/migration".to_owned(),
        database: DatabaseInfo {
            product: "postgresql",
            title: "PostgreSQL",
            version: "15.8".to_owned(),
            url: "postgres://app@db.internal:5432/shop".to_owned(),
            exists: true,
        },
        history_table: "public.flyway_schema_history".to_owned(),
        history_exists: true,
        current: Some("3".to_owned()),
        pending,
        migrations,
        running: None,
        accepts_missing: false,
        accepts_late: false,
        is_ahead: false,
    }
}

fn people(status: &Status) -> String {
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    let text = answer(status, now, &TimeZone::UTC).text;
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn the_table() {
    let mut changed = entry("3", "create_user_index", State::Changed);
    changed.milliseconds = Some(1_930);
    changed.tag = Some("v1.2".to_owned());
    changed.applied_by = Some("maria\u{1b}[31m".to_owned());
    let mut second = entry("2", "add_user_status", State::Applied);
    second.tag = Some("v1.1".to_owned());
    let shown = people(&status(vec![
        entry("1", "create_users", State::Applied),
        second,
        changed,
        entry("4", "orders", State::Pending),
        entry("5", "order_lines", State::Pending),
    ]));
    insta::assert_snapshot!(shown, @r"
    postgres://app@db.internal:5432/shop (15.8)      flyway project, db/migration, history public.flyway_schema_history

    state     version   name                applied                       by                 took
    applied   1         create users        2026-03-02 09:14   8 months   deploy            12 ms
    applied   2         add user status     2026-03-02 09:14   8 months   deploy            12 ms   tag v1.1
    changed   3         create user index   2026-03-02 09:14   8 months   maria\u{1b}[31m   1.9 s   tag v1.2, the file differs from what was applied
    pending   4         orders
    pending   5         order lines

    at 3, 2 pending, 1 changed file. Put the files back, or accept them:  shoring repair
    ");
}

#[test]
fn a_new_database() {
    let mut status = status(vec![entry("001", "create_users", State::Pending)]);
    status.database.exists = false;
    status.database.url = "sqlite:shoring.db".to_owned();
    status.database.version = String::new();
    status.history_exists = false;
    status.current = None;
    insta::assert_snapshot!(people(&status), @r"
    sqlite:shoring.db (new)      flyway project, db/migration, no history yet

    state     version   name
    pending   001       create users

    nothing applied yet, 1 pending. See what would run:  shoring plan
    ");
}

#[test]
fn the_document_has_the_shape_of_the_contract() {
    let status = status(vec![entry("1", "create_users", State::Applied)]);
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    let json = answer(&status, now, &TimeZone::UTC).json;
    insta::assert_snapshot!(format!("{json:#}"), @r#"
    {
      "v": 1,
      "format": "flyway",
      "dir": "db/migration",
      "database": {
        "dialect": "postgresql",
        "product": "postgresql",
        "server": "15.8",
        "url": "postgres://app@db.internal:5432/shop",
        "exists": true
      },
      "history": {
        "table": "public.flyway_schema_history",
        "exists": true
      },
      "current": "3",
      "pending": 0,
      "running": null,
      "migrations": [
        {
          "version": "1",
          "name": "create_users",
          "kind": "versioned",
          "state": "applied",
          "file": "db/migration/V1__create_users.sql",
          "checksum": "c0ffee",
          "applied_checksum": null,
          "applied_at": "2026-03-02T09:14:00Z",
          "applied_by": "deploy",
          "ms": 12,
          "reversible": false,
          "tag": null,
          "detail": null
        }
      ]
    }
    "#);
}
