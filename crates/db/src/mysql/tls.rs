//! What a URL says about TLS, in the terms of `mysql_async`.
//!
//! The vendors' meaning (MySQL manual 6.3.1): PREFERRED tries TLS without proof and falls back to plain text, REQUIRED is TLS
//! without proof, VERIFY_CA proves the chain, VERIFY_IDENTITY the name too. A unix socket never carries TLS here: the driver
//! would announce it and then not start it.

use crate::error::{DbError, DbErrorKind};
use crate::tls::client_config;
use crate::url::{TlsMode, TlsPolicy, TrustRoots};
use mysql_async::{ClientIdentity, Error, IoError, SslOpts};
use rustls::{CertificateError, RootCertStore};

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

/// A name the certificate is valid for, when the name is all that was wrong with it: rustls proves the chain first. Asked for
/// by that name, the same server passes, and any other server with a chain from the same authority, which is what VERIFY_CA
/// means. A certificate without a subject alternative name (MySQL makes such for itself) has none.
pub(super) fn name_in_certificate(error: &Error) -> Option<String> {
    let Error::Io(IoError::Io(error)) = error else {
        return None;
    };
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext {
            presented,
            ..
        }) => presented.iter().find_map(|name| plain_name(name)),
        _ => None,
    }
}

/// From webpki's spelling `DnsName("*.example.org")` or `IpAddress(10.0.0.1)` to a name that matches it.
fn plain_name(presented: &str) -> Option<String> {
    let (kind, rest) = presented.split_once('(')?;
    if !matches!(kind, "DnsName" | "IpAddress") {
        return None;
    }
    let name = rest.strip_suffix(')')?.trim_matches('"');
    let name = match name.strip_prefix("*.") {
        Some(domain) => format!("any.{domain}"),
        None => name.to_owned(),
    };
    (!name.is_empty()).then_some(name)
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

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn names_are_read_from_webpkis_spelling() {
        for (presented, expected) in [
            ("DnsName(\"localhost\")", Some("localhost")),
            ("DnsName(\"*.example.org\")", Some("any.example.org")),
            ("IpAddress(10.0.0.1)", Some("10.0.0.1")),
            ("DirectoryName", None),
            ("UniformResourceIdentifier(\"https://a\")", None),
            ("DnsName(\"\")", None),
        ] {
            assert_eq!(plain_name(presented).as_deref(), expected, "{presented}");
        }
    }
}
