//! rskafka's security settings, from ours.

use std::{path::Path, sync::Arc};

use rskafka::client::{Credentials, SaslConfig as RskafkaSasl};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use secrecy::{ExposeSecret, SecretString};

use super::{NAME, danger::AcceptAnyCertificate};
use crate::{ClientIdentity, Error, KafkaConfig, SaslConfig, ServerVerification, TlsConfig};

/// TLS and SASL for every connection. There is no `Debug`: rskafka's credentials print themselves.
pub(super) struct Security {
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) sasl: Option<RskafkaSasl>,
}

impl Security {
    /// Reads the files that the configuration names, and finds its mistakes before the first
    /// connection.
    pub(super) fn new(config: &KafkaConfig) -> Result<Self, Error> {
        let tls = config.tls.as_ref();
        if tls.is_some()
            && config
                .brokers
                .iter()
                .any(|broker| broker.host().contains(':'))
        {
            return Err(unsupported("use TLS with IPv6 addresses"));
        }
        Ok(Self {
            tls: tls.map(tls_config).transpose()?.map(Arc::new),
            sasl: config.sasl.as_ref().map(sasl_config).transpose()?,
        })
    }
}

fn sasl_config(sasl: &SaslConfig) -> Result<RskafkaSasl, Error> {
    let credentials = |user: &String, password: &SecretString| {
        Credentials::new(user.clone(), password.expose_secret().to_owned())
    };
    match sasl {
        SaslConfig::OAuthBearer(_) => Err(unsupported("authenticate with SASL OAUTHBEARER")),
        SaslConfig::Plain { user, password } => Ok(RskafkaSasl::Plain(credentials(user, password))),
        SaslConfig::ScramSha256 { user, password } => {
            Ok(RskafkaSasl::ScramSha256(credentials(user, password)))
        }
        SaslConfig::ScramSha512 { user, password } => {
            Ok(RskafkaSasl::ScramSha512(credentials(user, password)))
        }
    }
}

fn tls_config(tls: &TlsConfig) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::invalid("TLS settings", "", error.to_string()))?;
    let builder = match tls.verification {
        ServerVerification::Full => builder.with_root_certificates(roots(tls)?),
        ServerVerification::DangerouslySkip => {
            tracing::warn!("certificates of brokers are not verified");
            let verifier = Arc::new(AcceptAnyCertificate::new(provider));
            builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
        }
    };
    match &tls.identity {
        Some(ClientIdentity {
            cert_file,
            key_file,
        }) => {
            let chain = certificates("client certificate", cert_file)?;
            let key = PrivateKeyDer::from_pem_file(key_file)
                .map_err(|error| bad_file("client key", key_file, error))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| bad_file("client certificate", cert_file, error))
        }
        None => Ok(builder.with_no_client_auth()),
    }
}

/// The system's certificate authorities, and those of the file.
fn roots(tls: &TlsConfig) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    // A system's store may hold certificates that no longer parse; the others count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = &tls.ca_file {
        for certificate in certificates("CA file", file)? {
            roots
                .add(certificate)
                .map_err(|error| bad_file("CA file", file, error))?;
        }
    }
    if roots.is_empty() {
        let reason = "this system has no certificate authorities, and no CA file is set";
        return Err(Error::invalid("TLS settings", "", reason));
    }
    Ok(roots)
}

fn certificates(what: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if certificates.is_empty() => {
            Err(bad_file(what, file, "it holds no certificate"))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(bad_file(what, file, error)),
    }
}

fn bad_file(what: &'static str, file: &Path, reason: impl ToString) -> Error {
    Error::invalid(what, file.display(), reason.to_string())
}

fn unsupported(operation: &'static str) -> Error {
    Error::Unsupported {
        engine: NAME,
        operation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OAuthClientCredentials;

    fn config(broker: &str) -> KafkaConfig {
        KafkaConfig::new(vec![broker.parse().unwrap()])
    }

    #[test]
    fn oauthbearer_is_refused_before_anything_is_contacted() {
        let secret = SecretString::from("s");
        let credentials = OAuthClientCredentials::new("https://idp/token", "id", secret);
        let mut config = config("kafka:9092");
        config.sasl = Some(SaslConfig::OAuthBearer(credentials));
        let error = Security::new(&config).err().unwrap();
        let said = "the rskafka engine cannot authenticate with SASL OAUTHBEARER";
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn tls_to_an_ipv6_address_is_refused() {
        let mut config = config("[::1]:9092");
        assert!(Security::new(&config).is_ok());
        config.tls = Some(TlsConfig::default());
        assert!(matches!(
            Security::new(&config),
            Err(Error::Unsupported { .. })
        ));
    }

    #[test]
    fn a_missing_ca_file_is_named() {
        let mut config = config("kafka:9092");
        config.tls = Some(TlsConfig {
            ca_file: Some("/nowhere/ca.pem".into()),
            ..TlsConfig::default()
        });
        let error = Security::new(&config).err().unwrap().to_string();
        assert!(
            error.starts_with("invalid CA file '/nowhere/ca.pem'"),
            "{error}"
        );
    }
}
