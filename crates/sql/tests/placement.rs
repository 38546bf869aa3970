//! `tests/placement/*.txt`: which statements can run in a transaction, each line proven on the server of the run.
//!
//! A line that names another product or version is not proven in this run; one that this server reads otherwise fails it.

use crate::client::{run, url};
use crate::mariadb::client as mysql_client;
use crate::postgresql::psql;
use shoring_core::{Product, ServerVersion, TransactionRule};
use shoring_sql::classify;
use std::process::Command;

/// A case file, read.
struct Cases {
    setup: Vec<String>,
    cleanup: Vec<String>,
    lines: Vec<Line>,
}

struct Line {
    placement: String,
    statement: String,
}

/// The lines of a file that are meant for this server.
fn cases(text: &str, product: Product, version: ServerVersion) -> Cases {
    let mut cases = Cases {
        setup: Vec::new(),
        cleanup: Vec::new(),
        lines: Vec::new(),
    };
    for line in text.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (head, statement) = line.split_once(": ").unwrap();
        let around = match head.split_once(' ').unwrap_or((head, product.name())) {
            ("setup", name) => Some((&mut cases.setup, name)),
            ("cleanup", name) => Some((&mut cases.cleanup, name)),
            _ => None,
        };
        if let Some((list, name)) = around {
            if name == product.name() {
                list.push(statement.to_owned());
            }
            continue;
        }
        let [products, versions, placement] = head.split_whitespace().collect::<Vec<_>>()[..]
        else {
            panic!("{line}")
        };
        let (from, to) = versions.split_once('-').unwrap();
        let last = if to.is_empty() {
            u32::MAX
        } else {
            to.parse().unwrap()
        };
        let is_meant = products.split(',').any(|name| name == product.name())
            && (from.parse().unwrap()..=last).contains(&version.major);
        if is_meant {
            cases.lines.push(Line {
                placement: placement.to_owned(),
                statement: statement.to_owned(),
            });
        }
    }
    cases
}

/// The placement that follows from what we know about a statement.
fn ours(statement: &str, product: Product, version: ServerVersion) -> &'static str {
    match classify(statement, product, version).transaction {
        TransactionRule::Allowed | TransactionRule::Inner => "inside",
        TransactionRule::Forbidden => "outside",
        TransactionRule::CommitBeforeUse => "last",
        TransactionRule::ImplicitCommit => "commits",
        TransactionRule::Begin => "opens",
        TransactionRule::Escapes => "refused",
        TransactionRule::Commit | TransactionRule::Rollback => "ends",
    }
}

/// What we would do with a line, in the words of the file.
fn expected(placement: &str) -> &str {
    match placement {
        "unheard" => "outside",
        "server" => "inside",
        "lasts" | "alone" => "commits",
        other => other,
    }
}

/// Compares each line with what we know and with what the server does.
fn differences(
    cases: &Cases,
    product: Product,
    version: ServerVersion,
    server: impl Fn(&Line) -> String,
) -> Vec<String> {
    assert!(
        cases.lines.len() > 30,
        "{product:?} {version}: few lines are for it"
    );
    let mut wrong = Vec::new();
    for line in &cases.lines {
        let ours = ours(&line.statement, product, version);
        let theirs = server(line);
        if ours != expected(&line.placement) || theirs != line.placement {
            wrong.push(format!(
                "{}: expected {}, classified {ours}, on the server {theirs}",
                line.statement, line.placement
            ));
        }
    }
    wrong
}

fn version_of(out: &str) -> ServerVersion {
    ServerVersion::parse(out.trim()).unwrap()
}

mod postgresql {
    use super::*;

    fn session() -> Command {
        let mut command = psql(&url("SHORING_TEST_POSTGRES_URL"));
        command.arg("-At");
        command
    }

    /// In a transaction that has written: does it fail, and is it the same transaction afterwards?
    fn placement(statement: &str) -> String {
        let text = format!(
            "BEGIN;\nSELECT txid_current() AS mine \\gset\n{statement};\n\\set state :SQLSTATE\n\\echo state :state\n\
             SELECT 'same ' || (txid_current() = :mine)::text;\nROLLBACK;\n"
        );
        let (out, errors) = run(&mut session(), &text);
        let has = |line: &str| out.lines().any(|other| other == line);
        // `active_sql_transaction`, and what a procedure gets that commits in a transaction.
        if has("state 25001") || has("state 2D000") {
            return "outside".into();
        }
        if !has("same true") {
            return if has("same false") || out.contains("state 00000") {
                "refused".into()
            } else {
                errors
            };
        }
        if !statement.contains("VALUE") {
            return "inside".into();
        }
        let uses_it = format!(
            "BEGIN;\n{statement};\nSELECT enum_range(NULL::shoring_placement.e);\n\\echo state :SQLSTATE\nROLLBACK;\n"
        );
        let (out, _) = run(&mut session(), &uses_it);
        if out.contains("state 55P04") {
            "last".into()
        } else {
            "inside".into()
        }
    }

    #[test]
    fn each_statement_is_placed_as_the_server_wants_it() {
        let (out, _) = run(&mut session(), "SHOW server_version;");
        let version = version_of(&out);
        let cases = cases(
            include_str!("placement/postgresql.txt"),
            Product::Postgresql,
            version,
        );
        run(&mut session(), &cases.cleanup.join("\n"));
        let (_, errors) = run(&mut session(), &cases.setup.join("\n"));
        assert_eq!(errors, "");
        let wrong = differences(&cases, Product::Postgresql, version, |line| {
            let placement = placement(&line.statement);
            match (line.placement.as_str(), placement.as_str()) {
                // The text alone does not show it.
                ("server", "outside") => "server".into(),
                _ => placement,
            }
        });
        let (_, errors) = run(&mut session(), &cases.cleanup.join("\n"));
        assert_eq!((wrong, errors), (Vec::new(), String::new()), "{version}");
    }
}

