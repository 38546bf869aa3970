//! Small texts whose statements can be written beside them. Whole files are in `tests/cases`.

use super::{PieceKind, SplitError, SplitOptions, split_str};
use shoring_core::{Position, Product};

fn statements(product: Product, text: &str) -> Vec<String> {
    let pieces = split_str(text, SplitOptions::for_product(product)).unwrap();
    let joined: String = pieces.iter().map(super::Piece::full_text).collect();
    assert_eq!(joined, text);
    pieces
        .iter()
        .filter(|piece| piece.kind == PieceKind::Statement)
        .map(|piece| piece.sql().to_owned())
        .collect()
}

fn error(product: Product, text: &str) -> SplitError {
    split_str(text, SplitOptions::for_product(product)).unwrap_err()
}

#[test]
fn postgresql_quotes_hide_semicolons() {
    for text in [
        "'a;''b;'",
        "E'a\\';b'",
        "e'a'';\\';'",
        "\"a;\"\"b\"",
        "$$a;$$",
        "$x$a;$$;$x$",
        "$é$;$é$",
        "U&'\\0061;'",
        "u&\"a;\"",
        "B'1;'",
        "/* a; /* b; */ c; */ 1",
        "a$b$",
        "(a;b)",
        "E'a'\n -- c\n 'b\\';'",
        "1e5",
        "$1",
        "a[1:2]",
        ":name",
        "x::int",
        "a->>'b;'",
        "$a$ $aa$ ;$a$",
        "'\\'",
        "n'a;'",
        "/*/ ; */ 1",
    ] {
        let sql = format!("SELECT {text}");
        assert_eq!(
            statements(Product::Postgresql, &format!("{sql};{sql}")),
            [sql.as_str(), sql.as_str()]
        );
    }
}

#[test]
fn postgresql_atomic_bodies_are_one_statement() {
    for sql in [
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
        "create or replace procedure p(begin int) begin atomic insert into t values (1); end",
        "CREATE FUNCTION atomic() RETURNS int LANGUAGE sql AS 'SELECT 1;'",
        "CREATE FUNCTION begin() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT t.case FROM t; END",
        "CREATE TABLE function (begin int, atomic int)",
        "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)",
    ] {
        assert_eq!(
            statements(Product::Postgresql, &format!("{sql};\nSELECT 2;")),
            [sql, "SELECT 2"]
        );
    }
}

#[test]
fn copy_data_come_out_line_by_line() {
    let text = "COPY t (a) FROM stdin WITH (FORMAT csv); -- x\n1;'\n\\.x\n\\.\nSELECT 1;\ncopy t from STDIN;\n\\.\n";
    let pieces = split_str(text, SplitOptions::for_product(Product::Postgresql)).unwrap();
    let found: Vec<_> = pieces
        .iter()
        .map(|piece| (piece.kind, piece.sql()))
        .collect();
    assert_eq!(
        found,
        [
            (
                PieceKind::Statement,
                "COPY t (a) FROM stdin WITH (FORMAT csv)"
            ),
            (PieceKind::CopyData { is_last: true }, "1;'\n\\.x\n"),
            (PieceKind::Statement, "SELECT 1"),
            (PieceKind::Statement, "copy t from STDIN"),
            (PieceKind::CopyData { is_last: true }, ""),
        ]
    );
    for other in [
        "COPY t FROM 'stdin'",
        "COPY (SELECT 1 FROM stdin) TO STDOUT",
        "COPY t TO stdout",
        "COPY stdin FROM '/x'",
    ] {
        assert_eq!(
            statements(Product::Postgresql, &format!("{other};SELECT 1")),
            [other, "SELECT 1"]
        );
    }
}

#[test]
fn what_is_not_sql_is_refused_by_name_and_place() {
    for (product, text, command, line, column) in [
        (Product::Postgresql, "SELECT 1;\n\\i x.sql\n", "\\i", 2, 1),
        (Product::Postgresql, "\\restrict abc\n", "\\restrict", 1, 1),
        (Product::Postgresql, "SELECT 1 \\gset\n", "\\gset", 1, 10),
        (Product::Postgresql, "SELECT 1\\;", "\\;", 1, 9),
        (
            Product::Mariadb,
            "SELECT 1;\n  source x.sql\n",
            "source",
            2,
            3,
        ),
        (Product::Mariadb, "\\. x.sql\n", "\\.", 1, 1),
        (Product::Mysql, "status;\n", "status", 1, 1),
        (Product::Sqlite, "SELECT 1;\n.read x\n", ".read", 2, 1),
    ] {
        let error = error(product, text);
        let SplitError::ClientCommand {
            command: found,
            position,
            ..
        } = error
        else {
            panic!("{text}: {error}")
        };
        assert_eq!(
            (found.as_str(), position),
            (command, Position { line, column }),
            "{text}"
        );
    }
}

