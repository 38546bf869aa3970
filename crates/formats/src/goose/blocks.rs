//! The two sections of a file, read line by line as goose does: from `-- +goose Up` to `-- +goose Down`, and from there to the
//! end. What goose could not parse is refused at its place.

use super::mark::{Mark, ends_with_semicolon, mark};
use super::variables::{Stretches, Values, expanded};
use crate::line_heads::{LineHead, each_line_of};
use crate::script::ScriptReader;
use shoring_core::{Diagnostic, Label, Part, Position, Span, Tree, TreeError};
use std::sync::Arc;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sections {
    pub(super) up: Part,
    pub(super) down: Option<Part>,
    /// `NO TRANSACTION`, for both ways.
    pub(super) is_without_transaction: bool,
    /// The stretches between `StatementBegin` and `StatementEnd`.
    pub(super) statements: Vec<Span>,
    /// The lines in which variables count: `ENVSUB ON`.
    pub(super) with_variables: Arc<[Span]>,
}

/// Where the reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Up,
    Down,
}

struct Reader<'a> {
    path: &'a str,
    values: &'a Arc<Values>,
    place: Place,
    up: Option<Part>,
    down: Option<Part>,
    is_without_transaction: bool,
    statements: Vec<Span>,
    /// The line with the `StatementBegin` that is open.
    begun: Option<LineHead>,
    /// The first line of a statement whose `;` has not come yet.
    unfinished: Option<LineHead>,
    /// Whether goose keeps the comments that come: it drops those before a statement, and takes a line of blanks for one.
    keeps_comments: bool,
    /// Whether variables are replaced.
    replaces_variables: bool,
    with_variables: Stretches,
    refused: Option<Diagnostic>,
}

/// Reads the sections of a file; `None`, with a diagnostic, when goose would refuse it.
pub(super) fn read(
    tree: &dyn Tree,
    buffers: &mut ScriptReader,
    path: &str,
    values: &Arc<Values>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Sections>, TreeError> {
    let mut reader = Reader {
        path,
        values,
        place: Place::Start,
        up: None,
        down: None,
        is_without_transaction: false,
        statements: Vec::new(),
        begun: None,
        unfinished: None,
        keeps_comments: false,
        replaces_variables: false,
        with_variables: Stretches::default(),
        refused: None,
    };
    let size = each_line_of(buffers, tree, path, |line| {
        if reader.refused.is_none() {
            reader.see(line);
        }
    })?;
    match reader.end(size) {
        Ok(sections) => Ok(Some(sections)),
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            Ok(None)
        }
    }
}

