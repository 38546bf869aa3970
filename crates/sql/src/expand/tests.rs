//! Texts in, outcomes and places out, for each way to write placeholders.

use super::{ExpandError, Expander, Replaced};
use shoring_core::{PlaceholderSyntax, Placeholders, Span, WithoutValue};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

fn placeholders(without_value: WithoutValue) -> Placeholders {
    let values: BTreeMap<String, String> = [
        ("schema", "app"),
        ("empty", ""),
        ("long", &*"x".repeat(70_000)),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    Placeholders {
        syntax: PlaceholderSyntax::Between {
            prefix: "${".to_owned(),
            suffix: "}".to_owned(),
        },
        values: Arc::new(values),
        own: [("file".to_owned(), "V1.sql".to_owned())].into(),
        without_value,
    }
}

/// Gives out a text one byte at a time.
struct Drip<'t>(&'t [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(1);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn expand(
    input: impl Read,
    size: usize,
    without_value: WithoutValue,
) -> (String, Result<Vec<Replaced>, ExpandError>) {
    expand_with(input, size, placeholders(without_value))
}

fn expand_with(
    input: impl Read,
    size: usize,
    placeholders: Placeholders,
) -> (String, Result<Vec<Replaced>, ExpandError>) {
    let mut expander = Expander::new(input, placeholders);
    let mut outcome = Vec::new();
    let mut buffer = vec![0; size];
    loop {
        match expander.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => outcome.extend_from_slice(&buffer[..count]),
            Err(error) => return (String::from_utf8(outcome).unwrap(), Err(error)),
        }
    }
    (
        String::from_utf8(outcome).unwrap(),
        Ok(expander.replaced().iter().cloned().collect()),
    )
}

#[test]
fn values_take_the_place_of_names_however_the_text_arrives() {
    let text = "a ${SCHEMA}.b\n-- ${empty}é$ x${schema}{ ${file} $";
    for size in [1, 2, 7, 4096] {
        for (found, replaced) in [
            expand(Drip(text.as_bytes()), size, WithoutValue::Refuse),
            expand(text.as_bytes(), size, WithoutValue::Refuse),
        ] {
            assert_eq!(found, "a app.b\n-- é$ xapp{ V1.sql $");
            let places: Vec<(u64, u64, u64, u64, u64)> = replaced
                .unwrap()
                .iter()
                .map(|one| {
                    let position = one.position;
                    (
                        one.at,
                        one.length,
                        one.offset,
                        position.line,
                        position.column,
                    )
                })
                .collect();
            assert_eq!(
                places,
                [
                    (2, 3, 2, 1, 3),
                    (11, 0, 17, 2, 4),
                    (16, 3, 30, 2, 16),
                    (21, 6, 41, 2, 27)
                ]
            );
        }
    }
}

/// Tried with Flyway 13.
#[test]
fn two_dollars_are_two_dollars() {
    for (text, expected) in [
        ("$${schema}", "$${schema}"),
        ("$$${schema}", "$$app"),
        ("x$$$${none}", "x$$$${none}"),
        ("$x${schema}", "$xapp"),
        ("a$${none}${schema}$", "a$${none}app$"),
        ("$", "$"),
    ] {
        for size in [1, 64] {
            let (told, outcome) = expand(Drip(text.as_bytes()), size, WithoutValue::Refuse);
            assert_eq!(told, expected, "{text}: {outcome:?}");
        }
    }
}

#[test]
fn a_value_longer_than_a_chunk_is_whole() {
    let (found, _) = expand("<${long}>".as_bytes(), 1000, WithoutValue::Refuse);
    assert_eq!(found.len(), 70_002);
}

#[test]
fn a_name_without_a_value_is_told_after_what_stands_before_it() {
    let (before, error) = expand("é\n  ${none} x".as_bytes(), 4096, WithoutValue::Refuse);
    assert_eq!(before, "é\n  ");
    assert_eq!(
        error.unwrap_err().to_string(),
        "there is no value for the placeholder `${none}` (line 2, column 3)"
    );
    let (before, error) = expand("a ${b\n".as_bytes(), 4096, WithoutValue::Refuse);
    assert_eq!(before, "a ");
    assert_eq!(
        error.unwrap_err().to_string(),
        "the placeholder that begins with `${` at line 1, column 3 has no end"
    );
    let (kept, _) = expand("${none} ${schema} ${b".as_bytes(), 3, WithoutValue::Keep);
    assert_eq!(kept, "${none} app ${b");
}

/// As goose has them, in the whole text or in one stretch of it.
fn shell(within: &[(u64, u64)]) -> Placeholders {
    let values = [
        ("A", "value"),
        ("A_1", "one"),
        ("EMPTY", ""),
        ("Größe", "x"),
    ];
    Placeholders {
        syntax: PlaceholderSyntax::Shell {
            within: within
                .iter()
                .map(|(start, end)| Span::new(*start, *end))
                .collect(),
        },
        values: Arc::new(
            values
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        ),
        own: BTreeMap::new(),
        without_value: WithoutValue::Refuse,
    }
}

/// The outcomes are those of mfridman/interpolate 0.0.2.
#[test]
fn a_shell_s_variables_are_as_goose_has_them() {
    for (text, expected) in [
        ("$A", "value"),
        ("${A}", "value"),
        ("$A_1.$A-$A$A", "one.value-valuevalue"),
        ("$Größe", "x"),
        ("${EMPTY}|", "|"),
        ("${EMPTY:-none}", "none"),
        ("${EMPTY-none}", ""),
        ("${NONE-none}", "none"),
        ("${NONE:-a $A b}", "a value b"),
        ("${NONE:-${A:1:2}}", "al"),
        (r"${NONE:-a\}b}", r"a\b}"),
        ("${NONE:-}|", "|"),
        ("${NONE:-$$}", "$"),
        ("${A:-x}", "value"),
        ("${A:-3:-1}", "value"),
        ("${A:1}", "alue"),
        ("${A:+1}", "alue"),
        ("${A:1:2}", "al"),
        ("${A: -3}", "lue"),
        ("${A:0:-2}", "val"),
        ("${A:9}|", "|"),
        ("${A: -99:2}", "va"),
        ("${A:1:9223372036854775807}", "alue"),
        ("${A:-9223372036854775808:1}", "value"),
        ("${A: -9223372036854775808:1}", "v"),
        ("${A?must $NONE}", "value"),
        ("$$A", "$A"),
        (r"\$A", "$A"),
        (r"\\$A", r"\\value"),
        (r"\\\$A", r"\\$A"),
        (r"a\b", r"a\b"),
        ("$(date)", "$(date)"),
        ("a $", "a $"),
        ("a $\r\n$A\n", "a $\r\nvalue\n"),
        ("AS $$$$ BEGIN", "AS $$ BEGIN"),
    ] {
        let all = shell(&[(0, text.len() as u64)]);
        for size in [1, 2, 4096] {
            let (found, replaced) = expand_with(Drip(text.as_bytes()), size, all.clone());
            assert_eq!(
                (found.as_str(), replaced.is_ok()),
                (expected, true),
                "{text}"
            );
        }
    }
}

#[test]
fn what_a_shell_s_variables_cannot_be_is_told_with_its_place() {
    let deep = "${NONE:-".repeat(10_000);
    let long = format!("${{NONE:-{}", "x".repeat(100_000));
    for (text, expected) in [
        (
            "x\n $NONE.",
            "the variable `NONE` is not set (line 2, column 2)",
        ),
        (
            "$body$",
            "the variable `body` is not set (line 1, column 1)",
        ),
        (
            "${NONE:2}",
            "the variable `NONE` is not set (line 1, column 1)",
        ),
        (
            "${EMPTY:-$NONE}",
            "the variable `NONE` is not set (line 1, column 1)",
        ),
        (
            "${NONE?ask $A}",
            "the variable `NONE` is not set: ask $A (line 1, column 1)",
        ),
        (
            "x $2a$10",
            "`$2` is no placeholder: the name of a variable begins with a letter (line 1, column 3)",
        ),
        (
            "${A+x}",
            "`${A+` is no placeholder: after the name comes `}`, `:-`, `-`, `?`, or `:` with a number (line 1, column 1)",
        ),
        (
            "${A:x}",
            "`${A:x` is no placeholder: behind `:` stands a number of bytes (line 1, column 1)",
        ),
        (
            "${A:-x\n}",
            "`${A:-x` is no placeholder: it has no end on its line (line 1, column 1)",
        ),
    ] {
        let (_, error) = expand_with(text.as_bytes(), 4096, shell(&[(0, text.len() as u64)]));
        assert_eq!(error.unwrap_err().to_string(), expected, "{text}");
    }
    for text in [deep, long] {
        let (_, error) = expand_with(text.as_bytes(), 4096, shell(&[(0, text.len() as u64)]));
        assert!(matches!(error, Err(ExpandError::Malformed { .. })));
    }
}

#[test]
fn outside_of_their_stretches_they_are_text() {
    let text = "$A\n$A\n$A\n$NONE\n";
    for size in [1, 4096] {
        let (found, replaced) = expand_with(text.as_bytes(), size, shell(&[(3, 6), (7, 7)]));
        assert_eq!(found, "$A\nvalue\n$A\n$NONE\n");
        let replaced = replaced.unwrap();
        assert_eq!((replaced.len(), replaced[0].offset), (1, 3));
        assert_eq!(replaced[0].position.line, 2);
    }
}
