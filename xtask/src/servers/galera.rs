//! Two nodes of MariaDB that are one Galera cluster: each takes writes, so a lock on one says nothing on the other.
//!
//! The second node gets its data from the first by rsync, as it would in earnest; that takes most of its six seconds.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::fleet::Site;
use super::launch::Launch;
use super::{account, directory, mariadb, software};
use crate::machine;

/// The provider, from Debian's package `galera-4`, on which its MariaDB depends.
pub(super) const PROVIDER: &str = "/usr/lib/galera/libgalera_smm.so";

/// A running cluster.
#[derive(Debug, Clone)]
pub(super) struct Galera {
    /// The provider's.
    pub(super) version: String,
    /// Where the two nodes listen.
    pub(super) ports: [u16; 2],
}

/// Small files: they are copied to the second node.
const SIZES: [&str; 3] = [
    "--innodb-log-file-size=16M",
    "--innodb-data-file-path=ibdata1:4M:autoextend",
    "--innodb-autoextend-increment=1",
];

const OPTIONS: [&str; 14] = [
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--max-connections=300",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-buffer-pool-size=32M",
    "--innodb-autoinc-lock-mode=2",
    "--binlog-format=ROW",
    "--performance-schema=OFF",
    "--default-time-zone=+00:00",
    "--wsrep-on=ON",
    "--wsrep-cluster-name=shoring_test",
    "--wsrep-sst-method=rsync",
];

/// One node's name and ports: for clients, for the group, and for the two kinds of state transfer.
struct Node {
    name: &'static str,
    ports: [u16; 4],
}

/// Initialises and starts both nodes, one after the other.
pub(super) fn start(site: &Site) -> Result<Galera, String> {
    if !Path::new(PROVIDER).is_file() {
        return Err("Galera is not installed (Debian package: galera-4)".into());
    }
    let home = site.directory.join("galera");
    directory::create_open(&home, 0o755)?;
    let ports = distinct_ports::<8>()?;
    let [first, second] = ["galera-1", "galera-2"].map(|name| Node {
        name,
        ports: if name == "galera-1" {
            [ports[0], ports[1], ports[2], ports[3]]
        } else {
            [ports[4], ports[5], ports[6], ports[7]]
        },
    });
    let data = home.join(first.name);
    for node in [&first, &second] {
        directory::create_open(&home.join(node.name), 0o755)?;
        directory::create_open(&home.join(node.name).join("data"), 0o700)?;
    }
    account::give_to(mariadb::USER, &home)?;
    mariadb::initialise(&data.join("data"), &home, &SIZES)?;
    add_account(&data.join("data"), &site.password)?;

    start_node(site, &home, &first, "gcomm://")?;
    let group = format!("gcomm://127.0.0.1:{}", first.ports[1]);
    start_node(site, &home, &second, &group)?;
    let query = "SHOW STATUS LIKE 'wsrep_cluster_size'";
    let size = mariadb::client(second.ports[0], &site.password, query)?;
    if !size.ends_with('2') {
        return Err(format!("the two nodes are no cluster: {size}"));
    }
    let query = "SHOW STATUS LIKE 'wsrep_provider_version'";
    let version = mariadb::client(first.ports[0], &site.password, query)?;
    // `wsrep_provider_version 26.4.23(r1234)`
    let version = version
        .rsplit('\t')
        .next()
        .and_then(|version| version.split('(').next())
        .unwrap_or_default();
    Ok(Galera {
        version: version.to_owned(),
        ports: [first.ports[0], second.ports[0]],
    })
}

fn start_node(site: &Site, home: &Path, node: &Node, group: &str) -> Result<(), String> {
    let own = home.join(node.name);
    let [port, group_port, transfer, increments] = node.ports;
    let mut server = account::command_as(mariadb::USER, &software::program("mariadbd")?);
    server
        .arg("--no-defaults")
        .args(SIZES)
        .args(OPTIONS)
        .arg(format!("--port={port}"))
        .arg(format!("--datadir={}", own.join("data").display()))
        .arg(format!("--socket={}", own.join("socket").display()))
        .arg(format!("--pid-file={}", own.join("pid").display()))
        .arg(format!("--tmpdir={}", own.display()))
        .arg(format!("--wsrep-provider={PROVIDER}"))
        .arg(format!("--wsrep-cluster-address={group}"))
        .arg(format!("--wsrep-node-name={}", node.name))
        .arg(format!("--wsrep-node-address=127.0.0.1:{group_port}"))
        .arg(format!("--wsrep-sst-receive-address=127.0.0.1:{transfer}"))
        .arg(format!(
            "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{group_port};\
             ist.recv_addr=127.0.0.1:{increments};gcache.size=16M;pc.recovery=false"
        ));
    let launch = Launch::start(
        &site.supervisor,
        &site.directory,
        node.name,
        "KILL",
        &server,
    )?;
    let query = "SHOW STATUS LIKE 'wsrep_ready'";
    launch.wait_for(|| {
        let answer = mariadb::client(port, &site.password, query)?;
        if answer.ends_with("ON") {
            return Ok(());
        }
        Err(format!("it is not ready: {answer}"))
    })
}

/// Lets root in over TCP, while no server runs on the data: a statement of a start script would go to the whole cluster.
fn add_account(data: &Path, password: &str) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("cannot run `mariadbd --bootstrap`: {error}");
    let mut bootstrap = account::command_as(mariadb::USER, &software::program("mariadbd")?)
        .args(["--no-defaults", "--bootstrap"])
        .args(SIZES)
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--tmpdir={}", data.display()))
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(cannot)?;
    let sql = format!("FLUSH PRIVILEGES;\n{}", mariadb::accounts_sql(password));
    if let Some(mut pipe) = bootstrap.stdin.take() {
        pipe.write_all(sql.as_bytes()).map_err(cannot)?;
    }
    let status = bootstrap.wait().map_err(cannot)?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`mariadbd --bootstrap` failed ({status})"))
}

/// Free ports of which no two are the same.
fn distinct_ports<const COUNT: usize>() -> Result<[u16; COUNT], String> {
    let mut ports = [0; COUNT];
    for index in 0..COUNT {
        ports[index] = loop {
            let port = machine::free_port()?;
            if !ports.contains(&port) {
                break port;
            }
        };
    }
    Ok(ports)
}

/// Where the provider is, for the table.
pub(super) fn origin() -> PathBuf {
    fs::canonicalize(PROVIDER).unwrap_or_else(|_| PathBuf::from(PROVIDER))
}
