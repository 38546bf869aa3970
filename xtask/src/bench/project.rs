//! The migrations that are applied: small, mixed, the same at every run, and laid out for every tool.
//!
//! Of ten migrations, three make a table, three an index, two a column and two a row.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::database::Product;

/// What the plain client is asked for instead of a status.
pub(super) const HISTORY_QUERY: &str =
    "SELECT version, name, applied_at FROM plain_history ORDER BY version";

/// The history of the plain client's script.
const HISTORY_TABLE: &str = "CREATE TABLE plain_history (version BIGINT NOT NULL PRIMARY KEY, \
     name VARCHAR(200) NOT NULL, applied_at TIMESTAMP NOT NULL);\n";

/// One folder of migrations.
#[derive(Debug, Clone)]
pub(super) struct Project {
    pub(super) folder: PathBuf,
    pub(super) count: usize,
}

impl Project {
    /// Numbered files, for Shoring, sqlx and golang-migrate.
    pub(super) fn migrations(&self) -> PathBuf {
        self.folder.join("migrations")
    }

    pub(super) fn dbmate_folder(&self) -> PathBuf {
        self.folder.join("dbmate")
    }

    pub(super) fn up_script(&self) -> PathBuf {
        self.folder.join("up.sql")
    }

    pub(super) fn down_script(&self, count: usize) -> PathBuf {
        self.folder.join(format!("down_{count}.sql"))
    }

    /// Writes `count` migrations into `folder`, and the script that takes the last `undone` back.
    pub(super) fn create(
        folder: &Path,
        product: Product,
        count: usize,
        undone: usize,
    ) -> Result<Self, String> {
        let project = Self {
            folder: folder.to_path_buf(),
            count,
        };
        project
            .write(product, undone)
            .map_err(|error| format!("cannot write the project {}: {error}", folder.display()))?;
        Ok(project)
    }

    fn write(&self, product: Product, undone: usize) -> std::io::Result<()> {
        let numbered = self.migrations();
        let dbmate = self.dbmate_folder();
        fs::create_dir_all(&numbered)?;
        fs::create_dir_all(&dbmate)?;
        let mut up_script = HISTORY_TABLE.to_owned();
        let mut down_script = String::new();
        for number in 1..=self.count {
            let Migration { name, up, down } = migration(number, product);
            let stem = format!("{number:05}_{name}");
            fs::write(numbered.join(format!("{stem}.up.sql")), &up)?;
            fs::write(numbered.join(format!("{stem}.down.sql")), &down)?;
            let both = format!("-- migrate:up\n{up}-- migrate:down\n{down}");
            fs::write(dbmate.join(format!("{stem}.sql")), both)?;
            write_transaction(&mut up_script, &up, &insert_row(number, &name));
        }
        for number in (1..=self.count).rev().take(undone) {
            let row = format!("DELETE FROM plain_history WHERE version = {number};\n");
            write_transaction(&mut down_script, &migration(number, product).down, &row);
        }
        fs::write(self.up_script(), up_script)?;
        fs::write(self.down_script(undone), down_script)
    }
}

/// One migration of the generated kind.
struct Migration {
    name: String,
    up: String,
    down: String,
}

fn migration(number: usize, product: Product) -> Migration {
    // Tables are made by numbers that end in 1, 4 and 7; the others work on the last of them.
    let last_digit = number % 10;
    let since_table = match last_digit {
        0 => 3,
        digit => (digit - 1) % 3,
    };
    let table_name = format!("item_{}", number - since_table);
    let (name, up, down) = match last_digit {
        1 | 4 | 7 => (
            format!("create_{table_name}"),
            format!(
                "CREATE TABLE {table_name} (\n    id INTEGER NOT NULL PRIMARY KEY,\n    \
                 name VARCHAR(100) NOT NULL,\n    amount INTEGER NOT NULL DEFAULT 0\n);\n"
            ),
            format!("DROP TABLE {table_name};\n"),
        ),
        2 | 5 | 8 => {
            let on_table = match product {
                Product::Mariadb => format!(" ON {table_name}"),
                Product::Postgresql | Product::Sqlite => String::new(),
            };
            (
                format!("index_{table_name}"),
                format!("CREATE INDEX {table_name}_name ON {table_name} (name);\n"),
                format!("DROP INDEX {table_name}_name{on_table};\n"),
            )
        }
        3 | 6 => (
            format!("note_on_{table_name}"),
            format!("ALTER TABLE {table_name} ADD COLUMN note VARCHAR(200);\n"),
            format!("ALTER TABLE {table_name} DROP COLUMN note;\n"),
        ),
        _ => (
            format!("row_of_{table_name}"),
            format!(
                "INSERT INTO {table_name} (id, name, amount) VALUES ({number}, 'item number {number}', {});\n",
                number * 7
            ),
            format!("DELETE FROM {table_name} WHERE id = {number};\n"),
        ),
    };
    Migration { name, up, down }
}

fn insert_row(number: usize, name: &str) -> String {
    format!(
        "INSERT INTO plain_history (version, name, applied_at) \
         VALUES ({number}, '{name}', CURRENT_TIMESTAMP);\n"
    )
}

fn write_transaction(script: &mut String, statement: &str, record: &str) {
    write!(script, "BEGIN;\n{statement}{record}COMMIT;\n").expect("a String takes all text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_migrations_work_on_tables_that_are_there() {
        let names: Vec<String> = (11..=20)
            .map(|number| migration(number, Product::Sqlite).name)
            .collect();
        assert_eq!(
            names,
            [
                "create_item_11",
                "index_item_11",
                "note_on_item_11",
                "create_item_14",
                "index_item_14",
                "note_on_item_14",
                "create_item_17",
                "index_item_17",
                "row_of_item_17",
                "row_of_item_17",
            ]
        );
    }

    #[test]
    fn mariadb_drops_an_index_of_a_table() {
        let down = |product| migration(2, product).down;
        assert_eq!(
            down(Product::Mariadb),
            "DROP INDEX item_1_name ON item_1;\n"
        );
        assert_eq!(down(Product::Postgresql), "DROP INDEX item_1_name;\n");
    }
}
