//! Contexts, labels and products: which changesets are for this database and this environment.

use shoring_core::Product;

/// How deep an expression may be nested.
const DEEPEST: usize = 64;

/// Whether an expression holds for some names: `a and !b`, `(a or b) and c`, `a, b`. Without any name it holds.
pub(super) fn holds(expression: &str, names: &[String]) -> bool {
    let tokens = tokens(&expression.to_lowercase());
    let mut reader = Reader {
        tokens: &tokens,
        names,
        depth: 0,
    };
    tokens.is_empty() || reader.any()
}

/// The names of a list: `a, b`.
pub(super) fn names(list: &str) -> Vec<String> {
    list.split(',')
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Whether a list of products (`postgresql, !h2`, `all`, `none`) has this one.
pub(super) fn has_product(list: &str, product: Product) -> bool {
    let listed = names(list);
    let name = product_name(product);
    let has = |wanted: &str| listed.iter().any(|name| name == wanted);
    if listed.is_empty() || has("all") {
        return true;
    }
    if has("none") || has(&format!("!{name}")) {
        return false;
    }
    let mut positive = listed
        .iter()
        .filter(|name| !name.starts_with('!'))
        .peekable();
    positive.peek().is_none() || positive.any(|listed| listed == name)
}

/// What the tool calls a product.
pub(super) const fn product_name(product: Product) -> &'static str {
    match product {
        Product::Postgresql => "postgresql",
        Product::Mysql => "mysql",
        Product::Mariadb => "mariadb",
        Product::Sqlite => "sqlite",
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Or,
    And,
    Not,
    Open,
    Close,
    Name(String),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut name = String::new();
    let end = |name: &mut String, tokens: &mut Vec<Token>| {
        let word = std::mem::take(name);
        match word.as_str() {
            "" => {}
            "or" => tokens.push(Token::Or),
            "and" => tokens.push(Token::And),
            "not" => tokens.push(Token::Not),
            // That a context has to be given is of interest only where some are.
            word => tokens.push(Token::Name(word.trim_start_matches('@').to_owned())),
        }
    };
    for c in text.chars() {
        let token = match c {
            ',' => Token::Or,
            '(' => Token::Open,
            ')' => Token::Close,
            '!' if name.is_empty() => Token::Not,
            c if c.is_whitespace() => {
                end(&mut name, &mut tokens);
                continue;
            }
            c => {
                name.push(c);
                continue;
            }
        };
        end(&mut name, &mut tokens);
        tokens.push(token);
    }
    end(&mut name, &mut tokens);
    tokens
}

struct Reader<'t> {
    tokens: &'t [Token],
    names: &'t [String],
    depth: usize,
}

impl Reader<'_> {
    fn next_is(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.first() == Some(token);
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }

    fn any(&mut self) -> bool {
        let mut holds = self.all();
        while self.next_is(&Token::Or) {
            holds |= self.all();
        }
        holds
    }

    fn all(&mut self) -> bool {
        let mut holds = self.one();
        while self.next_is(&Token::And) {
            holds &= self.one();
        }
        holds
    }

    fn one(&mut self) -> bool {
        let mut is_negated = false;
        while self.next_is(&Token::Not) {
            is_negated = !is_negated;
        }
        if self.depth < DEEPEST && self.next_is(&Token::Open) {
            self.depth += 1;
            let inner = self.any();
            self.depth -= 1;
            self.next_is(&Token::Close);
            // Nothing is asked for: everything is.
            return self.names.is_empty() || inner != is_negated;
        }
        let Some(Token::Name(name)) = self.tokens.first() else {
            self.tokens = self.tokens.get(1..).unwrap_or_default();
            return self.names.is_empty();
        };
        self.tokens = &self.tokens[1..];
        let is_named = self
            .names
            .iter()
            .any(|known| known.trim_start_matches('@').trim() == name);
        self.names.is_empty() || is_named != is_negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_hold_as_in_the_tool() {
        for (expression, given, expected) in [
            ("", "a", true),
            ("a", "", true),
            ("!a", "", true),
            ("a", "a", true),
            ("A", "a", true),
            ("a", "b", false),
            ("!a", "b", true),
            ("not a", "a", false),
            ("a or b", "b", true),
            ("a, b", "b", true),
            ("a and b", "b", false),
            ("a and b", "a,b", true),
            ("(a or b) and !c", "a", true),
            ("(a or b) and !c", "a,c", false),
            ("!(a or b)", "c", true),
            ("!(a or b)", "a", false),
            ("@a", "a", true),
            ("((((", "a", false),
        ] {
            assert_eq!(
                holds(expression, &names(given)),
                expected,
                "{expression} with {given}"
            );
        }
        holds(&"(".repeat(100_000), &names("a"));
    }

    #[test]
    fn products_are_listed() {
        for (list, product, expected) in [
            ("postgresql,h2", Product::Postgresql, true),
            ("mysql", Product::Mariadb, false),
            ("!h2", Product::Sqlite, true),
            ("!sqlite,mysql", Product::Sqlite, false),
            ("all", Product::Mysql, true),
            ("none", Product::Mysql, false),
            ("", Product::Mysql, true),
        ] {
            assert_eq!(has_product(list, product), expected, "{list}");
        }
    }
}
