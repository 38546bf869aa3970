//! A cursor over the significant tokens of a statement, with what classifying needs: keywords, names, lists.

use crate::tokens::{Token, TokenKind, Tokens};
use shoring_core::{Dialect, Product, Target, TargetKind};
use std::cell::RefCell;

/// Tokens looked at; what a statement is shows long before.
const LIMIT: usize = 4096;

/// A name with what stands before its dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) schema: Option<String>,
    pub(super) name: String,
}

impl Name {
    pub(super) fn target(self, kind: TargetKind) -> Target {
        Target {
            kind,
            schema: self.schema,
            name: self.name,
            table: None,
        }
    }
}

/// The cursor. Tokens are read when they are asked for: of most statements the first words tell everything, and a seed file
/// has a million of them.
#[derive(Debug, Clone)]
pub(super) struct Phrase<'a> {
    read: RefCell<Vec<Token<'a>>>,
    source: RefCell<Tokens<'a>>,
    at: usize,
    pub(super) product: Product,
}

impl<'a> Phrase<'a> {
    pub(super) fn new(sql: &'a str, product: Product) -> Self {
        Self {
            read: RefCell::default(),
            source: RefCell::new(Tokens::new(sql, product)),
            at: 0,
            product,
        }
    }

    fn token(&self, ahead: usize) -> Option<Token<'a>> {
        self.token_at(self.at + ahead)
    }

    fn token_at(&self, index: usize) -> Option<Token<'a>> {
        let mut read = self.read.borrow_mut();
        let mut source = self.source.borrow_mut();
        while read.len() <= index && read.len() < LIMIT {
            read.push(source.by_ref().find(|token| token.kind.is_code())?);
        }
        read.get(index).copied()
    }

    /// Whether this keyword comes next.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.token(0).is_some_and(|token| token.is(keyword))
    }

    /// Whether one of these keywords comes next.
    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// Whether this character comes next.
    pub(super) fn is_punctuation(&self, byte: u8) -> bool {
        self.token(0)
            .is_some_and(|token| token.kind == TokenKind::Punctuation(byte))
    }

    /// Whether these keywords come next, all of them in this order (`"IF NOT EXISTS"`).
    pub(super) fn starts_with(&self, keywords: &str) -> bool {
        keywords
            .split(' ')
            .enumerate()
            .all(|(ahead, keyword)| self.token(ahead).is_some_and(|token| token.is(keyword)))
    }

    /// Steps over these keywords if they come next, all of them in this order.
    pub(super) fn eat(&mut self, keywords: &str) -> bool {
        let is_next = self.starts_with(keywords);
        if is_next {
            self.at += keywords.split(' ').count();
        }
        is_next
    }

    /// Steps over any of these as long as one comes next.
    pub(super) fn eat_all(&mut self, alternatives: &[&str]) {
        while alternatives.iter().any(|keywords| self.eat(keywords)) {}
    }

    pub(super) fn eat_punctuation(&mut self, byte: u8) -> bool {
        let is_next = self.is_punctuation(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Steps over the next token.
    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    /// Steps over a parenthesised list if one comes next; returns whether it did.
    pub(super) fn eat_parentheses(&mut self) -> bool {
        if !self.is_punctuation(b'(') {
            return false;
        }
        let mut depth = 0_u32;
        while let Some(token) = self.token(0) {
            self.at += 1;
            match token.kind {
                TokenKind::Punctuation(b'(') => depth += 1,
                TokenKind::Punctuation(b')') => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
        }
        true
    }

    /// Where the last token that was stepped over ends, in bytes.
    pub(super) fn end_of_last(&self) -> usize {
        let last = self.at.checked_sub(1).and_then(|at| self.token_at(at));
        last.map_or(0, |token| token.range().end)
    }

    /// Steps over a whole number.
    pub(super) fn number(&mut self) -> Option<u64> {
        let number = self.token(0)?.text.parse().ok()?;
        self.at += 1;
        Some(number)
    }

    /// Whether nothing (but a terminator) is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.token(0)
            .is_none_or(|token| token.kind == TokenKind::Punctuation(b';'))
    }

    /// The next token as an upper-case word, empty if it is none.
    pub(super) fn keyword(&self) -> String {
        match self.token(0) {
            Some(token) if token.kind == TokenKind::Word => token.text.to_ascii_uppercase(),
            Some(_) | None => String::new(),
        }
    }

    /// Moves behind the first of these keywords outside of parentheses; false if there is none.
    pub(super) fn find(&mut self, keyword: &str) -> bool {
        while !self.is_at_end() {
            if self.eat(keyword) {
                return true;
            }
            if !self.eat_parentheses() {
                self.skip();
            }
        }
        false
    }

    /// Whether this keyword comes anywhere, also inside of parentheses.
    pub(super) fn contains(&self, keyword: &str) -> bool {
        (self.at..)
            .map_while(|index| self.token_at(index))
            .any(|token| token.is(keyword))
    }

    /// Whether these tokens come one after the other somewhere (words in upper case or punctuation).
    pub(super) fn contains_sequence(&self, sequence: &[&str]) -> bool {
        self.rest().windows(sequence.len()).any(|window| {
            window
                .iter()
                .zip(sequence)
                .all(|(token, text)| token.text.eq_ignore_ascii_case(text))
        })
    }

    /// Whether there is a comma outside of parentheses.
    pub(super) fn has_comma(&self) -> bool {
        let mut phrase = self.clone();
        while !phrase.is_at_end() {
            if phrase.is_punctuation(b',') {
                return true;
            }
            if !phrase.eat_parentheses() {
                phrase.skip();
            }
        }
        false
    }

    /// All tokens from here on.
    pub(super) fn rest(&self) -> Vec<Token<'a>> {
        (self.at..)
            .map_while(|index| self.token_at(index))
            .collect()
    }

    /// A name, possibly qualified. Of three parts, the last two count.
    pub(super) fn name(&mut self) -> Option<Name> {
        let mut name = Name {
            schema: None,
            name: self.simple_name()?,
        };
        while self.is_punctuation(b'.') {
            self.skip();
            let next = self.simple_name()?;
            name = Name {
                schema: Some(name.name),
                name: next,
            };
        }
        Some(name)
    }

    /// Names with commas between them; parentheses after a name (arguments of a function) are passed over.
    pub(super) fn names(&mut self) -> Vec<Name> {
        let mut names = Vec::new();
        while let Some(name) = self.name() {
            names.push(name);
            self.eat_punctuation(b'*');
            self.eat_parentheses();
            if !self.eat_punctuation(b',') {
                break;
            }
        }
        names
    }

    fn simple_name(&mut self) -> Option<String> {
        let dialect = self.product.dialect();
        let token = self.token(0)?;
        let name = match token.kind {
            TokenKind::Word if dialect == Dialect::Postgresql => token.text.to_ascii_lowercase(),
            TokenKind::Word => token.text.to_owned(),
            TokenKind::QuotedName => unquoted(token.text)?,
            // SQLite takes a string for a name, MySQL `"x"` under ANSI_QUOTES.
            TokenKind::String if dialect == Dialect::Sqlite => unquoted(token.text)?,
            TokenKind::String if token.text.starts_with('"') => unquoted(token.text)?,
            TokenKind::String
            | TokenKind::Number
            | TokenKind::Punctuation(_)
            | TokenKind::Comment
            | TokenKind::ExecutableComment => return None,
        };
        self.at += 1;
        Some(name)
    }
}

/// The name between quotes. `None` for PostgreSQL's `U&"…"` with escapes, and for one that is not closed.
fn unquoted(text: &str) -> Option<String> {
    let (text, is_escaped) = match text.get(..2) {
        Some("U&" | "u&") => (&text[2..], true),
        Some(_) | None => (text, false),
    };
    if is_escaped && text.contains('\\') {
        return None;
    }
    let open = text.chars().next()?;
    let close = if open == '[' { ']' } else { open };
    let inner = text.strip_prefix(open)?.strip_suffix(close)?;
    Some(inner.replace(&format!("{close}{close}"), &close.to_string()))
}
