//! A private PostgreSQL: TCP with scram and TLS, a socket with trust.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fleet::{Durability, Site};
use super::launch::Launch;
use super::release::Release;
use super::{account, certificates, directory, software};
use crate::machine;

/// The system user that the server runs as.
pub(super) const USER: &str = "postgres";

/// A running PostgreSQL.
#[derive(Debug, Clone)]
pub(super) struct Postgresql {
    pub(super) version: String,
    pub(super) binaries: PathBuf,
    /// Where they are from, for people.
    pub(super) origin: String,
    pub(super) port: u16,
    /// The folder of the socket.
    pub(super) socket: PathBuf,
}

/// `shoring_cert` comes in by client certificate, `shoring_tls_only` never in clear.
const ACCESS: &str = "\
local     all          all                              trust
hostssl   all          shoring_cert      127.0.0.1/32   cert
hostnossl all          shoring_tls_only  127.0.0.1/32   reject
host      all          all               127.0.0.1/32   scram-sha-256
host      replication  all               127.0.0.1/32   scram-sha-256
local     replication  all                              trust
";

const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
max_connections = 400
dynamic_shared_memory_type = mmap
shared_buffers = '128MB'
password_encryption = 'scram-sha-256'
log_min_messages = warning
log_line_prefix = '%m [%p] %q%u@%d '
timezone = 'UTC'
ssl = on
";

/// For tests: fast, and with everything that some test wants to see.
const FOR_TESTS: &str = "\
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = logical
max_wal_senders = 10
max_replication_slots = 10
max_prepared_transactions = 10
max_worker_processes = 16
track_io_timing = on
track_functions = 'all'
";

/// Initialises and starts the server.
pub(super) fn start(site: &Site, release: Release) -> Result<Postgresql, String> {
    let (binaries, origin) = release.programs(site)?;
    let home = site.directory.join("postgresql");
    let socket = home.join("socket");
    let data = home.join("data");
    directory::create_open(&home, 0o755)?;
    directory::create_open(&socket, 0o755)?;
    directory::create_open(&data, 0o700)?;
    let tls = certificates::copy_for(USER, &site.certificates, &home.join("tls"))?;
    account::give_to(USER, &home)?;
    initialise(&binaries, &data, &site.password)?;

    let port = machine::free_port()?;
    write(&data.join("pg_hba.conf"), ACCESS)?;
    write(
        &data.join("shoring.conf"),
        &configuration(site.durability, port, &socket, &tls),
    )?;
    let main = data.join("postgresql.conf");
    let text = fs::read_to_string(&main).map_err(|error| format!("initdb: {error}"))?;
    write(&main, &format!("{text}\ninclude 'shoring.conf'\n"))?;

    let mut server = account::command_as(USER, &binaries.join("postgres"));
    server.arg("-D").arg(&data);
    // SIGQUIT: immediate shutdown, the data is thrown away.
    let launch = Launch::start(
        &site.supervisor,
        &site.directory,
        "postgresql",
        "QUIT",
        &server,
    )?;
    let query = "SHOW server_version";
    let version = launch.wait_for(|| psql(port, &site.password, "postgres", query))?;
    // `15.18 (Debian 15.18-0+deb12u1)`
    let version = version.split(' ').next().unwrap_or_default().to_owned();
    Ok(Postgresql {
        version,
        binaries,
        origin,
        port,
        socket,
    })
}

/// Runs one query over TCP.
pub(crate) fn psql(
    port: u16,
    password: &str,
    database: &str,
    query: &str,
) -> Result<String, String> {
    let mut psql = Command::new(software::program("psql")?);
    psql.env("PGPASSWORD", password)
        .args(["-X", "-A", "-t", "-h", "127.0.0.1", "-p", &port.to_string()])
        .args(["-U", "postgres", "-d", database, "-c", query]);
    machine::output_of(&mut psql)
}

fn initialise(binaries: &Path, data: &Path, password: &str) -> Result<(), String> {
    let password_file = data.with_file_name("password");
    write(&password_file, password)?;
    account::give_to(USER, &password_file)?;
    let mut initdb = account::command_as(USER, &binaries.join("initdb"));
    initdb
        .current_dir(data)
        .arg("-D")
        .arg(data)
        .args([
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ])
        .arg("--auth=scram-sha-256")
        .arg(format!("--pwfile={}", password_file.display()));
    machine::output_of(&mut initdb)?;
    fs::remove_file(&password_file).map_err(|error| format!("cannot forget a password: {error}"))
}

fn configuration(durability: Durability, port: u16, socket: &Path, tls: &Path) -> String {
    let speed = match durability {
        Durability::None => FOR_TESTS,
        Durability::Default => "",
    };
    format!(
        "{SETTINGS}{speed}port = {port}\n\
         unix_socket_directories = '{}'\n\
         ssl_cert_file = '{tls}/server.pem'\n\
         ssl_key_file = '{tls}/server.key'\n\
         ssl_ca_file = '{tls}/ca.pem'\n",
        socket.display(),
        tls = tls.display(),
    )
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}
