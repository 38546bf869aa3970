//! SPDX licence expressions: `OR`, `AND`, `WITH`, parentheses, and the old `/`.

/// Whether the expression can be met with licences that `is_allowed` accepts.
///
/// A licence with an exception is asked for as `Apache-2.0 WITH LLVM-exception`.
/// What is no expression is an error.
pub(super) fn is_satisfied(
    expression: &str,
    is_allowed: &impl Fn(&str) -> bool,
) -> Result<bool, String> {
    let mut parser = Parser {
        tokens: tokens(expression),
        next: 0,
    };
    let value = parser.any(is_allowed)?;
    match parser.peek() {
        None => Ok(value),
        Some(token) => Err(format!("`{token}` is unexpected in `{expression}`")),
    }
}

struct Parser<'a> {
    tokens: Vec<&'a str>,
    next: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.next).copied()
    }

    fn take(&mut self, token: &str) -> bool {
        let is_next = self.peek() == Some(token);
        self.next += usize::from(is_next);
        is_next
    }

    /// `OR` binds loosest; the old `/` means the same.
    fn any(&mut self, is_allowed: &impl Fn(&str) -> bool) -> Result<bool, String> {
        let mut value = self.all(is_allowed)?;
        while self.take("OR") || self.take("/") {
            value |= self.all(is_allowed)?;
        }
        Ok(value)
    }

    fn all(&mut self, is_allowed: &impl Fn(&str) -> bool) -> Result<bool, String> {
        let mut value = self.one(is_allowed)?;
        while self.take("AND") {
            value &= self.one(is_allowed)?;
        }
        Ok(value)
    }

    fn one(&mut self, is_allowed: &impl Fn(&str) -> bool) -> Result<bool, String> {
        if self.take("(") {
            let value = self.any(is_allowed)?;
            return if self.take(")") {
                Ok(value)
            } else {
                Err("a `)` is missing".into())
            };
        }
        let licence = self.identifier()?;
        if self.take("WITH") {
            let exception = self.identifier()?;
            return Ok(is_allowed(&format!("{licence} WITH {exception}")));
        }
        Ok(is_allowed(licence))
    }

    fn identifier(&mut self) -> Result<&'a str, String> {
        let token = self.peek().ok_or("a licence is missing at the end")?;
        if ["(", ")", "OR", "AND", "WITH", "/"].contains(&token) {
            return Err(format!("`{token}` stands where a licence should"));
        }
        self.next += 1;
        Ok(token)
    }
}

fn tokens(expression: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in expression.split_whitespace() {
        let mut rest = word;
        while let Some(index) = rest.find(['(', ')', '/']) {
            if index > 0 {
                tokens.push(&rest[..index]);
            }
            tokens.push(&rest[index..=index]);
            rest = &rest[index + 1..];
        }
        if !rest.is_empty() {
            tokens.push(rest);
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_evaluated() {
        let is_allowed = |name: &str| {
            ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"].contains(&name)
        };
        for (expression, expected) in [
            ("MIT", Ok(true)),
            ("GPL-3.0-only", Ok(false)),
            ("MIT OR GPL-3.0-only", Ok(true)),
            ("MIT AND GPL-3.0-only", Ok(false)),
            ("MIT/Apache-2.0", Ok(true)),
            ("GPL-2.0-only / MIT", Ok(true)),
            ("GPL-3.0-only OR MIT AND ISC", Ok(true)),
            ("(GPL-3.0-only OR MIT) AND LGPL-2.1-only", Ok(false)),
            ("(MIT OR Apache-2.0) AND ISC", Ok(true)),
            ("Apache-2.0 WITH LLVM-exception", Ok(true)),
            ("Apache-2.0 WITH Other-exception", Ok(false)),
            ("MIT OR", Err(())),
            ("(MIT", Err(())),
            ("MIT ISC", Err(())),
            ("", Err(())),
        ] {
            assert_eq!(
                is_satisfied(expression, &is_allowed).map_err(drop),
                expected,
                "{expression}"
            );
        }
    }
}
