//! Columns that line up, whatever is in them.

use super::text::{columns, pad, pad_left};

/// Which side of a column lines up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// One cell: its text and how to colour it. Colour comes after the width is known.
pub(crate) struct Cell {
    text: String,
    paint: fn(String) -> String,
}

impl Cell {
    /// A cell without colour.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::painted(text, |text| text)
    }

    /// A cell with colour.
    pub(crate) fn painted(text: impl Into<String>, paint: fn(String) -> String) -> Self {
        Self {
            text: text.into(),
            paint,
        }
    }
}

/// Lines up rows, indented by two blanks, three blanks between columns. Empty columns take no room.
pub(crate) fn lines(align: &[Align], rows: &[Vec<Cell>]) -> String {
    let widths: Vec<usize> = (0..align.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| columns(&cell.text)).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for row in rows {
        let last = row.iter().rposition(|cell| !cell.text.is_empty());
        let mut line = String::from("  ");
        for (column, cell) in row.iter().enumerate().take(last.map_or(0, |at| at + 1)) {
            let (width, align) = (widths[column], align[column]);
            if width == 0 {
                continue;
            }
            if line.len() > 2 {
                line.push_str("   ");
            }
            let padded = match align {
                Align::Right => pad_left(&cell.text, width),
                Align::Left if Some(column) == last => cell.text.clone(),
                Align::Left => pad(&cell.text, width),
            };
            line.push_str(&(cell.paint)(padded));
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}
