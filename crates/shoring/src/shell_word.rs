//! Names in commands that people copy into a shell.

use std::borrow::Cow;

/// `text` as one word of a POSIX shell: as it is, where nothing in it means anything there.
pub(crate) fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_it_is_quoted() {
        for (text, expected) in [
            ("db/migrations", "db/migrations"),
            ("démo/1.0", "démo/1.0"),
            ("Back End/db", "'Back End/db'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(text), expected);
        }
    }
}
