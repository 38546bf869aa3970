//! What a URL says about TLS, in the terms of `mysql_async`.
//!
//! The vendors' meaning (MySQL manual 6.3.1): PREFERRED tries TLS without proof and falls back to plain text, REQUIRED is TLS
//! without proof, VERIFY_CA proves the chain, VERIFY_IDENTITY the name too. A unix socket never carries TLS here: the driver
//! would announce it and then not start it.

use crate::error::{DbError, DbErrorKind};
use crate::tls::client_config;
use crate::url::{TlsMode, TlsPolicy, TrustRoots};
use mysql_async::{ClientIdentity, SslOpts};
use rustls::RootCertStore;

/// The ways to try, in order; `None` is plain text. The next one is tried when TLS is what failed.
pub(super) fn ways(policy: &TlsPolicy) -> Result<Vec<Option<SslOpts>>, DbError> {
    // Reads every file once and says which one is wrong; the driver's own errors name no file.
    client_config(policy)?;
    Ok(match policy.mode {
        TlsMode::Disable => vec![None],
        TlsMode::Allow => vec![None, Some(unproven(policy))],
        TlsMode::Prefer => vec![Some(unproven(policy)), None],
        TlsMode::Require => vec![Some(unproven(policy))],
        TlsMode::VerifyCa => vec![Some(
            proven(policy)?.with_danger_skip_domain_validation(true),
        )],
        TlsMode::VerifyFull => vec![Some(proven(policy)?)],
    })
}

/// The built-in roots stay although nothing is proved: the driver cannot make a verifier without any.
fn unproven(policy: &TlsPolicy) -> SslOpts {
    with_identity(policy)
        .with_danger_accept_invalid_certs(true)
        .with_danger_skip_domain_validation(true)
}

fn proven(policy: &TlsPolicy) -> Result<SslOpts, DbError> {
    let options = with_identity(policy);
    match &policy.roots {
        TrustRoots::File(path) => Ok(options
            .with_root_certs(vec![path.clone().into()])
            .with_disable_built_in_roots(true)),
        TrustRoots::Default | TrustRoots::System => {
            let roots: Vec<_> = rustls_native_certs::load_native_certs()
                .certs
                .into_iter()
                // One unreadable certificate of the system would fail the whole connection.
                .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok())
                .map(|certificate| certificate.to_vec().into())
                .collect();
            if roots.is_empty() {
                return Err(DbError::new(
                    DbErrorKind::Tls,
                    "there is no root certificate to verify the server with: name one in the URL (`ssl-ca`)",
                ));
            }
            Ok(options
                .with_root_certs(roots)
                .with_disable_built_in_roots(true))
        }
    }
}

fn with_identity(policy: &TlsPolicy) -> SslOpts {
    let identity = match (&policy.certificate, &policy.key) {
        (Some(certificate), Some(key)) => Some(ClientIdentity::new(
            certificate.clone().into(),
            key.clone().into(),
        )),
        _ => None,
    };
    SslOpts::default().with_client_identity(identity)
}
