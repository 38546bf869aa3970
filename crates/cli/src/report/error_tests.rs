use super::*;
use shoring::core::Position;

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn label(excerpt: &str, line: u64, column: u64, length: u64) -> Label {
    Label {
        file: "migrations/005_order_lines.up.sql".to_owned(),
        position: Position { line, column },
        length,
        excerpt: excerpt.to_owned(),
        excerpt_line: line,
        text: "PostgreSQL 42703".to_owned(),
    }
}

fn failure() -> Error {
    let excerpt = "    FOREIGN KEY (order_id) REFERENCES orders (id)";
    let diagnostic = Diagnostic::error(
        "statement-failed",
        "column \"order_id\" referenced in foreign key constraint does not exist",
    )
    .at(label(excerpt, 7, 18, 8))
    .note("the table has `order`; did you mean that?");
    Error::from_diagnostic(ErrorKind::FailedRolledBack, diagnostic)
        .state("005 was rolled back completely. The database is at 004, nothing of 005 remains.")
        .next("fix the file, then run `shoring up`")
}

#[test]
fn a_failure_shows_the_place_the_state_and_the_next_step() {
    insta::assert_snapshot!(plain(&for_people(&failure(), 100)), @r#"
    error: column "order_id" referenced in foreign key constraint does not exist
     ┌─ migrations/005_order_lines.up.sql:7:18
      │
    7 │     FOREIGN KEY (order_id) REFERENCES orders (id)
      │                  ^^^^^^^^ PostgreSQL 42703
      │
      = the table has `order`; did you mean that?

      State:  005 was rolled back completely. The database is at 004, nothing of 005 remains.
      Next:   fix the file, then run  shoring up
    "#);
}

#[test]
fn a_failure_as_a_document() {
    insta::assert_snapshot!(format!("{:#}", document(&failure())), @r#"
    {
      "v": 1,
      "error": {
        "code": "statement-failed",
        "message": "column \"order_id\" referenced in foreign key constraint does not exist",
        "hints": [
          "fix the file, then run `shoring up`"
        ],
        "notes": [
          "the table has `order`; did you mean that?"
        ],
        "state": [
          "005 was rolled back completely. The database is at 004, nothing of 005 remains."
        ],
        "exit": 6,
        "file": "migrations/005_order_lines.up.sql",
        "line": 7,
        "column": 18
      }
    }
    "#);
}

#[test]
fn an_error_without_a_place() {
    let error = Error::new(ErrorKind::Refused, "no-down", "004_backfill has no down file, so `down --all` would stop half-way")
        .note("nothing was run")
        .next("write migrations/004_backfill.down.sql, or roll back only what can be: `shoring down --to 004`");
    insta::assert_snapshot!(plain(&for_people(&error, 100)), @r"
    error: 004_backfill has no down file, so `down --all` would stop half-way
     = nothing was run

      Next:   write migrations/004_backfill.down.sql, or roll back only what can be:  shoring down --to 004
    ");
}

#[test]
fn hostile_text_is_escaped_and_the_caret_stays_under_its_token() {
    let mut error = failure();
    error.diagnostic.message = "bad \u{1b}]0;owned\u{7} name".to_owned();
    error.diagnostic.label = Some(label("a\u{202e}b \u{1b}[31m WRONG", 1, 10, 5));
    let shown = plain(&for_people(&error, 100));
    assert!(
        !shown
            .chars()
            .any(|c| c != '\n' && super::super::text::is_harmful(c)),
        "{shown:?}"
    );
    insta::assert_snapshot!(shown, @r"
    error: bad \u{1b}]0;owned\u{7} name
     ┌─ migrations/005_order_lines.up.sql:1:10
      │
    1 │ a\u{202e}b \u{1b}[31m WRONG
      │                      ^^^^^ PostgreSQL 42703
      │
      = the table has `order`; did you mean that?

      State:  005 was rolled back completely. The database is at 004, nothing of 005 remains.
      Next:   fix the file, then run  shoring up
    ");
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let mut error = failure();
    let long = format!("{}WRONG{}", "x, ".repeat(3000), " y".repeat(3000));
    error.diagnostic.label = Some(label(&long, 1, 9001, 5));
    let shown = plain(&for_people(&error, 80));
    assert!(shown.contains("WRONG"), "{shown}");
    assert!(shown.contains(":1:9001"), "{shown}");
    assert!(
        shown.split('\n').all(|line| line.chars().count() < 300),
        "{shown}"
    );
}

#[test]
fn a_place_without_an_excerpt_names_the_line_only() {
    let mut error = failure();
    error.diagnostic.label = Some(label("", 3, 1, 1));
    insta::assert_snapshot!(plain(&for_people(&error, 100)), @r#"
    error: column "order_id" referenced in foreign key constraint does not exist
     ┌─ migrations/005_order_lines.up.sql:3:1
     = the table has `order`; did you mean that?

      State:  005 was rolled back completely. The database is at 004, nothing of 005 remains.
      Next:   fix the file, then run  shoring up
    "#);
}