#[test]
fn what_is_never_closed_is_named_where_it_begins() {
    for (product, text, what, offset) in [
        (Product::Postgresql, "SELECT 1; SELECT 'a", "string", 17),
        (Product::Postgresql, "/* /* */", "comment", 0),
        (
            Product::Postgresql,
            "SELECT $a$ $b$",
            "dollar-quoted string",
            7,
        ),
        (Product::Postgresql, "SELECT \"a", "quoted identifier", 7),
        (
            Product::Postgresql,
            "CREATE TABLE t (a int; SELECT 1;",
            "parenthesis",
            15,
        ),
        (
            Product::Postgresql,
            "COPY t FROM stdin;\n1\n",
            "COPY data (no line `\\.`)",
            19,
        ),
        (Product::Mysql, "SELECT `a", "quoted identifier", 7),
        (
            Product::Mysql,
            "CREATE PROCEDURE p() BEGIN SELECT 1;",
            "block (no `END`)",
            21,
        ),
        (
            Product::Sqlite,
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;",
            "trigger (no `; END`)",
            0,
        ),
    ] {
        let error = error(product, text);
        let SplitError::Unterminated { what: found, .. } = error else {
            panic!("{text}: {error}")
        };
        assert_eq!((found, error.offset()), (what, Some(offset)), "{text}");
    }
    assert_eq!(
        statements(Product::Sqlite, "SELECT 1; /* open"),
        ["SELECT 1"]
    );
}

#[test]
fn bytes_that_are_not_text_are_refused_at_their_offset() {
    let options = SplitOptions::for_product(Product::Postgresql);
    let refuse = |bytes: &[u8]| {
        super::Splitter::new(bytes, options)
            .find_map(Result::err)
            .unwrap()
    };
    assert!(matches!(
        refuse(b"SELECT '\xE9';"),
        SplitError::InvalidUtf8 { offset: 8, .. }
    ));
    assert!(matches!(
        refuse(b"SELECT '\xC3"),
        SplitError::InvalidUtf8 { offset: 8, .. }
    ));
    assert!(matches!(
        refuse(b"SELECT\n\0"),
        SplitError::Nul {
            offset: 7,
            position: Position { line: 2, column: 1 }
        }
    ));
    assert!(matches!(
        refuse(b"\xFF\xFES\0"),
        SplitError::Utf16 {
            encoding: "UTF-16LE"
        }
    ));
    assert!(matches!(
        refuse(b"\xFE\xFF\0S"),
        SplitError::Utf16 {
            encoding: "UTF-16BE"
        }
    ));
}

#[test]
fn a_byte_order_mark_is_leading_trivia_without_a_column() {
    let pieces = split_str(
        "\u{feff}SELECT 1;",
        SplitOptions::for_product(Product::Mysql),
    )
    .unwrap();
    assert_eq!(
        (pieces[0].leading(), pieces[0].sql(), pieces[0].position),
        ("\u{feff}", "SELECT 1", Position::START)
    );
}

#[test]
fn spans_and_positions_leave_comments_out() {
    let text = "-- é\n /* x */ SELECT 1 -- y\n ; -- z\n";
    let pieces = split_str(text, SplitOptions::for_product(Product::Postgresql)).unwrap();
    assert_eq!(pieces.len(), 2);
    assert_eq!(pieces[0].sql(), "SELECT 1");
    assert_eq!(pieces[0].leading(), "-- é\n /* x */ ");
    assert_eq!(
        pieces[0].position,
        Position {
            line: 2,
            column: 10
        }
    );
    assert_eq!(
        &text[pieces[0].span.start as usize..pieces[0].span.end as usize],
        "SELECT 1"
    );
    assert_eq!(
        (pieces[1].kind, pieces[1].full_text()),
        (PieceKind::Trivia, " -- z\n")
    );
}

#[test]
fn mysql_delimiters_change_what_ends_a_statement() {
    for delimiter in ["//", "$$", "^", "|", ";;", "go", "--", "#"] {
        let text = format!(
            "delimiter {delimiter}\r\nSELECT 1; SELECT 'x{delimiter}' {delimiter}\nDELIMITER ;\nSELECT 2;"
        );
        assert_eq!(
            statements(Product::Mysql, &text),
            [
                format!("SELECT 1; SELECT 'x{delimiter}'"),
                "SELECT 2".to_owned()
            ]
        );
    }
}

