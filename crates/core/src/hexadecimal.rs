//! Bytes as lower-case hexadecimal text. Every checksum and many a literal is one, thousands in a run: without the formatting
//! machinery it takes a tenth of the time.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Adds two digits for each byte.
pub fn push_hexadecimal(text: &mut String, bytes: &[u8]) {
    text.reserve(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Two digits for each byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    push_hexadecimal(&mut text, bytes);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_two_digits() {
        for byte in 0..=u8::MAX {
            assert_eq!(hexadecimal(&[byte]), format!("{byte:02x}"));
        }
        assert_eq!(hexadecimal(&[]), "");
    }
}
