//! Names and texts in SQL of our own.

use shoring_core::push_hexadecimal;

/// A text literal that means the same in every `sql_mode` and every connection character set.
pub(super) fn text(value: &str) -> String {
    let mut literal = String::with_capacity(value.len() * 2 + 12);
    literal.push_str("_utf8mb4 x'");
    push_hexadecimal(&mut literal, value.as_bytes());
    literal.push('\'');
    literal
}

/// A quoted identifier.
pub(super) fn name(value: &str) -> String {
    format!("`{}`", value.replace('`', "``"))
}

/// A quoted identifier with its database, if one is given.
pub(super) fn qualified(schema: Option<&str>, value: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", name(schema), name(value)),
        None => name(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes() {
        assert_eq!(text("a'\\"), "_utf8mb4 x'61275c'");
        assert_eq!(text(""), "_utf8mb4 x''");
        assert_eq!(qualified(Some("d"), "a`; drop"), "`d`.`a``; drop`");
    }
}
