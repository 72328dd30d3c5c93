//! What fields mean that no schema describes: the list of tools is to be short.

/// What a field means, in one tool or in all, by the end of its path.
#[derive(Debug)]
pub(super) struct Meaning {
    /// Empty: in all.
    tool: &'static str,
    path: &'static str,
    pub(super) text: &'static str,
}

/// The meaning of the field at `path`: that of the tool comes first, and the longest path.
pub(super) fn find(tool: &str, side: &str, path: &str) -> Option<&'static Meaning> {
    let meanings = match side {
        "inputSchema" => ARGUMENTS,
        _ => RESULTS,
    };
    let fits = |meaning: &&Meaning| {
        let is_here = meaning.tool.is_empty() || meaning.tool == tool;
        is_here && (path == meaning.path || path.ends_with(&format!(".{}", meaning.path)))
    };
    let best = |meaning: &&Meaning| (meaning.tool.len(), meaning.path.len());
    meanings.iter().filter(fits).max_by_key(best)
}

pub(super) fn all() -> impl Iterator<Item = &'static Meaning> {
    ARGUMENTS.iter().chain(RESULTS)
}

/// In all tools.
const fn of(path: &'static str, text: &'static str) -> Meaning {
    of_tool("", path, text)
}

const fn of_tool(tool: &'static str, path: &'static str, text: &'static str) -> Meaning {
    Meaning { tool, path, text }
}

const CONSUME: &str = "consume_messages";
const PRODUCE: &str = "produce_message";

const ARGUMENTS: &[Meaning] = &[
    of("config_keys", "Only these settings."),
    of(
        "cursor",
        "The `next_cursor` of the result before, to go on there.",
    ),
    of("group_id", "The consumer group."),
    of_tool("consumer_lag", "group_id", "Only this group."),
    of_tool("poll_cluster", "group_id", "Only the lag of this group."),
    of(
        "include_internal",
        "With the topics of Kafka itself, as far as the policy shows them.",
    ),
    of("include_lag", "Measures consumer lag as well."),
    of(
        "include_offsets",
        "Shows committed offsets and lag as well.",
    ),
    of("limit", "The most rows; without it, as many as fit."),
    of(
        "non_default_only",
        "Only settings that differ from their default.",
    ),
    of("resource_type", "What `resource_name` names."),
    of(
        "threshold",
        "A partition is listed when its lag is above this.",
    ),
    of(
        "timeout_ms",
        "The deadline, within `KAFKA_MCP_TIMEOUT`, which is also the default.",
    ),
    of("topic", "The topic."),
    of_tool("consumer_lag", "topic", "Only this topic."),
    of_tool("poll_cluster", "topic", "Only the lag in this topic."),
    of("topic_name", "The topic."),
    of_tool(
        CONSUME,
        "isolation_level",
        "Whether records of open and aborted transactions are shown.",
    ),
    of_tool(CONSUME, "max_messages", "The most records."),
    of_tool(CONSUME, "offset", "Where to start with position offset."),
    of_tool(CONSUME, "topics", "What to read."),
    of_tool(PRODUCE, "headers", "Headers, in their order."),
    of_tool(
        PRODUCE,
        "headers[].encoding",
        "How `value` is written here.",
    ),
    of_tool(PRODUCE, "headers[].key", "The name of the header."),
    of_tool(PRODUCE, "headers[].value", "Its value; null is none."),
    of_tool(PRODUCE, "key", "The key; without it there is none."),
    of_tool(
        PRODUCE,
        "key_encoding",
        "How `key` is written here: binary keys are base64.",
    ),
    of_tool(
        PRODUCE,
        "messages",
        "Several records, in place of one by the arguments beside it.",
    ),
    of_tool(
        PRODUCE,
        "partition",
        "Where to write; without it the key decides, or chance.",
    ),
    of_tool(
        PRODUCE,
        "timestamp",
        "Milliseconds or RFC 3339; now if left out.",
    ),
    of_tool(PRODUCE, "value", "The value; null is a tombstone."),
    of_tool(
        PRODUCE,
        "value_encoding",
        "How `value` is written here: binary values are base64.",
    ),
];

