//! Reads one file through the splitter and decides how it will run. Memory stays flat on files of any size.

use crate::group::{GroupError, Grouper};
use crate::place::PlaceFinder;
use shoring_core::{
    Checksum, Diagnostic, Direction, Directives, Facts, Label, LoneCommit, LoneStatement,
    Migration, MigrationPlan, PlannedStatement, Product, SegmentMode, Server, Span,
    TransactionMode, TransactionRule,
};
use shoring_sql::classify::classify;
use shoring_sql::split::{Piece, PieceKind, SplitError, SplitOptions, Splitter};
use shoring_sql::{Comment, header_comments, tool_of_down_marker};
use std::io::Read;
use std::sync::Arc;

/// The hash of a statement's text that the journal keeps: SHA-256 with `\r\n` as `\n`.
pub fn statement_hash(sql: &str) -> String {
    Checksum::of(sql.as_bytes()).as_str().to_owned()
}

/// Reads `input`, the text of one script of `migration`, and plans it for `server`.
///
/// # Errors
/// A diagnostic that points into the file: unreadable encoding, an unterminated quote, a client command, a directive after
/// the first statement, or a transaction that cannot be run as it stands.
pub fn analyse(
    input: impl Read,
    migration: &Arc<Migration>,
    direction: Direction,
    server: &Server,
    options: SplitOptions,
    lone_commit: LoneCommit,
    lone_statement: LoneStatement,
) -> Result<MigrationPlan, Box<Diagnostic>> {
    let Some(script) = migration.script(direction) else {
        return Err(Box::new(Diagnostic::error(
            "no-script",
            format!("`{}` has no {} file", migration.id(), direction.name()),
        )));
    };
    let file = script.path.as_str();
    let (offset, position) = script.beginning();
    let mut splitter = Splitter::new(input, options)
        .starting_at(offset, position)
        .expanding(script.placeholders.clone())
        .editing(script.edits.clone());
    let mut grouper = Grouper::new(server.product, script.directives.transaction, lone_commit);
    let mut place = PlaceFinder::starting_at(position);
    let mut statements: Vec<PlannedStatement> = Vec::new();
    let mut number = 0;
    let mut may_commit = false;
    let mut last_border: Option<(u64, Label)> = None;
    let mut rebuilds_tables = false;
    let mut changes_session = false;
    let mut has_client_commands = false;
    while let Some(piece) = splitter
        .next_piece()
        .map_err(|error| Box::new(split_diagnostic(file, &error)))?
    {
        match piece.kind {
            PieceKind::Statement => {
                number += 1;
                if direction == Direction::Up {
                    refuse_down_section(file, &piece, &place, server.product)?;
                }
                if number > 1 {
                    refuse_late_directive(file, &piece, &place, server.product)?;
                }
                let facts = classify(piece.sql(), server.product, server.version);
                let label = place.label(file, &piece, 0, facts.verb.len(), "");
                if let Err(error) = grouper.add(number, &facts) {
                    return Err(Box::new(group_diagnostic(&error).at(label)));
                }
                if matches!(
                    facts.transaction,
                    TransactionRule::Begin | TransactionRule::Commit | TransactionRule::Rollback
                ) {
                    last_border = Some((number, label));
                }
                may_commit |= may_commit_inside(&facts, piece.sql());
                rebuilds_tables |= is_rebuild(&facts);
                changes_session |= facts.changes_session;
                if statements.len() < MigrationPlan::STATEMENT_LIMIT {
                    statements.push(planned(number, &piece, facts));
                }
            }
            PieceKind::CopyData { .. } => {
                if let Some(last) = statements.last_mut()
                    && last.number == number
                {
                    last.has_copy_data = true;
                }
            }
            PieceKind::Trivia if number > 0 => {
                refuse_late_directive(file, &piece, &place, server.product)?;
            }
            PieceKind::ClientCommand => has_client_commands = true,
            PieceKind::Trivia => {}
        }
        place.advance(&piece);
    }
    let mut segments = grouper.finish().map_err(|(about, error)| {
        let diagnostic = group_diagnostic(&error);
        Box::new(match last_border.filter(|(number, _)| *number == about) {
            Some((_, label)) => diagnostic.at(label),
            None => diagnostic,
        })
    })?;
    let stands_alone = lone_statement == LoneStatement::Alone
        && server.product == Product::Postgresql
        && script.directives.transaction == TransactionMode::Auto
        && number == 1;
    if stands_alone && may_commit {
        for segment in &mut segments {
            segment.mode = SegmentMode::Autocommit;
        }
    }
    Ok(MigrationPlan {
        migration: Arc::clone(migration),
        direction,
        segments,
        statements,
        statement_count: number,
        checks_foreign_keys: server.product == Product::Sqlite && rebuilds_tables,
        changes_session,
        has_client_commands,
    })
}

/// Whether a statement of PostgreSQL may end the transaction it runs in: what a procedure does, only the server knows.
fn may_commit_inside(facts: &Facts, sql: &str) -> bool {
    let has_word = |word: &str| {
        sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .any(|part| part.eq_ignore_ascii_case(word))
    };
    match facts.verb.split(' ').next().unwrap_or_default() {
        "CALL" => true,
        "DO" => has_word("COMMIT") || has_word("ROLLBACK"),
        _ => false,
    }
}

