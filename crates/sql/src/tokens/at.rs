//! Which token an error position of a server points at.

use super::lexer::Tokens;
use shoring_core::{Dialect, Product};
use std::ops::Range;

/// The bytes of the token around `offset`, to underline it whole. Between tokens, the character at `offset`; beyond the
/// end, an empty range at the end.
///
/// ```
/// use shoring_core::Dialect;
/// use shoring_sql::tokens::token_at;
///
/// assert_eq!(token_at("SELECT frm t", 7, Dialect::Postgresql), 7..10);
/// ```
pub fn token_at(sql: &str, offset: usize, dialect: Dialect) -> Range<usize> {
    let product = match dialect {
        Dialect::Postgresql => Product::Postgresql,
        // Sees through `/*M! … */` as well.
        Dialect::Mysql => Product::Mariadb,
        Dialect::Sqlite => Product::Sqlite,
    };
    if offset >= sql.len() {
        return sql.len()..sql.len();
    }
    Tokens::new(sql, product)
        .map(|token| token.range())
        .take_while(|range| range.start <= offset)
        .find(|range| offset < range.end)
        .unwrap_or_else(|| character_at(sql, offset))
}

fn character_at(sql: &str, offset: usize) -> Range<usize> {
    let start = sql.floor_char_boundary(offset);
    let length = sql[start..].chars().next().map_or(0, char::len_utf8);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_underlines_the_whole_token() {
        for (sql, offset, expected) in [
            ("SELECT 'a b' x", 9, 7..12),
            ("SELECT \"é\" x", 8, 7..11),
            ("SELECT  x", 7, 7..8),
            ("SELECT x", 99, 8..8),
            ("SELECT $$ a $$;", 10, 7..14),
            ("a >= b", 2, 2..3),
        ] {
            assert_eq!(
                token_at(sql, offset, Dialect::Postgresql),
                expected,
                "{sql}"
            );
        }
    }
}