impl Reader<'_> {
    fn see(&mut self, line: LineHead) {
        self.with_variables.end(line.offset);
        match mark(&line.text) {
            Some(Ok(mark)) => self.see_mark(mark, line),
            Some(Err(reason)) => self.refuse(
                &line,
                reason,
                "correct it, or take `+goose` out of the comment",
            ),
            None => self.see_text(line),
        }
    }

    fn see_mark(&mut self, mark: Mark, line: LineHead) {
        match mark {
            Mark::Up => {
                if self.place != Place::Start {
                    return self.refuse(
                        &line,
                        "there is a second `-- +goose Up`",
                        "give it a file of its own",
                    );
                }
                self.place = Place::Up;
                self.up = Some(part_from(&line));
            }
            Mark::Down => {
                if self.place != Place::Up || self.begun.is_some() {
                    return self.refuse(
                        &line,
                        "`-- +goose Down` must stand once, after `-- +goose Up` and after its last StatementEnd",
                        "put it behind what applies the migration",
                    );
                }
                if let Some(first) = self.unfinished.take() {
                    return self.refuse_unfinished(&first);
                }
                self.place = Place::Down;
                if let Some(up) = &mut self.up {
                    up.span.end = line.offset;
                }
                self.down = Some(part_from(&line));
            }
            Mark::StatementBegin => {
                if self.place == Place::Start || self.begun.is_some() {
                    return self.refuse(
                        &line,
                        "`-- +goose StatementBegin` must stand behind `-- +goose Up` or `-- +goose Down`, and not inside another",
                        "close the one before it with  -- +goose StatementEnd",
                    );
                }
                self.begun = Some(line);
            }
            Mark::StatementEnd => {
                let Some(begin) = self.begun.take() else {
                    return self.refuse(
                        &line,
                        "there is no `-- +goose StatementBegin` before it",
                        "take it out",
                    );
                };
                self.unfinished = None;
                self.keeps_comments = false;
                self.statements.push(Span::new(begin.offset, line.offset));
            }
            Mark::NoTransaction => self.is_without_transaction = true,
            Mark::EnvsubOn => self.replaces_variables = true,
            Mark::EnvsubOff => self.replaces_variables = false,
        }
    }

    fn see_text(&mut self, line: LineHead) {
        let text = line.text.trim_start();
        let is_blank = text.is_empty() && !line.is_cut();
        if self.place == Place::Start {
            if !is_blank && !text.starts_with("--") {
                self.refuse(
                    &line,
                    "there is text before `-- +goose Up`",
                    "move it below that line",
                );
            }
            return;
        }
        let is_comment = text.starts_with("--");
        let is_dropped = !self.keeps_comments && (line.text.is_empty() || is_comment);
        if !is_dropped {
            self.keeps_comments = true;
            if self.replaces_variables {
                self.with_variables.begin(line.offset);
            }
        }
        if self.unfinished.is_none() && (is_blank || is_comment) {
            return;
        }
        if self.begun.is_none() && self.ends_statement(&line) {
            self.unfinished = None;
            self.keeps_comments = false;
        } else if self.unfinished.is_none() {
            self.unfinished = Some(line);
        }
    }

    fn ends_statement(&self, line: &LineHead) -> bool {
        if line.is_cut() {
            return ends_with_semicolon(&line.end);
        }
        let is_expanded = self.replaces_variables && line.text.contains(['$', '\\']);
        let text = is_expanded.then(|| expanded(&line.text, self.values));
        ends_with_semicolon(text.as_deref().unwrap_or(&line.text))
    }

    fn end(mut self, size: u64) -> Result<Sections, Box<Diagnostic>> {
        if self.refused.is_none() {
            if let Some(begin) = self.begun.take() {
                self.refuse(&begin, "it is never closed", "add  -- +goose StatementEnd");
            } else if let Some(first) = self.unfinished.take() {
                self.refuse_unfinished(&first);
            }
        }
        if let Some(refused) = self.refused {
            return Err(Box::new(refused));
        }
        let Some(mut up) = self.up else {
            return Err(Box::new(
                Diagnostic::error(
                    "goose-marks",
                    format!("`{}` has no line `-- +goose Up`", self.path),
                )
                .hint("begin it with  -- +goose Up"),
            ));
        };
        self.with_variables.end(size);
        let last = self.down.as_mut().unwrap_or(&mut up);
        last.span.end = size;
        Ok(Sections {
            up,
            down: self.down,
            is_without_transaction: self.is_without_transaction,
            statements: self.statements,
            with_variables: self.with_variables.found(),
        })
    }

    fn refuse_unfinished(&mut self, first: &LineHead) {
        self.refuse(
            first,
            "the statement that begins here has no `;` at the end of a line",
            "end it with `;`, or put it between  -- +goose StatementBegin  and  -- +goose StatementEnd",
        );
    }

    fn refuse(&mut self, line: &LineHead, message: &str, hint: &str) {
        let label = Label {
            file: self.path.to_owned(),
            position: Position {
                line: line.line,
                column: 1,
            },
            length: (line.text.chars().count() as u64).max(1),
            excerpt: line.text.clone(),
            excerpt_line: line.line,
            text: String::new(),
        };
        let diagnostic = Diagnostic::error("goose-marks", format!("`{}`: {message}", self.path));
        self.refused = Some(diagnostic.at(label).hint(hint));
    }
}

