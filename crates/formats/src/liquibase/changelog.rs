//! Reads one formatted SQL changelog: its lines become changesets, each with the stretches of the file that are its SQL and its
//! way back. What the tool would refuse is refused at its place.

use super::line::{Line, Value, attribute, is_header, line};
use super::lines::{At, Lines};
use super::parameters::Parameters;
use shoring_core::{Diagnostic, Label, Position};
use std::borrow::Cow;
use std::ops::Range;

/// A file as the tool knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'f> {
    /// Where it is in the project.
    pub(super) path: &'f str,
    pub(super) text: &'f str,
    /// The name that the tool has for it.
    pub(super) name: &'f str,
    /// The names of the changelogs that include it, itself first: whose local properties count.
    pub(super) names: &'f [String],
    /// The path that the changelogs around it give its changesets.
    pub(super) logical_path: Option<&'f str>,
}

/// A changeset as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) author: String,
    pub(super) id: String,
    /// The path that it is recorded with.
    pub(super) file_name: String,
    /// Its first line, with the attributes.
    pub(super) head: String,
    /// Number of that line.
    pub(super) line: u64,
    /// From the end of that line to the next changeset.
    pub(super) part: Range<usize>,
    pub(super) sql: Vec<Range<usize>>,
    pub(super) rollback: Vec<Range<usize>>,
    pub(super) comment: String,
    pub(super) valid_checksums: Vec<String>,
    /// What stands behind `--preconditions`.
    pub(super) preconditions: Option<String>,
    /// The kind, what follows it, and the number of its line.
    pub(super) questions: Vec<(String, String, u64)>,
    /// Whether it is the last of its file.
    pub(super) is_last: bool,
}

/// Whether a text is a formatted SQL changelog: by its first line that is not blank.
pub(super) fn is_formatted(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    lines
        .find(|line| !line.trim().is_empty())
        .is_some_and(is_header)
}

/// What is done with a line that sets a property.
pub(super) type SetsProperty<'f> = dyn FnMut(&mut Cow<'_, Parameters>, &str) + 'f;

/// What is done with each changeset.
pub(super) type Found<'f> = dyn FnMut(&Parameters, &Written) -> Result<(), Box<Diagnostic>> + 'f;

/// Reads the changesets of a file. Each is handed to `found` as soon as it ends, with the properties that are known there.
pub(super) fn read(
    file: File<'_>,
    parameters: &mut Cow<'_, Parameters>,
    sets_property: &mut SetsProperty<'_>,
    found: &mut Found<'_>,
) -> Result<(), Box<Diagnostic>> {
    let mut reader = Reader {
        file,
        has_header: false,
        logical_path: None,
        current: None,
    };
    let mut lines = Lines::of(file.text);
    while let Some(line) = lines.next() {
        reader.see(&line, &mut lines, parameters, sets_property, found)?;
    }
    if let Some(mut last) = reader.current.take() {
        last.part.end = file.text.len();
        last.is_last = true;
        found(parameters, &last)?;
    }
    Ok(())
}

struct Reader<'f> {
    file: File<'f>,
    has_header: bool,
    logical_path: Option<String>,
    current: Option<Written>,
}