const RESULTS: &[Meaning] = &[
    of("as_of", "When this was so, in RFC 3339."),
    of("timestamp", "When this was so, in RFC 3339."),
    of(
        "complete",
        "Whether everything that was asked for could be measured.",
    ),
    of(
        "partial_errors",
        "What could not, and why; the first of many.",
    ),
    of("not_measured", "How many parts could not be measured."),
    of("truncated", "Whether rows are left out."),
    of("omitted", "How many rows are left out."),
    of(
        "next_cursor",
        "For the argument `cursor`, to go on; null at the end.",
    ),
    of("hint", "How to ask for less, or for the rest."),
    of(
        "likely_causes",
        "Why something may be wrong; empty when nothing is.",
    ),
    of(
        "recommendations",
        "What to do about it, the most urgent first.",
    ),
    of("topic", "The topic."),
    of("topic_name", "The topic."),
    of("partition", "The partition."),
    of("group_id", "The group."),
    of(
        "group_type",
        "Such as `classic`, or `consumer`, the protocol of KIP-848.",
    ),
    of(
        "protocol_type",
        "What the group is for: `consumer` for those that read.",
    ),
    of("state", "As Kafka names it, such as `Stable` or `Empty`."),
    of("is_internal", "Whether it is a topic of Kafka itself."),
    of("partition_count", "How many partitions there are."),
    of(
        "controller_id",
        "The broker that is the controller, or null.",
    ),
    of(
        "offline_broker_ids",
        "Brokers that replicas are assigned to and that are not there.",
    ),
    of("isr", "The replicas in sync, as ids of brokers."),
    of("leader", "The broker that leads it; -1 is none."),
    of("replicas", "The brokers that should have it."),
    of("status", "`healthy`, `warning`, `critical` or `unknown`."),
    of("total", "How many match, on all pages."),
    // Records.
    of_tool(CONSUME, "messages", "The records."),
    of_tool(
        CONSUME,
        "messages[].escaped",
        "Some characters that hide or act are spelt as `\\u{...}`.",
    ),
    of_tool(
        CONSUME,
        "messages[].headers",
        "The headers, in their order.",
    ),
    of_tool(
        CONSUME,
        "headers[].encoding",
        "`base64` where the value is not text.",
    ),
    of_tool(CONSUME, "headers[].key", "The name of the header."),
    of_tool(CONSUME, "headers[].value", "Its value, or null."),
    of_tool(
        CONSUME,
        "headers[].value_bytes",
        "How long the value is, where it is cut.",
    ),
    of_tool(
        CONSUME,
        "headers_omitted",
        "How many headers are not shown.",
    ),
    of_tool(CONSUME, "key", "The key; null is none."),
    of_tool(
        CONSUME,
        "key_bytes",
        "How long the key is, where it is cut.",
    ),
    of_tool(
        CONSUME,
        "key_encoding",
        "`base64` where the key is not text.",
    ),
    of_tool(CONSUME, "offset", "The offset."),
    of_tool(
        CONSUME,
        "messages[].timestamp",
        "The record's time in milliseconds, or null.",
    ),
    of_tool(CONSUME, "timestamp_iso", "The same in RFC 3339."),
    of_tool(CONSUME, "value", "The value; null is a tombstone."),
    of_tool(
        CONSUME,
        "messages[].value_bytes",
        "How long the value is, where it is cut.",
    ),
    of_tool(
        CONSUME,
        "value_encoding",
        "`base64` where the value is not text.",
    ),
    of_tool(CONSUME, "value_truncated", "Whether the value is cut."),
    of_tool(
        CONSUME,
        "has_more",
        "Whether there are records behind those that were read.",
    ),
    of_tool(
        CONSUME,
        "partitions",
        "Where the read stands, by partition.",
    ),
    of_tool(CONSUME, "end_offset", "Behind the last record."),
    of_tool(
        CONSUME,
        "log_start_offset",
        "The first record that the log still has.",
    ),
    of_tool(CONSUME, "next_offset", "Where the next read goes on."),
    of_tool(
        CONSUME,
        "partitions_omitted",
        "How many partitions are not shown.",
    ),
    of_tool(
        CONSUME,
        "scanned_records",
        "How many records were looked at to find these.",
    ),
    of_tool(CONSUME, "stopped", "Why the read ended."),
    of_tool(
        CONSUME,
        "truncated",
        "Whether records, keys or values are left out or cut for size.",
    ),
    of_tool(
        PRODUCE,
        "offset",
        "Where the record is; null if a broker only confirmed an earlier try.",
    ),
    of_tool(
        PRODUCE,
        "results",
        "Of several records: what became of each, in their order.",
    ),
    of_tool(
        PRODUCE,
        "results[].error",
        "Why it is not written, or may not be: a failure, see below.",
    ),
    of_tool(
        PRODUCE,
        "timestamp",
        "The record's time in milliseconds, or null.",
    ),
    of_tool(PRODUCE, "written", "How many records were written."),
    of_tool(PRODUCE, "complete", "Whether all records were written."),
    // Brokers and topics.
    of_tool(
        "list_brokers",
        "brokers",
        "The addresses that the server is configured with.",
    ),
    of_tool(
        "list_brokers",
        "live",
        "The members of the cluster; null if none answered.",
    ),
    of_tool("list_brokers", "live[].address", "Where it listens."),
    of_tool("list_brokers", "live[].id", "Its id."),
    of_tool("list_brokers", "live[].rack", "Its rack, where it has one."),
    of_tool("describe_topic", "partitions", "The partitions, by id."),
    of_tool(
        "describe_topic",
        "error_code",
        "The broker's error about it, where there is one.",
    ),
    of_tool("describe_topic", "error_message", "The name of that error."),
    of_tool(
        "describe_topic",
        "offline_replicas",
        "Replicas on brokers that are not there.",
    ),
    of_tool("describe_topic", "partition_id", "The partition."),
    of_tool("list_topics", "topics", "The topics, by name."),
    of_tool("list_topics", "name", "The topic."),
    of_tool(
        "list_topics",
        "replication_factor",
        "How many replicas a partition has.",
    ),
    of("configs", "The settings, by key."),
    of("is_default", "Whether nobody has set it."),
    of(
        "is_read_only",
        "Whether it cannot change while the broker runs.",
    ),
    of(
        "is_sensitive",
        "Whether it is a secret, whose value is left out.",
    ),
    of_tool("describe_configs", "name", "Its key."),
    of("source", "Where the value comes from."),
    of_tool("describe_configs", "value", "Its value."),
    of("resource_name", "As it was asked for."),
    of("resource_type", "As it was asked for."),
    of(
        "unknown_keys",
        "Keys that were asked for and do not exist there.",
    ),
    // Groups.
    of_tool("list_consumer_groups", "groups", "The groups, by id."),
    of("member_count", "How many members there are."),
    of("members", "The members."),
    of(
        "assignments",
        "What it is assigned; null where the protocol is not a consumer's.",
    ),
    of("assignments[].partitions", "Its partitions."),
    of("client_host", "Where it connects from."),
    of("client_id", "The name that it gives itself."),
    of("instance_id", "Its id as a static member, where it is one."),
    of("member_id", "The id that it has from the broker."),
    of("offsets", "Committed offsets, with `include_offsets`."),
    of(
        "commit_offset",
        "The committed offset; null if there is none.",
    ),
    of_tool(
        "describe_consumer_group",
        "end_offset",
        "Behind the last record; null if unknown.",
    ),
    of_tool(
        "describe_consumer_group",
        "error",
        "Why something is unknown.",
    ),
    of_tool(
        "describe_consumer_group",
        "offsets[].lag",
        "How many records it is behind; null if unknown.",
    ),
    of("metadata", "What was committed with the offset."),
    of("protocol", "How partitions are assigned."),
    of("group_count", "How many groups there are."),
    of("group_summary", "The groups, the largest lag first."),
    of(
        "has_high_lag",
        "Whether a partition is above the threshold.",
    ),
    of(
        "total_lag",
        "The sum of its lags; null if nothing is committed.",
    ),
    of(
        "uncommitted_partitions",
        "Assigned partitions without a commit: not in the total.",
    ),
    of("group_summary[].topics", "What it reads."),
    of(
        "groups_with_high_lag",
        "How many groups have a partition above the threshold.",
    ),
    of(
        "high_lag_details",
        "The partitions above the threshold, the largest lag first.",
    ),
    of("current_offset", "The committed offset."),
    of("high_lag_details[].lag", "How many records it is behind."),
    of("log_end_offset", "Behind the last record."),
    of("lag_threshold", "The threshold that was used."),
    // The cluster.
    of("broker_count", "How many brokers are alive."),
    of("cluster_id", "The id of the cluster, or null."),
    of("offline_partitions_count", "Partitions without a leader."),
    of(
        "topic_count",
        "How many topics there are, without internal ones.",
    ),
    of(
        "under_replicated_partitions_count",
        "Partitions with fewer replicas in sync than they should have.",
    ),
    of("broker_status", "The brokers."),
    of("offline_brokers", "How many are not there."),
    of("total_brokers", "How many there should be."),
    of(
        "consumer_status",
        "Consumer lag; null counts were not measured.",
    ),
    of("consumer_status.error", "Why it was not measured, or null."),
    of("total_groups", "How many groups there are."),
    of("controller_status", "The controller."),
    of("overall_status", "The worst of them."),
    of("partition_status", "The partitions."),
    of("offline_partitions", "Those without a leader."),
    of("total_partitions", "All of them."),
    of(
        "under_replicated_partitions",
        "Those with fewer replicas in sync than they should have.",
    ),
    of("details", "The partitions, the most endangered first."),
    of("isr_count", "How many replicas are in sync."),
    of("missing_replicas", "The brokers that are behind or gone."),
    of("replica_count", "How many replicas there should be."),
    of(
        "hidden_partition_count",
        "Counted, but not listed: the policy hides their topics.",
    ),
    of(
        "offline_partition_count",
        "Partitions without a leader: not in the details.",
    ),
    of(
        "under_replicated_partition_count",
        "How many there are, listed or not.",
    ),
    of_tool(
        "poll_cluster",
        "cluster",
        "What the view of the cluster draws.",
    ),
    of_tool(
        "poll_cluster",
        "lag",
        "What the view of consumer lag draws, or null.",
    ),
];
