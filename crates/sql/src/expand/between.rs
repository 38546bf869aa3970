//! Placeholders that are a name between two marks: `${schema}`.

use super::stretch::{Mistake, Stretch};
use shoring_core::{Placeholders, WithoutValue};

/// No name is longer; a prefix whose end is further away than this is taken for one that has none.
const LONGEST_NAME: usize = 4096;

/// What stands at the beginning of `bytes`.
pub(super) fn look(
    bytes: &[u8],
    is_at_end: bool,
    (prefix, suffix): (&str, &str),
    placeholders: &Placeholders,
) -> Stretch {
    let (prefix, suffix) = (prefix.as_bytes(), suffix.as_bytes());
    match memchr::memmem::find(bytes, prefix) {
        Some(0) => {
            let name = &bytes[prefix.len()..];
            if let Some(length) = memchr::memmem::find(name, suffix)
                && length <= LONGEST_NAME
            {
                let all = prefix.len() + length + suffix.len();
                return replaced(&bytes[..all], &name[..length], placeholders);
            }
            if !is_at_end && name.len() <= LONGEST_NAME + suffix.len() {
                return Stretch::Unknown;
            }
            match placeholders.without_value {
                WithoutValue::Refuse => Stretch::Mistake {
                    length: prefix.len(),
                    what: Mistake::Unterminated,
                },
                WithoutValue::Keep => Stretch::Plain(prefix.len()),
            }
        }
        Some(at) => Stretch::Plain(at),
        None if is_at_end && bytes.is_empty() => Stretch::End,
        None if is_at_end => Stretch::Plain(bytes.len()),
        // The last bytes may be the beginning of a prefix.
        None if bytes.len() >= prefix.len().max(1) => {
            Stretch::Plain(bytes.len() + 1 - prefix.len().max(1))
        }
        None => Stretch::Unknown,
    }
}

fn replaced(written: &[u8], name: &[u8], placeholders: &Placeholders) -> Stretch {
    let length = written.len();
    let value = placeholders.value(&String::from_utf8_lossy(name));
    match (value, placeholders.without_value) {
        (Some(value), _) => Stretch::Placeholder {
            length,
            value: value.as_bytes().to_vec(),
        },
        (None, WithoutValue::Keep) => Stretch::Placeholder {
            length,
            value: written.to_vec(),
        },
        (None, WithoutValue::Refuse) => Stretch::Mistake {
            length,
            what: Mistake::NoValue,
        },
    }
}
