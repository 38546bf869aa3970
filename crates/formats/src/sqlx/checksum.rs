//! The checksum of sqlx: SHA-384 of the bytes of the file, without the characters that `ignored-chars` names. In passing it
//! sees whether the file begins with the mark that asks for no transaction.

use crate::checksum::{FileChecksum, LineEndHashes};
use sha2::{Digest, Sha384};
use shoring_core::Checksum;

/// What a file begins with, at its very first byte, to run without a transaction.
pub(super) const NO_TRANSACTION: &str = "-- no-transaction";

/// Computes it.
pub(super) struct SqlxChecksum<'a> {
    hashes: LineEndHashes<Sha384>,
    ignored: &'a str,
    /// The first bytes, as many as the mark has.
    head: Vec<u8>,
    /// The beginning of a character whose end has not come yet.
    cut: Vec<u8>,
}

impl<'a> SqlxChecksum<'a> {
    /// `ignored` are the characters that do not count.
    pub(super) fn without(ignored: &'a str) -> Self {
        Self {
            hashes: LineEndHashes::after(Sha384::new()),
            ignored,
            head: Vec::new(),
            cut: Vec::new(),
        }
    }

    /// Whether the file asks for no transaction.
    pub(super) fn is_without_transaction(&self) -> bool {
        self.head == NO_TRANSACTION.as_bytes()
    }

    fn update_filtered(&mut self, bytes: &[u8]) {
        let mut all = std::mem::take(&mut self.cut);
        all.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&all) {
            Ok(_) => all.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            // Not UTF-8: the tool cannot read the file at all, and the splitter says so.
            Err(_) => return,
        };
        self.cut = all[whole..].to_vec();
        let text = String::from_utf8_lossy(&all[..whole]);
        let kept: String = text
            .chars()
            .filter(|character| !self.ignored.contains(*character))
            .collect();
        self.hashes.update(kept.as_bytes());
    }
}

impl FileChecksum for SqlxChecksum<'_> {
    fn update(&mut self, bytes: &[u8]) {
        let missing = NO_TRANSACTION.len().saturating_sub(self.head.len());
        self.head
            .extend_from_slice(&bytes[..missing.min(bytes.len())]);
        if self.ignored.is_empty() {
            self.hashes.update(bytes);
        } else {
            self.update_filtered(bytes);
        }
    }

    fn finish(&mut self) -> Vec<Checksum> {
        self.hashes.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str, ignored: &str) -> String {
        let mut checksum = SqlxChecksum::without(ignored);
        for byte in text.as_bytes() {
            checksum.update(std::slice::from_ref(byte));
        }
        checksum.finish()[0].as_str().to_owned()
    }

    #[test]
    fn it_is_sha_384_of_the_bytes() {
        assert!(first("abc", "").starts_with("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"));
        assert_ne!(first("a\r\nb", ""), first("a\nb", ""));
    }

    #[test]
    fn ignored_characters_do_not_count() {
        assert_eq!(first("\u{feff}a\r\nä\r", "\r\u{feff}"), first("a\nä", ""));
    }

    #[test]
    fn the_mark_counts_at_the_first_byte_only() {
        for (text, expected) in [
            ("-- no-transaction\nVACUUM;", true),
            ("-- no-transactions", true),
            (" -- no-transaction", false),
            ("\u{feff}-- no-transaction", false),
            ("-- no", false),
        ] {
            let mut checksum = SqlxChecksum::without("");
            checksum.update(text.as_bytes());
            assert_eq!(checksum.is_without_transaction(), expected, "{text}");
        }
    }
}
