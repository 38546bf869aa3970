//! A generated project: everything that files of such projects have in them, in 34 migrations.

use shoring_core::Dialect;

/// How many migrations it has.
pub(crate) const COUNT: u32 = 34;

/// One migration.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) number: u32,
    pub(crate) name: &'static str,
    pub(crate) up: String,
    pub(crate) down: String,
    /// Whether it has `;` inside of a statement.
    pub(crate) is_routine: bool,
}

/// The migrations for a dialect, in order.
pub(crate) fn steps(dialect: Dialect) -> Vec<Step> {
    (1..=COUNT).map(|number| step(number, dialect)).collect()
}

fn step(number: u32, dialect: Dialect) -> Step {
    let table = format!("t{number}");
    let mut is_routine = false;
    let mut down = format!("DROP TABLE {table};\n");
    let (name, up) = match number {
        1 => {
            down = format!("DROP TABLE orders;\n{}", "DROP TABLE notes;\n");
            (
                "orders",
                "CREATE TABLE orders (id integer PRIMARY KEY, total integer NOT NULL, touched integer DEFAULT 0);\nCREATE TABLE notes (id integer, note varchar(200));\n".to_owned(),
            )
        }
        _ => match number % 6 {
            0 => {
                is_routine = true;
                let (up, back) = routine(number, dialect);
                down = back;
                ("routine", up)
            }
            1 => (
                "comments_and_quotes",
                format!(
                    "/* a comment\nwith lines */\nCREATE TABLE {table} (id integer, note varchar(50)); -- here too\n-- a line\nINSERT INTO {table} VALUES (1, 'a;b'), (2, 'it''s');\n"
                ),
            ),
            2 => (
                "windows",
                format!(
                    "CREATE TABLE {table} (\r\n  id integer,\r\n  note varchar(50)\r\n);\r\nINSERT INTO {table} VALUES (1, 'x');\r\n"
                ),
            ),
            3 => (
                "index",
                format!(
                    "CREATE TABLE {table} (id integer, other integer);\nCREATE INDEX {table}_other ON {table} (other);\nINSERT INTO orders (id, total) VALUES ({number}, {});\n",
                    number * 10
                ),
            ),
            4 => (
                "all_letters",
                format!(
                    "CREATE TABLE {table} (id integer, note varchar(50));\nINSERT INTO {table} VALUES (1, 'Grüße, 世界 🎉');\n"
                ),
            ),
            _ => {
                down = format!("DELETE FROM notes WHERE id = {number};\n");
                (
                    "rows_only",
                    format!(
                        "INSERT INTO notes VALUES ({number}, 'one');\nUPDATE notes SET note = 'two' WHERE id = {number};\n"
                    ),
                )
            }
        },
    };
    Step {
        number,
        name,
        up,
        down,
        is_routine,
    }
}

/// One statement with several inside, so that tools which send one at a time can have it too.
fn routine(number: u32, dialect: Dialect) -> (String, String) {
    match dialect {
        Dialect::Postgresql => (
            format!(
                "CREATE FUNCTION twice_{number}(x integer) RETURNS integer LANGUAGE plpgsql AS $body$\nDECLARE\n  y integer; -- a; b\nBEGIN\n  y := x * 2;\n  RETURN y;\nEND;\n$body$;\n"
            ),
            format!("DROP FUNCTION twice_{number}(integer);\n"),
        ),
        Dialect::Mysql => (
            format!(
                "CREATE TRIGGER touch_{number} BEFORE INSERT ON orders FOR EACH ROW\nBEGIN\n  SET NEW.touched = {number};\n  IF NEW.total < 0 THEN\n    SET NEW.total = 0;\n  END IF;\nEND;\n"
            ),
            format!("DROP TRIGGER touch_{number};\n"),
        ),
        Dialect::Sqlite => (
            format!(
                "CREATE TRIGGER touch_{number} AFTER INSERT ON orders BEGIN\n  UPDATE orders SET touched = CASE WHEN NEW.total > 0 THEN {number} ELSE 0 END WHERE id = NEW.id;\n  INSERT INTO notes VALUES (NEW.id, 'a;b');\nEND;\n"
            ),
            format!("DROP TRIGGER touch_{number};\n"),
        ),
    }
}
