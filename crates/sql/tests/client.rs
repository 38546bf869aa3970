//! Running the real command-line clients, and comparing what they sent with what we cut.

use shoring_core::Product;
use shoring_sql::tokens::{TokenKind, Tokens};
use shoring_sql::{PieceKind, SplitOptions, split_str};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The URL of a server, set by `cargo xtask test`.
pub(crate) fn url(variable: &str) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "the servers of `cargo xtask test` come through the environment"
    )]
    let url = std::env::var(variable);
    url.unwrap_or_else(|_| panic!("{variable} is not set: run this through cargo xtask test"))
}

/// Feeds a text to a client and returns its output and its messages.
pub(crate) fn run(command: &mut Command, input: &str) -> (String, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // A client that stops early closes the pipe; what it sent until then is compared all the same.
        drop(stdin.write_all(input.as_bytes()));
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// A statement without blanks, comments and terminator.
pub(crate) fn essence(sql: &str, product: Product) -> String {
    let texts: Vec<_> = Tokens::new(sql.trim_matches(|c: char| c.is_ascii_whitespace()), product)
        .filter(|token| token.kind.is_code() && token.kind != TokenKind::Punctuation(b';'))
        .map(|token| token.text)
        .collect();
    texts.join(" ")
}

/// Our statements, each reduced to its essence.
pub(crate) fn ours(text: &str, product: Product) -> Vec<String> {
    split_str(text, SplitOptions::for_product(product))
        .unwrap()
        .iter()
        .filter(|piece| piece.kind == PieceKind::Statement)
        .map(|piece| essence(piece.sql(), product))
        .collect()
}

/// Compares statement by statement, so that the first difference is what is shown.
pub(crate) fn assert_same(name: &str, ours: &[String], theirs: &[String]) {
    for (index, (our, their)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(our, their, "{name}: statement {index}");
    }
    assert_eq!(ours.len(), theirs.len(), "{name}: number of statements");
}

/// A small generator of numbers, so that generated files are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    pub(crate) fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}
