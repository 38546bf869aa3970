//! Writes a file for goose. What it would cut wrongly goes between `StatementBegin` and `StatementEnd`: it knows the end of a
//! statement by a `;` at the end of a line alone.

use super::mark::ends_with_semicolon;
use crate::convert::{
    Portable, PortableScript, RenderInto, RenderedFile, TextPiece, TextReader, slice,
};
use crate::numbered::join;
use shoring_sql::{Piece, PieceKind, SplitOptions, Splitter};

const BEGIN: &str = "-- +goose StatementBegin\n";
const END: &str = "-- +goose StatementEnd\n";

/// The file of a migration.
pub(super) fn render(into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
    let words = |words: &str| TextPiece::Words(words.to_owned());
    let scripts = [Some(&migration.up), migration.down.as_ref()];
    let mut pieces = Vec::new();
    // It is said once, for both ways.
    if scripts
        .into_iter()
        .flatten()
        .any(|script| script.is_without_transaction)
    {
        pieces.push(words("-- +goose NO TRANSACTION\n"));
    }
    pieces.push(words("-- +goose Up\n"));
    pieces.extend(section(into, &migration.up));
    if let Some(down) = &migration.down {
        pieces.push(words("\n-- +goose Down\n"));
        pieces.extend(section(into, down));
    }
    let name = format!("{}_{}.sql", migration.version, migration.name);
    vec![RenderedFile::new(join(into.folder, &name), pieces)]
}

/// A text with its marks. What cannot be cut is one statement to goose.
fn section(into: RenderInto<'_>, script: &PortableScript) -> Vec<TextPiece> {
    let text = script.text();
    match stretches(into, &text) {
        Some(stretches) => marked(&text, &stretches).unwrap_or(text),
        None => {
            let mut pieces = vec![TextPiece::Words(BEGIN.to_owned())];
            pieces.extend(text);
            pieces.push(TextPiece::Words(format!("\n{END}")));
            pieces
        }
    }
}

/// A stretch of the text to be marked, and whether it begins and ends with a line.
struct Stretch {
    start: u64,
    end: u64,
    begins_line: bool,
    ends_line: bool,
}

/// What goose would cut wrongly; `None` when the text cannot be cut at all.
fn stretches(into: RenderInto<'_>, text: &[TextPiece]) -> Option<Vec<Stretch>> {
    let reader = TextReader::new(into.tree, text.to_vec());
    let mut splitter = Splitter::new(reader, SplitOptions::for_product(into.product));
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut before: Option<Piece> = None;
    loop {
        let piece = splitter.next_piece().ok()?;
        if let Some(before) = before.take()
            && before.kind == PieceKind::Statement
            && !is_cut_rightly(&before, piece.as_ref())
        {
            let stretch = around(&before, piece.as_ref());
            match stretches.last_mut() {
                // Statements that share a line: marks stand between lines.
                Some(last) if !last.ends_line => {
                    last.end = stretch.end;
                    last.ends_line = stretch.ends_line;
                }
                _ => stretches.push(stretch),
            }
        }
        let Some(piece) = piece else {
            return Some(stretches);
        };
        before = Some(piece);
    }
}

/// Whether the only line of a statement that ends with `;` is its last, and nothing follows on that line.
fn is_cut_rightly(piece: &Piece, next: Option<&Piece>) -> bool {
    let after_leading = &piece.full_text()[piece.leading().len()..];
    let rest = next.map_or("", |next| {
        let text = next.full_text();
        text.split_inclusive('\n').next().unwrap_or(text)
    });
    let mut lines: Vec<&str> = after_leading.split('\n').collect();
    let Some(last) = lines.pop() else {
        return true;
    };
    if lines.iter().any(|line| ends_with_semicolon(line)) {
        return false;
    }
    // A statement that begins on the line on which another ends.
    let is_first_on_line = piece.leading().is_empty() || piece.leading().contains('\n');
    let rest = rest.trim_end_matches(['\n', '\r']);
    is_first_on_line && ends_with_semicolon(&format!("{last}{rest}")) && is_comment_or_blank(rest)
}

fn is_comment_or_blank(text: &str) -> bool {
    let text = text.trim_start();
    text.is_empty() || text.starts_with("--")
}

/// The whole lines of a statement, as far as they are its own.
fn around(piece: &Piece, next: Option<&Piece>) -> Stretch {
    let leading = piece.leading();
    // From the beginning of the line on which it begins.
    let blanks = leading.len() - leading.trim_end_matches([' ', '\t']).len();
    let line_start = leading.len() - blanks;
    let begins_line =
        piece.full.start == 0 && line_start == 0 || leading[..line_start].ends_with('\n');
    let start = piece.full.start
        + if begins_line {
            line_start
        } else {
            leading.len()
        } as u64;
    let mut end = piece.full.end;
    let follows = next.map_or("", Piece::full_text);
    let rest = follows.split_inclusive('\n').next().unwrap_or_default();
    let mut ends_line = piece.full_text().ends_with('\n');
    if !ends_line
        && is_comment_or_blank(rest.trim_end_matches(['\n', '\r']))
        && rest.ends_with('\n')
    {
        end += rest.len() as u64;
        ends_line = true;
    }
    Stretch {
        start,
        end,
        begins_line,
        ends_line,
    }
}

