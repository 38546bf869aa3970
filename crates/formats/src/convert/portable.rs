//! What stays the same of a migration in whatever tool's files it stands.

use super::same_text::{is_blank, of_first};
use super::text::{TextPiece, TextReader, slice};
use crate::Format;
use crate::directive::{EMPTY, NO_TRANSACTION};
use shoring_core::{
    Direction, Directives, Kind, Migration, Script, Span, TransactionMode, Tree, TreeError,
};
use std::io::Read;

/// A migration without the habits of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portable {
    /// The version, as the new files spell it.
    pub version: String,
    /// The words after it.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// What applies it.
    pub up: PortableScript,
    /// What rolls it back.
    pub down: Option<PortableScript>,
}

/// The SQL of one way of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortableScript {
    /// The text, without a mark of any tool.
    pub pieces: Vec<TextPiece>,
    /// Whether it runs without a transaction.
    pub is_without_transaction: bool,
    /// Whether a directive of ours in the text says so already.
    pub says_so_itself: bool,
    /// Whether a directive of ours in the text says that it does nothing.
    pub says_empty: bool,
}

impl PortableScript {
    /// The text for a file of its own. `mark` is the line by which the tool's files say that they run without a transaction;
    /// without one it is said in our way.
    pub fn with_mark(&self, mark: Option<&str>) -> Vec<TextPiece> {
        let mut pieces = Vec::with_capacity(self.pieces.len() + 1);
        if self.is_without_transaction {
            match mark {
                Some(mark) => pieces.push(TextPiece::Words(format!("{mark}\n"))),
                None if self.says_so_itself => {}
                None => pieces.push(TextPiece::Words(format!(
                    "-- {} {NO_TRANSACTION}\n",
                    Directives::PREFIX
                ))),
            }
        }
        pieces.extend(self.pieces.iter().cloned());
        pieces
    }

    /// The text alone, where something beside the file says how it runs.
    pub fn text(&self) -> Vec<TextPiece> {
        self.pieces.clone()
    }
}

/// Takes a migration out of its tool's files. Version and name are those of the source. With `expands`, placeholders become
/// their values.
pub fn portable(
    format: &dyn Format,
    tree: &dyn Tree,
    migration: &Migration,
    expands: bool,
) -> Result<Portable, TreeError> {
    let down = match &migration.down {
        Some(script) => Some(portable_script(
            format,
            tree,
            (script, Direction::Down),
            expands,
        )?),
        None => None,
    };
    // Some tools want a way back in each file, also where there is none.
    let down = match down {
        Some(script) if is_blank(tree, &script.pieces)? => None,
        down => down,
    };
    Ok(Portable {
        version: migration.version.to_string(),
        name: migration.name.clone(),
        kind: migration.kind,
        up: portable_script(format, tree, (&migration.up, Direction::Up), expands)?,
        down,
    })
}

fn portable_script(
    format: &dyn Format,
    tree: &dyn Tree,
    (script, direction): (&Script, Direction),
    expands: bool,
) -> Result<PortableScript, TreeError> {
    let spans = format.own_text(tree, script, direction)?;
    let pieces = written(script, &spans);
    let mut head = Vec::new();
    TextReader::new(tree, pieces.clone())
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(|source| of_first(&pieces, source))?;
    let mut skipped = 0;
    if head.starts_with(b"\xEF\xBB\xBF") {
        skipped = 3;
    }
    let (mut says_so_itself, mut says_empty) = (false, false);
    let mut is_at_top = true;
    let text = String::from_utf8_lossy(&head[skipped as usize..]);
    for line in text.split_inclusive('\n') {
        let Some(comment) = line.trim_start().strip_prefix("--") else {
            break;
        };
        let directive = Directives::in_comment(comment);
        let is_told_again = matches!(directive, Some(NO_TRANSACTION | EMPTY));
        is_at_top &= is_told_again && line.ends_with('\n');
        if is_at_top {
            skipped += line.len() as u64;
        } else {
            says_so_itself |= directive == Some(NO_TRANSACTION);
            says_empty |= directive == Some(EMPTY);
        }
    }
    let rest = slice(&pieces, skipped, u64::MAX).unwrap_or(pieces);
    let pieces = match &script.placeholders {
        Some(placeholders) if expands => rest
            .into_iter()
            .map(|piece| piece.expanded(placeholders))
            .collect(),
        _ => rest,
    };
    Ok(PortableScript {
        pieces,
        is_without_transaction: script.directives.transaction == TransactionMode::None,
        says_so_itself,
        says_empty,
    })
}

/// The text of a script: what is sent otherwise than it is written is there as it is sent.
fn written(script: &Script, spans: &[Span]) -> Vec<TextPiece> {
    let edits = script.edits.as_ref().map_or(&[][..], |edits| &edits.list);
    let mut pieces = Vec::new();
    for span in spans {
        let stretch = |start: u64, end: u64| {
            (start < end).then(|| TextPiece::stretch(&script.path, Span::new(start, end)))
        };
        let mut at = span.start;
        for edit in edits {
            if edit.span.start < at || edit.span.end > span.end {
                continue;
            }
            pieces.extend(stretch(at, edit.span.start));
            at = edit.span.end;
            if !edit.text.is_empty() {
                pieces.push(TextPiece::Words(edit.text.clone()));
            }
        }
        pieces.extend(stretch(at, span.end));
    }
    pieces
}

/// How much of a text is looked at for directives of ours.
const HEAD: u64 = 4096;

/// All of a script: what most formats have as its own text.
pub(crate) fn whole(script: &Script) -> Span {
    match script.part {
        Some(part) => part.span,
        None => Span::new(0, script.size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HostConfig;
    use crate::memory_tree::MemoryTree;

    fn of(text: &str) -> (String, PortableScript) {
        let tree = MemoryTree::new(&[("m/1_a.sql", text)]);
        let format = crate::by_name("shoring").unwrap();
        let set = format.read(&tree, "m", &HostConfig::default()).unwrap();
        let script = portable(format, &tree, &set.migrations[0], false)
            .unwrap()
            .up;
        let mut text = String::new();
        TextReader::new(&tree as &dyn Tree, script.with_mark(None))
            .read_to_string(&mut text)
            .unwrap();
        (text, script)
    }

    #[test]
    fn a_directive_at_the_top_is_told_again_and_one_below_stays() {
        let text = "-- shoring: no-transaction\nVACUUM;\n";
        let (again, script) = of(text);
        assert_eq!(again, text);
        assert!(script.is_without_transaction && !script.says_so_itself);
        let text = "-- note\n-- shoring: no-transaction\nVACUUM;\n";
        let (again, script) = of(text);
        assert_eq!(again, text);
        assert!(script.is_without_transaction && script.says_so_itself);
        let (again, script) = of("\u{feff}SELECT 1;");
        assert_eq!(again, "SELECT 1;");
        assert!(!script.is_without_transaction);
    }
}
