//! TLS and SASL.

use std::{fmt, path::PathBuf};

use secrecy::SecretString;

/// TLS to the brokers.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TlsConfig {
    /// A PEM file with certificate authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The certificate to present, for mutual TLS.
    pub identity: Option<ClientIdentity>,
    /// Whether the broker has to prove who it is.
    pub verification: ServerVerification,
}

/// A client certificate with its key, both PEM files.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientIdentity {
    /// The certificate chain.
    pub cert_file: PathBuf,
    /// The private key, unencrypted.
    pub key_file: PathBuf,
}

impl ClientIdentity {
    /// Names the two files.
    #[must_use]
    pub fn new(cert_file: impl Into<PathBuf>, key_file: impl Into<PathBuf>) -> Self {
        Self {
            cert_file: cert_file.into(),
            key_file: key_file.into(),
        }
    }
}

/// Whether the broker's certificate is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerVerification {
    /// Chain, expiry and host name are checked.
    #[default]
    Full,
    /// Nothing is checked: anybody can impersonate the broker. For experiments only.
    DangerouslySkip,
}

/// SASL authentication.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SaslConfig {
    /// OAUTHBEARER with a token from the client credentials grant (RFC 6749 section 4.4),
    /// refreshed before it expires.
    OAuthBearer(OAuthClientCredentials),
    /// PLAIN (RFC 4616). The password crosses the wire: use TLS.
    Plain {
        /// The user name.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// SCRAM-SHA-256 (RFC 7677).
    ScramSha256 {
        /// The user name.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// SCRAM-SHA-512.
    ScramSha512 {
        /// The user name.
        user: String,
        /// The password.
        password: SecretString,
    },
}

impl SaslConfig {
    /// The user, or the client id that asks for tokens.
    pub(crate) fn user(&self) -> &str {
        match self {
            Self::OAuthBearer(credentials) => &credentials.client_id,
            Self::Plain { user, .. }
            | Self::ScramSha256 { user, .. }
            | Self::ScramSha512 { user, .. } => user,
        }
    }

    /// The name of the mechanism, as in Kafka's `sasl.mechanism`.
    #[must_use]
    pub fn mechanism(&self) -> &'static str {
        match self {
            Self::OAuthBearer(_) => "OAUTHBEARER",
            Self::Plain { .. } => "PLAIN",
            Self::ScramSha256 { .. } => "SCRAM-SHA-256",
            Self::ScramSha512 { .. } => "SCRAM-SHA-512",
        }
    }
}

/// Where and as whom to ask for OAUTHBEARER tokens.
#[derive(Clone)]
#[non_exhaustive]
pub struct OAuthClientCredentials {
    /// The token endpoint.
    pub token_url: String,
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: SecretString,
    /// The scope to ask for.
    pub scope: Option<String>,
}

impl OAuthClientCredentials {
    /// Credentials without a scope.
    #[must_use]
    pub fn new(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: SecretString,
    ) -> Self {
        Self {
            token_url: token_url.into(),
            client_id: client_id.into(),
            client_secret,
            scope: None,
        }
    }
}

impl fmt::Debug for OAuthClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthClientCredentials")
            .field("token_url", &self.token_url)
            .field("client_id", &self.client_id)
            .field("client_secret", &"[redacted]")
            .field("scope", &self.scope)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_printed() {
        let secret = || SecretString::from("canary-0451");
        let all = [
            SaslConfig::Plain {
                user: "u".to_owned(),
                password: secret(),
            },
            SaslConfig::ScramSha256 {
                user: "u".to_owned(),
                password: secret(),
            },
            SaslConfig::ScramSha512 {
                user: "u".to_owned(),
                password: secret(),
            },
            SaslConfig::OAuthBearer(OAuthClientCredentials::new("https://idp/t", "id", secret())),
        ];
        for sasl in all {
            assert!(
                !format!("{sasl:?}").contains("canary"),
                "{}",
                sasl.mechanism()
            );
        }
    }
}
