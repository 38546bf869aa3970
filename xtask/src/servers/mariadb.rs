//! A private MariaDB: root with a password over TCP, TLS and the socket.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fleet::Site;
use super::launch::Launch;
use super::{account, certificates, directory, software};
use crate::machine;

/// The system user that the server runs as.
pub(super) const USER: &str = "mysql";

/// A running MariaDB.
#[derive(Debug, Clone)]
pub(super) struct Mariadb {
    pub(super) version: String,
    pub(super) port: u16,
    /// The socket file.
    pub(super) socket: PathBuf,
    pub(super) program: PathBuf,
}

const OPTIONS: [&str; 8] = [
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--max-connections=500",
    "--innodb-buffer-pool-size=128M",
    "--local-infile=1",
    "--max-allowed-packet=64M",
    "--default-time-zone=+00:00",
];

/// For tests: fast, and with everything that some test wants to see.
const FOR_TESTS: [&str; 5] = [
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--performance-schema=ON",
    "--event-scheduler=ON",
];

/// Initialises and starts the server.
pub(super) fn start(site: &Site) -> Result<Mariadb, String> {
    let program = software::program("mariadbd")?;
    let home = site.directory.join("mariadb");
    let data = home.join("data");
    directory::create_open(&home, 0o755)?;
    let tls = certificates::copy_for(USER, &site.certificates, &home.join("tls"))?;
    account::give_to(USER, &home)?;
    initialise(&data, &tls, &[])?;
    let accounts = home.join("accounts.sql");
    fs::write(&accounts, accounts_sql(&site.password))
        .map_err(|error| format!("cannot write the accounts: {error}"))?;

    let port = machine::free_port()?;
    let socket = home.join("mariadb.sock");
    let mut server = account::command_as(USER, &program);
    server
        .arg("--no-defaults")
        .args(OPTIONS)
        .args(site.durability.without(&FOR_TESTS))
        .arg(format!("--port={port}"))
        .arg(format!("--socket={}", socket.display()))
        .arg(format!("--datadir={}", data.display()))
        // A server that starts deletes all temporary tables in /tmp, also those of a running one (which may crash of it).
        .arg(format!("--tmpdir={}", home.display()))
        .arg(format!("--pid-file={}", home.join("mariadb.pid").display()))
        .arg(format!("--init-file={}", accounts.display()))
        .arg(format!("--ssl-ca={}", tls.join("ca.pem").display()))
        .arg(format!("--ssl-cert={}", tls.join("server.pem").display()))
        .arg(format!("--ssl-key={}", tls.join("server.key").display()));
    if Path::new("/usr/lib/mysql/plugin/metadata_lock_info.so").is_file() {
        server.arg("--plugin-load-add=metadata_lock_info");
    }
    let launch = Launch::start(
        &site.supervisor,
        &site.directory,
        "mariadb",
        "KILL",
        &server,
    )?;
    let query = "SELECT VERSION()";
    let version = launch.wait_for(|| client(port, &site.password, query))?;
    Ok(Mariadb {
        version,
        port,
        socket,
        program,
    })
}

/// Runs one query over TCP; the same client speaks to MySQL.
pub(crate) fn client(port: u16, password: &str, query: &str) -> Result<String, String> {
    let mut client = Command::new(software::program("mariadb")?);
    client
        .env("MYSQL_PWD", password)
        .args([
            "--no-defaults",
            "--protocol=tcp",
            "-h",
            "127.0.0.1",
            "-u",
            "root",
            "-N",
            "-B",
        ])
        .args(["--ssl", "--skip-ssl-verify-server-cert"])
        .args(["-P", &port.to_string(), "-e", query]);
    machine::output_of(&mut client)
}

/// Statements, one a line, that leave exactly one account: root with the password.
///
/// They run before the server listens.
pub(super) fn accounts_sql(password: &str) -> String {
    format!(
        "DELETE FROM mysql.global_priv WHERE User IN ('', 'root') AND Host NOT IN ('localhost');\n\
         FLUSH PRIVILEGES;\n\
         ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n\
         CREATE OR REPLACE USER 'root'@'%' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;\n"
    )
}

/// Makes the data of a new server; `folder` is one that its user may enter.
pub(super) fn initialise(data: &Path, folder: &Path, options: &[&str]) -> Result<(), String> {
    let mut install = account::command_as(USER, &software::program("mariadb-install-db")?);
    install
        .current_dir(folder)
        .args(["--no-defaults", "--auth-root-authentication-method=normal"])
        .args(["--skip-test-db", "--skip-name-resolve"])
        .args(options)
        // In /tmp it would delete the temporary tables of servers that are being made at the same time.
        .arg(format!("--tmpdir={}", data.with_file_name("").display()))
        .arg(format!("--datadir={}", data.display()));
    machine::output_of(&mut install).map(drop)
}
