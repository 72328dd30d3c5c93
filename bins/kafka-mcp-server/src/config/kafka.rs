//! The settings that reach the brokers.

use std::time::Duration;

use super::{Warnings, reader::Reader, settings::*, value};
use kafka_tools::{
    BrokerAddress, ClientIdentity, EngineKind, KafkaConfig, OAuthClientCredentials, SaslConfig,
    ServerVerification, TlsConfig,
};

/// Reads how to reach the cluster.
pub(super) fn read(
    reader: &mut Reader<'_>,
    timeout: Duration,
    warnings: &mut Warnings,
) -> KafkaConfig {
    let brokers = reader.read(KAFKA_BROKERS, value::list(str::parse::<BrokerAddress>));
    let mut kafka = KafkaConfig::new(brokers);
    kafka.client_id = reader.read(KAFKA_CLIENT_ID, value::text);
    kafka.engine = reader.read(KAFKA_ENGINE, engine);
    kafka.tls = tls(reader, warnings);
    kafka.sasl = sasl(reader, warnings);
    kafka.timeout = timeout;
    kafka.connect_timeout = kafka.connect_timeout.min(timeout);
    if matches!(kafka.sasl, Some(SaslConfig::Plain { .. })) && kafka.tls.is_none() {
        warnings.push(
            "the SASL password crosses the network in the clear: enable KAFKA_TLS_ENABLE".into(),
        );
    }
    kafka
}

fn engine(text: &str) -> Result<EngineKind, String> {
    match text.to_ascii_lowercase().as_str() {
        "krafka" => Ok(EngineKind::Krafka),
        "rskafka" => Ok(EngineKind::Rskafka),
        _ => Err("is no engine".to_owned()),
    }
}

fn tls(reader: &mut Reader<'_>, warnings: &mut Warnings) -> Option<TlsConfig> {
    let enabled = reader.read(KAFKA_TLS_ENABLE, value::boolean);
    let skip_verification = reader.read(KAFKA_TLS_INSECURE_SKIP_VERIFY, value::boolean);
    let ca_file = reader.read_optional(KAFKA_TLS_CA_FILE, value::readable_file);
    let cert_file = reader.read_optional(KAFKA_TLS_CERT_FILE, value::readable_file);
    let key_file = reader.read_optional(KAFKA_TLS_KEY_FILE, value::readable_file);
    for (setting, other) in [
        (KAFKA_TLS_CERT_FILE, KAFKA_TLS_KEY_FILE),
        (KAFKA_TLS_KEY_FILE, KAFKA_TLS_CERT_FILE),
    ] {
        if reader.is_set(setting) && !reader.is_set(other) {
            reader.problem(setting, format!("needs {} too", other.name));
        }
    }
    if !enabled {
        for setting in [KAFKA_TLS_CA_FILE, KAFKA_TLS_CERT_FILE, KAFKA_TLS_KEY_FILE] {
            if reader.is_set(setting) {
                reader.problem(setting, "has no effect without KAFKA_TLS_ENABLE=true");
            }
        }
        return None;
    }
    let mut tls = TlsConfig::default();
    tls.ca_file = ca_file;
    tls.identity = cert_file
        .zip(key_file)
        .map(|(cert, key)| ClientIdentity::new(cert, key));
    if skip_verification {
        tls.verification = ServerVerification::DangerouslySkip;
        warnings.push(
            "broker certificates are not verified: KAFKA_TLS_INSECURE_SKIP_VERIFY is on".into(),
        );
    }
    Some(tls)
}

/// The mechanisms, as the setting spells them.
#[derive(Clone, Copy)]
enum Mechanism {
    OAuthBearer,
    Plain,
    ScramSha256,
    ScramSha512,
}

fn mechanism(text: &str) -> Result<Mechanism, String> {
    match text.to_ascii_lowercase().as_str() {
        "oauthbearer" => Ok(Mechanism::OAuthBearer),
        "plain" => Ok(Mechanism::Plain),
        "scram-sha-256" => Ok(Mechanism::ScramSha256),
        "scram-sha-512" => Ok(Mechanism::ScramSha512),
        _ => Err("is no mechanism".to_owned()),
    }
}

fn sasl(reader: &mut Reader<'_>, warnings: &mut Warnings) -> Option<SaslConfig> {
    let mechanism = reader.read_optional(KAFKA_SASL_MECHANISM, mechanism);
    let user = reader.read_optional(KAFKA_SASL_USER, value::text);
    let password = reader.read_secret(KAFKA_SASL_PASSWORD, KAFKA_SASL_PASSWORD_FILE);
    let token_url = reader.read_unquoted(KAFKA_SASL_OAUTH_TOKEN_URL, value::token_url);
    let client_id = reader.read_optional(KAFKA_SASL_OAUTH_CLIENT_ID, value::text);
    let client_secret = reader.read_secret(
        KAFKA_SASL_OAUTH_CLIENT_SECRET,
        KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE,
    );
    let scope = reader.read_optional(KAFKA_SASL_OAUTH_SCOPE, value::text);

    let Some(mechanism) = mechanism else {
        if !reader.is_set(KAFKA_SASL_MECHANISM) && (user.is_some() || password.is_some()) {
            warnings.push(
                "KAFKA_SASL_USER and _PASSWORD have no effect: set KAFKA_SASL_MECHANISM".into(),
            );
        }
        return None;
    };
    let needed: &[_] = match mechanism {
        Mechanism::OAuthBearer => &[
            (KAFKA_SASL_OAUTH_TOKEN_URL, KAFKA_SASL_OAUTH_TOKEN_URL),
            (KAFKA_SASL_OAUTH_CLIENT_ID, KAFKA_SASL_OAUTH_CLIENT_ID),
            (
                KAFKA_SASL_OAUTH_CLIENT_SECRET,
                KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE,
            ),
        ],
        _ => &[
            (KAFKA_SASL_USER, KAFKA_SASL_USER),
            (KAFKA_SASL_PASSWORD, KAFKA_SASL_PASSWORD_FILE),
        ],
    };
    for (setting, alternative) in needed {
        if !reader.is_set(setting) && !reader.is_set(alternative) {
            reader.problem(setting, "is not set, but KAFKA_SASL_MECHANISM needs it");
        }
    }
    let credentials = user.zip(password);
    match mechanism {
        Mechanism::OAuthBearer => {
            let ((token_url, client_id), client_secret) =
                token_url.zip(client_id).zip(client_secret)?;
            let mut credentials = OAuthClientCredentials::new(token_url, client_id, client_secret);
            credentials.scope = scope;
            Some(SaslConfig::OAuthBearer(credentials))
        }
        Mechanism::Plain => {
            credentials.map(|(user, password)| SaslConfig::Plain { user, password })
        }
        Mechanism::ScramSha256 => {
            credentials.map(|(user, password)| SaslConfig::ScramSha256 { user, password })
        }
        Mechanism::ScramSha512 => {
            credentials.map(|(user, password)| SaslConfig::ScramSha512 { user, password })
        }
    }
}
