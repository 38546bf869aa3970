//! What `SET standard_conforming_strings` in a file does to the strings after it.

use crate::tokens::{Token, TokenKind, Tokens};
use shoring_core::Product;

const SETTING: &str = "standard_conforming_strings";

/// The setting while a file is read.
#[derive(Debug)]
pub(super) struct Follower {
    /// What `DEFAULT` and `RESET` mean.
    default: bool,
    session: bool,
    /// `SET LOCAL`, until the transaction ends.
    local: Option<bool>,
}

impl Follower {
    pub(super) const fn new(start: bool) -> Self {
        Self {
            default: start,
            session: start,
            local: None,
        }
    }

    /// Whether a backslash is an ordinary character in `'…'` now.
    pub(super) fn is_on(&self) -> bool {
        self.local.unwrap_or(self.session)
    }

    /// Takes note of a statement that has just been cut.
    pub(super) fn follow(&mut self, sql: &[u8]) {
        // Every file has thousands of statements that are none of these.
        if !matches!(sql.first(), Some(byte) if b"sSrRdDcCeEaA".contains(byte)) {
            return;
        }
        let ends = [&b"COMMIT"[..], b"ROLLBACK", b"END", b"ABORT"];
        if ends.iter().any(|word| starts_with(sql, word)) {
            self.local = None;
            return;
        }
        let may_set = [&b"SET"[..], b"RESET", b"DISCARD", b"SELECT"];
        if sql.len() > 1024 || !may_set.iter().any(|word| starts_with(sql, word)) {
            return;
        }
        let Ok(sql) = std::str::from_utf8(sql) else {
            return;
        };
        let tokens: Vec<Token<'_>> = Tokens::new(sql, Product::Postgresql)
            .filter(|token| token.kind.is_code())
            .collect();
        match tokens.as_slice() {
            [verb, what] if verb.is("RESET") && (is_setting(what) || what.is("ALL")) => {
                self.put(false, Some(self.default));
            }
            [verb, what] if verb.is("DISCARD") && what.is("ALL") => {
                self.put(false, Some(self.default));
            }
            [verb, name, sign, value] if verb.is("SET") && is_setting(name) && is_sign(sign) => {
                self.put(false, self.value(value));
            }
            [verb, scope, name, sign, value]
                if verb.is("SET") && is_setting(name) && is_sign(sign) =>
            {
                self.put(scope.is("LOCAL"), self.value(value));
            }
            [verb, ..] if verb.is("SELECT") => self.follow_call(&tokens),
            _ => {}
        }
    }

    /// `set_config('standard_conforming_strings', 'off', false)`.
    fn follow_call(&mut self, tokens: &[Token<'_>]) {
        for window in tokens.windows(7) {
            let [function, _, name, _, value, _, is_local] = window else {
                continue;
            };
            if function.is("SET_CONFIG") && is_setting(name) {
                self.put(is_local.is("TRUE"), self.value(value));
            }
        }
    }

    fn put(&mut self, is_local: bool, value: Option<bool>) {
        // The server refuses what is no boolean, and nothing changes.
        let Some(value) = value else { return };
        if is_local {
            self.local = Some(value);
        } else {
            self.session = value;
            self.local = None;
        }
    }

    /// A boolean as the server reads it: unique beginnings count.
    fn value(&self, token: &Token<'_>) -> Option<bool> {
        let text = plain(token).to_ascii_lowercase();
        if text == "default" {
            return Some(self.default);
        }
        let begins = |words: &[&str]| words.iter().any(|word| word.starts_with(&text));
        match text.as_str() {
            "" | "o" => None,
            "on" | "1" => Some(true),
            "of" | "off" | "0" => Some(false),
            _ if begins(&["true", "yes"]) => Some(true),
            _ if begins(&["false", "no"]) => Some(false),
            _ => None,
        }
    }
}

fn starts_with(sql: &[u8], word: &[u8]) -> bool {
    sql.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn is_setting(token: &Token<'_>) -> bool {
    plain(token).eq_ignore_ascii_case(SETTING)
}

fn is_sign(token: &Token<'_>) -> bool {
    token.is("TO") || token.kind == TokenKind::Punctuation(b'=')
}

fn plain<'a>(token: &Token<'a>) -> &'a str {
    token.text.trim_matches(['\'', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_followed() {
        for (statements, expected) in [
            (&["SET standard_conforming_strings = off"][..], false),
            (&["set session standard_conforming_strings to 'f'"], false),
            (&["SET \"standard_conforming_strings\" = 0"], false),
            (
                &["SET standard_conforming_strings = off", "RESET ALL"],
                true,
            ),
            (
                &[
                    "SET standard_conforming_strings = off",
                    "SET standard_conforming_strings TO DEFAULT",
                ],
                true,
            ),
            (
                &["SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false)"],
                false,
            ),
            (&["SET LOCAL standard_conforming_strings = off"], false),
            (
                &["SET LOCAL standard_conforming_strings = off", "COMMIT"],
                true,
            ),
            (&["SET standard_conforming_strings = nonsense"], true),
            (&["SELECT 'standard_conforming_strings'"], true),
        ] {
            let mut follower = Follower::new(true);
            for statement in statements {
                follower.follow(statement.as_bytes());
            }
            assert_eq!(follower.is_on(), expected, "{statements:?}");
        }
    }
}
