//! A PostgreSQL of the test's own, with everything on that makes it survive a crash.

use crate::own_server::{Product, as_user, give_to, output, template_folder};
use shoring_testkit::{Engine, variable};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// PostgreSQL. Whoever reaches its port is let in: it listens on the loopback address only.
pub(crate) struct Postgresql;

const USER: &str = "postgres";

/// The folder with `initdb` and `postgres`.
fn programs() -> PathBuf {
    variable::path(variable::POSTGRES_BIN)
}

impl Product for Postgresql {
    fn engine(&self) -> Engine {
        Engine::Postgresql
    }

    fn user(&self) -> &'static str {
        USER
    }

    fn template(&self) -> &'static Path {
        static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
        TEMPLATE.get_or_init(|| {
            let folder = template_folder();
            let data = folder.join("data");
            std::fs::create_dir(&data).unwrap();
            give_to(USER, &data);
            let mut words = as_user(USER);
            words.push(programs().join("initdb").display().to_string());
            words.extend(
                [
                    "-U",
                    "postgres",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                    "--auth=trust",
                ]
                .map(String::from),
            );
            // Small pieces of the log, so that a small disk has room for them.
            words.extend(["--wal-segsize=1", "-D"].map(String::from));
            words.push(data.display().to_string());
            output(
                Command::new(&words[0])
                    .args(&words[1..])
                    .current_dir(&folder),
            );
            data
        })
    }

    fn stop_signal(&self) -> &'static str {
        // "Fast Shutdown"; TERM would wait.
        "INT"
    }

    fn command(&self, data: &Path, port: u16) -> (PathBuf, Vec<String>) {
        let mut arguments = vec![
            "-D".to_owned(),
            data.display().to_string(),
            "-p".to_owned(),
            port.to_string(),
        ];
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "dynamic_shared_memory_type=mmap",
            "shared_buffers=16MB",
            "max_connections=50",
            "fsync=on",
            "full_page_writes=on",
            "synchronous_commit=on",
            "min_wal_size=4MB",
            "max_wal_size=16MB",
            "log_line_prefix=%m [%p] ",
        ] {
            arguments.extend(["-c".to_owned(), setting.to_owned()]);
        }
        (programs().join("postgres"), arguments)
    }

    fn url(&self, port: u16) -> String {
        format!("postgres://postgres:unused@127.0.0.1:{port}/postgres")
    }
}
