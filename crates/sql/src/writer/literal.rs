//! Names and values in the spelling of each dialect.

use shoring_core::{Dialect, Value, push_hexadecimal};

/// Writes a quoted name.
pub(super) fn push_name(text: &mut String, dialect: Dialect, name: &str) {
    let quote = match dialect {
        Dialect::Postgresql | Dialect::Sqlite => '"',
        Dialect::Mysql => '`',
    };
    push_quoted(text, quote, name);
}

/// Writes a literal.
pub(super) fn push_value(text: &mut String, dialect: Dialect, value: &Value) {
    match (value, dialect) {
        (Value::Null, _) => text.push_str("NULL"),
        (Value::Bool(value), Dialect::Postgresql | Dialect::Mysql) => {
            text.push_str(if *value { "TRUE" } else { "FALSE" });
        }
        // SQLite knows TRUE and FALSE since 3.23 only.
        (Value::Bool(value), Dialect::Sqlite) => text.push(if *value { '1' } else { '0' }),
        (Value::Int(value), _) => push_integer(text, *value, dialect),
        (Value::Float(value), _) => push_float(text, *value, dialect),
        (Value::Text(value), _) => push_text(text, value, dialect),
        (Value::Bytes(bytes), Dialect::Postgresql) => {
            // `E''` makes the backslash the same under either standard_conforming_strings.
            text.push_str("E'\\\\x");
            push_hexadecimal(text, bytes);
            text.push_str("'::bytea");
        }
        (Value::Bytes(bytes), Dialect::Mysql | Dialect::Sqlite) => {
            text.push_str("x'");
            push_hexadecimal(text, bytes);
            text.push('\'');
        }
    }
}

/// The smallest integer has no literal of its own: servers read the digits first and the sign afterwards.
fn push_integer(text: &mut String, value: i64, dialect: Dialect) {
    if value == i64::MIN && dialect != Dialect::Mysql {
        text.push_str("(-9223372036854775807 - 1)");
    } else if value < 0 {
        // Parenthesised, so that `- -1` can never become a comment and `-1::bigint` not bind wrongly.
        text.push_str(&format!("({value})"));
    } else {
        text.push_str(&value.to_string());
    }
}

fn push_float(text: &mut String, value: f64, dialect: Dialect) {
    if value.is_finite() {
        let digits = format!("{value:e}");
        if value.is_sign_negative() {
            text.push_str(&format!("({digits})"));
        } else {
            text.push_str(&digits);
        }
        return;
    }
    let name = match (value.is_nan(), value > 0.0) {
        (true, _) => "NaN",
        (false, true) => "Infinity",
        (false, false) => "-Infinity",
    };
    match dialect {
        Dialect::Postgresql => text.push_str(&format!("'{name}'::float8")),
        // Literals out of range are read as infinite; NaN is stored as NULL (SQLite manual, floatingpoint).
        Dialect::Sqlite if value.is_nan() => text.push_str("NULL"),
        Dialect::Sqlite => text.push_str(if value > 0.0 { "9e999" } else { "(-9e999)" }),
        // MySQL has neither.
        Dialect::Mysql => text.push_str("NULL"),
    }
}

fn push_text(text: &mut String, value: &str, dialect: Dialect) {
    match dialect {
        Dialect::Postgresql if value.contains('\\') => {
            text.push_str("E'");
            for character in value.chars() {
                match character {
                    '\'' => text.push_str("''"),
                    '\\' => text.push_str("\\\\"),
                    '\0' => text.push('\u{FFFD}'),
                    character => text.push(character),
                }
            }
            text.push('\'');
        }
        // Whether a backslash escapes depends on the SQL mode, which a migration may change: hexadecimal means the same
        // under every mode. An empty hexadecimal literal is a syntax error in `0x`, so it never gets here.
        Dialect::Mysql if value.chars().any(needs_hexadecimal) => {
            text.push_str("_utf8mb4 0x");
            push_hexadecimal(text, value.as_bytes());
        }
        Dialect::Sqlite if value.contains('\0') => {
            text.push_str("CAST(x'");
            push_hexadecimal(text, value.as_bytes());
            text.push_str("' AS TEXT)");
        }
        Dialect::Postgresql | Dialect::Mysql | Dialect::Sqlite => push_quoted(text, '\'', value),
    }
}

fn needs_hexadecimal(character: char) -> bool {
    matches!(character, '\\' | '\'' | '"') || character.is_control()
}

fn push_quoted(text: &mut String, quote: char, value: &str) {
    text.push(quote);
    let mut rest = value;
    // Nearly always there is none.
    while let Some((before, after)) = rest.split_once(['\0', quote]) {
        let is_quote = rest[before.len()..].starts_with(quote);
        text.push_str(before);
        if is_quote {
            text.push(quote);
            text.push(quote);
        } else {
            text.push('\u{FFFD}');
        }
        rest = after;
    }
    text.push_str(rest);
    text.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(dialect: Dialect, value: impl Into<Value>) -> String {
        let mut text = String::new();
        push_value(&mut text, dialect, &value.into());
        text
    }

    #[test]
    fn text_means_the_same_under_every_setting() {
        use Dialect::{Mysql, Postgresql, Sqlite};
        for (dialect, value, expected) in [
            (Postgresql, "it's", "'it''s'"),
            (Postgresql, r"C:\x'", r"E'C:\\x'''"),
            (Mysql, "plain ü", "'plain ü'"),
            (Mysql, "it's", "_utf8mb4 0x69742773"),
            (Mysql, r"a\", "_utf8mb4 0x615c"),
            (Mysql, "", "''"),
            (Mysql, "a\nb", "_utf8mb4 0x610a62"),
            (Sqlite, r"it's \n", r"'it''s \n'"),
            (Sqlite, "a\0", "CAST(x'6100' AS TEXT)"),
        ] {
            assert_eq!(literal(dialect, value), expected);
        }
    }

    #[test]
    fn names_are_quoted_with_the_quote_doubled() {
        let mut text = String::new();
        push_name(&mut text, Dialect::Mysql, "a`b");
        push_name(&mut text, Dialect::Postgresql, "a\"b");
        assert_eq!(text, "`a``b`\"a\"\"b\"");
    }

    #[test]
    fn numbers_keep_their_value_and_type() {
        assert_eq!(literal(Dialect::Sqlite, -5), "(-5)");
        assert_eq!(
            literal(Dialect::Postgresql, i64::MIN),
            "(-9223372036854775807 - 1)"
        );
        assert_eq!(literal(Dialect::Mysql, i64::MIN), "(-9223372036854775808)");
        let mut text = String::new();
        push_value(&mut text, Dialect::Sqlite, &Value::Float(1.0));
        assert_eq!(text, "1e0");
    }
}
