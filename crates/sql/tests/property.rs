//! Properties that hold for every text.

use proptest::prelude::*;
use shoring_core::{Dialect, Product, ServerVersion};
use shoring_sql::tokens::{Tokens, token_at};
use shoring_sql::{Piece, PieceKind, SplitOptions, Splitter, classify, header_comments, split_str};
use std::io::Read;

const PRODUCTS: &[Product] = &[
    Product::Postgresql,
    Product::Mysql,
    Product::Mariadb,
    Product::Sqlite,
];

/// Gives one byte at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(1);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Pieces up to the end or the error, and the error as text.
fn pieces(input: impl Read, product: Product) -> (Vec<Piece>, Option<String>) {
    let mut splitter = Splitter::new(input, SplitOptions::for_product(product));
    let mut pieces = Vec::new();
    loop {
        match splitter.next_piece() {
            Ok(Some(piece)) => pieces.push(piece),
            Ok(None) => return (pieces, None),
            Err(error) => return (pieces, Some(format!("{error:?}"))),
        }
    }
}

fn soup() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            ";", "'", "\"", "`", "$$", "$a$", "$", "--", "-- ", "/*", "*/", "/*!", "/*M!", "#", "\n", "\r\n", " ", "(", ")", "[", "]", "\\", "\\.", "\n\\.\n", "\\g",
            "E'", "U&'", "CREATE ", "OR REPLACE ", "FUNCTION ", "PROCEDURE ", "TRIGGER ", "EVENT ", "PACKAGE ", "BEGIN ", "ATOMIC ", "NOT ", "CASE ", "WHEN ", "THEN ", "ELSE ", "END", "IF ", "LOOP ", "REPEAT ",
            "UNTIL ", "WHILE ", "DO ", "FOR ", "EACH ROW ", "DECLARE ", "HANDLER ", "RETURN ", "AS ", "IS ", "COPY t FROM stdin;", "COPY ", "FROM ", "STDIN", "\nDELIMITER //\n", "DELIMITER", "//", "use ", "source", "\n.read x", "TEMP ", "EXPLAIN ", ".", ":", ":=", "@", "1", "1e", "é", "\u{feff}", "\u{a0}", "\u{1F600}",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// Statements that are closed in themselves.
