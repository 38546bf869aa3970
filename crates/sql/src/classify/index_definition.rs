//! What a `CREATE INDEX` asks for, as far as its tokens say: enough to compare it with an index of the same name.

use super::phrase::Phrase;
use crate::tokens::{TokenKind, Tokens};
use shoring_core::Product;

/// The parts of a `CREATE INDEX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDefinition<'a> {
    /// `UNIQUE` was written.
    pub is_unique: bool,
    /// `IF NOT EXISTS` was written.
    pub is_guarded: bool,
    /// `FULLTEXT`, `SPATIAL` or `VECTOR` (MySQL, MariaDB), upper case.
    pub special: Option<String>,
    /// The index, without its schema.
    pub name: Option<String>,
    /// The schema before the name of the table, or of the index (SQLite).
    pub schema: Option<String>,
    /// The table.
    pub table: String,
    /// Everything behind the name of the table.
    pub tail: &'a str,
    /// The list of columns; `None` if a part of it is anything but a column.
    pub columns: Option<Vec<IndexColumn>>,
}

/// A column in the list of an index. Its order and collation are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexColumn {
    /// Its name.
    pub name: String,
    /// MySQL: how many characters of it are indexed.
    pub length: Option<u64>,
}

impl<'a> IndexDefinition<'a> {
    /// The parts of `sql`, a statement as the splitter cut it; `None` if it is no `CREATE INDEX` with a table.
    ///
    /// ```
    /// use shoring_core::Product;
    /// use shoring_sql::classify::IndexDefinition;
    ///
    /// let sql = "create unique index if not exists i on Orders (id) where paid";
    /// let index = IndexDefinition::read(sql, Product::Postgresql).unwrap();
    /// assert!(index.is_unique && index.is_guarded);
    /// assert_eq!((index.table.as_str(), index.tail), ("orders", " (id) where paid"));
    /// assert_eq!(index.columns.unwrap()[0].name, "id");
    /// ```
    pub fn read(sql: &'a str, product: Product) -> Option<Self> {
        let mut phrase = Phrase::new(sql, product);
        if !phrase.eat("CREATE") {
            return None;
        }
        phrase.eat("OR REPLACE");
        let is_unique = phrase.eat("UNIQUE");
        let special = ["FULLTEXT", "SPATIAL", "VECTOR"]
            .into_iter()
            .find(|word| phrase.eat(word))
            .map(str::to_owned);
        if !phrase.eat("INDEX") {
            return None;
        }
        phrase.eat("CONCURRENTLY");
        let is_guarded = phrase.eat("IF NOT EXISTS");
        let index = if phrase.is("ON") { None } else { phrase.name() };
        if !phrase.find("ON") {
            return None;
        }
        phrase.eat("ONLY");
        let table = phrase.name()?;
        let tail = sql.get(phrase.end_of_last()..).unwrap_or_default();
        Some(Self {
            is_unique,
            is_guarded,
            special,
            schema: table
                .schema
                .or_else(|| index.as_ref().and_then(|name| name.schema.clone())),
            name: index.map(|name| name.name),
            table: table.name,
            tail,
            columns: columns(&mut phrase),
        })
    }

    /// The tokens behind the table as one text for comparing: without blanks and comments, names unquoted and in lower case,
    /// and without the word `ASC`, which says what is so anyway.
    pub fn comparable_tail(&self, product: Product) -> String {
        let tokens: Vec<String> = Tokens::new(self.tail, product)
            .filter(|token| token.kind.is_code() && !token.is("ASC"))
            .filter(|token| token.kind != TokenKind::Punctuation(b';'))
            .map(|token| match token.kind {
                TokenKind::Word => token.text.to_lowercase(),
                TokenKind::QuotedName => {
                    let mut phrase = Phrase::new(token.text, product);
                    let name = phrase.name().map(|name| name.name.to_lowercase());
                    name.unwrap_or_else(|| token.text.to_owned())
                }
                TokenKind::String
                | TokenKind::Number
                | TokenKind::Punctuation(_)
                | TokenKind::Comment
                | TokenKind::ExecutableComment => token.text.to_owned(),
            })
            .collect();
        tokens.join(" ")
    }
}

/// The columns of the list that comes next, behind a method if one is named.
fn columns(phrase: &mut Phrase<'_>) -> Option<Vec<IndexColumn>> {
    if phrase.eat("USING") {
        phrase.skip();
    }
    if !phrase.eat_punctuation(b'(') {
        return None;
    }
    let mut columns = Vec::new();
    loop {
        let name = phrase.name().filter(|name| name.schema.is_none())?;
        let mut length = None;
        if phrase.eat_punctuation(b'(') {
            length = Some(phrase.number()?);
            if !phrase.eat_punctuation(b')') {
                return None;
            }
        }
        if phrase.eat("COLLATE") {
            phrase.name()?;
        }
        phrase.eat_all(&["ASC", "DESC"]);
        columns.push(IndexColumn {
            name: name.name,
            length,
        });
        if phrase.eat_punctuation(b')') {
            return Some(columns);
        }
        if !phrase.eat_punctuation(b',') {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str, product: Product) -> IndexDefinition<'_> {
        IndexDefinition::read(sql, product).unwrap_or_else(|| panic!("{sql}"))
    }

    #[test]
    fn columns_are_told_from_expressions() {
        for (sql, product, columns) in [
            (
                "CREATE INDEX i ON t (a, `B`(10) DESC)",
                Product::Mariadb,
                Some("a B10"),
            ),
            (
                "CREATE INDEX i USING HASH ON t (a)",
                Product::Mariadb,
                Some("a"),
            ),
            (
                "CREATE INDEX i ON t (a COLLATE nocase ASC, [b c])",
                Product::Sqlite,
                Some("a b c"),
            ),
            ("CREATE INDEX i ON t (lower(a))", Product::Sqlite, None),
            ("CREATE INDEX i ON t (a + b)", Product::Sqlite, None),
            ("CREATE INDEX i ON t ((a))", Product::Postgresql, None),
            (
                "CREATE INDEX ON t USING gin (a)",
                Product::Postgresql,
                Some("a"),
            ),
        ] {
            let told = read(sql, product).columns.map(|columns| {
                let one = |column: IndexColumn| {
                    let length = column.length.map(|length| length.to_string());
                    format!("{}{}", column.name, length.unwrap_or_default())
                };
                columns.into_iter().map(one).collect::<Vec<_>>().join(" ")
            });
            assert_eq!(told.as_deref(), columns, "{sql}");
        }
    }

    #[test]
    fn spelling_does_not_matter() {
        let one = read(
            "CREATE INDEX i ON t (\"A\" ASC,b) WHERE b>1 -- few",
            Product::Sqlite,
        );
        let other = read(
            "create index main.i on [t](a , `B`) where b > 1;",
            Product::Sqlite,
        );
        let tails = [&one, &other].map(|index| index.comparable_tail(Product::Sqlite));
        assert_eq!(tails[0], tails[1]);
        assert_eq!(other.schema.as_deref(), Some("main"));
        let third = read(
            "CREATE INDEX i ON t (a DESC, b) WHERE b > 1",
            Product::Sqlite,
        );
        assert_ne!(tails[0], third.comparable_tail(Product::Sqlite));
    }

    #[test]
    fn what_is_no_index() {
        for sql in [
            "CREATE TABLE i (a int)",
            "CREATE INDEX i",
            "DROP INDEX i",
            "",
        ] {
            assert_eq!(
                IndexDefinition::read(sql, Product::Postgresql),
                None,
                "{sql}"
            );
        }
    }
}
