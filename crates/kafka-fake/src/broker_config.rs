//! The settings that nodes report: what they share with topics, and a few that people look for.

use std::net::SocketAddr;

use crate::topic_config::{self, Kind};

/// What is different for each node.
pub(crate) fn own(node: i32, address: SocketAddr) -> [(&'static str, String, Kind); 3] {
    let listener = format!("PLAINTEXT://{address}");
    [
        ("advertised.listeners", listener.clone(), Kind::List),
        ("listeners", listener, Kind::List),
        ("node.id", node.to_string(), Kind::Int),
    ]
}

/// What is the same for all.
pub(crate) fn defaults() -> impl Iterator<Item = (&'static str, &'static str, Kind)> {
    let of_topics = topic_config::ALL.iter().filter_map(|config| {
        let name = config.broker?;
        Some((name, config.default, config.kind))
    });
    OTHERS.iter().copied().chain(of_topics)
}

/// Whether Kafka takes it from the file only. What topics have too can be changed while a node runs.
pub(crate) fn is_read_only(name: &str) -> bool {
    matches!(name, "advertised.listeners" | "node.id")
        || OTHERS.iter().any(|(other, ..)| *other == name)
}

/// As this crate behaves; elsewhere the defaults of Apache Kafka 4.4.
const OTHERS: &[(&str, &str, Kind)] = &[
    ("auto.create.topics.enable", "false", Kind::Boolean),
    ("delete.topic.enable", "true", Kind::Boolean),
    ("fetch.max.bytes", "57671680", Kind::Int),
    ("log.retention.hours", "168", Kind::Int),
    ("num.partitions", "1", Kind::Int),
    ("offset.metadata.max.bytes", "4096", Kind::Int),
];
