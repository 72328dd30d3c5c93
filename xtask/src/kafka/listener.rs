//! The listeners that every broker opens.

use serde::{Deserialize, Serialize};

/// A way to reach a broker, each with a port of its own.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Listener {
    /// No encryption, no authentication; the brokers also talk to each other here.
    Plaintext,
    /// SASL PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 without encryption.
    SaslPlaintext,
    /// SASL OAUTHBEARER without encryption; takes unsecured tokens.
    Oauthbearer,
    /// SASL PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 over TLS.
    SaslSsl,
    /// TLS without a client certificate.
    Ssl,
    /// TLS that requires a client certificate.
    Mtls,
    /// TLS with a server certificate that has expired.
    Expired,
    /// TLS with a server certificate for another host.
    WrongHost,
}

impl Listener {
    pub(crate) const ALL: [Self; 8] = [
        Self::Plaintext,
        Self::SaslPlaintext,
        Self::Oauthbearer,
        Self::SaslSsl,
        Self::Ssl,
        Self::Mtls,
        Self::Expired,
        Self::WrongHost,
    ];

    /// Returns the name by which broker properties and the state file know the listener.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::SaslPlaintext => "sasl_plaintext",
            Self::Oauthbearer => "oauthbearer",
            Self::SaslSsl => "sasl_ssl",
            Self::Ssl => "ssl",
            Self::Mtls => "mtls",
            Self::Expired => "expired",
            Self::WrongHost => "wrong_host",
        }
    }

    /// Returns Kafka's name of the security protocol.
    pub(crate) fn security_protocol(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::SaslPlaintext | Self::Oauthbearer => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
            Self::Ssl | Self::Mtls | Self::Expired | Self::WrongHost => "SSL",
        }
    }

    /// Returns the place of the listener's port in the block of ports of its node.
    pub(crate) fn port_offset(self) -> u16 {
        match self {
            Self::Plaintext => 0,
            Self::SaslPlaintext => 1,
            Self::Oauthbearer => 2,
            Self::SaslSsl => 3,
            Self::Ssl => 4,
            Self::Mtls => 5,
            Self::Expired => 6,
            Self::WrongHost => 7,
        }
    }
}

/// The place of the controller's port in the block of ports of its node.
pub(crate) const CONTROLLER_PORT_OFFSET: u16 = 8;

/// The number of ports in the block of a node.
pub(crate) const PORTS_PER_NODE: u16 = 10;