impl Reader<'_> {
    fn see(
        &mut self,
        at: &At<'_>,
        lines: &mut Lines<'_>,
        parameters: &mut Cow<'_, Parameters>,
        sets_property: &mut SetsProperty<'_>,
        found: &mut Found<'_>,
    ) -> Result<(), Box<Diagnostic>> {
        match line(at.text) {
            Line::Header if self.has_header => {
                return Err(self.wrong(at, "the header stands there twice", "take this one out"));
            }
            Line::Header => {
                self.has_header = true;
                self.logical_path =
                    attribute(at.text, "logicalFilePath", Value::Text).map(str::to_owned);
            }
            Line::Property => sets_property(parameters, at.text),
            Line::IgnoreLines("start") => {
                let is_end = |line: &At<'_>| line_is_end(line.text);
                lines.find(is_end);
            }
            Line::IgnoreLines(count) => match count.parse::<u64>() {
                Ok(count) => {
                    for _ in 0..count {
                        if lines.next().is_none() {
                            break;
                        }
                    }
                }
                Err(_) => {
                    return Err(self.wrong(
                        at,
                        &format!("`{count}` is no number of lines"),
                        "write  --ignoreLines:2  or  --ignoreLines:start",
                    ));
                }
            },
            Line::ChangeSet { author, id } => {
                if let Some(mut done) = self.current.take() {
                    done.part.end = at.range.start;
                    found(parameters, &done)?;
                }
                self.begin(at, author, id, parameters);
            }
            Line::Wrong(form) => return Err(self.refuse_form(at, form)),
            inner => self.see_inner(at, &inner, lines)?,
        }
        Ok(())
    }

    fn begin(&mut self, at: &At<'_>, author: &str, id: &str, parameters: &Parameters) {
        let lookup = parameters.lookup(self.file.names);
        let own =
            attribute(at.text, "logicalFilePath", Value::Text).filter(|path| !path.is_empty());
        // What is said of more counts before what is said of one (watched in 4.33).
        let header = self.logical_path.as_deref().filter(|path| !path.is_empty());
        let logical = header.or(self.file.logical_path).or(own);
        self.current = Some(Written {
            author: lookup.expand(author),
            id: lookup.expand(id),
            file_name: match logical {
                Some(path) => super::paths::normalised(&lookup.expand(path)),
                None => self.file.name.to_owned(),
            },
            head: at.text.to_owned(),
            line: at.number,
            part: at.end.end..at.end.end,
            sql: Vec::new(),
            rollback: Vec::new(),
            comment: String::new(),
            valid_checksums: Vec::new(),
            preconditions: None,
            questions: Vec::new(),
            is_last: false,
        });
    }

    fn see_inner(
        &mut self,
        at: &At<'_>,
        inner: &Line<'_>,
        lines: &mut Lines<'_>,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(current) = &mut self.current else {
            return match inner {
                Line::Comment(_) => Err(self.wrong(
                    at,
                    "there is no changeset yet that it could be the comment of",
                    "move it below a line  --changeset AUTHOR:ID",
                )),
                // The tool passes over everything else that stands before the first changeset.
                _ => Ok(()),
            };
        };
        match inner {
            Line::Comment(text) => text.trim().clone_into(&mut current.comment),
            Line::ValidCheckSum(text) => current.valid_checksums.push(text.trim().to_owned()),
            Line::Rollback(text) => {
                let start = at.range.end - text.len();
                current.rollback.push(start..at.range.end);
                current.rollback.push(at.end.clone());
            }
            Line::RollbackBlock => {
                let mut is_closed = false;
                for line in lines.by_ref() {
                    let inside = line.text.trim_end();
                    if let Some(inside) = inside.strip_suffix("*/") {
                        let start = line.range.start;
                        current.rollback.push(start..start + inside.len());
                        is_closed = true;
                        break;
                    }
                    current.rollback.push(line.range.clone());
                    current.rollback.push(line.end.clone());
                }
                if !is_closed {
                    return Err(self.wrong(at, "this comment is never closed", "end it with  */"));
                }
            }
            Line::Preconditions(body) => current.preconditions = Some((*body).to_owned()),
            Line::Precondition { kind, body } => {
                let question = ((*kind).to_owned(), (*body).to_owned(), at.number);
                current.questions.push(question);
            }
            _ => {
                current.sql.push(at.range.clone());
                current.sql.push(at.end.clone());
            }
        }
        Ok(())
    }

    fn refuse_form(&self, at: &At<'_>, form: &str) -> Box<Diagnostic> {
        self.wrong(
            at,
            &format!("Liquibase knows such a line only as  {form}"),
            "correct it, or make it a comment that begins otherwise",
        )
    }

    fn wrong(&self, at: &At<'_>, message: &str, hint: &str) -> Box<Diagnostic> {
        wrong(self.file.path, at.number, at.text, message, hint)
    }
}

