//! A rustls configuration from what a URL says about TLS. Always with the ring provider by name: a process default may be
//! missing, or set by the program that embeds us.
//!
//! The vendors' modes ask for less than a browser does: `require` proves nothing, `verify-ca` proves the chain and not the
//! name. Both are done here by a verifier that leaves out exactly that part; signatures are always checked.

use crate::error::{DbError, DbErrorKind};
use crate::url::{TlsMode, TlsPolicy, TrustRoots};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use std::path::Path;
use std::sync::Arc;

/// The configuration for a policy; `None` when it forbids TLS. Reads the certificate files it names.
pub fn client_config(policy: &TlsPolicy) -> Result<Option<Arc<ClientConfig>>, DbError> {
    if policy.mode == TlsMode::Disable {
        return Ok(None);
    }
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| DbError::new(DbErrorKind::Internal, error.to_string()))?;
    let verifier: Arc<dyn ServerCertVerifier> = match policy.mode {
        TlsMode::Disable | TlsMode::Allow | TlsMode::Prefer | TlsMode::Require => {
            Arc::new(Lenient {
                chain: None,
                provider,
            })
        }
        TlsMode::VerifyCa => Arc::new(Lenient {
            chain: Some(web_pki(&policy.roots, Arc::clone(&provider))?),
            provider,
        }),
        TlsMode::VerifyFull => web_pki(&policy.roots, provider)?,
    };
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match (&policy.certificate, &policy.key) {
        (Some(certificate), Some(key)) => {
            let chain = read_certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| unreadable("private key", key, &error))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| DbError::new(DbErrorKind::Tls, error.to_string()))?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(Some(Arc::new(config)))
}

fn web_pki(
    roots: &TrustRoots,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, DbError> {
    let mut store = RootCertStore::empty();
    match roots {
        TrustRoots::File(path) => {
            for certificate in read_certificates(path)? {
                store
                    .add(certificate)
                    .map_err(|error| unreadable("root certificate", path, &error))?;
            }
        }
        TrustRoots::Default | TrustRoots::System => {
            // Some of a system's certificates may be unreadable; the rest still count.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if store.is_empty() {
        return Err(DbError::new(
            DbErrorKind::Tls,
            "there is no root certificate to verify the server with: name one in the URL (`sslrootcert`, `ssl-ca`)",
        ));
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
        .build()
        .map_err(|error| DbError::new(DbErrorKind::Tls, error.to_string()))
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, DbError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable("certificate", path, &error))?;
    if certificates.is_empty() {
        return Err(DbError::new(
            DbErrorKind::Tls,
            format!("there is no PEM certificate in `{}`", path.display()),
        ));
    }
    Ok(certificates)
}

fn unreadable(what: &str, path: &Path, error: &dyn std::fmt::Display) -> DbError {
    DbError::new(
        DbErrorKind::Tls,
        format!("cannot read the {what} `{}`: {error}", path.display()),
    )
}

/// Proves less than a browser does. Whoever answers still has to own the key of the certificate it shows.
#[derive(Debug)]
struct Lenient {
    /// What has to prove the chain, while the name is forgiven; `None` believes every certificate.
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        // rustls 0.23 checks the chain first and the name last, so an error about the name means a good chain.
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
