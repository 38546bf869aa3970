//! A MariaDB of the test's own, with everything on that makes it survive a crash.

use crate::own_server::{Product, as_user, give_to, output, template_folder};
use shoring_testkit::{Engine, variable};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// MariaDB. Its root has a password, and comes from the loopback address only.
pub(crate) struct Mariadb;

const USER: &str = "mysql";
const PASSWORD: &str = "own";

/// Settings that data was made with, so the server has to start with them.
const SIZES: [&str; 6] = [
    "--innodb-log-file-size=8M",
    "--innodb-data-file-path=ibdata1:4M:autoextend",
    // Small steps, so that a small disk has room for them.
    "--innodb-autoextend-increment=1",
    "--innodb-temp-data-file-path=ibtmp1:2M:autoextend",
    "--innodb-undo-tablespaces=0",
    "--innodb-buffer-pool-size=24M",
];

impl Product for Mariadb {
    fn engine(&self) -> Engine {
        Engine::Mariadb
    }

    fn user(&self) -> &'static str {
        USER
    }

    fn template(&self) -> &'static Path {
        static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
        TEMPLATE.get_or_init(|| {
            let folder = template_folder();
            give_to(USER, &folder);
            let data = folder.join("data");
            let mut words = as_user(USER);
            words.push("mariadb-install-db".to_owned());
            words.extend(
                [
                    "--no-defaults",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    "--skip-name-resolve",
                ]
                .map(String::from),
            );
            words.extend(SIZES.map(String::from));
            words.push(format!("--datadir={}", data.display()));
            // In /tmp it would delete the temporary tables of servers that start at the same time.
            words.push(format!("--tmpdir={}", folder.display()));
            output(
                Command::new(&words[0])
                    .args(&words[1..])
                    .current_dir(&folder),
            );
            add_account(&data, &folder);
            data
        })
    }

    fn stop_signal(&self) -> &'static str {
        "TERM"
    }

    fn command(&self, data: &Path, port: u16) -> (PathBuf, Vec<String>) {
        let mut arguments = vec!["--no-defaults".to_owned()];
        arguments.extend(SIZES.map(String::from));
        arguments.extend(
            [
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--character-set-server=utf8mb4",
                "--innodb-flush-log-at-trx-commit=1",
                "--innodb-doublewrite=1",
                "--performance-schema=OFF",
                "--default-time-zone=+00:00",
            ]
            .map(String::from),
        );
        arguments.push(format!("--port={port}"));
        arguments.push(format!("--datadir={}", data.display()));
        // Its sockets and temporary tables.
        for (name, file) in [("socket", "socket"), ("pid-file", "pid")] {
            arguments.push(format!("--{name}={}", data.join(file).display()));
        }
        arguments.push(format!("--tmpdir={}", data.display()));
        (variable::path(variable::MARIADB_PROGRAM), arguments)
    }

    fn url(&self, port: u16) -> String {
        format!("mysql://root:{PASSWORD}@127.0.0.1:{port}/")
    }
}

/// Lets root in over TCP, while no server runs on the data.
fn add_account(data: &Path, folder: &Path) {
    let mut words = as_user(USER);
    words.push(variable::value(variable::MARIADB_PROGRAM));
    words.extend(["--no-defaults", "--bootstrap"].map(String::from));
    words.extend(SIZES.map(String::from));
    words.push(format!("--datadir={}", data.display()));
    words.push(format!("--tmpdir={}", data.display()));
    let mut bootstrap = Command::new(&words[0])
        .args(&words[1..])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let sql = format!(
        "FLUSH PRIVILEGES;\nCREATE OR REPLACE USER 'root'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n\
         GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n"
    );
    let mut pipe = bootstrap.stdin.take().expect("it was asked for");
    pipe.write_all(sql.as_bytes()).unwrap();
    drop(pipe);
    assert!(bootstrap.wait().unwrap().success(), "mariadbd --bootstrap");
}
