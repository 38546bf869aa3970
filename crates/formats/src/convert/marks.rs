//! Texts among the marks of tools that keep several scripts in one file.

use super::portable::whole;
use crate::line_heads::{buffered, each_line};
use shoring_core::{Direction, Script, Span, Tree, TreeError};
use std::io::Read;

/// The stretches of a script between lines that are marks. What stands before the first mark of a file belongs to the script
/// of the first section; the last line end before the next section belongs to that one's mark.
pub(crate) fn without_marks(
    tree: &dyn Tree,
    script: &Script,
    direction: Direction,
    is_mark: impl Fn(&str) -> bool,
) -> Result<Vec<Span>, TreeError> {
    let mut part = whole(script);
    // Both tools that have such marks want the section that applies first.
    if direction == Direction::Up {
        part.start = 0;
    }
    let input = tree.open_at(&script.path, part.start)?.take(part.len());
    let mut spans = Vec::new();
    let mut start = Some(part.start);
    each_line(&script.path, buffered(input), |line| {
        let offset = part.start + line.offset;
        if is_mark(&line.text) {
            if let Some(start) = start.take() {
                spans.push(Span::new(start, offset));
            }
        } else if start.is_none() {
            start = Some(offset);
        }
    })?;
    if let Some(start) = start {
        spans.push(Span::new(start, part.end));
    }
    spans.retain(|span| !span.is_empty());
    if let Some(last) = spans.last_mut()
        && last.end == part.end
        && is_followed(tree, &script.path, part.end)?
    {
        last.end -= 1;
    }
    Ok(spans)
}

/// Whether anything stands in a file from this byte on.
fn is_followed(tree: &dyn Tree, path: &str, offset: u64) -> Result<bool, TreeError> {
    let mut byte = [0];
    let mut input = tree.open_at(path, offset)?;
    match input.read(&mut byte) {
        Ok(count) => Ok(count > 0),
        Err(source) => Err(TreeError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

/// How long a mark on a line of its own may be.
const LONGEST: u64 = 256;

/// The first line of a stretch with its end, cut after 256 bytes.
pub(crate) fn first_line(tree: &dyn Tree, path: &str, span: Span) -> Result<String, TreeError> {
    let mut head = Vec::new();
    tree.open_at(path, span.start)?
        .take(span.len().min(LONGEST))
        .read_to_end(&mut head)
        .map_err(|source| TreeError::Io {
            path: path.to_owned(),
            source,
        })?;
    let end = memchr::memchr(b'\n', &head).map_or(head.len(), |end| end + 1);
    Ok(String::from_utf8_lossy(&head[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use crate::HostConfig;
    use crate::convert::{TextReader, portable};
    use crate::memory_tree::MemoryTree;
    use std::io::Read;

    fn own(format: &str, text: &str) -> (String, Option<String>) {
        let tree = MemoryTree::new(&[("m/1_a.sql", text)]);
        let format = crate::by_name(format).unwrap();
        let set = format.read(&tree, "m", &HostConfig::default()).unwrap();
        assert_eq!(set.diagnostics, []);
        let found = portable(format, &tree, &set.migrations[0], false).unwrap();
        let text = |script: crate::convert::PortableScript| {
            let mut text = String::new();
            TextReader::new(&tree, script.pieces)
                .read_to_string(&mut text)
                .unwrap();
            text
        };
        (text(found.up), found.down.map(text))
    }

    #[test]
    fn marks_are_left_out_and_the_words_before_the_first_are_kept() {
        assert_eq!(
            own(
                "dbmate",
                "-- licence\n-- migrate:up\nA;\n\n-- migrate:down transaction:false\nB;\n"
            ),
            ("-- licence\nA;\n".to_owned(), Some("B;\n".to_owned()))
        );
        assert_eq!(
            own("dbmate", "-- migrate:up\nA;\n-- migrate:down\n"),
            ("A;".to_owned(), None)
        );
        assert_eq!(
            own(
                "goose",
                "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nA;\nB\n-- +goose StatementEnd\nC;\n"
            ),
            ("A;\nB\nC;\n".to_owned(), None)
        );
        assert_eq!(
            own("goose", "-- +goose Up\n-- +goose Down\n-- note\n"),
            (String::new(), Some("-- note\n".to_owned()))
        );
        assert_eq!(own("sqlx", "-- no-transaction\r\nA;").0, "A;");
    }
}
