//! Certificates for the TLS tests: a CA, a server and a client signed by it, and
//! a second CA that nobody trusts.
//!
//! The server's certificate is for the DNS name `localhost` only, so that
//! `127.0.0.1` fails where a host name is verified. The client's is for the
//! role `shoring_cert`, which PostgreSQL lets in by certificate alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{account, directory};
use crate::machine;

const CONFIGURATION: &str = "\
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost
[client]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
";

/// Writes all of them to `folder`: `ca.pem`, `other-ca.pem`, `server.*`, `client.*`.
pub(super) fn create(folder: &Path) -> Result<(), String> {
    directory::create_open(folder, 0o755)?;
    write(&folder.join("openssl.cnf"), CONFIGURATION)?;
    authority(folder, "ca", "Shoring test authority")?;
    authority(folder, "other-ca", "Unrelated authority")?;
    signed(folder, "server", "localhost")?;
    signed(folder, "client", "shoring_cert")
}

/// Copies certificate, key and CA to a folder that only `user` can read.
pub(super) fn copy_for(user: &str, from: &Path, to: &Path) -> Result<PathBuf, String> {
    directory::create_open(to, 0o700)?;
    for name in ["ca.pem", "server.pem", "server.key"] {
        fs::copy(from.join(name), to.join(name))
            .map_err(|error| format!("cannot copy `{name}`: {error}"))?;
    }
    protect(&to.join("server.key"))?;
    account::give_to(user, to)?;
    Ok(to.to_path_buf())
}

fn authority(folder: &Path, name: &str, subject: &str) -> Result<(), String> {
    openssl(
        folder,
        &["req", "-x509", "-days", "30", "-extensions", "ca"],
        name,
        subject,
    )
}

fn signed(folder: &Path, name: &str, subject: &str) -> Result<(), String> {
    let options = [
        "req", "-x509", "-days", "30", "-CA", "ca.pem", "-CAkey", "ca.key",
    ];
    let mut options = options.to_vec();
    options.extend(["-extensions", name]);
    openssl(folder, &options, name, subject)
}

fn openssl(folder: &Path, options: &[&str], name: &str, subject: &str) -> Result<(), String> {
    let key = format!("{name}.key");
    let mut command = Command::new("openssl");
    command
        .current_dir(folder)
        .args(options)
        .args(["-config", "openssl.cnf", "-newkey", "ec"])
        .args([
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-sha256",
        ])
        .args(["-subj", &format!("/CN={subject}"), "-keyout", &key])
        .args(["-out", &format!("{name}.pem")]);
    machine::output_of(&mut command)?;
    protect(&folder.join(key))
}

fn protect(key: &Path) -> Result<(), String> {
    fs::set_permissions(key, fs::Permissions::from_mode(0o600))
        .map_err(|error| format!("cannot protect `{}`: {error}", key.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}
