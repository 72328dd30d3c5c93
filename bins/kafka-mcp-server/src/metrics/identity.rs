//! What is known of tokens and of the provider that issues them.

use mcp_oauth_provider::Provider;

use super::{Metrics, exposition::Exposition, lock};

impl Metrics {
    pub(super) fn write_validations(&self, text: &mut Exposition) {
        let name = "kafka_mcp_oauth_validations_total";
        text.head(name, "counter", "What became of the tokens of requests.");
        for (validation, count) in lock(&self.validations).iter() {
            let cache = match validation.from_cache {
                Some(true) => "hit",
                Some(false) => "miss",
                None => "",
            };
            let labels = [
                ("provider", validation.provider),
                ("outcome", validation.outcome),
                ("check", validation.check.unwrap_or_default()),
                ("cache", cache),
            ];
            text.sample(name, &labels, count);
        }
    }
}

impl Metrics {
    pub(super) fn write_logins(&self, text: &mut Exposition) {
        let name = "kafka_mcp_oauth_logins_total";
        text.head(
            name,
            "counter",
            "Logins at this server that ended, by outcome.",
        );
        for (outcome, count) in lock(&self.logins).iter() {
            text.sample(name, &[("outcome", *outcome)], count);
        }
        let name = "kafka_mcp_oauth_grants_total";
        text.head(name, "counter", "What happened to the tokens of logins.");
        for (event, count) in lock(&self.grants).iter() {
            text.sample(name, &[("event", *event)], count);
        }
    }
}

/// Writes how the provider is.
pub(super) fn write(provider: &Provider, text: &mut Exposition) {
    let status = provider.status();
    text.single(
        "kafka_mcp_oauth_ready",
        "gauge",
        "Whether tokens can be validated.",
        u8::from(provider.readiness().is_ok()),
    );
    text.single(
        "kafka_mcp_oauth_discovered",
        "gauge",
        "Whether the discovery document of the provider was read, or there is none.",
        u8::from(status.discovered),
    );
    text.single(
        "kafka_mcp_oauth_discovery_failures_total",
        "counter",
        "Attempts to read the discovery document that failed.",
        status.discovery_failures,
    );
    text.single(
        "kafka_mcp_oauth_jwks_keys",
        "gauge",
        "Keys that the provider publishes.",
        status.jwks_keys,
    );
    if let Some(age) = status.jwks_age {
        text.single(
            "kafka_mcp_oauth_jwks_age_seconds",
            "gauge",
            "How long ago the keys were fetched.",
            age.as_secs_f64(),
        );
    }
    let name = "kafka_mcp_oauth_jwks_fetches_total";
    text.head(name, "counter", "Fetches of the keys.");
    text.sample(name, &[("outcome", "ok")], status.jwks_fetches);
    text.sample(name, &[("outcome", "failed")], status.jwks_failures);
    text.single(
        "kafka_mcp_oauth_cached_tokens",
        "gauge",
        "Tokens that were validated and are remembered.",
        status.cache_entries,
    );
}
