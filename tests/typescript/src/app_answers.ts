// Answers of tools, for views: as the server would give them, of clusters that are not there.

type ToolResult = { content: { type: "text"; text: string }[]; structuredContent: Record<string, unknown>; isError?: boolean };

/** A result of a tool. */
export function result(structuredContent: Record<string, unknown>): ToolResult {
  return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
}

/** A failure. */
export function failure(code: string, retriable = true): ToolResult {
  const message = "no broker answers at kafka-1.example.com:9092: connection refused";
  const hint = "the cluster is down or unreachable; try again later";
  return { ...result({ code, kafka_error: null, message, retriable, hint, did_you_mean: [] }), isError: true };
}

/** Three brokers, and nothing wrong. */
export function inOrder() {
  return {
    as_of: "2026-03-01T12:00:00Z",
    cluster: {
      cluster_id: "kX3mVbQmR0uK2tq7yXcEaA" as string | null,
      controller_id: 2 as number | null,
      health_status: "healthy",
      broker_count: 3,
      brokers: [1, 2, 3].map((id) => ({ id, address: `kafka-${id}.example.com:9092`, rack: `eu-1${"abc"[id - 1]}` })),
      offline_broker_ids: [] as number[],
      topic_count: 42,
      partition_count: 1234,
      offline_partitions_count: 0,
      offline_partitions: [] as { topic: string; partition: number; replicas: number[] }[],
      under_replicated_partitions_count: 0,
      under_replicated_partitions: [] as ReturnType<typeof behind>[],
      hidden_partition_count: 0,
    },
    lag: null,
    omitted: 0,
    complete: true,
    partial_errors: [] as object[],
  };
}

/** A fourth broker is gone, and with it two partitions; `count` others are under-replicated. */
export function inTrouble(count: number) {
  const snapshot = inOrder();
  const topics = ["orders", "payments.authorised.v2", "a-name-that-is-as-long-as-some-people-like-their-names-to-be"];
  const listed = Math.min(count, 8);
  Object.assign(snapshot.cluster, {
    health_status: "critical",
    offline_broker_ids: [4],
    offline_partitions_count: 2,
    offline_partitions: [3, 7].map((partition) => ({ topic: "sessions", partition, replicas: [4] })),
    under_replicated_partitions_count: count,
    under_replicated_partitions: Array.from({ length: listed }, (_, at) => behind(topics[at % 3]!, at, at === 0 ? [2] : [1, 2])),
  });
  snapshot.omitted = count - listed;
  return snapshot;
}

function behind(topic: string, partition: number, isr: number[]) {
  const replicas = isr.length === 1 ? [2, 3, 4] : [1, 2, 4];
  const missing = replicas.filter((id) => !isr.includes(id));
  const counts = { replica_count: replicas.length, isr_count: isr.length };
  return { topic, partition, leader: isr[0]!, ...counts, replicas, isr, missing_replicas: missing };
}

/** A group with three partitions: one falls behind, one catches up, of one nothing is known. */
export function lagOf(step: number) {
  const row = (partition: number, lag: number | null) => ({
    group_id: "orders-service",
    topic: "orders",
    partition,
    current_offset: lag === null ? null : 120_000 + 40 * step,
    log_end_offset: 120_000 + 40 * step + (lag ?? 0),
    lag,
  });
  const lags = [1_000 + 100 * step, 800 - 80 * step];
  const group = {
    group_id: "orders-service",
    state: "Stable",
    member_count: 2,
    total_lag: lags[0]! + lags[1]!,
    uncommitted_partitions: 1,
  };
  const partitions = [row(0, lags[0]!), row(1, lags[1]!), row(2, null)];
  return { ...inOrder(), lag: standing([group], partitions) };
}