/// `DROP TABLE` deletes the rows of its children where foreign keys are enforced: the dangerous half of the twelve-step
/// rebuild of SQLite's manual (drizzle-orm#5782, efcore#37598).
fn is_rebuild(facts: &Facts) -> bool {
    facts.verb == "DROP TABLE"
}

fn planned(number: u64, piece: &Piece, facts: Facts) -> PlannedStatement {
    let sql = piece.sql();
    PlannedStatement {
        number,
        span: Span::new(piece.span.start, piece.span.end),
        position: piece.position,
        // Values may be secrets.
        text: piece
            .file_sql()
            .trim_end()
            .chars()
            .take(PlannedStatement::TEXT_LIMIT)
            .collect(),
        hash: statement_hash(sql),
        facts,
        has_copy_data: false,
    }
}

fn refuse_late_directive(
    file: &str,
    piece: &Piece,
    place: &PlaceFinder,
    product: Product,
) -> Result<(), Box<Diagnostic>> {
    let late = own_line_comments(piece, product)
        .into_iter()
        .find(|comment| Directives::in_comment(comment.text).is_some());
    let Some(comment) = late else { return Ok(()) };
    Err(Box::new(
        Diagnostic::error(
            "late-directive",
            "a directive must stand before the first statement",
        )
        .at(place.comment_label(file, piece, comment.offset))
        .hint("move it to the top of the file"),
    ))
}

/// A file with both halves of another tool would apply and undo itself, and be recorded as applied. Comments below the mark
/// harm nobody, so it counts only with a statement behind it.
fn refuse_down_section(
    file: &str,
    piece: &Piece,
    place: &PlaceFinder,
    product: Product,
) -> Result<(), Box<Diagnostic>> {
    let marker = own_line_comments(piece, product)
        .into_iter()
        .find_map(|comment| Some((comment.offset, tool_of_down_marker(comment.text)?)));
    let Some((offset, tool)) = marker else {
        return Ok(());
    };
    let diagnostic = Diagnostic::error(
        "down-section",
        "what stands below this line takes the migration back, and would run as a part of it",
    )
    .at(place.comment_label(file, piece, offset))
    .note(format!(
        "the file is written for {tool}, whose files are not read yet"
    ))
    .hint("move what takes it back to a .down.sql file, and take this line out");
    Err(Box::new(diagnostic))
}

/// The line comments before a statement, or in blanks, that have their line to themselves.
fn own_line_comments(piece: &Piece, product: Product) -> Vec<Comment<'_>> {
    let trivia = if piece.kind == PieceKind::Trivia {
        piece.full_text()
    } else {
        piece.leading()
    };
    let mut comments = header_comments(trivia, product.dialect());
    comments.retain(|comment| comment.is_own_line);
    comments
}

fn split_diagnostic(file: &str, error: &SplitError) -> Diagnostic {
    let code = match error {
        SplitError::ClientCommand { .. } => "client-command",
        SplitError::Unterminated { .. } => "unterminated",
        SplitError::UnknownMode { .. } => "unknown-sql-mode",
        SplitError::Placeholder(_) => "no-value",
        SplitError::Read(_) => "unreadable",
        _ => "unreadable-encoding",
    };
    let mut diagnostic = Diagnostic::error(code, error.to_string());
    if let Some(position) = error.position() {
        let mut label = PlaceFinder::bare(file, position);
        if let SplitError::Placeholder(error) = error
            && let Some((_, _, written)) = error.place()
        {
            label.length = written.chars().count() as u64;
        }
        diagnostic = diagnostic.at(label);
    }
    match error {
        SplitError::ClientCommand { .. } => {
            diagnostic.hint("this is a command of the command-line client, not SQL; write the SQL itself, or take the line out")
        }
        SplitError::InvalidUtf8 { .. } => {
            diagnostic.hint("save the file as UTF-8; it may be in another encoding, such as Latin-1")
        }
        SplitError::Nul { .. } => {
            diagnostic.hint("no server takes a NUL in SQL; UTF-16 without a byte order mark looks like this: save the file as UTF-8")
        }
        SplitError::Placeholder(error) => match error.remedy() {
            Some(remedy) => diagnostic.hint(remedy),
            None => diagnostic,
        },
        SplitError::UnknownMode { .. } => {
            diagnostic.hint("give sql_mode as a text in that SET, or double the quote here and take the backslash out")
        }
        _ => diagnostic,
    }
}

fn group_diagnostic(error: &GroupError) -> Diagnostic {
    let diagnostic = Diagnostic::error("transaction-border", error.to_string());
    match error {
        GroupError::ForbiddenInOwnTransaction { .. } => {
            diagnostic.hint("take BEGIN and COMMIT out of the file: shoring opens transactions itself, and puts this statement outside")
        }
        GroupError::NothingToEnd { .. } => {
            diagnostic.hint("take it out: shoring commits itself, together with the history row")
        }
        GroupError::Escapes { .. } => diagnostic.hint("use BEGIN and COMMIT: whether the migration ran is recorded in the same transaction"),
        GroupError::SavepointGone { .. } => {
            diagnostic.hint("take the savepoint out, or move what cannot share its transaction to a migration of its own")
        }
        GroupError::NeverCommitted => diagnostic.hint("add COMMIT, or take BEGIN out: shoring opens transactions itself"),
        GroupError::NotOneTransaction { .. } => {
            diagnostic.hint("take out `-- shoring: one-transaction`, or move the statement to a migration of its own")
        }
    }
}
