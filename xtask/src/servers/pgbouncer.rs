//! PgBouncer in transaction mode in front of the private PostgreSQL.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::fleet::Site;
use super::launch::Launch;
use super::postgresql::{self, Postgresql};
use super::{account, directory, software};
use crate::machine;

/// A running PgBouncer.
#[derive(Debug, Clone)]
pub(super) struct Pgbouncer {
    pub(super) version: String,
    pub(super) port: u16,
}

/// Starts the pooler; its settings are the defaults wherever tests do not need more.
pub(super) fn start(site: &Site, behind: &Postgresql) -> Result<Pgbouncer, String> {
    let program = software::program("pgbouncer")?;
    let home = site.directory.join("pgbouncer");
    directory::create_open(&home, 0o755)?;
    let port = machine::free_port()?;
    let users = home.join("users.txt");
    let configuration = home.join("pgbouncer.ini");
    let text = format!(
        "[databases]\n\
         * = host={socket} port={server_port}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = scram-sha-256\n\
         auth_file = {users}\n\
         auth_user = postgres\n\
         admin_users = postgres\n\
         pool_mode = transaction\n\
         max_client_conn = 500\n\
         default_pool_size = 20\n\
         ignore_startup_parameters = extra_float_digits\n",
        socket = behind.socket.display(),
        server_port = behind.port,
        users = users.display(),
    );
    let entry = format!("\"postgres\" \"{}\"\n", site.password);
    for (path, text) in [(&configuration, text), (&users, entry)] {
        fs::write(path, text)
            .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o600)))
            .map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    account::give_to(postgresql::USER, &home)?;

    let mut server = account::command_as(postgresql::USER, &program);
    server.arg(&configuration);
    let launch = Launch::start(
        &site.supervisor,
        &site.directory,
        "pgbouncer",
        "KILL",
        &server,
    )?;
    launch.wait_for(|| postgresql::psql(port, &site.password, "postgres", "SELECT 1"))?;
    let version = postgresql::psql(port, &site.password, "pgbouncer", "SHOW VERSION")?;
    let version = version.trim_start_matches("PgBouncer").trim().to_owned();
    Ok(Pgbouncer { version, port })
}
