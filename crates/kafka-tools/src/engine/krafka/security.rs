//! krafka's security settings, from ours.

use krafka::{
    auth::{AuthConfig, ClientCredentials, OidcTokenProvider, TlsConfig as KrafkaTls},
    error::KrafkaError,
};
use secrecy::ExposeSecret;

use crate::{
    Error, KafkaConfig, OAuthClientCredentials, SaslConfig, ServerVerification, TlsConfig,
};

/// Finds mistakes before the first connection.
pub(super) fn validate(config: &KafkaConfig) -> Result<(), Error> {
    if config.brokers.is_empty() {
        return Err(Error::invalid(
            "brokers",
            "",
            "at least one broker address is needed",
        ));
    }
    auth_config(config)
        .map(|_| ())
        .map_err(|error| Error::invalid("security settings", mechanism(config), error.to_string()))
}

fn mechanism(config: &KafkaConfig) -> &'static str {
    config.sasl.as_ref().map_or("TLS", SaslConfig::mechanism)
}

/// TLS and SASL for every connection; `None` is plain TCP without authentication.
pub(super) fn auth_config(config: &KafkaConfig) -> Result<Option<AuthConfig>, KrafkaError> {
    let sasl = config
        .sasl
        .as_ref()
        .map(|sasl| sasl_config(sasl, config))
        .transpose()?;
    Ok(match (sasl, &config.tls) {
        (None, None) => None,
        (Some(sasl), None) => Some(sasl),
        (None, Some(tls)) => Some(AuthConfig::ssl(tls_config(tls))),
        (Some(sasl), Some(tls)) => Some(sasl.with_tls(tls_config(tls))),
    })
}

fn sasl_config(sasl: &SaslConfig, config: &KafkaConfig) -> Result<AuthConfig, KrafkaError> {
    Ok(match sasl {
        SaslConfig::OAuthBearer(credentials) => {
            AuthConfig::sasl_oauthbearer_provider(token_provider(credentials, config)?)
        }
        SaslConfig::Plain { user, password } => {
            AuthConfig::sasl_plain(user, password.expose_secret())
        }
        SaslConfig::ScramSha256 { user, password } => {
            AuthConfig::sasl_scram_sha256(user, password.expose_secret())
        }
        SaslConfig::ScramSha512 { user, password } => {
            AuthConfig::sasl_scram_sha512(user, password.expose_secret())
        }
    })
}

fn token_provider(
    credentials: &OAuthClientCredentials,
    config: &KafkaConfig,
) -> Result<OidcTokenProvider, KrafkaError> {
    let secret = ClientCredentials::secret(
        &credentials.client_id,
        credentials.client_secret.expose_secret(),
    );
    let mut builder = OidcTokenProvider::builder(&credentials.token_url)
        .credentials(secret)
        .request_timeout(config.connect_timeout)
        .native_roots();
    if let Some(file) = config.tls.as_ref().and_then(|tls| tls.ca_file.as_ref()) {
        builder = builder.ca_cert(file.to_string_lossy());
    }
    if let Some(scope) = &credentials.scope {
        builder = builder.scope(scope);
    }
    builder.build()
}

fn tls_config(tls: &TlsConfig) -> KrafkaTls {
    let mut krafka = match tls.verification {
        ServerVerification::Full => KrafkaTls::new(),
        ServerVerification::DangerouslySkip => KrafkaTls::insecure(),
    };
    krafka = krafka.with_native_roots();
    if let Some(file) = &tls.ca_file {
        krafka = krafka.with_ca_cert(file.to_string_lossy());
    }
    if let Some(identity) = &tls.identity {
        krafka = krafka.with_client_cert(
            identity.cert_file.to_string_lossy(),
            identity.key_file.to_string_lossy(),
        );
    }
    krafka
}