fn closed(product: Product) -> Vec<&'static str> {
    let all = vec![
        "SELECT 1",
        "SELECT 'a;''b'",
        "SELECT \"a;b\"",
        "INSERT INTO t VALUES (1, ')')",
        "/* ; */ SELECT 2 -- ; x\n",
        "SELECT CASE WHEN 1 THEN 2 END",
    ];
    let own = match product.dialect() {
        Dialect::Postgresql => vec![
            "SELECT $$ ; $$",
            "SELECT E'\\';'",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
            "/* /* ; */ ; */ SELECT a[1:2]",
        ],
        Dialect::Mysql => vec![
            "SELECT 'a\\';b'",
            "SELECT `;`",
            "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT IF(1,2,3); END IF; END",
            "/*!40101 SET a = 1; */",
            "SELECT 1 # ;\n",
        ],
        Dialect::Sqlite => vec![
            "SELECT [;]",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; END",
            "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT ';'; END",
        ],
    };
    [all, own].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn joining_the_pieces_gives_the_input(text in soup()) {
        for product in PRODUCTS {
            let (pieces, error) = pieces(text.as_bytes(), *product);
            let joined: String = pieces.iter().map(Piece::full_text).collect();
            if error.is_none() {
                prop_assert_eq!(&joined, &text);
            } else {
                prop_assert!(text.starts_with(&joined));
            }
            for piece in &pieces {
                prop_assert_eq!(&text[piece.full.start as usize..piece.full.end as usize], piece.full_text());
                prop_assert_eq!(&text[piece.span.start as usize..piece.span.end as usize], piece.sql());
                prop_assert_eq!(piece.kind == PieceKind::Statement, piece.kind != PieceKind::ClientCommand && !matches!(piece.kind, PieceKind::CopyData { .. }) && !piece.sql().is_empty());
                prop_assert!(!piece.full_text().is_empty());
            }
        }
    }

    #[test]
    fn positions_are_those_of_the_text(text in soup()) {
        for product in PRODUCTS {
            for piece in pieces(text.as_bytes(), *product).0 {
                let before = &text[..piece.span.start as usize];
                let before = before.strip_prefix('\u{feff}').unwrap_or(before);
                prop_assert_eq!(piece.position, shoring_core::Position::START.advanced_by(before));
            }
        }
    }

    #[test]
    fn the_size_of_the_chunks_does_not_matter(text in soup()) {
        for product in PRODUCTS {
            prop_assert_eq!(pieces(text.as_bytes(), *product), pieces(Trickle(text.as_bytes()), *product));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for product in PRODUCTS {
            prop_assert_eq!(pieces(bytes.as_slice(), *product), pieces(Trickle(&bytes), *product));
        }
    }

    #[test]
    fn no_text_makes_the_lexer_or_the_classifier_panic(text in soup(), offset in 0_usize..200) {
        for product in PRODUCTS {
            let mut end = 0;
            for token in Tokens::new(&text, *product) {
                prop_assert!(token.offset >= end && !token.text.is_empty());
                end = token.range().end;
            }
            classify(&text, *product, ServerVersion::new(15, 0, 0));
            header_comments(&text, product.dialect());
            let range = token_at(&text, offset, product.dialect());
            prop_assert!(text.get(range).is_some());
        }
    }

    #[test]
    fn joining_statements_keeps_their_number(
        choice in 0_usize..4,
        seeds in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4), 1..20),
    ) {
        let product = PRODUCTS[choice];
        let statements = closed(product);
        let mut text = String::new();
        for (statement, blank) in &seeds {
            text.push_str(statements[statement.index(statements.len())]);
            text.push_str([";", ";\n", " \r\n;\t", "\u{c}; /* ; */ "][*blank]);
        }
        let pieces = split_str(&text, SplitOptions::for_product(product)).unwrap();
        let count = pieces.iter().filter(|piece| piece.kind == PieceKind::Statement).count();
        prop_assert_eq!(count, seeds.len());
    }
}

#[test]
fn copy_data_come_in_pieces_of_whole_lines() {
    let line = "x".repeat(1000) + "\n";
    let data = line.repeat(1000);
    let text = format!("COPY t FROM stdin;\n{data}\\.\nSELECT 1;");
    let (pieces, error) = pieces(text.as_bytes(), Product::Postgresql);
    assert_eq!(error, None);
    let copied: Vec<_> = pieces
        .iter()
        .filter(|piece| matches!(piece.kind, PieceKind::CopyData { .. }))
        .collect();
    assert!(copied.iter().all(|piece| piece.sql().len() <= 64 * 1024
        && (piece.sql().is_empty() || piece.sql().ends_with('\n'))));
    assert_eq!(
        copied.iter().map(|piece| piece.sql()).collect::<String>(),
        data
    );
    assert_eq!(
        copied
            .iter()
            .filter(|piece| piece.kind == PieceKind::CopyData { is_last: true })
            .count(),
        1
    );
    assert_eq!(pieces.last().unwrap().sql(), "SELECT 1");
}

#[test]
fn a_statement_beyond_the_limit_is_refused_and_long_trivia_are_not() {
    let options = SplitOptions::for_product(Product::Postgresql);
    let long = format!("SELECT 1; SELECT '{}';", "x".repeat(1 << 20));
    let results: Vec<_> = Splitter::new(long.as_bytes(), options)
        .with_limit(100_000)
        .collect();
    assert_eq!(results.len(), 2);
    assert!(matches!(
        results[1],
        Err(shoring_sql::SplitError::TooLong {
            limit: 100_000,
            offset: 9,
            ..
        })
    ));
    let comments = "-- comment\n".repeat(100_000) + "SELECT 1;";
    assert!(
        Splitter::new(comments.as_bytes(), options)
            .with_limit(200_000)
            .all(|piece| piece.is_ok())
    );
}

