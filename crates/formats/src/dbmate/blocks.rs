//! The blocks of a file: from a line `-- migrate:up` or `-- migrate:down` to the next one.
//!
//! As in the tool, only blank lines and comments may stand before the first block, and each block that applies needs one that
//! rolls back after it. A file with several pairs is refused where it would run: the tool records the version with the first
//! pair and fails at the second, and after that takes the file for applied.

use crate::line_heads::{LineHead, each_line_of};
use crate::script::ScriptReader;
use shoring_core::{Diagnostic, Direction, Label, Part, Position, Span, Tree, TreeError};

/// The code of what is wrong with them.
const CODE: &str = "dbmate-blocks";

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) direction: Direction,
    pub(super) part: Part,
    /// `transaction:false`.
    pub(super) is_without_transaction: bool,
}

/// The two ways of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) up: Block,
    pub(super) down: Block,
    /// What the tool finds out when it runs it.
    pub(super) refused: Option<Box<Diagnostic>>,
}

/// Reads the blocks of a file; `None`, with a diagnostic, when the tool would refuse it.
pub(super) fn read(
    tree: &dyn Tree,
    reader: &mut ScriptReader,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Pair>, TreeError> {
    let mut blocks: Vec<(Block, LineHead)> = Vec::new();
    let mut stray: Option<LineHead> = None;
    let size = each_line_of(reader, tree, path, |head| {
        if let Some((direction, options)) = mark(&head.text) {
            if let Some((last, _)) = blocks.last_mut() {
                last.part.span.end = head.offset;
            }
            let block = Block {
                direction,
                part: Part {
                    span: Span::new(head.offset, head.offset),
                    position: Position {
                        line: head.line,
                        column: 1,
                    },
                },
                is_without_transaction: is_without_transaction(options),
            };
            blocks.push((block, head));
        } else if blocks.is_empty() && stray.is_none() && !is_blank_or_comment(&head.text) {
            stray = Some(head);
        }
    })?;
    if let Some((last, _)) = blocks.last_mut() {
        last.part.span.end = size;
    }
    let mut refuse = |head: Option<&LineHead>, message: &str, hint: &str| {
        let diagnostic = Diagnostic::error(CODE, format!("`{path}` {message}")).hint(hint);
        diagnostics.push(match head {
            Some(head) => diagnostic.at(label(path, head)),
            None => diagnostic,
        });
    };
    if blocks.is_empty() {
        refuse(
            None,
            "has no block that applies it",
            "begin it with a line  -- migrate:up",
        );
        return Ok(None);
    }
    if let Some(head) = &stray {
        refuse(
            Some(head),
            "has text before its first block, which dbmate does not run",
            "move it below  -- migrate:up",
        );
        return Ok(None);
    }
    match blocks.as_slice() {
        [(up, _), (down, _)]
            if up.direction == Direction::Up && down.direction == Direction::Down =>
        {
            Ok(Some(Pair {
                up: up.clone(),
                down: down.clone(),
                refused: None,
            }))
        }
        [(_, head)] => {
            let (message, hint) = match mark(&head.text) {
                Some((Direction::Down, _)) => (
                    "has a block that rolls back and none that applies",
                    "begin it with a line  -- migrate:up",
                ),
                Some((Direction::Up, _)) | None => (
                    "has no block that rolls back, which dbmate requires",
                    "end it with a line  -- migrate:down , and what takes it back below",
                ),
            };
            refuse(Some(head), message, hint);
            Ok(None)
        }
        [(first, head), ..] if first.direction == Direction::Down => {
            refuse(
                Some(head),
                "has the block that rolls back before the one that applies",
                "put  -- migrate:up  first",
            );
            Ok(None)
        }
        [(up, _), (down, _), (_, head), ..] if down.direction == Direction::Down => {
            let message = format!(
                "`{path}` has more than one pair of blocks: dbmate records the version with the first and fails at the second"
            );
            let diagnostic = Diagnostic::error(CODE, message)
                .hint("give each pair a file of its own")
                .at(label(path, head));
            Ok(Some(Pair {
                up: up.clone(),
                down: down.clone(),
                refused: Some(Box::new(diagnostic)),
            }))
        }
        [_, (_, head), ..] => {
            refuse(
                Some(head),
                "has two blocks that apply and none that rolls back between them",
                "put  -- migrate:down  after the first",
            );
            Ok(None)
        }
        [] => Ok(None),
    }
}

/// `^--\s*migrate:(up|down)(\s*$|\s+\S+)`, as in the tool: the direction and its options.
pub(super) fn mark(line: &str) -> Option<(Direction, &str)> {
    let rest = line.strip_prefix("--")?.trim_start();
    let rest = rest.strip_prefix("migrate:")?;
    let (direction, options) = if let Some(options) = rest.strip_prefix("up") {
        (Direction::Up, options)
    } else {
        (Direction::Down, rest.strip_prefix("down")?)
    };
    let is_end = options.is_empty() || options.starts_with(char::is_whitespace);
    is_end.then_some((direction, options))
}

fn is_without_transaction(options: &str) -> bool {
    options
        .split_whitespace()
        .any(|option| option == "transaction:false")
}

fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with("--")
}

fn label(path: &str, head: &LineHead) -> Label {
    Label {
        file: path.to_owned(),
        position: Position {
            line: head.line,
            column: 1,
        },
        length: (head.text.chars().count() as u64).max(1),
        excerpt: head.text.clone(),
        excerpt_line: head.line,
        text: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    fn pair(text: &str) -> Result<Pair, String> {
        let tree = MemoryTree::new(&[("1.sql", text)]);
        let mut diagnostics = Vec::new();
        match read(
            &tree,
            &mut ScriptReader::default(),
            "1.sql",
            &mut diagnostics,
        )
        .unwrap()
        {
            Some(pair) => Ok(pair),
            None => Err(diagnostics[0].to_string()),
        }
    }

    #[test]
    fn a_block_goes_to_the_next_mark() {
        let text = "-- note\n\n--migrate:up transaction:false\nCREATE TABLE t (i int);\n--  migrate:down\r\nDROP TABLE t;";
        let pair = pair(text).unwrap();
        let cut =
            |block: &Block| &text[block.part.span.start as usize..block.part.span.end as usize];
        assert!(cut(&pair.up).starts_with("--migrate:up"));
        assert!(cut(&pair.up).ends_with("int);\n"));
        assert!(cut(&pair.down).ends_with("DROP TABLE t;"));
        assert_eq!(pair.up.part.position.line, 3);
        assert_eq!(pair.down.part.position.line, 5);
        assert!(pair.up.is_without_transaction);
        assert!(!pair.down.is_without_transaction);
    }

    #[test]
    fn what_the_tool_refuses_is_refused_with_its_place() {
        for (text, expected) in [
            ("", "`1.sql` has no block that applies it"),
            ("SELECT 1;\n-- migrate:up\n-- migrate:down\n", "1.sql:1:1"),
            ("-- migrate:up\nSELECT 1;\n", "1.sql:1:1"),
            ("-- migrate:down\n-- migrate:up\n", "1.sql:1:1"),
            ("-- migrate:down\n", "1.sql:1:1"),
            (
                "-- migrate:up\n-- migrate:up\n-- migrate:down\n",
                "1.sql:2:1",
            ),
            (
                "-- migrate:upwards\n",
                "`1.sql` has no block that applies it",
            ),
        ] {
            let refused = pair(text).unwrap_err();
            assert!(refused.starts_with(expected), "{text:?}: {refused}");
        }
    }
}