/** More groups than there are colours, one of which never committed, and more than are listed. */
export function lagOfAll(step: number) {
  const names = ["billing", "orders-service", "search-indexer", "fraud-detection", "archive", "audit", "mailer", "new-service"];
  const lagOfGroup = (at: number) => (at === 7 ? null : Math.max(0, 52_000 - 9_000 * at + step * (at % 2 ? 700 : -900)));
  const groups = names.map((group_id, at) => ({
    group_id,
    state: at === 4 ? "Empty" : "Stable",
    member_count: at === 4 ? 0 : 3,
    total_lag: lagOfGroup(at),
    uncommitted_partitions: at === 7 ? 12 : 0,
  }));
  const partitions = [0, 1, 2, 3].map((partition) => ({
    group_id: "billing",
    topic: "payments.authorised.v2",
    partition,
    current_offset: 7_000_000,
    log_end_offset: 7_013_000 - 150 * partition,
    lag: 13_000 - 150 * partition,
  }));
  const lag = { ...standing(groups, partitions), group_count: 31, partition_count: 190 };
  return { ...inOrder(), lag, omitted: 209 };
}

/** Where groups stand. */
export function standing<Group extends { total_lag: number | null }, Partition extends { lag: number | null }>(
  groups: Group[],
  partitions: Partition[],
) {
  const known = groups.flatMap(({ total_lag: lag }) => (lag === null ? [] : [lag]));
  return {
    group_count: groups.length,
    groups_behind: known.filter((lag) => lag > 0).length,
    groups_with_unknown_lag: groups.length - known.length,
    total_lag: known.length > 0 ? known.reduce((sum, lag) => sum + lag, 0) : null,
    groups,
    partition_count: partitions.length,
    partitions_with_unknown_lag: partitions.filter(({ lag }) => lag === null).length,
    partitions,
  };
}

/** The same, but for a part. */
export function partial<Snapshot extends object>(snapshot: Snapshot) {
  const error = { subject: "orders-7", code: "timeout", kafka_error: null, message: "no answer within 10s" };
  return { ...snapshot, complete: false, partial_errors: [error] };
}

/** A line of `consumer_lag`: a group that reads one topic. */
export function reported(group_id: string, total_lag: number | null, uncommitted_partitions = 0) {
  const has_high_lag = (total_lag ?? 0) > 1_000;
  return { group_id, state: "Stable", member_count: 2, topics: ["orders"], total_lag, has_high_lag, uncommitted_partitions };
}

/** A result of `consumer_lag`. */
export function lagReport(groups: ReturnType<typeof reported>[], more: Record<string, unknown> = {}) {
  return {
    timestamp: "2026-03-01T12:00:00Z",
    lag_threshold: 1_000,
    group_count: groups.length,
    group_summary: groups,
    high_lag_details: [],
    groups_with_high_lag: groups.filter(({ has_high_lag }) => has_high_lag).length,
    likely_causes: [],
    recommendations: [],
    complete: true,
    not_measured: 0,
    partial_errors: [],
    truncated: false,
    omitted: 0,
    ...more,
  };
}

/** The offsets of a group in a topic, one partition for each lag. */
export function committed(...lags: (number | null)[]) {
  return lags.map((lag, partition) => ({
    topic: "orders",
    partition,
    commit_offset: lag === null ? null : 120_000,
    end_offset: 120_000 + (lag ?? 0),
    lag,
  }));
}

/** A result of `describe_consumer_group`; without `include_offsets`, it has none. */
export function described(more: { offsets?: ReturnType<typeof committed>; [name: string]: unknown }) {
  const members = [1, 2].map((number) => ({
    member_id: `consumer-${number}`,
    client_id: "orders",
    client_host: `/192.0.2.${number}`,
    assignments: [{ topic: "orders", partitions: [number - 1] }],
  }));
  return {
    as_of: "2026-03-01T12:00:00Z",
    group_id: "orders-service",
    state: "Stable",
    protocol_type: "consumer",
    protocol: "range",
    group_type: "classic",
    member_count: members.length,
    members,
    truncated: false,
    omitted: 0,
    next_cursor: null,
    ...more,
  };
}
