//! A generated project of Flyway: everything that files of such projects have in them.

use shoring_core::Dialect;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How many versioned migrations it has.
pub(crate) const VERSIONS: usize = 36;

/// A folder `migrations` with its configuration beside it.
pub(crate) struct FlywayProject {
    root: TempDir,
}

impl FlywayProject {
    pub(crate) fn generate(dialect: Dialect) -> Self {
        let project = Self {
            root: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir_all(project.folder().join("deep/er")).unwrap();
        // The driver, and with it what a space before `(` means.
        let url = match dialect {
            Dialect::Mysql => "flyway.url=jdbc:mariadb://localhost/app\n",
            Dialect::Postgresql | Dialect::Sqlite => "",
        };
        std::fs::write(
            project.root.path().join("flyway.conf"),
            format!("{url}flyway.locations=filesystem:migrations\nflyway.placeholders.prefix=shop\nflyway.placeholders.note=it is a note\n"),
        )
        .unwrap();
        for number in 1..=VERSIONS {
            let (name, text) = migration(number, dialect);
            // Every fourth in a folder below.
            let folder = if number % 4 == 0 { "deep/er/" } else { "" };
            project.write(&format!("{folder}V{number}__{name}.sql"), &text);
        }
        project.write("R__orders_view.sql", "DROP VIEW IF EXISTS ${prefix}_big_orders;\nCREATE VIEW ${prefix}_big_orders AS SELECT id, total FROM ${prefix}_orders WHERE total > 100; -- ${note}\n");
        project.write(
            "R__a_comment.sql",
            "-- ${flyway:filename}\nDELETE FROM ${prefix}_notes WHERE id < 0;\n",
        );
        project
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("migrations")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.folder().join(Path::new(path)), text).unwrap();
    }
}

/// Name and text of a migration.
fn migration(number: usize, dialect: Dialect) -> (String, String) {
    let table = format!("${{prefix}}_t{number}");
    match number {
        1 => (
            "orders".to_owned(),
            "CREATE TABLE ${prefix}_orders (id integer PRIMARY KEY, total integer NOT NULL, touched integer DEFAULT 0);\nCREATE TABLE ${prefix}_notes (id integer, note varchar(200));\n".to_owned(),
        ),
        _ => match number % 7 {
            0 => ("function_and_trigger".to_owned(), routines(number, dialect)),
            1 => (
                "comments; and quotes".to_owned(),
                format!("/* a comment; with a semicolon */\nCREATE TABLE {table} (id integer, note varchar(50)); -- ; here too\n/* ${{note}} */ INSERT INTO {table} VALUES (1, 'a;b'), (2, 'it''s');\n"),
            ),
            2 => (
                "crlf".to_owned(),
                format!("CREATE TABLE {table} (\r\n  id integer,\r\n  note varchar(50)\r\n);\r\nINSERT INTO {table} VALUES (1, 'x');\r\n"),
            ),
            3 => (
                "bom".to_owned(),
                format!("\u{feff}CREATE TABLE {table} (id integer);\nINSERT INTO {table} VALUES ({number});\n"),
            ),
            4 => (
                "grüße_an_alle".to_owned(),
                format!("CREATE TABLE {table} (id integer, note varchar(50));\nINSERT INTO {table} VALUES (1, 'Grüße, 世界 🎉');\n"),
            ),
            5 => (
                "index".to_owned(),
                format!("CREATE TABLE {table} (id integer, other integer);\nCREATE INDEX {table}_other ON {table} (other);\nINSERT INTO ${{prefix}}_orders (id, total) SELECT {number}, {} + COUNT (*) FROM ${{prefix}}_notes WHERE id = {number};\n", number * 10),
            ),
            _ => (
                "notes_of_the_tool".to_owned(),
                format!("INSERT INTO ${{prefix}}_notes VALUES ({number}, '${{note}} ${{flyway:filename}} ${{flyway:table}}');\n"),
            ),
        },
    }
}

fn routines(number: usize, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgresql => format!(
            "CREATE FUNCTION ${{prefix}}_touch_{number}() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n  -- a; b\n  NEW.touched := {number};\n  RETURN NEW;\nEND;\n$body$;\nDROP TRIGGER IF EXISTS touch ON ${{prefix}}_orders;\nCREATE TRIGGER touch BEFORE INSERT ON ${{prefix}}_orders FOR EACH ROW EXECUTE FUNCTION ${{prefix}}_touch_{number}();\nDO $$ BEGIN PERFORM 1; END $$;\n"
        ),
        Dialect::Mysql => format!(
            "DELIMITER //\nCREATE FUNCTION ${{prefix}}_twice_{number}(x integer) RETURNS integer DETERMINISTIC\nBEGIN\n  DECLARE y integer; -- a; b\n  SET y = x * 2;\n  RETURN y;\nEND//\nDELIMITER ;\nDROP TRIGGER IF EXISTS touch;\nCREATE TRIGGER touch BEFORE INSERT ON ${{prefix}}_orders FOR EACH ROW SET NEW.touched = {number};\n"
        ),
        Dialect::Sqlite => format!(
            "DROP TRIGGER IF EXISTS touch;\nCREATE TRIGGER touch AFTER INSERT ON ${{prefix}}_orders BEGIN\n  UPDATE ${{prefix}}_orders SET touched = CASE WHEN NEW.total > 0 THEN {number} ELSE 0 END WHERE id = NEW.id;\n  INSERT INTO ${{prefix}}_notes VALUES (NEW.id, 'a;b');\nEND;\n"
        ),
    }
}
