// Everything the server offers, through real clients, over both transports, on a real Kafka.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { kinds, type Kind, type McpClient, type Tool, type ToolResult, type Transport } from "../src/client.ts";
import { Fixture } from "../src/kafka.ts";
import { eventually, inTime } from "../src/patience.ts";
import { assertMatches } from "../src/schema.ts";
import { brokers, HttpServer } from "../src/server.ts";

/** Every tool that reads, with arguments and the fields that its answer has whatever happens. */
const reads: Record<string, { arguments: (fixture: Fixture) => Record<string, unknown>; fields: string[] }> = {
  consume_messages: {
    arguments: ({ topic }) => ({ topics: [topic] }),
    fields: ["messages", "partitions", "stopped", "next_cursor", "complete"],
  },
  list_brokers: { arguments: () => ({}), fields: ["brokers"] },
  describe_topic: {
    arguments: ({ topic }) => ({ topic_name: topic }),
    fields: ["topic_name", "partitions", "is_internal"],
  },
  list_topics: { arguments: () => ({}), fields: ["topics"] },
  list_consumer_groups: { arguments: () => ({}), fields: ["groups"] },
  describe_consumer_group: {
    arguments: ({ group }) => ({ group_id: group, include_offsets: true }),
    fields: ["group_id", "state", "protocol_type", "protocol", "members", "offsets"],
  },
  describe_configs: {
    arguments: ({ topic }) => ({ resource_type: "topic", resource_name: topic, config_keys: ["retention.ms"] }),
    fields: ["resource_type", "resource_name", "configs"],
  },
  cluster_overview: {
    arguments: () => ({}),
    fields: [
      "cluster_id",
      "controller_id",
      "broker_count",
      "topic_count",
      "partition_count",
      "under_replicated_partitions_count",
      "offline_partitions_count",
      "offline_broker_ids",
    ],
  },
  cluster_health: {
    arguments: () => ({}),
    fields: ["timestamp", "broker_status", "controller_status", "partition_status", "consumer_status", "overall_status"],
  },
  under_replicated_partitions: {
    arguments: () => ({}),
    fields: ["timestamp", "under_replicated_partition_count", "details", "recommendations"],
  },
  consumer_lag: {
    arguments: ({ group }) => ({ group_id: group, threshold: 1 }),
    fields: ["timestamp", "lag_threshold", "group_count", "group_summary", "high_lag_details", "recommendations"],
  },
  poll_cluster: {
    arguments: ({ group }) => ({ include_lag: true, group_id: group }),
    fields: ["as_of", "cluster", "lag", "omitted", "complete"],
  },
};

const resources: Record<string, string[]> = {
  "kafka-mcp://overview": [
    "timestamp",
    "broker_count",
    "controller_id",
    "topic_count",
    "partition_count",
    "under_replicated_partitions",
    "offline_partitions",
    "offline_broker_ids",
    "health_status",
  ],
  "kafka-mcp://health-check": reads["cluster_health"]!.fields,
  "kafka-mcp://under-replicated-partitions": reads["under_replicated_partitions"]!.fields,
  "kafka-mcp://consumer-lag-report": reads["consumer_lag"]!.fields,
};

const views = ["ui://kafka/cluster.html", "ui://kafka/lag.html"];

const prompts = [
  "kafka_cluster_overview",
  "kafka_health_check",
  "kafka_under_replicated_partitions",
  "kafka_consumer_lag_report",
];

// Each suite has a topic and a group of its own, and mostly waits for the group to form.
describe("clients", { concurrency: 4 }, () => {
  for (const kind of kinds) {
    for (const transport of ["stdio", "http"] as const) {
      describe(`${kind.name} over ${transport}`, { concurrency: 1 }, () => everything(kind, transport));
    }
  }
});

