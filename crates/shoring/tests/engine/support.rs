//! A project of one test, and shorthands to ask its database.

use shoring::report::RunReport;
use shoring::{Error, ErrorKind, Event, Migrator, Observer, UpRequest};
use shoring_core::Dialect;
use shoring_db::{Batch, Session};
use shoring_testkit::TestDatabase;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A folder `migrations` in a temporary root, and the database it is for.
pub(crate) struct Project {
    root: TempDir,
    pub(crate) db: TestDatabase,
}

impl Project {
    /// A project with these files.
    pub(crate) fn new(db: &TestDatabase, files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("migrations")).unwrap();
        let project = Self {
            root,
            db: db.clone(),
        };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    /// Three small migrations with their way back.
    pub(crate) fn shop(db: &TestDatabase) -> Self {
        Self::new(
            db,
            &[
                (
                    "001_users.up.sql",
                    "CREATE TABLE users (id integer PRIMARY KEY, email varchar(50) NOT NULL);\nINSERT INTO users VALUES (1, 'a@b');\n",
                ),
                ("001_users.down.sql", "DROP TABLE users;\n"),
                (
                    "002_orders.up.sql",
                    "CREATE TABLE orders (id integer PRIMARY KEY, user_id integer);\n",
                ),
                ("002_orders.down.sql", "DROP TABLE orders;\n"),
                (
                    "003_index.up.sql",
                    "CREATE INDEX orders_user ON orders (user_id);\n",
                ),
                (
                    "003_index.down.sql",
                    db.engine.pick(
                        "DROP INDEX orders_user;\n",
                        "DROP INDEX orders_user ON orders;\n",
                        "DROP INDEX orders_user;\n",
                    ),
                ),
            ],
        )
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.root.path().to_path_buf()
    }

    /// Writes a migration.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.root.path().join("migrations").join(name), text).unwrap();
    }

    /// Writes a file of the project.
    pub(crate) fn write_beside(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.root.path().join("migrations").join(name)).unwrap();
    }

    /// Removes a file or a folder of the project.
    pub(crate) fn remove_beside(&self, path: &str) {
        let path = self.root.path().join(path);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
    }

    pub(crate) fn migrator(&self) -> Migrator {
        Migrator::from_dir(self.root.path().join("migrations")).database(&self.db.url_text())
    }

    /// Applies everything.
    pub(crate) async fn up(&self) -> RunReport {
        self.migrator()
            .up(&UpRequest::default())
            .await
            .unwrap_or_else(|error| panic!("{}", tell(&error)))
    }

    /// `up` that has to fail.
    /// Runs what is pending; gives the warnings, each with its notes, a line each.
    pub(crate) async fn up_warns(&self) -> String {
        let heard = Arc::new(Warnings::default());
        let migrator = self.migrator().observer(heard.clone());
        migrator.up(&UpRequest::default()).await.unwrap();
        heard.0.lock().unwrap().clone()
    }

    pub(crate) async fn up_fails(&self) -> Error {
        match self.migrator().up(&UpRequest::default()).await {
            Ok(report) => panic!("`up` was expected to fail: {report:?}"),
            Err(error) => error,
        }
    }

    /// Every migration with its state: `001 applied, 002 pending`.
    pub(crate) async fn states(&self) -> String {
        let status = self.migrator().status().await;
        let status = status.unwrap_or_else(|error| panic!("{}", tell(&error)));
        let states: Vec<String> = status
            .migrations
            .iter()
            .map(|entry| format!("{} {}", entry.version, entry.state.name()))
            .collect();
        states.join(", ")
    }

    /// Every attempt of the journal: `up 001 applied, down 001 applied`.
    pub(crate) async fn journal(&self) -> String {
        let history = self.migrator().history().await;
        let history = history.unwrap_or_else(|error| panic!("{}", tell(&error)));
        let attempts: Vec<String> = history
            .entries
            .iter()
            .map(|entry| format!("{} {} {}", entry.command, entry.version, entry.outcome))
            .collect();
        attempts.join(", ")
    }
}

