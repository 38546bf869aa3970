//! Real MySQL, which Debian's stable release does not have: from `debootstrap` in
//! a cache folder outside the checkout, run in a chroot.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fleet::Site;
use super::launch::Launch;
use super::{certificates, directory, mariadb, software};
use crate::{machine, workspace};

/// A running MySQL.
#[derive(Debug, Clone)]
pub(super) struct Mysql {
    pub(super) version: String,
    pub(super) port: u16,
    /// The socket file, as seen from outside the chroot.
    pub(super) socket: PathBuf,
    pub(super) system: PathBuf,
}

const OPTIONS: [&str; 14] = [
    "--no-defaults",
    "--user=mysql",
    "--bind-address=127.0.0.1",
    "--mysqlx=OFF",
    "--secure-file-priv=NULL",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--max-connections=500",
    "--innodb-buffer-pool-size=128M",
    "--innodb-redo-log-capacity=64M",
    "--performance-schema=ON",
    "--event-scheduler=ON",
    "--local-infile=1",
    "--default-time-zone=+00:00",
];

const FOR_TESTS: [&str; 3] = [
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
];

/// Whether the system is in the cache already.
pub(super) fn is_present() -> bool {
    system_folder().is_ok_and(|system| system.join("usr/sbin/mysqld").is_file())
}

/// Initialises and starts the server.
pub(super) fn start(site: &Site) -> Result<Mysql, String> {
    if !machine::is_root() {
        return Err("real MySQL runs in a chroot, which needs root".into());
    }
    let system = system_folder()?;
    provide(&system)?;
    let runs = system.join("var/tmp");
    directory::sweep(&runs);
    // Named like the directory of the run, so that a later run can sweep it.
    let name = site
        .directory
        .file_name()
        .ok_or("the run has no directory")?;
    let home = runs.join(name);
    site.supervisor.remove_at_end(&home)?;
    directory::create_open(&home, 0o755)?;
    let tls = certificates::copy_for("root", &site.certificates, &home.join("tls"))?;
    fs::set_permissions(&tls, fs::Permissions::from_mode(0o755))
        .map_err(|error| error.to_string())?;
    let accounts = format!(
        "ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n\
         CREATE USER 'root'@'%' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;\n",
        password = site.password
    );
    fs::write(home.join("accounts.sql"), accounts).map_err(|error| error.to_string())?;
    in_chroot(&system, &["chown", "-R", "mysql:mysql", &inside(name, "")])?;

    let data = format!("--datadir={}", inside(name, "data"));
    let mut initialise = vec!["/usr/sbin/mysqld"];
    initialise.extend(OPTIONS);
    initialise.extend(site.durability.without(&FOR_TESTS));
    initialise.extend(["--initialize-insecure", &data]);
    in_chroot(&system, &initialise)?;

    let port = machine::free_port()?;
    let mut server = Command::new("chroot");
    server
        .arg(&system)
        .arg("/usr/sbin/mysqld")
        .args(OPTIONS)
        .args(site.durability.without(&FOR_TESTS))
        .args([data, format!("--port={port}")])
        .arg(format!("--socket={}", inside(name, "mysql.sock")))
        .arg(format!("--pid-file={}", inside(name, "mysql.pid")))
        .arg(format!("--init-file={}", inside(name, "accounts.sql")))
        .arg(format!("--ssl-ca={}", inside(name, "tls/ca.pem")))
        .arg(format!("--ssl-cert={}", inside(name, "tls/server.pem")))
        .arg(format!("--ssl-key={}", inside(name, "tls/server.key")));
    let launch = Launch::start(&site.supervisor, &site.directory, "mysql", "KILL", &server)?;
    let query = "SELECT VERSION()";
    let version = launch.wait_for(|| mariadb::client(port, &site.password, query))?;
    let socket = home.join("mysql.sock");
    Ok(Mysql {
        version,
        port,
        socket,
        system,
    })
}

fn system_folder() -> Result<PathBuf, String> {
    Ok(workspace::cache_folder()?.join("mysql-root"))
}

/// Makes the system if it is not there: about four minutes and 560 MB, once.
fn provide(system: &Path) -> Result<(), String> {
    if !is_present() {
        println!(
            "making a system with MySQL in `{}` (about four minutes, once)",
            system.display()
        );
        // Under another name until it is complete, so that a killed run leaves no half of it.
        let unfinished = system.with_file_name("mysql-root.unfinished");
        drop(fs::remove_dir_all(&unfinished));
        directory::create_open(&unfinished, 0o755)?;
        let mut debootstrap = Command::new(software::program("debootstrap")?);
        debootstrap
            .args(["--variant=minbase", "--include=mysql-server-core", "sid"])
            .arg(&unfinished);
        machine::output_of(&mut debootstrap)?;
        drop(fs::remove_dir_all(system));
        fs::rename(&unfinished, system).map_err(|error| error.to_string())?;
    }
    if in_chroot(system, &["id", "mysql"]).is_ok() {
        return Ok(());
    }
    in_chroot(system, &["groupadd", "--system", "mysql"])?;
    let add = [
        "useradd",
        "--system",
        "-g",
        "mysql",
        "-d",
        "/nonexistent",
        "mysql",
    ];
    in_chroot(system, &add).map(drop)
}

/// The path of a file of this run as the server sees it.
fn inside(run: &std::ffi::OsStr, name: &str) -> String {
    format!("/var/tmp/{}/{name}", run.to_string_lossy())
}

fn in_chroot(system: &Path, command: &[&str]) -> Result<String, String> {
    let mut chroot = Command::new("chroot");
    // The caller's PATH need not have the folders of the other system.
    chroot
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .arg(system)
        .args(command);
    machine::output_of(&mut chroot)
}