function everything(kind: Kind, transport: Transport): void {
  let server: HttpServer | undefined;
  let client: McpClient;
  let fixture: Fixture;
  let tools: Map<string, Tool>;

  before(async () => {
    fixture = await Fixture.create();
    if (transport === "http") server = await HttpServer.start();
    client = await kind.connect(server?.url);
    const listed = await client.listTools();
    tools = new Map(listed.tools.map((tool) => [tool.name, tool]));
    // Three records, so that the group is behind and reads have something to find.
    const messages = ["first", "second", "third"].map((value) => ({ key: "seed", value, partition: 0 }));
    await call("produce_message", { topic: fixture.topic, messages });
  });

  after(async () => {
    try {
      const begun = performance.now();
      await client.close();
      // A server that outlives its input is killed by the clients after two seconds.
      assert.ok(performance.now() - begun < 1900, "the server ends when the client closes");
      assert.equal((await server?.stop()) ?? 0, 0, "the server ends with exit code 0");
    } finally {
      // A connection that stays open would keep the test runner from ending.
      await fixture.remove();
    }
    // What a test gives up on purpose is no fault of the server's.
    assert.deepEqual(client.complaints.filter((complaint) => !/abort/i.test(`${complaint}`)), []);
  });

  /** Calls a tool that has to succeed, and returns its structured content. */
  async function call(name: string, given: Record<string, unknown>): Promise<any> {
    const tool = tools.get(name);
    assert.ok(tool?.outputSchema, `${name} is listed with an output schema`);
    assertMatches(tool.inputSchema, given, `the arguments of ${name}`);
    const result = await client.callTool({ name, arguments: given });
    assert.notEqual(result.isError, true, JSON.stringify(result));
    assertMatches(tool.outputSchema, result.structuredContent, `the result of ${name}`);
    assertTextIsStructure(result);
    return result.structuredContent;
  }

  /** Calls a tool that has to refuse, and returns the failure. */
  async function refusal(name: string, given: Record<string, unknown>): Promise<any> {
    const result = await client.callTool({ name, arguments: given });
    assert.equal(result.isError, true, `${name} refuses ${JSON.stringify(given)}`);
    assertTextIsStructure(result);
    return result.structuredContent;
  }

  it("agrees on a revision and learns the server's name", () => {
    assert.equal(client.revision(), kind.revision);
    assert.equal(client.serverName(), "kafka-mcp-server");
  });

  it("lists the tools, each with a title, a description and every hint", () => {
    assert.deepEqual([...tools.keys()].sort(), ["produce_message", ...Object.keys(reads)].sort());
    for (const tool of tools.values()) {
      assert.ok(tool.title && tool.description, tool.name);
      const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = tool.annotations ?? {};
      for (const hint of [readOnlyHint, destructiveHint, idempotentHint, openWorldHint]) {
        assert.equal(typeof hint, "boolean", `${tool.name} has every hint`);
      }
      assert.equal(readOnlyHint, tool.name !== "produce_message", tool.name);
    }
  });

  it("lists the resources, the template and the prompts", async () => {
    const listed = await client.listResources();
    assert.deepEqual(listed.resources.map(({ uri }) => uri).sort(), [...Object.keys(resources), ...views].sort());
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(
      resourceTemplates.map(({ uriTemplate }) => uriTemplate),
      [
        "kafka-mcp://consumer-lag-report{?threshold}",
        "kafka-mcp://topic/{name}",
        "kafka-mcp://group/{id}",
        "kafka-mcp://topic/{name}/config/{key}",
      ],
    );
    const reports = listed.resources.filter(({ uri }) => !views.includes(uri));
    for (const { mimeType } of [...reports, ...resourceTemplates]) {
      assert.equal(mimeType, "application/json");
    }
    const listedPrompts = await client.listPrompts();
    assert.deepEqual(listedPrompts.prompts.map(({ name }) => name).sort(), [...prompts].sort());
  });

  for (const [name, read] of Object.entries(reads)) {
    it(`calls ${name}`, async () => {
      const answer = await call(name, read.arguments(fixture));
      for (const field of read.fields) assert.ok(field in answer, `${name} answers with ${field}`);
    });
  }

  it("produces a record with headers and finds it again", async () => {
    const { topic } = fixture;
    const value = `value ✓ "quoted" ${crypto.randomUUID()}`;
    const headers = [
      { key: "trace", value: "1" },
      { key: "trace", value: "2" },
      { key: "empty", value: null },
    ];
    const written = await call("produce_message", { topic, key: "k", value, headers, partition: 1 });
    assert.deepEqual([written.topic, written.partition], [topic, 1]);

    const start = { position: "offset", partitions: [1], offset: written.offset };
    const { messages } = await call("consume_messages", { topics: [topic], ...start, max_messages: 1 });
    assert.equal(messages.length, 1);
    const [found] = messages;
    assert.deepEqual([found.key, found.value, found.offset], ["k", value, written.offset]);
    assert.equal(found.timestamp, written.timestamp);
    assert.deepEqual(
      found.headers.map(({ key, value }: { key: string; value: string | null }) => ({ key, value })),
      headers,
    );
  });

  it("writes null as a tombstone and bytes as base64", async () => {
    const { topic } = fixture;
    const tombstone = await call("produce_message", { topic, key: "gone", value: null, partition: 1 });
    const bytes = Buffer.from([0, 0xff, 0xfe]).toString("base64");
    await call("produce_message", { topic, value: bytes, value_encoding: "base64", partition: 1 });
    const start = { position: "offset", partitions: [1], offset: tombstone.offset };
    const { messages } = await call("consume_messages", { topics: [topic], ...start });
    assert.deepEqual([messages[0].key, messages[0].value], ["gone", null]);
    assert.deepEqual([messages[1].value, messages[1].value_encoding], [bytes, "base64"]);
  });

  it("goes on where a read ended", async () => {
    const topics = [fixture.topic];
    const from = { topics, partitions: [0], position: "earliest", max_messages: 2 };
    const first = await call("consume_messages", from);
    assert.deepEqual(first.messages.map(({ value }: { value: string }) => value), ["first", "second"]);
    const rest = await call("consume_messages", { topics, cursor: first.next_cursor });
    assert.deepEqual(rest.messages.map(({ value }: { value: string }) => value), ["third"]);
    assert.equal(rest.stopped, "end_of_log");
  });

  it("knows the cluster, the topic and the group", async () => {
    const { topic, group } = fixture;
    assert.deepEqual((await call("list_brokers", {})).brokers, brokers.split(","));
    const { topics } = await call("list_topics", { name_contains: topic });
    assert.deepEqual(topics, [{ name: topic, partition_count: 2, replication_factor: 1, is_internal: false }]);
    const { partitions } = await call("describe_topic", { topic_name: topic });
    assert.deepEqual(partitions.map((each: { partition_id: number }) => each.partition_id), [0, 1]);
    const described = await call("describe_consumer_group", { group_id: group, include_offsets: true });
    const committed = described.offsets.find((each: { partition: number }) => each.partition === 0);
    assert.deepEqual([committed.topic, committed.commit_offset, committed.lag], [topic, 0, 3]);
    const lag = await call("consumer_lag", { group_id: group, threshold: 2 });
    assert.deepEqual(lag.high_lag_details, [
      { group_id: group, topic, partition: 0, current_offset: 0, log_end_offset: 3, lag: 3 },
    ]);
  });

  for (const [uri, fields] of Object.entries(resources)) {
    it(`reads ${uri}`, async () => {
      const report = await read(uri);
      for (const field of fields) assert.ok(field in report, `${uri} has ${field}`);
    });
  }

  for (const uri of views) {
    it(`reads ${uri}`, async () => {
      const { contents } = await client.readResource({ uri });
      assert.equal(contents[0]?.mimeType, "text/html;profile=mcp-app");
      assert.match(contents[0]?.text ?? "", /^<!doctype html>/);
    });
  }

  it("reads the lag report above a threshold", async () => {
    const mine = ({ group_id }: { group_id: string }) => group_id === fixture.group;
    const above = await read("kafka-mcp://consumer-lag-report?threshold=2");
    assert.equal(above.lag_threshold, 2);
    assert.equal(above.high_lag_details.filter(mine).length, 1);
    const strictly = await read("kafka-mcp://consumer-lag-report?threshold=3");
    assert.equal(strictly.high_lag_details.filter(mine).length, 0);
  });

  async function read(uri: string): Promise<any> {
    const { contents } = await client.readResource({ uri });
    assert.equal(contents.length, 1);
    assert.deepEqual([contents[0]!.uri, contents[0]!.mimeType], [uri, "application/json"]);
    return JSON.parse(contents[0]!.text ?? "");
  }

  for (const name of prompts) {
    it(`renders ${name}`, async () => {
      assert.match(await render(name), /^# /m);
    });
  }

  it("renders the lag prompt above a threshold", async () => {
    const markdown = await render("kafka_consumer_lag_report", { threshold: "2" });
    assert.ok(markdown.includes(fixture.group), markdown);
  });

  async function render(name: string, given?: Record<string, string>): Promise<string> {
    const { messages } = await client.getPrompt(given ? { name, arguments: given } : { name });
    assert.equal(messages.length, 1);
    assert.deepEqual([messages[0]!.role, messages[0]!.content.type], ["user", "text"]);
    return messages[0]!.content.text ?? "";
  }

  it("names the topic that was meant", async () => {
    const misspelt = fixture.topic.slice(0, -1);
    for (const [name, given] of [
      ["consume_messages", { topics: [misspelt] }],
      ["describe_topic", { topic_name: misspelt }],
      ["produce_message", { topic: misspelt, value: "lost" }],
    ] as const) {
      const failure = await refusal(name, given);
      assert.equal(failure.code, "unknown_topic", name);
      assert.ok(failure.did_you_mean.includes(fixture.topic), JSON.stringify(failure));
    }
  });

  it("refuses a max_messages that is no positive number", async () => {
    for (const max_messages of [0, -1, 1.5, 1e12, "many", "", [5]]) {
      const failure = await refusal("consume_messages", { topics: [fixture.topic], max_messages });
      assert.equal(failure.code, "invalid_argument", JSON.stringify(max_messages));
      assert.match(failure.message, /max_messages/);
    }
  });

  it("takes a number in quotes and a bare topic", async () => {
    const given = { topics: fixture.topic, max_messages: "1" };
    const { structuredContent } = await client.callTool({ name: "consume_messages", arguments: given });
    assert.equal(structuredContent.messages.length, 1);
  });

  it("names the argument that was meant", async () => {
    const failure = await refusal("consume_messages", { topics: [fixture.topic], max_message: 5 });
    assert.equal(failure.code, "unknown_argument");
    assert.deepEqual(failure.did_you_mean, ["max_messages"]);
  });

  it("refuses a group, a partition and a broker that do not exist", async () => {
    const { topic } = fixture;
    const failures = [
      await refusal("describe_consumer_group", { group_id: `${fixture.group}x` }),
      await refusal("consume_messages", { topics: [topic], partitions: [7] }),
      await refusal("produce_message", { topic, value: "lost", partition: 7 }),
      await refusal("describe_configs", { resource_type: "broker", resource_name: "4711" }),
      await refusal("describe_configs", { resource_type: "cluster", resource_name: "x" }),
    ];
    assert.deepEqual(
      failures.map(({ code }) => code),
      ["unknown_group", "unknown_partition", "unknown_partition", "unknown_broker", "invalid_argument"],
    );
  });

  it("answers with an error what does not exist", async () => {
    const invalidParams = { code: -32602 };
    // Before 2026-07-28 a missing resource had a code of its own, out of which client 2 makes the newer one.
    const notFound = kind.name === "sdk 1" ? { code: -32002 } : invalidParams;
    await assert.rejects(client.readResource({ uri: "kafka-mcp://overviews" }), notFound);
    await assert.rejects(client.readResource({ uri: "kafka-mcp://consumer-lag-report?threshold=x" }), invalidParams);
    await assert.rejects(client.getPrompt({ name: "kafka_overview" }), invalidParams);
    await assert.rejects(client.callTool({ name: "delete_topic", arguments: {} }), invalidParams);
  });

  it("hears how a long call goes on, gives it up, and is served on", async () => {
    const waiting = { topics: [fixture.topic], position: "latest", wait_ms: 5000 };
    const heard = Promise.withResolvers<{ progress: number }>();
    const over = new AbortController();
    const options = { signal: over.signal, onprogress: heard.resolve };
    const given = client.callTool({ name: "consume_messages", arguments: waiting }, options);
    const first = await inTime("progress", heard.promise);
    assert.ok(first.progress > 0, JSON.stringify(first));
    over.abort();
    await assert.rejects(given);
    // Over HTTP, clients of the older revision say so in another request, which could mean anybody's call.
    if (transport === "stdio" || kind.revision >= "2026") {
      const isStopped = (line: string) => line.includes('"consume_messages"') && line.includes('"outcome":"cancelled"');
      const { log } = server ?? client;
      await eventually("the call is stopped", async () => log.some(isStopped) || undefined, 3000);
    }
    await call("list_brokers", {});
  });
}

function assertTextIsStructure({ content, structuredContent }: ToolResult): void {
  assert.equal(content.length, 1);
  assert.equal(content[0]!.type, "text");
  assert.equal(content[0]!.text, JSON.stringify(structuredContent));
}
