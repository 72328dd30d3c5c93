//! Where a broker listens.

use std::{fmt, str::FromStr};

use crate::Error;

/// A broker's address: `host:port`, with IPv6 addresses in brackets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerAddress {
    host: String,
    port: u16,
}

impl BrokerAddress {
    /// The host name or IP address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for BrokerAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |reason: &str| Error::invalid("broker address", text, reason);
        let text = text.trim();
        if text.contains("://") {
            return Err(invalid("write host:port, without a scheme in front"));
        }
        if text.contains(',') {
            return Err(invalid("these are several; one is expected here"));
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => rest
                .split_once("]:")
                .ok_or_else(|| invalid("an IPv6 address is written [address]:port"))?,
            None => text
                .rsplit_once(':')
                .ok_or_else(|| invalid("expected host:port"))?,
        };
        if !text.starts_with('[') && host.contains(':') {
            return Err(invalid("an IPv6 address needs brackets: [address]:port"));
        }
        if text.starts_with('[') && host.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(invalid("the brackets hold no IPv6 address"));
        }
        if host.is_empty()
            || host
                .chars()
                .any(|c| c.is_whitespace() || "/@[]".contains(c))
        {
            return Err(invalid("the host is not a host name or IP address"));
        }
        let port = port.parse::<u16>().ok().filter(|port| *port != 0);
        let port = port.ok_or_else(|| invalid("the port is not a number from 1 to 65535"))?;
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_ipv4_and_bracketed_ipv6_are_accepted() {
        for text in [
            "localhost:9092",
            "10.0.0.1:1",
            "[::1]:9092",
            "kafka-0.kafka.svc:65535",
        ] {
            assert_eq!(text.parse::<BrokerAddress>().unwrap().to_string(), text);
        }
        assert_eq!(" a:1 ".parse::<BrokerAddress>().unwrap().to_string(), "a:1");
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for text in [
            "",
            "kafka",
            "kafka:",
            ":9092",
            "kafka:0",
            "kafka:65536",
            "::1:9092",
            "[::1]",
        ] {
            assert!(text.parse::<BrokerAddress>().is_err(), "{text}");
        }
        for text in ["[x]:1", "a b:1", "user@kafka:1"] {
            assert!(text.parse::<BrokerAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_copied_from_other_settings_of_kafka_is_refused_by_its_name() {
        for (text, reason) in [
            ("PLAINTEXT://b1:9092", "without a scheme"),
            ("https://[::1]:9092", "without a scheme"),
            ("a:1,b:2", "these are several"),
        ] {
            let error = text.parse::<BrokerAddress>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
