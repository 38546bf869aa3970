//! SipHash-1-3 with a key of zeros, as refinery hashes a migration. Not against forgery: only for comparing.

use crate::checksum::TextHash;
use shoring_core::Checksum;

/// A running hash.
#[derive(Debug, Clone)]
pub(super) struct SipHash13 {
    state: [u64; 4],
    /// Bytes that do not fill a word yet, the first in the lowest place.
    tail: u64,
    length: usize,
}

impl SipHash13 {
    pub(super) const fn new() -> Self {
        Self {
            state: [
                0x736f_6d65_7073_6575,
                0x646f_7261_6e64_6f6d,
                0x6c79_6765_6e65_7261,
                0x7465_6462_7974_6573,
            ],
            tail: 0,
            length: 0,
        }
    }

    fn round(&mut self) {
        let [v0, v1, v2, v3] = &mut self.state;
        *v0 = v0.wrapping_add(*v1);
        *v2 = v2.wrapping_add(*v3);
        *v1 = v1.rotate_left(13) ^ *v0;
        *v3 = v3.rotate_left(16) ^ *v2;
        *v0 = v0.rotate_left(32);
        *v2 = v2.wrapping_add(*v1);
        *v0 = v0.wrapping_add(*v3);
        *v1 = v1.rotate_left(17) ^ *v2;
        *v3 = v3.rotate_left(21) ^ *v0;
        *v2 = v2.rotate_left(32);
    }

    fn add_word(&mut self, word: u64) {
        self.state[3] ^= word;
        self.round();
        self.state[0] ^= word;
    }

    fn value(mut self) -> u64 {
        let last = ((self.length as u64 & 0xff) << 56) | self.tail;
        self.add_word(last);
        self.state[2] ^= 0xff;
        for _ in 0..3 {
            self.round();
        }
        self.state.iter().fold(0, |value, part| value ^ part)
    }
}

impl TextHash for SipHash13 {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let place = self.length % 8;
            self.tail |= u64::from(*byte) << (8 * place);
            self.length += 1;
            if place == 7 {
                let word = std::mem::take(&mut self.tail);
                self.add_word(word);
            }
        }
    }

    /// A number in decimal, as the table has it.
    fn end(self) -> Checksum {
        Checksum::from_text(self.value().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hasher;

    #[test]
    fn it_is_the_hash_of_the_standard_library() {
        let text: Vec<u8> = (0..=200).collect();
        for length in 0..text.len() {
            let mut hash = SipHash13::new();
            hash.add(&text[..length / 3]);
            hash.add(&text[length / 3..length]);
            // The algorithm behind it is SipHash-1-3 today, and not promised.
            let mut known = std::hash::DefaultHasher::new();
            known.write(&text[..length]);
            assert_eq!(hash.value(), known.finish(), "{length} bytes");
        }
    }
}
