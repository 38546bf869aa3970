//! A piece of the text that remembers where it stands, so that an error can name the position and nothing else.

use super::error::UrlError;

/// A slice of the whole text.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    whole: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Piece<'a> {
    /// The whole text without the blanks around it.
    pub(super) fn of(whole: &'a str) -> Self {
        let trimmed = whole.trim_start();
        let start = whole.len() - trimmed.len();
        Self {
            whole,
            start,
            end: start + trimmed.trim_end().len(),
        }
    }

    pub(super) fn text(&self) -> &'a str {
        &self.whole[self.start..self.end]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The piece from a byte offset on; offsets come from `find` on [`Self::text`].
    pub(super) fn after(self, offset: usize) -> Self {
        Self {
            start: self.start + offset,
            ..self
        }
    }

    pub(super) fn until(self, offset: usize) -> Self {
        Self {
            end: self.start + offset,
            ..self
        }
    }

    /// What stands before and after the first of the characters.
    pub(super) fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let offset = self.text().find(separator)?;
        Some((
            self.until(offset),
            self.after(offset + separator.len_utf8()),
        ))
    }

    pub(super) fn split(self, separator: char) -> impl Iterator<Item = Self> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let piece = rest?;
            if let Some((head, tail)) = piece.split_once(separator) {
                rest = Some(tail);
                Some(head)
            } else {
                rest = None;
                Some(piece)
            }
        })
    }

    pub(super) fn strip_prefix_ignoring_case(self, prefix: &str) -> Option<Self> {
        let head = self.text().get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| self.after(prefix.len()))
    }

    /// The character position of a byte offset in this piece, from 1.
    pub(super) fn position(&self, offset: usize) -> usize {
        self.whole[..self.start + offset].chars().count() + 1
    }

    /// The text with its percent escapes decoded.
    pub(super) fn decode(&self) -> Result<String, UrlError> {
        let text = self.text();
        let bad = |offset: usize| UrlError::BadEscape {
            position: self.position(offset),
        };
        let mut bytes = Vec::with_capacity(text.len());
        let mut offset = 0;
        let mut last_escape = 0;
        while let Some(&byte) = text.as_bytes().get(offset) {
            if byte != b'%' {
                bytes.push(byte);
                offset += 1;
                continue;
            }
            last_escape = offset;
            match hexadecimal(text, offset) {
                Some(value) if value != 0 => bytes.push(value),
                Some(_) | None => return Err(bad(offset)),
            }
            offset += 3;
        }
        String::from_utf8(bytes).map_err(|_| bad(last_escape))
    }

    /// As [`Self::decode`], but a text in which no `%` begins an escape is taken as it stands: it was never encoded.
    pub(super) fn decode_leniently(&self) -> Result<String, UrlError> {
        let text = self.text();
        let has_escape = text
            .match_indices('%')
            .any(|(offset, _)| hexadecimal(text, offset).is_some());
        if has_escape {
            self.decode()
        } else {
            Ok(text.to_owned())
        }
    }
}

/// The byte that the escape at this offset stands for.
fn hexadecimal(text: &str, offset: usize) -> Option<u8> {
    let digits = text.as_bytes().get(offset + 1..offset + 3)?;
    let digits = std::str::from_utf8(digits).ok()?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u8::from_str_radix(digits, 16).ok())
        .flatten()
}
