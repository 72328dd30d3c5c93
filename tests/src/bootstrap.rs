//! Client configurations for brokers that are known as text.

use std::time::Duration;

use kafka_tools::KafkaConfig;

/// A configuration for `brokers`, comma-separated, with deadlines that suit the loopback.
///
/// # Panics
///
/// If one of them is no `host:port`.
#[must_use]
pub fn bootstrap(brokers: &str) -> KafkaConfig {
    let brokers = brokers
        .split(',')
        .map(|broker| broker.parse().expect("host:port"))
        .collect();
    let mut config = KafkaConfig::new(brokers);
    config.client_id = "testkit".to_owned();
    config.connect_timeout = Duration::from_secs(2);
    config
}
