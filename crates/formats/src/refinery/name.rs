//! Names of files: `^([U|V])(\d+(?:\.\d+)?)__(\w+)`, and how the hash of a migration begins.

use super::sip_hash::SipHash13;
use crate::checksum::TextHash;

/// A name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name<'a> {
    /// `U`: may be applied after later ones.
    pub(super) is_unordered: bool,
    /// The digits, perhaps with a point and more digits.
    pub(super) version: &'a str,
    /// The words after `__`.
    pub(super) words: &'a str,
    /// What follows them: `.sql`, `.rs`, `.down.sql`.
    pub(super) ending: &'a str,
}

/// Takes a name apart; `None` when refinery passes over the file.
pub(super) fn parse(file: &str) -> Option<Name<'_>> {
    let is_unordered = file.starts_with('U');
    let rest = file.strip_prefix(['U', 'V'])?;
    let (version, rest) = rest.split_once("__")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_version = match version.split_once('.') {
        Some((before, after)) => digits(before) && digits(after),
        None => digits(version),
    };
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    let (words, ending) = rest.split_at(end);
    let is_known = matches!(ending, ".sql" | ".rs" | ".down.sql");
    (is_version && !words.is_empty() && is_known).then_some(Name {
        is_unordered,
        version,
        words,
        ending,
    })
}

/// The hash before the text: of the words and the version, as Rust's `Hash` feeds them. `WIDE` is for programs built with
/// `int8-versions`.
pub(super) fn hash_of(words: &str, version: i64, is_wide: bool) -> SipHash13 {
    let mut hash = SipHash13::new();
    hash.add(words.as_bytes());
    hash.add(&[0xff]);
    let bytes = version.to_le_bytes();
    hash.add(if is_wide { &bytes } else { &bytes[..4] });
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::{FileChecksum, LineEndHashes};

    #[test]
    fn names_are_taken_apart_as_the_tool_does() {
        for (file, expected) in [
            ("V1__initial.sql", Some((false, "1", "initial", ".sql"))),
            (
                "U12__add_größe.sql",
                Some((true, "12", "add_größe", ".sql")),
            ),
            ("V3__code.rs", Some((false, "3", "code", ".rs"))),
            ("V1.2__x.sql", Some((false, "1.2", "x", ".sql"))),
            ("V1__x.down.sql", Some((false, "1", "x", ".down.sql"))),
            ("V1_x.sql", None),
            ("v1__x.sql", None),
            ("V__x.sql", None),
            ("V1__.sql", None),
            ("V1__a-b.sql", None),
            ("R__x.sql", None),
        ] {
            let found =
                parse(file).map(|name| (name.is_unordered, name.version, name.words, name.ending));
            assert_eq!(found, expected, "{file}");
        }
    }

    #[test]
    fn hashes_are_those_of_the_tool() {
        // Written by refinery 0.10 without and with `int8-versions`.
        for (is_wide, expected) in [
            (false, "1091441964215326441"),
            (true, "17850160248500988789"),
        ] {
            let mut hashes = LineEndHashes::after(hash_of("initial", 1, is_wide));
            hashes.update(b"CREATE TABLE persons (id int);\n");
            assert_eq!(hashes.end_with(&[0xff])[0].as_str(), expected);
        }
    }
}
