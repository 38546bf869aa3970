//! The data that follow `COPY … FROM stdin;`: whole lines up to one that is `\.`, handed out in pieces.

use super::cut::Cut;
use super::error::SplitError;
use super::piece::PieceKind;
use super::postgresql::table;
use super::reader::Cursor;
use std::io::Read;

/// The size of a piece of data, unless one line is longer.
const PIECE: usize = 64 * 1024;

/// How far the data were handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The rest of the line of the `COPY` comes first.
    Line,
    /// At the beginning of a line of data.
    Data,
}

pub(super) fn scan<R: Read>(
    cursor: &mut Cursor<R>,
    stage: Stage,
) -> Result<(Cut, Option<Stage>), SplitError> {
    if stage == Stage::Line {
        skip_rest_of_line(cursor)?;
    }
    let start = cursor.offset();
    loop {
        let end = cursor.offset();
        let cut = |is_last| Cut {
            kind: PieceKind::CopyData { is_last },
            span: start..end,
        };
        if let Some(length) = terminator(cursor)? {
            cursor.bump(length);
            return Ok((cut(true), None));
        }
        if !cursor.find(b'\n', b'\n', b'\n')? {
            return Err(cursor.unterminated("COPY data (no line `\\.`)", start));
        }
        cursor.bump(1);
        if cursor.offset() - start > PIECE && end > start {
            cursor.go_to(end);
            return Ok((cut(false), Some(Stage::Data)));
        }
    }
}

/// The length of the line `\.` with its end, if the cursor stands before one.
fn terminator<R: Read>(cursor: &mut Cursor<R>) -> Result<Option<usize>, SplitError> {
    if cursor.peek(0)? != b'\\' || cursor.peek(1)? != b'.' {
        return Ok(None);
    }
    Ok(match cursor.peek(2)? {
        0 => Some(2),
        b'\n' => Some(3),
        b'\r' => match cursor.peek(3)? {
            0 => Some(3),
            b'\n' => Some(4),
            _ => None,
        },
        _ => None,
    })
}

/// psql takes the data from the next line on and goes on with the rest of this line afterwards, which nobody means.
fn skip_rest_of_line<R: Read>(cursor: &mut Cursor<R>) -> Result<(), SplitError> {
    cursor.skip(&const { table(b" \t\r\x0c", false, false) })?;
    match cursor.peek(0)? {
        0 | b'\n' => {}
        b'-' if cursor.peek(1)? == b'-' => {
            cursor.find(b'\n', b'\n', b'\n')?;
        }
        _ => {
            let (offset, position) = cursor.place(cursor.offset());
            return Err(SplitError::AfterCopy { offset, position });
        }
    }
    cursor.bump(1);
    Ok(())
}
