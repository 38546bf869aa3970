//! From the server's position to a byte offset.
//!
//! The server counts characters from 1 through the whole message that it was sent (protocol documentation, section 55.8),
//! which may hold several statements.

/// The byte offset of a character position; `None` when the text is shorter. The position just behind the last character,
/// where "syntax error at end of input" points, is its length.
pub(super) fn byte_offset(text: &str, position: u32) -> Option<usize> {
    let index = usize::try_from(position).ok()?.checked_sub(1)?;
    let mut characters = text.char_indices();
    match characters.nth(index) {
        Some((offset, _)) => Some(offset),
        None if text.chars().count() == index => Some(text.len()),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_not_bytes() {
        let text = "é漢x";
        for (position, expected) in [
            (0, None),
            (1, Some(0)),
            (2, Some(2)),
            (3, Some(5)),
            (4, Some(6)),
            (5, None),
        ] {
            assert_eq!(byte_offset(text, position), expected, "{position}");
        }
    }
}