const VALUES: &[(&str, &str)] = &[
    ("${one}", "x"),
    ("${statements}", "SELECT 1; SELECT\n 'é;';"),
    ("${quote}", "'"),
    ("${empty}", ""),
];

fn with_placeholders() -> impl Strategy<Value = String> {
    let placeholder = prop::sample::select(VALUES).prop_map(|(written, _)| written.to_owned());
    prop::collection::vec(prop_oneof![soup(), placeholder], 0..8).prop_map(|parts| parts.concat())
}

fn expanded_pieces(input: impl Read, product: Product) -> (Vec<Piece>, Option<String>) {
    let values = VALUES
        .iter()
        .map(|(written, value)| {
            let name = written.trim_start_matches("${").trim_end_matches('}');
            (name.to_owned(), (*value).to_owned())
        })
        .collect();
    let placeholders = shoring_core::Placeholders {
        syntax: shoring_core::PlaceholderSyntax::Between {
            prefix: "${".to_owned(),
            suffix: "}".to_owned(),
        },
        values: std::sync::Arc::new(values),
        own: std::collections::BTreeMap::new(),
        without_value: shoring_core::WithoutValue::Refuse,
    };
    let mut splitter =
        Splitter::new(input, SplitOptions::for_product(product)).expanding(Some(placeholders));
    let mut pieces = Vec::new();
    loop {
        match splitter.next_piece() {
            Ok(Some(piece)) => pieces.push(piece),
            Ok(None) => return (pieces, None),
            Err(error) => return (pieces, Some(format!("{error:?}"))),
        }
    }
}

/// The text with its values. Flyway takes the character behind a `$` for text when it is no `{`, whatever it is.
fn as_flyway_replaces(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let value = VALUES.iter().find(|(written, _)| rest.starts_with(written));
        let length = match value {
            Some((written, value)) => {
                out.push_str(value);
                rest = &rest[written.len()..];
                continue;
            }
            None if next == '$' => rest.chars().take(2).map(char::len_utf8).sum(),
            None => next.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

proptest! {
    /// What is sent is the text with its values, and every place is one of the file.
    #[test]
    fn pieces_of_a_text_with_placeholders_are_the_file(text in with_placeholders(), product in prop::sample::select(PRODUCTS)) {
        let (pieces, error) = expanded_pieces(text.as_bytes(), product);
        let (trickled, same_error) = expanded_pieces(Trickle(text.as_bytes()), product);
        prop_assert_eq!(&pieces, &trickled);
        prop_assert_eq!(&error, &same_error);
        let mut end = 0;
        let mut outcome = String::new();
        for piece in &pieces {
            prop_assert_eq!(piece.full.start, end);
            end = piece.full.end;
            let span = piece.full.start as usize..piece.full.end as usize;
            let file_text = piece.file_text();
            prop_assert_eq!(file_text.as_ref(), &text[span]);
            outcome.push_str(piece.full_text());
            let borders = (0..=piece.sql().len()).filter(|at| piece.sql().is_char_boundary(*at));
            let mut before = 0;
            for at in borders {
                let place = piece.file_place(at);
                prop_assert!(place.offset >= before && place.offset <= file_text.len());
                before = place.offset;
            }
            prop_assert_eq!(piece.file_place(0).position, piece.position);
        }
        if error.is_none() {
            let expected = as_flyway_replaces(&text);
            prop_assert_eq!(outcome, expected);
            // Values of nothing at the end belong to no piece.
            prop_assert_eq!(text[end as usize..].replace("${empty}", ""), "");
        }
    }
}
