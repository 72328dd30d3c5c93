//! The `server.properties` of a node.

use std::fmt::Write as _;
use std::path::Path;

use super::certificates::{EXPIRED_KEY_STORE, SERVER_KEY_STORE, WRONG_HOST_KEY_STORE};
use super::listener::Listener;
use super::node::Node;
use super::state::Cluster;

/// Renders the `server.properties` of one node of a cluster.
pub(crate) fn server_properties(cluster: &Cluster, node: &Node) -> String {
    let mut properties = Properties::default();
    identity(&mut properties, cluster, node);
    listeners(&mut properties, node);
    security(&mut properties, cluster);
    replication(&mut properties, cluster.nodes.len());
    pace(&mut properties);
    properties.0
}

fn identity(properties: &mut Properties, cluster: &Cluster, node: &Node) {
    let voters = cluster
        .nodes
        .iter()
        .map(|node| format!("{}@{}", node.id, node.controller));
    properties.set("process.roles", "broker,controller");
    properties.set("node.id", node.id);
    properties.set(
        "controller.quorum.voters",
        voters.collect::<Vec<_>>().join(","),
    );
    properties.set_path("log.dirs", &node.data());
}

fn listeners(properties: &mut Properties, node: &Node) {
    let advertised: Vec<_> = node
        .listeners
        .iter()
        .map(|(listener, address)| format!("{}://{address}", listener.name().to_uppercase()))
        .collect();
    let advertised = advertised.join(",");
    let protocols = Listener::ALL.map(|listener| {
        format!(
            "{}:{}",
            listener.name().to_uppercase(),
            listener.security_protocol()
        )
    });

    properties.set(
        "listeners",
        format!("{advertised},CONTROLLER://{}", node.controller),
    );
    properties.set("advertised.listeners", advertised);
    properties.set(
        "listener.security.protocol.map",
        format!("{},CONTROLLER:PLAINTEXT", protocols.join(",")),
    );
    properties.set("controller.listener.names", "CONTROLLER");
    properties.set("inter.broker.listener.name", "PLAINTEXT");
}

fn security(properties: &mut Properties, cluster: &Cluster) {
    let stores = cluster.tls.ca.parent().unwrap_or(Path::new(""));
    properties.set("ssl.truststore.type", "PEM");
    properties.set_path("ssl.truststore.location", &cluster.tls.ca);
    properties.set("ssl.keystore.type", "PEM");
    properties.set_path("ssl.keystore.location", &stores.join(SERVER_KEY_STORE));
    for (listener, store) in [
        (Listener::Expired, EXPIRED_KEY_STORE),
        (Listener::WrongHost, WRONG_HOST_KEY_STORE),
    ] {
        properties.set_for(listener, "ssl.keystore.type", "PEM");
        let key = format!("listener.name.{}.ssl.keystore.location", listener.name());
        properties.set_path(&key, &stores.join(store));
    }
    properties.set_for(Listener::Mtls, "ssl.client.auth", "required");

    let passwords: String = cluster
        .users
        .iter()
        .map(|u| format!(" user_{}=\"{}\"", u.name, u.password))
        .collect();
    let plain = format!("{LOGIN}.plain.PlainLoginModule required{passwords};");
    let scram = format!("{LOGIN}.scram.ScramLoginModule required;");
    for listener in [Listener::SaslPlaintext, Listener::SaslSsl] {
        let mechanisms = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512";
        properties.set_for(listener, "sasl.enabled.mechanisms", mechanisms);
        properties.set_for(listener, "plain.sasl.jaas.config", &plain);
        properties.set_for(listener, "scram-sha-256.sasl.jaas.config", &scram);
        properties.set_for(listener, "scram-sha-512.sasl.jaas.config", &scram);
    }
    let oauth = format!(
        "{LOGIN}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"kafka\";"
    );
    properties.set_for(
        Listener::Oauthbearer,
        "sasl.enabled.mechanisms",
        "OAUTHBEARER",
    );
    properties.set_for(Listener::Oauthbearer, "oauthbearer.sasl.jaas.config", oauth);

    // The brokers themselves come in over PLAINTEXT, so ANONYMOUS must be allowed everything.
    let super_users = cluster.users.iter().filter(|user| user.super_user);
    let super_users: String = super_users
        .map(|user| format!(";User:{}", user.name))
        .collect();
    let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    properties.set("authorizer.class.name", authorizer);
    // Kafka's default, spelt out: who is no super user may do what an ACL allows, and nothing else.
    properties.set("allow.everyone.if.no.acl.found", false);
    properties.set("super.users", format!("User:ANONYMOUS{super_users}"));
}

fn replication(properties: &mut Properties, nodes: usize) {
    let in_sync = if nodes == 1 { 1 } else { nodes - 1 };
    properties.set("default.replication.factor", nodes);
    properties.set("min.insync.replicas", in_sync);
    properties.set("offsets.topic.replication.factor", nodes);
    properties.set("offsets.topic.num.partitions", 4);
    for topic in ["transaction.state.log", "share.coordinator.state.topic"] {
        properties.set(&format!("{topic}.replication.factor"), nodes);
        properties.set(&format!("{topic}.min.isr"), in_sync);
        properties.set(&format!("{topic}.num.partitions"), 4);
    }
}

/// Makes tests quick: no idle waits, small buffers, a dead broker noticed early, no tidying up.
fn pace(properties: &mut Properties) {
    // Kafka's default, spelt out: tests prove that reads create no topic although they could.
    properties.set("auto.create.topics.enable", true);
    properties.set("group.initial.rebalance.delay.ms", 0);
    properties.set("broker.heartbeat.interval.ms", 1000);
    properties.set("broker.session.timeout.ms", 6000);
    properties.set("num.network.threads", 2);
    properties.set("num.io.threads", 4);
    properties.set("log.cleaner.backoff.ms", 500);
    properties.set("log.cleaner.dedupe.buffer.size", 4 * 1024 * 1024);
    // Old records and idle groups do not go while a test looks at them.
    properties.set("log.retention.check.interval.ms", DAY_MS);
    properties.set("offsets.retention.check.interval.ms", DAY_MS);
}

/// A properties file in the making.
#[derive(Default)]
struct Properties(String);

impl Properties {
    fn set(&mut self, key: &str, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{key}={value}");
    }

    fn set_for(&mut self, listener: Listener, key: &str, value: impl std::fmt::Display) {
        self.set(&format!("listener.name.{}.{key}", listener.name()), value);
    }

    /// Java reads the file as ISO 8859-1 with backslash escapes.
    fn set_path(&mut self, key: &str, path: &Path) {
        let mut escaped = String::new();
        for unit in path.to_string_lossy().encode_utf16() {
            match u8::try_from(unit) {
                Ok(b'\\') => escaped.push_str("\\\\"),
                Ok(byte) if byte.is_ascii() => escaped.push(char::from(byte)),
                _ => {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
        self.set(key, escaped);
    }
}

const DAY_MS: u32 = 24 * 60 * 60 * 1000;

const LOGIN: &str = "org.apache.kafka.common.security";

#[cfg(test)]
mod tests;
