//! The lines of a text, each with its place.

use std::ops::Range;

/// One line of a file.
#[derive(Debug, Clone)]
pub(super) struct At<'t> {
    pub(super) text: &'t str,
    pub(super) number: u64,
    /// Its bytes, without the end of the line.
    pub(super) range: Range<usize>,
    /// The end of the line, of which `\r` is no part.
    pub(super) end: Range<usize>,
}

/// The lines of a text, without its byte order mark.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    number: u64,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mark = text.len() - text.trim_start_matches('\u{feff}').len();
        Self {
            text,
            at: mark.min('\u{feff}'.len_utf8()),
            number: 0,
        }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = At<'t>;

    fn next(&mut self) -> Option<At<'t>> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let rest = &self.text[start..];
        let (length, end) = match memchr::memchr(b'\n', rest.as_bytes()) {
            Some(length) => (length, start + length + 1),
            None => (rest.len(), self.text.len()),
        };
        self.at = end;
        self.number += 1;
        let text = &rest[..length];
        let text = text.strip_suffix('\r').unwrap_or(text);
        Some(At {
            text,
            number: self.number,
            range: start..start + text.len(),
            end: start + length..end,
        })
    }
}