fn line_is_end(text: &str) -> bool {
    line(text) == Line::IgnoreLines("end")
}

/// A mistake in a line.
pub(super) fn wrong(
    path: &str,
    line: u64,
    text: &str,
    message: &str,
    hint: &str,
) -> Box<Diagnostic> {
    let label = Label {
        file: path.to_owned(),
        position: Position { line, column: 1 },
        length: (text.chars().count() as u64).max(1),
        excerpt: text.to_owned(),
        excerpt_line: line,
        text: String::new(),
    };
    let diagnostic = Diagnostic::error("liquibase-changelog", format!("`{path}`: {message}"));
    Box::new(diagnostic.at(label).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        let names = ["a.sql".to_owned()];
        let file = File {
            path: "a.sql",
            text,
            name: "a.sql",
            names: &names,
            logical_path: None,
        };
        let cut = |ranges: &[Range<usize>]| {
            ranges
                .iter()
                .map(|range| &text[range.clone()])
                .collect::<String>()
        };
        let mut parameters = Cow::Owned(Parameters::default());
        read(
            file,
            &mut parameters,
            &mut |parameters, _| parameters.to_mut().set("p", "q"),
            &mut |_, found| {
                all.push(format!(
                    "{}:{}:{} {} {:?} {:?} {:?} {:?}",
                    found.file_name,
                    found.author,
                    found.id,
                    found.line,
                    cut(&found.sql),
                    cut(&found.rollback),
                    found.comment,
                    found.questions.len()
                ));
                Ok(())
            },
        )
        .map_err(|error| error.to_string())?;
        Ok(all)
    }

    #[test]
    fn a_file_becomes_changesets() {
        let text = "\u{feff}--liquibase formatted sql\r\npassed over\r\n--property name:p value:q\n--changeset me:${p} logicalFilePath:other.sql\r\n--comment: why\r\n-- plain\r\ncreate table a (id int);\r\n--ignoreLines:1\nnot this\n--rollback drop\r\n--rollback table a;\n--ignoreLines:start\nx\n--changeset not:this\n--ignoreLines:end\n--changeset me:2\n--precondition-table-exists table:a\nselect 1\n/* liquibase rollback\n select 2;\n select 3; */";
        assert_eq!(
            told(text).unwrap(),
            [
                "other.sql:me:q 4 \"-- plain\\ncreate table a (id int);\\n\" \"drop\\ntable a;\\n\" \"why\" 0",
                "a.sql:me:2 16 \"select 1\\n\" \" select 2;\\n select 3; \" \"\" 1",
            ]
        );
    }

    #[test]
    fn what_the_tool_refuses_is_refused_with_its_place() {
        let head = "--liquibase formatted sql\n";
        for (text, expected) in [
            (
                "--changeset me 1\n",
                "a.sql:2:1: `a.sql`: Liquibase knows such a line only as  --changeset AUTHOR:ID",
            ),
            (
                "--comment x\n",
                "a.sql:2:1: `a.sql`: there is no changeset yet",
            ),
            (
                "--changeset a:1\n-rollback x\n",
                "a.sql:3:1: `a.sql`: Liquibase knows such a line only as  --rollback SQL",
            ),
            (
                "--changeset a:1\n/* liquibase rollback\nx",
                "a.sql:3:1: `a.sql`: this comment is never closed",
            ),
            (
                "--liquibase formatted sql\n",
                "a.sql:2:1: `a.sql`: the header stands there twice",
            ),
            (
                "--ignoreLines:x\n",
                "a.sql:2:1: `a.sql`: `x` is no number of lines",
            ),
        ] {
            let refused = told(&format!("{head}{text}")).unwrap_err();
            assert!(refused.starts_with(expected), "{text:?}: {refused}");
        }
    }
}