fn part_from(line: &LineHead) -> Part {
    Part {
        span: Span::new(line.offset, line.offset),
        position: Position {
            line: line.line,
            column: 1,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    fn sections(text: &str) -> Result<Sections, String> {
        let tree = MemoryTree::new(&[("1_a.sql", text)]);
        let mut diagnostics = Vec::new();
        let values = Arc::new(Values::from([("END".to_owned(), "1;".to_owned())]));
        match read(
            &tree,
            &mut ScriptReader::default(),
            "1_a.sql",
            &values,
            &mut diagnostics,
        )
        .unwrap()
        {
            Some(sections) => Ok(sections),
            None => Err(diagnostics[0].to_string()),
        }
    }

    #[test]
    fn a_file_has_two_sections() {
        let text = "-- note\n\n-- +goose Up\r\n-- +goose StatementBegin\nCREATE FUNCTION f() AS $$\n  x;\n$$\n-- +goose StatementEnd\nSELECT\n  1; -- end\n-- +goose Down\nDROP FUNCTION f();\n";
        let found = sections(text).unwrap();
        let cut = |span: Span| &text[span.start as usize..span.end as usize];
        assert!(cut(found.up.span).starts_with("-- +goose Up"));
        assert!(cut(found.up.span).ends_with("1; -- end\n"));
        assert_eq!(found.up.position.line, 3);
        let down = found.down.unwrap();
        assert_eq!(cut(down.span), "-- +goose Down\nDROP FUNCTION f();\n");
        assert_eq!(down.position.line, 11);
        assert!(!found.is_without_transaction);
        assert!(cut(found.statements[0]).ends_with("$$\n"));
        let one = sections("-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;").unwrap();
        assert!(one.is_without_transaction);
        assert_eq!(one.down, None);
    }

    #[test]
    fn what_the_tool_refuses_is_refused_with_its_place() {
        for (text, expected) in [
            ("", "`1_a.sql` has no line `-- +goose Up`"),
            (
                "SELECT 1;\n-- +goose Up\n",
                "1_a.sql:1:1: `1_a.sql`: there is text before",
            ),
            (
                "-- +goose Up\nSELECT 1\n",
                "1_a.sql:2:1: `1_a.sql`: the statement that begins here has no `;`",
            ),
            (
                "-- +goose Up\nSELECT 1\n\n-- +goose Down\n",
                "1_a.sql:2:1: `1_a.sql`: the statement",
            ),
            (
                "-- +goose Down\nSELECT 1;\n",
                "1_a.sql:1:1: `1_a.sql`: `-- +goose Down` must",
            ),
            (
                "-- +goose Up\n-- +goose Up\n",
                "1_a.sql:2:1: `1_a.sql`: there is a second",
            ),
            (
                "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n",
                "1_a.sql:2:1: `1_a.sql`: it is never closed",
            ),
            (
                "-- +goose Up\n-- +goose StatementEnd\n",
                "1_a.sql:2:1: `1_a.sql`: there is no",
            ),
            (
                "-- +goose Up\n -- +goose Down\n",
                "1_a.sql:2:1: `1_a.sql`: a mark of goose must begin its line",
            ),
            (
                "-- +goose Up\n-- +goose Sideways\n",
                "1_a.sql:2:1: `1_a.sql`: goose knows no such mark",
            ),
        ] {
            let refused = sections(text).unwrap_err();
            assert!(refused.starts_with(expected), "{text:?}: {refused}");
        }
    }

    #[test]
    fn variables_count_between_on_and_off_and_not_in_comments_before_a_statement() {
        let text = "-- +goose ENVSUB ON\n-- +goose Up\n-- $A\n\nSELECT\n-- $B\n$END\n-- $C\n-- +goose ENVSUB OFF\nSELECT '$D';\n-- +goose ENVSUB ON\n-- +goose StatementBegin\n-- $E\n  \n-- $F;\nG\n-- +goose StatementEnd\n-- $H\n-- +goose Down\n  \n-- $I\nSELECT 1;\n";
        let found = sections(text).unwrap();
        let stretches: Vec<&str> = found
            .with_variables
            .iter()
            .map(|span| &text[span.start as usize..span.end as usize])
            .collect();
        assert_eq!(
            stretches,
            [
                "SELECT\n-- $B\n$END\n",
                "  \n-- $F;\nG\n",
                "  \n-- $I\nSELECT 1;\n"
            ]
        );
        assert_eq!(
            sections("-- +goose Up\nSELECT $END\n").unwrap_err(),
            "1_a.sql:2:1: `1_a.sql`: the statement that begins here has no `;` at the end of a line"
        );
    }
}