/// The text with marks around the stretches; `None` where a piece has no known length.
fn marked(text: &[TextPiece], stretches: &[Stretch]) -> Option<Vec<TextPiece>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for stretch in stretches {
        pieces.extend(slice(text, at, stretch.start)?);
        let line_end = if stretch.begins_line { "" } else { "\n" };
        pieces.push(TextPiece::Words(format!("{line_end}{BEGIN}")));
        pieces.extend(slice(text, stretch.start, stretch.end)?);
        let line_end = if stretch.ends_line { "" } else { "\n" };
        pieces.push(TextPiece::Words(format!("{line_end}{END}")));
        at = stretch.end;
    }
    pieces.extend(slice(text, at, u64::MAX)?);
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use crate::HostConfig;
    use crate::convert::{RenderInto, RenderedTree, TextReader, is_same_script, portable};
    use crate::memory_tree::MemoryTree;
    use shoring_core::{Product, Tree};
    use std::io::Read;
    use std::sync::Arc;

    /// The file that becomes of a text, which is read again and compared.
    fn rendered(up: &str) -> String {
        let tree: Arc<dyn Tree> = Arc::new(MemoryTree::new(&[
            ("m/1_a.up.sql", up),
            ("m/1_a.down.sql", "DROP TABLE a;\n"),
        ]));
        let config = HostConfig::default();
        let (source, target) = (
            crate::by_name("shoring").unwrap(),
            crate::by_name("goose").unwrap(),
        );
        let set = source.read(tree.as_ref(), "m", &config).unwrap();
        let there = portable(source, tree.as_ref(), &set.migrations[0], false).unwrap();
        let into = RenderInto {
            tree: tree.as_ref(),
            folder: "g",
            config: &config,
            product: Product::Postgresql,
            has_ways_back: true,
        };
        let files = target.render(into, &there);
        let mut text = String::new();
        TextReader::new(tree.as_ref(), files[0].pieces.clone())
            .read_to_string(&mut text)
            .unwrap();
        let all = RenderedTree::new(Arc::clone(&tree), files);
        let set = target.read(&all, "g", &config).unwrap();
        assert_eq!(set.diagnostics, [], "{text}");
        let back = portable(target, &all, &set.migrations[0], false).unwrap();
        let same = |one: Option<&_>, other: Option<&_>| {
            is_same_script((tree.as_ref(), one), (&all, other)).unwrap()
        };
        assert!(same(Some(&there.up), Some(&back.up)), "{text}");
        assert!(same(there.down.as_ref(), back.down.as_ref()), "{text}");
        text
    }

    #[test]
    fn simple_statements_have_no_marks() {
        assert_eq!(
            rendered("CREATE TABLE a (\n  i int\n);\n-- done; really\nSELECT 1; -- one\n"),
            "-- +goose Up\nCREATE TABLE a (\n  i int\n);\n-- done; really\nSELECT 1; -- one\n\n-- +goose Down\nDROP TABLE a;\n"
        );
    }

    #[test]
    fn what_goose_would_cut_is_marked() {
        assert_eq!(
            rendered("SELECT 1;\n\nCREATE FUNCTION f() AS $$\n  x;\n$$; -- end\nSELECT 2;\n"),
            "-- +goose Up\nSELECT 1;\n-- +goose StatementBegin\n\nCREATE FUNCTION f() AS $$\n  x;\n$$; -- end\n-- +goose StatementEnd\nSELECT 2;\n\n-- +goose Down\nDROP TABLE a;\n"
                .replace(";\n-- +goose StatementBegin\n\nCREATE", ";\n\n-- +goose StatementBegin\nCREATE")
        );
    }

    #[test]
    fn a_statement_without_an_end_and_two_on_a_line_are_marked() {
        assert_eq!(
            rendered("SELECT 1"),
            "-- +goose Up\n-- +goose StatementBegin\nSELECT 1\n-- +goose StatementEnd\n\n-- +goose Down\nDROP TABLE a;\n"
        );
        assert_eq!(
            rendered("SELECT 1; SELECT 2;\nSELECT 3;\n"),
            "-- +goose Up\n-- +goose StatementBegin\nSELECT 1; SELECT 2;\n-- +goose StatementEnd\nSELECT 3;\n\n-- +goose Down\nDROP TABLE a;\n"
        );
    }

    #[test]
    fn what_cannot_be_cut_is_one_statement() {
        assert_eq!(
            rendered("SELECT 'a;\n"),
            "-- +goose Up\n-- +goose StatementBegin\nSELECT 'a;\n\n-- +goose StatementEnd\n\n-- +goose Down\nDROP TABLE a;\n"
        );
    }
}