#[test]
fn mysql_comments_and_terminators() {
    for (text, expected) in [
        (
            "SELECT 1 # ;\n;SELECT 5--1;",
            vec!["SELECT 1", "SELECT 5--1"],
        ),
        (
            "SELECT 1 -- ;\n;--\nSELECT 2\\G SELECT 3\\g",
            vec!["SELECT 1", "SELECT 2", "SELECT 3"],
        ),
        (
            "/*!40101 SET a=1; */; SELECT /* ; /* */ 2;",
            vec!["/*!40101 SET a=1; */", "SELECT /* ; /* */ 2"],
        ),
        (
            "use db\nSELECT 1;USE db2;",
            vec!["use db", "SELECT 1", "USE db2"],
        ),
        (
            "SELECT 'a\\';b', \"c\\\";d\", `e\\`;",
            vec!["SELECT 'a\\';b', \"c\\\";d\", `e\\`"],
        ),
        (";;SELECT 1;;", vec!["SELECT 1"]),
    ] {
        assert_eq!(statements(Product::Mysql, text), expected, "{text}");
    }
    assert_eq!(
        statements(Product::Mariadb, "/*M!100100 SET a=1; */;SELECT 1"),
        ["/*M!100100 SET a=1; */", "SELECT 1"]
    );
    assert_eq!(
        statements(Product::Mysql, "/*M!100100 SET a=1; */;SELECT 1"),
        ["SELECT 1"]
    );
}

#[test]
fn no_backslash_escapes_is_an_option() {
    let options = SplitOptions {
        backslash_escapes: false,
        ..SplitOptions::for_product(Product::Mysql)
    };
    assert_eq!(
        split_str("SELECT 'a\\'; SELECT 2", options).unwrap().len(),
        2
    );
}

#[test]
fn mysql_bodies_need_no_delimiter() {
    for sql in [
        "CREATE PROCEDURE p() SELECT 1",
        "CREATE PROCEDURE p(IN a INT) BEGIN IF a THEN SELECT 1; ELSEIF b THEN SELECT 2; ELSE SELECT IF(a, REPEAT('x', 2), 3); END IF; END",
        "CREATE DEFINER=`root`@`%` FUNCTION f() RETURNS int DETERMINISTIC RETURN CASE WHEN 1 THEN 2 END",
        "CREATE DEFINER=root@localhost PROCEDURE p() lbl: LOOP LEAVE lbl; END LOOP lbl",
        "CREATE OR REPLACE PROCEDURE IF NOT EXISTS db.p() BEGIN DECLARE x INT; DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; DECLARE c CURSOR FOR SELECT 1; WHILE x DO SET x = x - 1; END WHILE; REPEAT SET x = 1; UNTIL x END REPEAT; CASE x WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE; END",
        "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.x = CASE WHEN 1 THEN 2 END",
        "CREATE TRIGGER t AFTER UPDATE ON a FOR EACH ROW FOLLOWS u IF NEW.x THEN SET @a = 1; END IF",
        "CREATE TRIGGER t AFTER UPDATE ON a FOR EACH ROW BEGIN SELECT start, end INTO @a, @b FROM t; XA END 'x'; DROP TABLE IF EXISTS y; END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS NOW() ENDS NOW() DO BEGIN DELETE FROM a; END",
        "ALTER EVENT e DO BEGIN DELETE FROM a; END",
        "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @x = 1; END */",
        "CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = IF(1, 2, 3); a: BEGIN SELECT 1; END a; `b`: WHILE 1 DO SELECT 1; END WHILE; DO SLEEP(1); END",
        "CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
        "CREATE TABLE t (begin int, end int)",
        "XA BEGIN 'x'",
    ] {
        for product in [Product::Mysql, Product::Mariadb] {
            assert_eq!(
                statements(product, &format!("{sql};\nSELECT 2;")),
                [sql, "SELECT 2"]
            );
        }
    }
    for sql in [
        "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END",
        "CREATE PROCEDURE p() BEGIN FOR i IN 1..3 DO SELECT i; END FOR; END",
        "CREATE PACKAGE p AS FUNCTION f RETURN INT; PROCEDURE q; END",
        "CREATE PACKAGE BODY p AS x INT; FUNCTION f RETURN INT AS y INT; BEGIN RETURN 1; END; PROCEDURE q AS BEGIN NULL; END; BEGIN x := 1; END",
        "CREATE FUNCTION f RETURN INT AS x INT := 1; BEGIN RETURN x; END",
        "IF 1 THEN SELECT 1; END IF",
    ] {
        assert_eq!(
            statements(Product::Mariadb, &format!("{sql};\nSELECT 2;")),
            [sql, "SELECT 2"]
        );
    }
    assert_eq!(
        statements(Product::Mariadb, "BEGIN; SELECT 1; COMMIT"),
        ["BEGIN", "SELECT 1", "COMMIT"]
    );
}