mod mysql_family {
    use super::*;

    /// Whether a row written before the statement outlives a rollback after it.
    fn placement(variable: &str, statement: &str) -> String {
        let text = format!(
            "CREATE TABLE IF NOT EXISTS probe (a int) ENGINE=InnoDB; TRUNCATE probe;\n\
             CREATE TABLE IF NOT EXISTS t (a int, KEY k (a)) ENGINE=InnoDB;\n\
             SET autocommit=0;\nINSERT INTO probe VALUES (1);\nSELECT 'before';\n{statement};\nSELECT 'after';\nROLLBACK;\n"
        );
        let (out, errors) = run(
            &mut mysql_client(variable, &["-N", "shoring_placement"]),
            &text,
        );
        assert!(out.contains("before"), "{statement}: {errors}");
        let count = "UNLOCK TABLES; SELECT CONCAT('rows=', COUNT(*)) FROM probe;\n";
        let (rows, _) = run(
            &mut mysql_client(variable, &["-N", "shoring_placement"]),
            count,
        );
        if rows.contains("rows=1") {
            "commits".into()
        } else if errors.is_empty() {
            "inside".into()
        } else {
            errors
        }
    }

    pub(super) fn check_all(variable: &str, product: Product) {
        let (out, _) = run(&mut mysql_client(variable, &["-N"]), "SELECT VERSION();\n");
        let version = version_of(&out);
        let cases = cases(include_str!("placement/mysql.txt"), product, version);
        run(&mut mysql_client(variable, &[]), &cases.cleanup.join("\n"));
        let (_, errors) = run(&mut mysql_client(variable, &[]), &cases.setup.join("\n"));
        assert_eq!(errors, "");
        let wrong = differences(&cases, product, version, |line| {
            if line.placement == "refused" {
                // These commit, roll back or end the session, each in its own way.
                return "refused".into();
            }
            let placement = placement(variable, &line.statement);
            match (line.placement.as_str(), placement.as_str()) {
                // That it lasts, or opens a transaction, is in the manuals; whether it commits is seen here.
                ("lasts", "inside") => "lasts".into(),
                ("opens", "commits") => "opens".into(),
                // `ER_LOCK_OR_ACTIVE_TRANSACTION`.
                ("alone", errors) if errors.contains("ERROR 1192") => "alone".into(),
                _ => placement,
            }
        });
        let (_, errors) = run(&mut mysql_client(variable, &[]), &cases.cleanup.join("\n"));
        assert_eq!((wrong, errors), (Vec::new(), String::new()), "{version}");
    }
}

mod mariadb {
    use super::*;

    #[test]
    fn each_statement_is_placed_as_the_server_wants_it() {
        mysql_family::check_all("SHORING_TEST_MARIADB_URL", Product::Mariadb);
    }
}

mod mysql {
    use super::*;

    #[test]
    fn each_statement_is_placed_as_the_server_wants_it() {
        mysql_family::check_all("SHORING_TEST_MYSQL_URL", Product::Mysql);
    }
}

mod sqlite {
    use super::*;

    #[test]
    fn each_statement_is_placed_as_the_shell_wants_it() {
        let folder = std::env::temp_dir().join(format!("shoring-placement-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("x.db");
        let shell = |input: &str| {
            let mut command = Command::new("sqlite3");
            command.args(["-batch", "-init", "/dev/null"]).arg(&path);
            run(&mut command, input)
        };
        let (out, _) = shell("SELECT sqlite_version();");
        let version = version_of(&out);
        let cases = cases(
            include_str!("placement/sqlite.txt"),
            Product::Sqlite,
            version,
        );
        let setup = cases.setup.join("\n");
        let in_transaction = |statement: &str, read: &str| {
            drop(std::fs::remove_file(&path));
            shell(&format!(
                "{setup}\nATTACH ':memory:' AS x;\nBEGIN;\nINSERT INTO t VALUES (99, 99);\nCREATE TABLE x.t (a);\n\
                 {statement};\n{read}\n.print after\nROLLBACK;\n.print whole\n"
            ))
        };
        let wrong = differences(&cases, Product::Sqlite, version, |line| {
            let (out, errors) = in_transaction(&line.statement, "");
            if !errors.is_empty() {
                return "outside".into();
            }
            assert!(out.contains("whole"), "{}: {out}", line.statement);
            let name = line.statement.strip_prefix("PRAGMA ").unwrap_or_default();
            let name: String = name
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if line.statement.len() == name.len() + "PRAGMA ".len() || line.placement != "unheard" {
                return "inside".into();
            }
            // The value afterwards is the one from before.
            let read = format!("PRAGMA {name};");
            let (now, _) = in_transaction(&line.statement, &read);
            let (before, _) = in_transaction("SELECT 1", &read);
            let value = |out: &str| {
                let lines: Vec<_> = out.lines().take_while(|line| *line != "after").collect();
                lines.last().map(|line| (*line).to_owned())
            };
            if value(&now) == value(&before) {
                "unheard".into()
            } else {
                "inside".into()
            }
        });
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(wrong, Vec::<String>::new(), "{version}");
    }
}
