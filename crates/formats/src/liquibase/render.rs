//! Writes a changeset into a file of its own, below a folder that a master changelog includes as a whole.

use super::cutting::{Delimiter, cuts};
use super::new_changeset::HEADER;
use crate::convert::{
    Portable, PortableScript, RenderInto, RenderedFile, TextPiece, slice, text_of,
};
use crate::format::NewFile;
use crate::numbered::join;
use shoring_sql::{PieceKind, SplitOptions, Splitter};

/// The folder of the changesets, below that of the master.
const FOLDER: &str = "changes";
/// Who writes a changeset that no person wrote.
const AUTHOR: &str = "shoring";
/// The changelog that includes them.
const MASTER: &str = "db.changelog-master.yaml";

/// The file of a migration.
pub(super) fn render(into: RenderInto<'_>, migration: &Portable) -> Vec<RenderedFile> {
    let name = format!("{}_{}", migration.version, migration.name);
    let down = migration.down.as_ref();
    let mut line = format!("{HEADER}\n--changeset {AUTHOR}:{name} stripComments:false");
    if !is_cut_alike(into, &migration.up) {
        line.push_str(" splitStatements:false");
    }
    if down.is_some_and(|down| !is_cut_alike(into, down)) {
        line.push_str(" rollbackSplitStatements:false");
    }
    // It is said once, for both ways.
    let scripts = [Some(&migration.up), down];
    if scripts
        .into_iter()
        .flatten()
        .any(|script| script.is_without_transaction)
    {
        line.push_str(" runInTransaction:false");
    }
    line.push('\n');
    let mut pieces = vec![TextPiece::Words(line)];
    pieces.extend(migration.up.text());
    if let Some(down) = down {
        pieces.push(TextPiece::Words("\n".to_owned()));
        pieces.extend(rollback(into, down));
    }
    let path = join(&join(into.folder, FOLDER), &format!("{name}.sql"));
    vec![RenderedFile::new(path, pieces)]
}

/// The changelog that includes the folder.
pub(super) fn master(folder: &str) -> NewFile {
    NewFile {
        path: join(folder, MASTER),
        content: format!(
            "databaseChangeLog:\n  - includeAll:\n      path: {FOLDER}/\n      relativeToChangelogFile: true\n"
        ),
        is_added: false,
    }
}

/// The text with the tool's mark before each line.
fn rollback(into: RenderInto<'_>, script: &PortableScript) -> Vec<TextPiece> {
    let pieces = script.text();
    let text = text_of(into.tree, &pieces);
    let mut marked = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        marked.push(TextPiece::Words("--rollback ".to_owned()));
        let end = at + line.len() as u64;
        match slice(&pieces, at, end) {
            Some(line) => marked.extend(line),
            None => marked.push(TextPiece::Words(line.to_owned())),
        }
        at = end;
    }
    marked
}

/// Whether the tool cuts a text into the statements that it has.
fn is_cut_alike(into: RenderInto<'_>, script: &PortableScript) -> bool {
    let text = text_of(into.tree, &script.pieces);
    let borders = cuts(&text, Some(&Delimiter::Usual)).borders;
    let mut splitter = Splitter::new(text.as_bytes(), SplitOptions::for_product(into.product));
    loop {
        match splitter.next_piece() {
            Ok(Some(piece)) if piece.kind == PieceKind::Statement => {
                let is_inside = |at: usize| {
                    let at = at as u64;
                    piece.span.start <= at && at < piece.span.end
                };
                if borders.iter().any(|border| is_inside(border.range.start)) {
                    return false;
                }
            }
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}
