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
    match find_as_flyway(bytes, prefix) {
        Found::At(0) => {
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
        Found::Begun(_) | Found::None if is_at_end => {
            if bytes.is_empty() {
                Stretch::End
            } else {
                Stretch::Plain(bytes.len())
            }
        }
        Found::Begun(0) => Stretch::Unknown,
        Found::At(at) | Found::Begun(at) => Stretch::Plain(at),
        Found::None => Stretch::Plain(bytes.len()),
    }
}

/// Where a prefix stands.
enum Found {
    At(usize),
    /// It may begin here; what comes next decides.
    Begun(usize),
    None,
}

/// Flyway never looks again at the character that shows it is no prefix: `$${name}` is two dollars and no placeholder.
fn find_as_flyway(bytes: &[u8], prefix: &[u8]) -> Found {
    let Some((first, others)) = prefix.split_first() else {
        return Found::None;
    };
    if bytes.is_empty() {
        return Found::Begun(0);
    }
    let mut at = 0;
    while let Some(ahead) = bytes
        .get(at..)
        .and_then(|rest| memchr::memchr(*first, rest))
    {
        at += ahead;
        let rest = &bytes[at + 1..];
        let equal = rest
            .iter()
            .zip(others)
            .take_while(|(is, wanted)| is == wanted);
        let count = equal.count();
        if count == others.len() {
            return Found::At(at);
        }
        if count == rest.len() {
            return Found::Begun(at);
        }
        at += 1 + count + 1;
    }
    Found::None
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
