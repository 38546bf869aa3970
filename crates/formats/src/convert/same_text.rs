//! Whether two scripts are the same SQL, whatever file and format they stand in.

use super::RenderInto;
use super::portable::PortableScript;
use super::text::{TextPiece, TextReader, first_replaced};
use shoring_core::{Checksum, ChecksumBuilder, Edits, Position, Script, Span, Tree, TreeError};
use shoring_sql::{PieceKind, SplitOptions, Splitter};
use std::io::Read;

/// Whether two scripts have the same text. Line ends and blanks at both ends do not count. No script is the same as one without
/// text. How they run is not compared: some tools say it once for both ways.
pub fn is_same_script(
    (left_tree, left): (&dyn Tree, Option<&PortableScript>),
    (right_tree, right): (&dyn Tree, Option<&PortableScript>),
) -> Result<bool, TreeError> {
    let outline = |tree: &dyn Tree, script: Option<&PortableScript>| match script {
        Some(script) => digest(tree, &script.pieces),
        None => Ok(Checksum::of(b"")),
    };
    Ok(outline(left_tree, left)? == outline(right_tree, right)?)
}

/// The checksum of a text without the blanks at both of its ends.
fn digest(tree: &dyn Tree, pieces: &[TextPiece]) -> Result<Checksum, TreeError> {
    let mut reader = TextReader::new(tree, pieces.to_vec());
    let mut buffer = vec![0; 64 * 1024];
    let mut all = ChecksumBuilder::default();
    // As it was after the last byte that is no blank.
    let mut trimmed = all.clone();
    let mut has_begun = false;
    loop {
        let count = reader
            .read(&mut buffer)
            .map_err(|source| of_first(pieces, source))?;
        if count == 0 {
            return Ok(trimmed.finish());
        }
        let mut rest = &buffer[..count];
        if !has_begun {
            rest = rest.trim_ascii_start();
            has_begun = !rest.is_empty();
        }
        let end = rest.trim_ascii_end().len();
        all.update(&rest[..end]);
        if end > 0 {
            trimmed = all.clone();
        }
        all.update(&rest[end..]);
    }
}

/// Whether a text has nothing but blanks.
pub(super) fn is_blank(tree: &dyn Tree, pieces: &[TextPiece]) -> Result<bool, TreeError> {
    let mut reader = TextReader::new(tree, pieces.to_vec());
    let mut buffer = vec![0; 4096];
    loop {
        let count = reader
            .read(&mut buffer)
            .map_err(|source| of_first(pieces, source))?;
        if count == 0 {
            return Ok(true);
        }
        if !buffer[..count].trim_ascii().is_empty() {
            return Ok(false);
        }
    }
}

/// Whether there is anything in a text for a server. One that cannot be cut is taken to have something.
pub(crate) fn has_statement(into: RenderInto<'_>, script: &PortableScript) -> bool {
    let reader = TextReader::new(into.tree, script.pieces.clone());
    let mut splitter = Splitter::new(reader, SplitOptions::for_product(into.product));
    loop {
        match splitter.next_piece() {
            Ok(Some(piece)) if piece.kind == PieceKind::Statement => return true,
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

pub(super) fn of_first(pieces: &[TextPiece], source: std::io::Error) -> TreeError {
    let path = pieces.iter().find_map(|piece| match piece {
        TextPiece::Words(_) => None,
        TextPiece::Stretch { path, .. } | TextPiece::Expanded { path, .. } => Some(path.clone()),
    });
    TreeError::Io {
        path: path.unwrap_or_default(),
        source,
    }
}

/// A placeholder in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticedPlaceholder {
    /// The file.
    pub path: String,
    /// Its place there.
    pub position: Position,
    /// As it is written.
    pub written: String,
}

/// The first placeholder in a script, where its tool replaces any.
pub fn first_placeholder(
    tree: &dyn Tree,
    script: &Script,
) -> Result<Option<NoticedPlaceholder>, TreeError> {
    if let Some(edits) = &script.edits {
        return Ok(first_value(tree, script, edits));
    }
    let Some(placeholders) = &script.placeholders else {
        return Ok(None);
    };
    let input = crate::script::open_script(tree, script)?;
    let start = script.beginning();
    Ok(
        first_replaced(input, start, placeholders).map(|(position, written)| NoticedPlaceholder {
            path: script.path.clone(),
            position,
            written,
        }),
    )
}

/// The first edit that puts a value in the place of a name.
fn first_value(tree: &dyn Tree, script: &Script, edits: &Edits) -> Option<NoticedPlaceholder> {
    let (start, _) = script.beginning();
    let text = text_of(
        tree,
        &[TextPiece::stretch(
            &script.path,
            Span::new(0, start + script.size),
        )],
    );
    edits.list.iter().find_map(|edit| {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let written = text.get(start..end)?;
        let is_value = written.starts_with("${") && written != edit.text;
        is_value.then(|| NoticedPlaceholder {
            path: script.path.clone(),
            position: Position::START.advanced_by(&text[..start]),
            written: written.to_owned(),
        })
    })
}

/// A text as a whole, for tools that hold each file as a whole. What cannot be read is told when it is read for good.
pub(crate) fn text_of(tree: &dyn Tree, pieces: &[TextPiece]) -> String {
    let mut bytes = Vec::new();
    let mut reader = TextReader::new(tree, pieces.to_vec());
    drop(reader.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory_tree::MemoryTree;

    #[test]
    fn blanks_at_the_ends_and_line_ends_do_not_count() {
        let tree = MemoryTree::new(&[
            ("a", "SELECT 1;\n\nSELECT 2;\n"),
            ("b", "\n SELECT 1;\r\n\r\nSELECT 2;"),
            ("c", "SELECT 1;\nSELECT 2;\n"),
            ("d", " \n"),
        ]);
        let sizes = [("a", 21), ("b", 24), ("c", 20), ("d", 2)];
        let script = |name: &str| {
            let size = sizes.iter().find(|(path, _)| *path == name).unwrap().1;
            PortableScript {
                pieces: vec![TextPiece::stretch(name, Span::new(0, size))],
                is_without_transaction: false,
                says_so_itself: false,
                says_empty: false,
            }
        };
        let same = |left: Option<&str>, right: Option<&str>| {
            let (left, right) = (left.map(script), right.map(script));
            is_same_script((&tree, left.as_ref()), (&tree, right.as_ref())).unwrap()
        };
        assert!(same(Some("a"), Some("b")));
        assert!(!same(Some("a"), Some("c")));
        assert!(same(Some("d"), None));
        assert!(!same(Some("c"), None));
    }
}