/// What was warned of.
#[derive(Default)]
struct Warnings(Mutex<String>);

impl Observer for Warnings {
    fn observe(&self, event: &Event) {
        if let Event::Warned { diagnostic } = event {
            let mut told = self.0.lock().unwrap();
            told.push_str(&format!("{diagnostic}\n{}\n", diagnostic.notes.join("\n")));
        }
    }
}

/// All that an error says, line by line.
pub(crate) fn tell(error: &Error) -> String {
    let mut lines = vec![
        format!("{:?} {}", error.kind, error.diagnostic.code),
        error.to_string(),
    ];
    lines.extend(
        error
            .diagnostic
            .notes
            .iter()
            .map(|note| format!("note: {note}")),
    );
    lines.extend(
        error
            .diagnostic
            .hints
            .iter()
            .map(|hint| format!("hint: {hint}")),
    );
    lines.extend(error.state.iter().map(|state| format!("state: {state}")));
    lines.extend(error.next.iter().map(|next| format!("next: {next}")));
    lines.join("\n")
}

/// Checks kind and code of an error, and that it says these things somewhere.
pub(crate) fn assert_says(error: &Error, kind: ErrorKind, code: &str, words: &[&str]) {
    let told = tell(error);
    assert_eq!((error.kind, error.diagnostic.code), (kind, code), "{told}");
    for word in words {
        assert!(told.contains(word), "it does not say `{word}`:\n{told}");
    }
}

/// The line of the excerpt with carets under what is meant, as people see it.
pub(crate) fn carets(error: &Error) -> String {
    let label = error.diagnostic.label.as_ref();
    let label = label.unwrap_or_else(|| panic!("no place: {}", tell(error)));
    let column = usize::try_from(label.position.column).unwrap();
    let length = usize::try_from(label.length).unwrap();
    let token: String = label
        .excerpt
        .chars()
        .skip(column - 1)
        .take(length)
        .collect();
    format!(
        "{}:{}:{} {token}",
        label.file, label.position.line, label.position.column
    )
}

/// Sends statements one by one.
pub(crate) async fn run(session: &mut Box<dyn Session>, statements: &[&str]) {
    for statement in statements {
        let batch = Batch {
            statements: &[statement],
        };
        let result = session.execute(batch, &mut |_| {}).await;
        result.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// Sends statements on a connection of their own.
pub(crate) async fn prepare(db: &TestDatabase, statements: &[&str]) {
    let mut session = db.connect().await;
    run(&mut session, statements).await;
    session.close().await.unwrap();
}

/// All rows as text, columns between `|`, rows between ` ; `.
pub(crate) async fn ask(db: &TestDatabase, sql: &str) -> String {
    let mut session = db.connect().await;
    let rows = session.query(sql).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    session.close().await.unwrap();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let columns: Vec<String> = (0..columns(row)).map(|at| cell(row, at)).collect();
            columns.join("|")
        })
        .collect();
    lines.join(" ; ")
}

fn columns(row: &shoring_core::Row) -> usize {
    row.values.len()
}

fn cell(row: &shoring_core::Row, at: usize) -> String {
    row.text(at).unwrap_or_else(|| "NULL".to_owned())
}

/// The tables of the database, sorted; ours are left out where `with_ours` is false.
pub(crate) async fn tables(db: &TestDatabase) -> String {
    let sql = match db.engine.dialect() {
        Dialect::Postgresql => {
            "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        }
        Dialect::Mysql => {
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1"
        }
        Dialect::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1",
    };
    ask(db, sql).await.replace("public.", "")
}

/// The tables that are not ours.
pub(crate) async fn user_tables(db: &TestDatabase) -> String {
    let all = tables(db).await;
    let theirs: Vec<&str> = all
        .split(" ; ")
        .filter(|name| !name.starts_with("shoring_"))
        .collect();
    theirs.join(" ; ")
}
