//! What TLS has to prove, read from the vendors' own parameters. [`crate::tls`] turns it into a rustls configuration.
//!
//! PostgreSQL (libpq, section 34.19): `sslmode` is `prefer` when absent; `require` with a root certificate file checks the
//! chain as `verify-ca` does; `sslrootcert=system` means the system's roots and, since libpq 16, nothing weaker than
//! `verify-full`. MySQL (manual 6.3): `ssl-mode` is `PREFERRED` when absent, `REQUIRED` with a CA stays a mere demand for
//! encryption, `VERIFY_IDENTITY` checks the name too. A CA without any mode can only mean that it is to be used: `VERIFY_CA`. The
//! spellings of go-sql-driver (`tls`), Connector/J (`useSSL`, `requireSSL`, `verifyServerCertificate`, `sslMode`) and
//! Prisma (`sslaccept`) are understood.

use super::error::UrlError;
use super::parameters::normal;
use shoring_core::Dialect;
use std::path::{Path, PathBuf};

/// How much TLS is asked for, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum TlsMode {
    /// Never.
    Disable,
    /// Only when the server insists.
    Allow,
    /// When the server can.
    #[default]
    Prefer,
    /// Always; whoever answers is believed.
    Require,
    /// Always; the certificate must come from a trusted authority.
    VerifyCa,
    /// Always; the certificate must be trusted and be for this host.
    VerifyFull,
}

/// Which authorities are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TrustRoots {
    /// Nothing was said: the system's, where the mode verifies at all.
    #[default]
    Default,
    /// The system's, by name.
    System,
    /// Those of a PEM file.
    File(PathBuf),
}

/// Everything about TLS that a URL says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsPolicy {
    /// How much is asked for.
    pub mode: TlsMode,
    /// Who is trusted.
    pub roots: TrustRoots,
    /// The client's certificate chain, PEM.
    pub certificate: Option<PathBuf>,
    /// The client's private key, PEM.
    pub key: Option<PathBuf>,
}

impl TlsPolicy {
    pub(super) fn from_parameters(
        parameters: &[(String, String)],
        dialect: Dialect,
        base: &Path,
    ) -> Result<Self, UrlError> {
        let mut policy = Self::default();
        let mut mode = None;
        let mut wants_verify = None;
        for (key, value) in parameters {
            let lower = value.to_ascii_lowercase();
            match (normal(key).as_str(), dialect) {
                ("sslmode", Dialect::Postgresql) => mode = Some(libpq_mode(&lower)?),
                // pgjdbc: `ssl=true` is verify-full, `ssl=false` says nothing.
                ("ssl", Dialect::Postgresql) if is_true(&lower) && mode.is_none() => {
                    mode = Some(TlsMode::VerifyFull);
                }
                ("sslmode", Dialect::Mysql) => mode = Some(mysql_mode(&lower)?),
                ("tls", Dialect::Mysql) => mode = Some(go_mode(&lower)?),
                ("usessl" | "ssl" | "requiressl", Dialect::Mysql) if mode.is_none() => {
                    mode = Some(if is_true(&lower) {
                        TlsMode::Require
                    } else {
                        TlsMode::Disable
                    });
                }
                ("verifyservercertificate", Dialect::Mysql) => wants_verify = Some(is_true(&lower)),
                ("trustservercertificate", Dialect::Mysql) => wants_verify = Some(!is_true(&lower)),
                ("sslaccept", Dialect::Mysql) => wants_verify = Some(lower == "strict"),
                ("sslrootcert" | "sslca" | "serversslcert", _) => {
                    policy.roots = if lower == "system" && dialect == Dialect::Postgresql {
                        TrustRoots::System
                    } else {
                        TrustRoots::File(base.join(value))
                    };
                }
                ("sslcert", Dialect::Mysql)
                    if parameters.iter().any(|(key, _)| normal(key) == "sslaccept") =>
                {
                    // Prisma's `sslcert` for MySQL is the authority's certificate.
                    policy.roots = TrustRoots::File(base.join(value));
                }
                ("sslcert", _) => policy.certificate = Some(base.join(value)),
                ("sslkey", _) => policy.key = Some(base.join(value)),
                _ => {}
            }
        }
        if wants_verify == Some(true) && mode.is_none_or(|mode| mode == TlsMode::Require) {
            mode = Some(TlsMode::VerifyCa);
        }
        policy.mode = match (mode, dialect, &policy.roots) {
            (Some(TlsMode::Require), Dialect::Postgresql, TrustRoots::File(_))
            | (None, Dialect::Mysql, TrustRoots::File(_)) => TlsMode::VerifyCa,
            (None, Dialect::Postgresql, TrustRoots::System) => TlsMode::VerifyFull,
            (Some(mode), Dialect::Postgresql, TrustRoots::System) if mode < TlsMode::VerifyFull => {
                return Err(UrlError::BadValue {
                    name: "sslmode",
                    expected: "`verify-full` with `sslrootcert=system`",
                });
            }
            (mode, ..) => mode.unwrap_or_default(),
        };
        if policy.key.is_none() && policy.certificate.is_some() {
            return Err(UrlError::BadValue {
                name: "sslkey",
                expected: "given together with `sslcert`",
            });
        }
        Ok(policy)
    }
}

fn is_true(value: &str) -> bool {
    matches!(value, "true" | "1" | "yes" | "on" | "require")
}

fn libpq_mode(value: &str) -> Result<TlsMode, UrlError> {
    Ok(match value {
        "disable" => TlsMode::Disable,
        "allow" => TlsMode::Allow,
        "prefer" => TlsMode::Prefer,
        "require" => TlsMode::Require,
        "verify-ca" => TlsMode::VerifyCa,
        "verify-full" => TlsMode::VerifyFull,
        _ => {
            return Err(UrlError::BadValue {
                name: "sslmode",
                expected: "`disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`",
            });
        }
    })
}

fn mysql_mode(value: &str) -> Result<TlsMode, UrlError> {
    Ok(match value.replace('-', "_").as_str() {
        "disabled" | "disable" => TlsMode::Disable,
        "preferred" | "prefer" => TlsMode::Prefer,
        // MariaDB Connector/J calls encryption without proof `trust`.
        "required" | "require" | "trust" => TlsMode::Require,
        "verify_ca" => TlsMode::VerifyCa,
        "verify_identity" | "verify_full" => TlsMode::VerifyFull,
        _ => {
            return Err(UrlError::BadValue {
                name: "ssl-mode",
                expected: "`DISABLED`, `PREFERRED`, `REQUIRED`, `VERIFY_CA` or `VERIFY_IDENTITY`",
            });
        }
    })
}

fn go_mode(value: &str) -> Result<TlsMode, UrlError> {
    Ok(match value {
        "false" | "0" => TlsMode::Disable,
        "preferred" => TlsMode::Prefer,
        "skip-verify" => TlsMode::Require,
        "true" | "1" => TlsMode::VerifyFull,
        _ => {
            return Err(UrlError::BadValue {
                name: "tls",
                expected: "`true`, `false`, `skip-verify` or `preferred`",
            });
        }
    })
}
