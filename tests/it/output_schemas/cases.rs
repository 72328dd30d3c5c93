//! One call for every way that a tool can answer.

use serde_json::Value;

/// A call, and what is to come of it.
pub(super) struct Case {
    pub(super) tool: &'static str,
    arguments: &'static str,
    pub(super) expected: Expected,
    pub(super) on: Cluster,
}

/// How a tool answers.
pub(super) enum Expected {
    /// A result from which rows were left out, for size.
    Cut,
    /// A failure with this code.
    Failure(&'static str),
    /// All that there is.
    Whole,
}

/// Which cluster is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cluster {
    /// One that is not there.
    Gone,
    /// One of three nodes, of which one is down.
    Hurt,
    /// One of three nodes.
    Well,
}

impl Case {
    pub(super) fn arguments(&self) -> Value {
        serde_json::from_str(self.arguments).expect("JSON")
    }
}

const fn whole(tool: &'static str, arguments: &'static str) -> Case {
    case(tool, arguments, Expected::Whole, Cluster::Well)
}

const fn cut(tool: &'static str, arguments: &'static str) -> Case {
    case(tool, arguments, Expected::Cut, Cluster::Well)
}

const fn fails(tool: &'static str, arguments: &'static str, code: &'static str) -> Case {
    case(tool, arguments, Expected::Failure(code), Cluster::Well)
}

const fn case(
    tool: &'static str,
    arguments: &'static str,
    expected: Expected,
    on: Cluster,
) -> Case {
    Case {
        tool,
        arguments,
        expected,
        on,
    }
}

impl Case {
    const fn on(self, on: Cluster) -> Self {
        Self { on, ..self }
    }
}

pub(super) const CASES: &[Case] = &[
    whole("cluster_health", "{}"),
    whole("cluster_health", "{}").on(Cluster::Hurt),
    fails("cluster_health", r#"{"verbose": true}"#, "unknown_argument"),
    fails("cluster_health", "{}", "kafka_unavailable").on(Cluster::Gone),
    whole("cluster_overview", "{}"),
    whole("cluster_overview", "{}").on(Cluster::Hurt),
    fails(
        "cluster_overview",
        r#"{"verbose": true}"#,
        "unknown_argument",
    ),
    fails("cluster_overview", "{}", "kafka_unavailable").on(Cluster::Gone),
    whole(
        "consume_messages",
        r#"{"topics": ["odd"], "position": "earliest"}"#,
    ),
    whole(
        "consume_messages",
        r#"{"topics": ["orders"], "max_messages": 1}"#,
    ),
    whole(
        "consume_messages",
        r#"{"topics": ["wide"], "max_messages": 1}"#,
    ),
    cut(
        "consume_messages",
        r#"{"topics": ["long"], "max_messages": 1000, "max_value_bytes": 100000}"#,
    ),
    fails(
        "consume_messages",
        r#"{"topics": ["ordres"]}"#,
        "unknown_topic",
    ),
    fails(
        "consume_messages",
        r#"{"topics": ["hidden"]}"#,
        "access_denied",
    ),
    fails(
        "consume_messages",
        r#"{"topics": ["orders"], "max_messages": 0}"#,
        "invalid_argument",
    ),
    whole("consumer_lag", r#"{"group_id": "billing", "threshold": 0}"#),
    whole("consumer_lag", "{}").on(Cluster::Hurt),
    cut("consumer_lag", r#"{"threshold": 0}"#),
    fails("consumer_lag", r#"{"threshold": -1}"#, "invalid_argument"),
    fails("consumer_lag", r#"{"group_id": "biling"}"#, "unknown_group"),
    whole(
        "describe_configs",
        r#"{"resource_type": "topic", "resource_name": "orders", "config_keys": ["retention.ms", "nope"]}"#,
    ),
    cut(
        "describe_configs",
        r#"{"resource_type": "broker", "resource_name": 1}"#,
    ),
    fails(
        "describe_configs",
        r#"{"resource_type": "broker", "resource_name": 77}"#,
        "unknown_broker",
    ),
    whole(
        "describe_consumer_group",
        r#"{"group_id": "audit", "include_offsets": true}"#,
    ),
    // Of partitions without a leader the lag is not known.
    whole(
        "describe_consumer_group",
        r#"{"group_id": "audit", "include_offsets": true}"#,
    )
    .on(Cluster::Hurt),
    whole("describe_consumer_group", r#"{"group_id": "billing"}"#),
    cut(
        "describe_consumer_group",
        r#"{"group_id": "billing", "include_offsets": true}"#,
    ),
    fails(
        "describe_consumer_group",
        r#"{"group_id": "biling"}"#,
        "unknown_group",
    ),
    whole("describe_topic", r#"{"topic_name": "orders"}"#),
    whole("describe_topic", r#"{"topic_name": "lonely"}"#).on(Cluster::Hurt),
    cut("describe_topic", r#"{"topic_name": "wide"}"#),
    fails(
        "describe_topic",
        r#"{"topic_name": "ordres"}"#,
        "unknown_topic",
    ),
    whole("list_brokers", "{}"),
    whole("list_brokers", "{}").on(Cluster::Gone),
    fails("list_brokers", r#"{"verbose": true}"#, "unknown_argument"),
    whole("list_consumer_groups", r#"{"name_contains": "audit"}"#),
    cut("list_consumer_groups", r#"{"limit": 1000}"#),
    fails(
        "list_consumer_groups",
        r#"{"cursor": "made up"}"#,
        "invalid_argument",
    ),
    whole("list_topics", r#"{"name_contains": "orders"}"#),
    cut("list_topics", r#"{"limit": 1000}"#),
    fails("list_topics", r#"{"limit": 0}"#, "invalid_argument"),
    whole("poll_cluster", r#"{"include_lag": true}"#),
    whole("poll_cluster", r#"{"include_lag": true}"#).on(Cluster::Hurt),
    fails(
        "poll_cluster",
        r#"{"include_lag": true, "topic": "hidden"}"#,
        "access_denied",
    ),
    whole(
        "produce_message",
        r#"{"topic": "inbox", "key": "k", "value": "v"}"#,
    ),
    whole(
        "produce_message",
        r#"{"topic": "inbox", "messages": [{"value": "a"}, {"value": null, "key": "b"}]}"#,
    ),
    // Kafka refuses what is to come in centuries.
    whole(
        "produce_message",
        r#"{"topic": "inbox", "messages": [
            {"value": "a", "partition": 0},
            {"value": "b", "partition": 1, "timestamp": "2500-01-01T00:00:00Z"}
        ]}"#,
    ),
    fails(
        "produce_message",
        r#"{"topic": "inbx", "value": "v"}"#,
        "unknown_topic",
    ),
    whole("under_replicated_partitions", "{}"),
    whole("under_replicated_partitions", "{}").on(Cluster::Hurt),
    cut("under_replicated_partitions", "{}").on(Cluster::Hurt),
    fails(
        "under_replicated_partitions",
        r#"{"topic": "orders"}"#,
        "unknown_argument",
    ),
];
