//! The settings of a demo, which brings its surroundings along.

use std::{net::SocketAddr, path::Path};

use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, Layer, RawConfig, file, settings::*};

/// What a demo is made of.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// The brokers.
    pub(crate) brokers: String,
    /// Where the server listens, on loopback.
    pub(crate) address: SocketAddr,
    /// What tokens are signed with.
    pub(crate) secret: SecretString,
}

impl RawConfig {
    /// Merges the sources of a demo: defaults, those of the table and its own; the file; flags; then
    /// what makes it a demo, which neither of those two may say. The environment is that of another
    /// cluster, and not read.
    ///
    /// # Errors
    ///
    /// If the layers cannot be merged.
    pub(crate) fn of_demo(
        surroundings: &Surroundings,
        file: Option<&Path>,
        mut flags: Layer,
    ) -> Result<Self, ConfigError> {
        let mut preferred = Layer::new("demo");
        // What goes wrong, the steps say. Libraries complain of a client that leaves in the middle.
        preferred.set(LOG_LEVEL, "off".to_owned());
        // Sooner than the client of the demo gives up, who would not know why.
        preferred.set(KAFKA_MCP_TIMEOUT, "5s".to_owned());
        let own = surroundings.layer();
        let mut file = file.map(file::layer).unwrap_or_default();
        for given in [&mut file, &mut flags] {
            given.refuse(&own, "the demo brings that along itself");
        }
        Self::merge([Layer::defaults(), preferred, file, flags, own])
    }
}

impl Surroundings {
    fn layer(&self) -> Layer {
        let url = format!("http://{}", self.address);
        let mut layer = Layer::new("demo");
        for (setting, value) in [
            (KAFKA_BROKERS, self.brokers.clone()),
            (MCP_TRANSPORT, "http".to_owned()),
            (MCP_HTTP_HOST, self.address.ip().to_string()),
            (MCP_HTTP_PORT, self.address.port().to_string()),
            (OAUTH_ENABLED, "true".to_owned()),
            (OAUTH_MODE, "native".to_owned()),
            (OAUTH_PROVIDER, "hmac".to_owned()),
            (OAUTH_SERVER_URL, url.clone()),
            (OIDC_ISSUER, url.clone()),
            (OIDC_AUDIENCE, format!("{url}/mcp")),
            (JWT_SECRET, self.secret.expose_secret().to_owned()),
        ] {
            layer.set(setting, value);
        }
        layer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Transport};

    fn demo(flags: Layer) -> RawConfig {
        let surroundings = Surroundings {
            brokers: "127.0.0.1:9".to_owned(),
            address: ([127, 0, 0, 1], 7).into(),
            secret: "3d5b0cf1a9e84c7792e0d46f8b1a6c25".into(),
        };
        RawConfig::of_demo(&surroundings, None, flags).unwrap()
    }

    #[test]
    fn a_demo_is_a_server_with_oauth_at_the_address_it_is_given() {
        let mut flags = Layer::new("flag");
        flags.set(KAFKA_MCP_READ_ONLY, "true".to_owned());
        let config = Config::read(&demo(flags)).unwrap();
        assert_eq!(config.kafka.brokers[0].to_string(), "127.0.0.1:9");
        assert!(config.access.read_only);
        assert!(config.warnings.is_empty(), "{:?}", config.warnings);
        let Transport::Http { http, oauth } = config.transport else {
            panic!("it is another transport")
        };
        assert_eq!(http.address.to_string(), "127.0.0.1:7");
        let oauth = oauth.unwrap();
        assert_eq!(oauth.server_url.to_string(), "http://127.0.0.1:7");
        assert!(oauth.logins.unwrap().development_code.is_some());
    }

    // Somebody who names their own brokers is not to take the demo for a test of them.
    #[test]
    fn what_a_demo_brings_along_cannot_be_given() {
        for setting in [KAFKA_BROKERS, OAUTH_ENABLED, MCP_HTTP_PORT] {
            let mut flags = Layer::new("flag");
            flags.set(setting, "1".to_owned());
            let error = Config::read(&demo(flags)).unwrap_err().to_string();
            assert!(error.contains(setting.name), "{error}");
            assert!(error.contains("brings that along"), "{error}");
        }
    }
}
