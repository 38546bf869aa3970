//! An error: message, place with a caret, facts, the state of the database, the next step.

use super::style::{bold, red};
use super::text::{clean, clean_message, push_clean};
use crate::exit_code;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};
use shoring::core::{Diagnostic, Label, Severity};
use shoring::{Error, ErrorKind};
use std::ops::Range;

/// How much of a long line is kept on each side of the place.
const WINDOW: usize = 120;

/// The whole error for people.
pub(crate) fn for_people(error: &Error, width: usize) -> String {
    let mut out = diagnostic(&error.diagnostic, width);
    if !error.state.is_empty() || !error.next.is_empty() || error.kind == ErrorKind::Internal {
        out.push('\n');
    }
    out.push_str(&block("State:", &error.state, clean_message));
    let mut next = error.next.clone();
    if error.kind == ErrorKind::Internal {
        next.push(
            "this is a bug: please report it with the command and `shoring --version`".to_owned(),
        );
    }
    out.push_str(&block("Next:", &next, |line| {
        commands(&clean_message(line))
    }));
    out
}

/// The error as a document.
pub(crate) fn document(error: &Error) -> Value {
    let diagnostic = &error.diagnostic;
    let hints: Vec<&String> = diagnostic.hints.iter().chain(&error.next).collect();
    let label = diagnostic.label.as_ref();
    let found = json!({
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hints": hints,
        "notes": diagnostic.notes,
        "state": error.state,
        "exit": exit_code::of(error.kind),
        "file": label.map(|label| label.file.as_str()),
        "line": label.map(|label| label.position.line),
        "column": label.map(|label| label.position.column),
    });
    json!({"v": 1, "error": found})
}

/// A diagnostic for people, also a warning.
pub(crate) fn diagnostic(diagnostic: &Diagnostic, width: usize) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Notice => Level::NOTE,
    };
    let title = clean_message(&diagnostic.message);
    let place = diagnostic
        .label
        .as_ref()
        .map(|label| (label, Drawn::new(label)));
    let mut group = Group::with_title(level.primary_title(title));
    if let Some((label, drawn)) = &place {
        let origin = Origin::path(clean(&label.file))
            .line(label.position.line as usize)
            .char_column(label.position.column as usize);
        group = group.element(origin);
        if let Some(meant) = &drawn.meant {
            let annotation = AnnotationKind::Primary
                .span(meant.clone())
                .label(clean_message(&label.text));
            let snippet = Snippet::source(drawn.source.as_str())
                .line_start(label.excerpt_line as usize)
                .fold(false)
                .annotation(annotation);
            group = group.element(snippet);
        }
    }
    for fact in diagnostic.notes.iter().chain(&diagnostic.hints) {
        group = group.element(Level::NOTE.no_name().message(clean_message(fact)));
    }
    let renderer = Renderer::styled().term_width(width);
    let drawn = renderer.render(&[group]);
    with_our_gutter(&drawn)
}

/// The excerpt made harmless, and the bytes of it that are meant.
struct Drawn {
    source: String,
    meant: Option<Range<usize>>,
}

impl Drawn {
    fn new(label: &Label) -> Self {
        let wanted = label.position.line.saturating_sub(label.excerpt_line);
        let mut source = String::new();
        let mut meant = None;
        for (number, line) in label.excerpt.split('\n').enumerate() {
            if number > 0 {
                source.push('\n');
            }
            let line = line.trim_end_matches('\r');
            if number as u64 == wanted && !label.excerpt.is_empty() {
                meant = Some(push_marked(&mut source, line, label));
            } else {
                for character in line.chars().take(2 * WINDOW) {
                    push_visible(&mut source, character);
                }
            }
        }
        Self { source, meant }
    }
}

/// Adds the line that holds the place; gives the bytes that are meant.
fn push_marked(source: &mut String, line: &str, label: &Label) -> Range<usize> {
    let start = label.position.column.saturating_sub(1) as usize;
    let end = start + label.length.max(1) as usize;
    let first = start.saturating_sub(WINDOW);
    if first > 0 {
        source.push('…');
    }
    let (mut from, mut to) = (None, None);
    for (column, character) in line.chars().enumerate().skip(first) {
        if column == start {
            from = Some(source.len());
        }
        if column == end {
            to = Some(source.len());
        }
        if column > start + WINDOW {
            source.push('…');
            break;
        }
        push_visible(source, character);
    }
    let from = from.unwrap_or(source.len());
    from..to.unwrap_or(source.len()).max(from)
}

/// A tab stays: it is expanded where it is drawn.
fn push_visible(source: &mut String, character: char) {
    if character == '\t' {
        source.push(character);
    } else {
        push_clean(source, character);
    }
}

/// Draws the gutter with lines, without the line that `annotate-snippets` puts between a place and its excerpt. Source
/// text cannot contain escape sequences, so every coloured `|` is the gutter's.
fn with_our_gutter(drawn: &str) -> String {
    let mut out = String::new();
    for (number, line) in drawn.split('\n').enumerate() {
        let plain = anstream::adapter::strip_str(line).to_string();
        match plain.trim() {
            ":::" => continue,
            "|" if number == 1 => continue,
            _ => {}
        }
        if plain.starts_with("-->") || plain.starts_with("= ") {
            out.push(' ');
        }
        let line = line
            .replace("--> \u{1b}[0m", "┌─ \u{1b}[0m")
            .replace("-->\u{1b}[0m", "┌─\u{1b}[0m")
            .replace("|\u{1b}[0m", "│\u{1b}[0m");
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn block(head: &str, lines: &[String], show: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        let head = if number == 0 { head } else { "" };
        let line = show(line);
        out.push_str(format!("  {head:<8}{line}").trim_end());
        out.push('\n');
    }
    out
}

/// Sets commands off: ours between backticks become bold with a blank more on both sides.
pub(crate) fn commands(text: &str) -> String {
    let mut out = String::new();
    for (number, part) in text.split('`').enumerate() {
        if number % 2 == 0 {
            out.push_str(part);
            continue;
        }
        if part != "shoring" && !part.starts_with("shoring ") {
            out.push_str(&format!("`{part}`"));
            continue;
        }
        if out.ends_with(' ') {
            out.push(' ');
        }
        out.push_str(&bold(part));
        let is_word_next = text
            .split('`')
            .nth(number + 1)
            .is_some_and(|after| after.starts_with(' '));
        if is_word_next {
            out.push(' ');
        }
    }
    out
}

/// A line for what is wrong, without a place.
pub(crate) fn cross(text: &str) -> String {
    format!("{} {text}", red("✗"))
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
