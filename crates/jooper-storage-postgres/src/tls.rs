//! TLS to the server: verified, or none.
//!
//! libpq's `prefer` takes any certificate and falls back to plain text, which protects against
//! nobody who can change what is on the wire. Here a connection over TLS is always verified, by the
//! machine's own roots or by those that were given; `prefer`, the default, means TLS unless the
//! server is on this machine.

use jooper_storage::StoreError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Decides whether connections of this address are encrypted.
pub(crate) fn decide(config: &mut Config) {
    if config.get_ssl_mode() == SslMode::Prefer {
        let local = config.get_hosts().iter().all(is_local)
            && config.get_hostaddrs().iter().all(|it| it.is_loopback());
        config.ssl_mode(if local {
            SslMode::Disable
        } else {
            SslMode::Require
        });
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    }
}

/// Reads certificates that connections trust instead of the machine's.
pub(crate) fn roots(pem: &[u8]) -> Result<RootCertStore, StoreError> {
    let invalid = |_| StoreError::Invalid("the root certificate does not read as PEM".to_owned());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(invalid)?;
        roots.add(certificate).map_err(|error| {
            StoreError::Invalid(format!("the root certificate cannot be used: {error}"))
        })?;
    }
    if roots.is_empty() {
        return Err(StoreError::Invalid(
            "the file of root certificates holds none".to_owned(),
        ));
    }
    Ok(roots)
}

/// What makes connections: verified by `roots`, or by the machine's.
pub(crate) fn connector(roots: Option<RootCertStore>) -> Result<MakeRustlsConnect, StoreError> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let failed =
        |error: rustls::Error| StoreError::Invalid(format!("TLS cannot be set up: {error}"));
    let builder = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let config = match roots {
        Some(roots) => builder.with_root_certificates(roots),
        None => builder.with_platform_verifier().map_err(failed)?,
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(address: &str) -> SslMode {
        let mut config: Config = address.parse().unwrap();
        decide(&mut config);
        config.get_ssl_mode()
    }

    #[test]
    fn plain_text_never_leaves_the_machine_unless_asked_for() {
        assert_eq!(mode("postgres://u@127.0.0.1/x"), SslMode::Disable);
        assert_eq!(mode("postgres://u@localhost/x"), SslMode::Disable);
        assert_eq!(mode("postgres://u@[::1]/x"), SslMode::Disable);
        assert_eq!(mode("host=/run/postgresql user=u"), SslMode::Disable);
        assert_eq!(mode("postgres://u@db.example/x"), SslMode::Require);
        assert_eq!(mode("postgres://u@127.0.0.1,10.0.0.1/x"), SslMode::Require);
        assert_eq!(
            mode("host=localhost hostaddr=10.0.0.1 user=u"),
            SslMode::Require
        );
        let plain = "postgres://u@db.example/x?sslmode=disable";
        assert_eq!(mode(plain), SslMode::Disable);
        let local = "postgres://u@127.0.0.1/x?sslmode=require";
        assert_eq!(mode(local), SslMode::Require);
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        for wrong in [
            &b""[..],
            b"no pem",
            b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ] {
            assert!(matches!(roots(wrong), Err(StoreError::Invalid(_))));
        }
    }
}
