//! The tool's checksum: CRC-32 of the text without byte order mark and line ends, as a signed number.

use crate::checksum::FileChecksum;
use shoring_core::Checksum;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Computes it.
#[derive(Default)]
pub(super) struct Crc {
    hasher: crc32fast::Hasher,
    /// The first bytes, as long as they may be a byte order mark.
    head: Vec<u8>,
    is_begun: bool,
}

impl Crc {
    fn add(&mut self, bytes: &[u8]) {
        for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
            self.hasher.update(line);
        }
    }
}

impl FileChecksum for Crc {
    fn update(&mut self, bytes: &[u8]) {
        if self.is_begun {
            self.add(bytes);
            return;
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&self.head) {
            return;
        }
        self.is_begun = true;
        let head = std::mem::take(&mut self.head);
        self.add(head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head));
    }

    fn finish(&mut self) -> Vec<Checksum> {
        let head = std::mem::take(&mut self.head);
        if head != BYTE_ORDER_MARK {
            self.add(&head);
        }
        let crc = std::mem::take(&mut self.hasher).finalize().cast_signed();
        vec![Checksum::from_text(crc.to_string())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &[u8]) -> String {
        let mut whole = Crc::default();
        whole.update(text);
        let mut bytewise = Crc::default();
        for byte in text {
            bytewise.update(&[*byte]);
        }
        let whole = whole.finish();
        assert_eq!(whole, bytewise.finish(), "{text:?}");
        whole[0].as_str().to_owned()
    }

    #[test]
    fn line_ends_and_marks_do_not_count() {
        // CRC-32 of `123456789` is 0xCBF43926.
        for text in [
            "123456789",
            "1234\n56789",
            "1234\r\n56789\r\n",
            "\u{feff}123\r456789",
        ] {
            assert_eq!(of(text.as_bytes()), "-873187034", "{text:?}");
        }
        assert_eq!(of(b""), "0");
        assert_eq!(of(BYTE_ORDER_MARK), "0");
        assert_ne!(of(b"\xEF\xBB"), "0");
        assert_eq!(of("é".as_bytes()), of(b"\xC3\xA9\n"));
    }
}
