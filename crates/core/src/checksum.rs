//! The checksum of a migration file: SHA-256 of its bytes after a byte order mark and the `\r` of every `\r\n` are left out.
//!
//! A checkout with other line endings, or an editor that adds a mark, does not change what a file means, so it must not
//! change its checksum (pains 17 and 28: flyway#253, sqlx#3794). Any other byte does change it.

use crate::hexadecimal::hexadecimal;
use sha2::{Digest, Sha256};
use std::fmt;

/// A checksum as lower-case hexadecimal text, 64 characters for our own SHA-256; other tools' checksums keep their spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Checksum(String);

impl Checksum {
    /// Takes a checksum as some history table spells it.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The checksum of a whole text.
    pub fn of(bytes: &[u8]) -> Self {
        let mut builder = ChecksumBuilder::default();
        builder.update(bytes);
        builder.finish()
    }

    /// The text of the checksum.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Computes a [`Checksum`] from chunks; where the chunks are cut does not matter.
#[derive(Clone, Default)]
pub struct ChecksumBuilder {
    hasher: Sha256,
    /// Bytes of a possible byte order mark seen at the very start, not yet hashed.
    head: Vec<u8>,
    head_done: bool,
    /// A `\r` was the last byte and is held back until the next byte is known.
    carriage_return: bool,
}

const BYTE_ORDER_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

impl ChecksumBuilder {
    /// Adds the next chunk.
    pub fn update(&mut self, chunk: &[u8]) {
        let mut chunk = chunk;
        if !self.head_done {
            while self.head.len() < 3 {
                let Some((first, rest)) = chunk.split_first() else {
                    return;
                };
                self.head.push(*first);
                chunk = rest;
                if !BYTE_ORDER_MARK.starts_with(&self.head) {
                    break;
                }
            }
            self.head_done = true;
            let head = std::mem::take(&mut self.head);
            if head != BYTE_ORDER_MARK {
                self.add(&head);
            }
        }
        self.add(chunk);
    }

    fn add(&mut self, chunk: &[u8]) {
        if chunk.is_empty() {
            return;
        }
        if self.carriage_return && chunk[0] != b'\n' {
            self.hasher.update(b"\r");
        }
        self.carriage_return = false;
        let mut start = 0;
        for (index, byte) in chunk.iter().enumerate() {
            if *byte != b'\r' {
                continue;
            }
            match chunk.get(index + 1) {
                Some(b'\n') => {
                    self.hasher.update(&chunk[start..index]);
                    start = index + 1;
                }
                Some(_) => {}
                None => {
                    self.hasher.update(&chunk[start..index]);
                    start = index + 1;
                    self.carriage_return = true;
                }
            }
        }
        self.hasher.update(&chunk[start..]);
    }

    /// The checksum of everything added.
    pub fn finish(mut self) -> Checksum {
        let head = std::mem::take(&mut self.head);
        if !head.is_empty() {
            self.add(&head);
        }
        if self.carriage_return {
            self.hasher.update(b"\r");
        }
        Checksum(hexadecimal(&self.hasher.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_endings_and_marks_do_not_count() {
        let plain = Checksum::of(b"select 1;\nselect 2;\n");
        assert_eq!(Checksum::of(b"select 1;\r\nselect 2;\r\n"), plain);
        assert_eq!(Checksum::of(b"\xEF\xBB\xBFselect 1;\nselect 2;\n"), plain);
        assert_ne!(Checksum::of(b"select 1;\nselect 3;\n"), plain);
        assert_ne!(Checksum::of(b"select 1;\rselect 2;\r"), plain);
    }

    #[test]
    fn chunk_borders_do_not_count() {
        let text = b"\xEF\xBB\xBFa\r\nb\rc\r\r\nd\r";
        let whole = Checksum::of(text);
        for size in 1..text.len() {
            let mut builder = ChecksumBuilder::default();
            for chunk in text.chunks(size) {
                builder.update(chunk);
            }
            assert_eq!(builder.finish(), whole, "chunks of {size}");
        }
    }

    #[test]
    fn known_value() {
        assert_eq!(
            Checksum::of(b"").as_str(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