#[test]
fn sqlite_triggers_end_at_their_end() {
    for sql in [
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM b; END",
        "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; /* x */ END",
        "EXPLAIN CREATE TEMPORARY TRIGGER t AFTER INSERT ON a BEGIN SELECT [;]; END",
        "SELECT 'a;', \"b;\", `c;`, [d;]",
        "CREATE TABLE trigger_log (a)",
    ] {
        assert_eq!(
            statements(Product::Sqlite, &format!("{sql};\nSELECT 2;")),
            [sql, "SELECT 2"]
        );
    }
    assert_eq!(
        statements(Product::Sqlite, "#!/usr/bin/sqlite3\nSELECT 1;"),
        ["SELECT 1"]
    );
}

#[test]
fn what_stands_before_a_semicolon_is_a_part_of_an_sqlite_statement() {
    for (text, expected) in [
        (
            "ALTER TABLE t ADD a TEXT DEFAULT NULL /* later */;\nSELECT 2;",
            [
                "ALTER TABLE t ADD a TEXT DEFAULT NULL /* later */",
                "SELECT 2",
            ],
        ),
        (
            "CREATE VIEW v AS SELECT 1 -- one\n /* two */\n;SELECT 2 /* end */",
            ["CREATE VIEW v AS SELECT 1 -- one\n /* two */\n", "SELECT 2"],
        ),
        (
            "/* a */ SELECT 1;/* b */ SELECT 2",
            ["SELECT 1", "SELECT 2"],
        ),
    ] {
        assert_eq!(statements(Product::Sqlite, text), expected, "{text}");
    }
    assert_eq!(
        statements(Product::Postgresql, "SELECT 1 /* one */; SELECT 2"),
        ["SELECT 1", "SELECT 2"]
    );
}

fn expanded(text: &str, values: &[(&str, &str)]) -> Vec<super::Piece> {
    let values = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
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
    super::Splitter::new(
        text.as_bytes(),
        super::SplitOptions::for_product(shoring_core::Product::Postgresql),
    )
    .expanding(Some(placeholders))
    .collect::<Result<_, _>>()
    .unwrap()
}

#[test]
fn pieces_of_an_expanded_text_point_into_the_file() {
    let text = "-- ${s}\nSELECT ${s}.a, é, b;\n  ${none}SELECT '${s}' ;${two} ${s}";
    let pieces = expanded(
        text,
        &[
            ("s", "a_schema"),
            ("none", ""),
            ("two", "SELECT 1; SELECT\n 2;"),
        ],
    );
    let joined: String = pieces
        .iter()
        .map(|piece| piece.file_text().into_owned())
        .collect();
    assert_eq!(joined, text);
    let sql: Vec<&str> = pieces.iter().map(super::Piece::sql).collect();
    assert_eq!(
        sql,
        [
            "SELECT a_schema.a, é, b",
            "SELECT 'a_schema'",
            "SELECT 1",
            "SELECT\n 2",
            "a_schema"
        ]
    );
    let written: Vec<_> = pieces.iter().map(super::Piece::file_sql).collect();
    assert_eq!(
        written,
        [
            "SELECT ${s}.a, é, b",
            "SELECT '${s}'",
            "${two}",
            "${two}",
            "${s}"
        ]
    );
    for piece in &pieces {
        let spans = (piece.full.start as usize, piece.full.end as usize);
        assert_eq!(piece.file_text(), &text[spans.0..spans.1]);
    }
    let place = |piece: usize, of: &str| {
        let found = pieces[piece].file_place(pieces[piece].sql().find(of).unwrap());
        let at = pieces[piece].full.start as usize + found.offset;
        (
            found.position.line,
            found.position.column,
            text[at..].chars().take(3).collect::<String>(),
        )
    };
    assert_eq!(place(0, "SELECT"), (2, 1, "SEL".to_owned()));
    assert_eq!(place(0, "schema"), (2, 8, "${s".to_owned()));
    assert_eq!(place(0, ".a"), (2, 12, ".a,".to_owned()));
    assert_eq!(place(0, "b"), (2, 19, "b;\n".to_owned()));
    assert_eq!(place(1, "SELECT"), (3, 10, "SEL".to_owned()));
    assert_eq!(place(1, "'"), (3, 17, "'${".to_owned()));
    // Both statements stand in one value.
    assert_eq!(place(2, "1"), (3, 25, "${t".to_owned()));
    assert_eq!(pieces[3].file_place(7).position, pieces[2].position);
    assert_eq!(place(4, "a_"), (3, 32, "${s".to_owned()));
}
