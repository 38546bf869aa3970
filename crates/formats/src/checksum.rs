//! Other tools' checksums of a file, computed from its bytes while it is read anyway.

use sha2::{Digest, Sha256, Sha384};
use shoring_core::{Checksum, hexadecimal};

/// Computes what a tool's history table says about a file.
pub trait FileChecksum {
    /// Takes the next bytes; where they are cut does not matter.
    fn update(&mut self, bytes: &[u8]);

    /// The checksum to write, and further ones that a row may have and still mean the same text.
    fn finish(&mut self) -> Vec<Checksum>;
}

/// For tables that keep none.
#[derive(Debug, Clone, Copy)]
pub struct NoChecksum;

impl FileChecksum for NoChecksum {
    fn update(&mut self, _: &[u8]) {}

    fn finish(&mut self) -> Vec<Checksum> {
        Vec::new()
    }
}

/// A running hash of bytes.
pub(crate) trait TextHash: Clone {
    /// Adds bytes.
    fn add(&mut self, bytes: &[u8]);
    /// The hash as the history table spells it, or as text that its reader makes of it.
    fn end(self) -> Checksum;
}

impl TextHash for Sha256 {
    fn add(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }

    fn end(self) -> Checksum {
        Checksum::from_text(hexadecimal(&self.finalize()))
    }
}

impl TextHash for Sha384 {
    fn add(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }

    fn end(self) -> Checksum {
        Checksum::from_text(hexadecimal(&self.finalize()))
    }
}

/// Hashes a text as it is, and as it would be with `\n` and with `\r\n` at the end of every line, in one pass.
///
/// While all line ends so far are alike, the text as it is has one of the other two hashes, so that two are computed and not
/// three.
#[derive(Debug, Clone)]
pub(crate) struct LineEndHashes<H> {
    unix: H,
    windows: H,
    /// The hash of the text as it is, once its line ends differ.
    mixed: Option<H>,
    /// Whether the line ends so far are `\r\n`.
    is_windows: Option<bool>,
    /// A `\r` was the last byte and is held back until the next byte is known.
    has_return: bool,
}

impl<H: TextHash> LineEndHashes<H> {
    /// Goes on from a hash that has seen what comes before the text.
    pub(crate) fn after(start: H) -> Self {
        Self {
            unix: start.clone(),
            windows: start,
            mixed: None,
            is_windows: None,
            has_return: false,
        }
    }

    /// The text as it is, then with `\n`, then with `\r\n`; each once. `last` is added to each.
    pub(crate) fn end_with(mut self, last: &[u8]) -> Vec<Checksum> {
        if self.has_return {
            self.add_all(b"\r");
        }
        self.add_all(last);
        let (unix, windows) = (self.unix.end(), self.windows.end());
        let mut checksums = match (self.mixed, self.is_windows) {
            (Some(mixed), _) => vec![mixed.end(), unix, windows],
            (None, Some(true)) => vec![windows, unix],
            (None, Some(false) | None) => vec![unix, windows],
        };
        checksums.dedup();
        checksums
    }

    fn add_all(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.unix.add(bytes);
        self.windows.add(bytes);
        if let Some(mixed) = &mut self.mixed {
            mixed.add(bytes);
        }
    }

    fn end_line(&mut self, is_windows: bool) {
        match self.is_windows {
            None => self.is_windows = Some(is_windows),
            Some(before) if before != is_windows && self.mixed.is_none() => {
                let so_far = if before { &self.windows } else { &self.unix };
                self.mixed = Some(so_far.clone());
            }
            Some(_) => {}
        }
        self.unix.add(b"\n");
        self.windows.add(b"\r\n");
        if let Some(mixed) = &mut self.mixed {
            mixed.add(if is_windows { b"\r\n" } else { b"\n" });
        }
    }
}

impl<H: TextHash> FileChecksum for LineEndHashes<H> {
    fn update(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest);
            let line = &rest[..end.unwrap_or(rest.len())];
            if self.has_return && !line.is_empty() {
                self.add_all(b"\r");
                self.has_return = false;
            }
            let text = line.strip_suffix(b"\r");
            self.add_all(text.unwrap_or(line));
            self.has_return |= text.is_some();
            let Some(end) = end else { break };
            let is_windows = std::mem::take(&mut self.has_return);
            self.end_line(is_windows);
            rest = &rest[end + 1..];
        }
    }

    fn finish(&mut self) -> Vec<Checksum> {
        self.clone().end_with(b"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str, step: usize) -> Vec<Checksum> {
        let mut hashes = LineEndHashes::after(Sha256::new());
        for chunk in text.as_bytes().chunks(step) {
            hashes.update(chunk);
        }
        hashes.finish()
    }

    fn of(text: &str) -> Checksum {
        let mut hash = Sha256::new();
        hash.add(text.as_bytes());
        hash.end()
    }

    #[test]
    fn the_text_as_it_is_comes_first_then_its_other_line_ends() {
        for text in [
            "",
            "a",
            "a\n",
            "a\r\n",
            "a\r\nb\nc\r\n",
            "a\nb\r\n",
            "\r",
            "\r\r\n\n",
            "a\rb\r\n\r\n\r",
            "\u{feff}a\r\nä\r",
        ] {
            let unix = text.replace("\r\n", "\n");
            let windows = unix.replace('\n', "\r\n");
            let mut expected = vec![of(text)];
            for other in [of(&unix), of(&windows)] {
                if !expected.contains(&other) {
                    expected.push(other);
                }
            }
            for step in 1..=text.len().max(1) {
                assert_eq!(hashes(text, step), expected, "{text:?} in steps of {step}");
            }
        }
    }
}
