//! Places in a source file: byte spans and the lines and columns people read.

/// A half-open range of bytes in one file. 64 bits wide, because seed files of 5 GB exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Span {
    /// A span from its borders.
    pub const fn new(start: u64, end: u64) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    pub const fn len(self) -> u64 {
        self.end - self.start
    }

    /// Whether nothing is inside.
    pub const fn is_empty(self) -> bool {
        self.end == self.start
    }
}

/// A place as people name it. Lines and columns count from 1; columns count characters, not bytes, and a tab is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

impl Position {
    /// The first character of a file.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The position after `text`, when `text` starts at `self`. A line ends at `\n`; the `\r` before it is a column
    /// of the line it ends.
    #[must_use]
    pub fn advanced_by(self, text: &str) -> Self {
        let mut position = self;
        for character in text.chars() {
            if character == '\n' {
                position.line += 1;
                position.column = 1;
            } else {
                position.column += 1;
            }
        }
        position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let position = Position::START.advanced_by("sélect\n  ü");
        assert_eq!(position, Position { line: 2, column: 4 });
    }
}
