// The MCP Inspector, on the command line, uses all that is served, in both eras of the protocol, and
// judges whether the schemas work with the clients that it knows.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

import { settings, token } from "../src/hmac.ts";
import { Fixture } from "../src/kafka.ts";
import { PATIENCE } from "../src/patience.ts";
import { HttpServer, stdioCommand } from "../src/server.ts";

const inspector = join(import.meta.dirname, "../node_modules/.bin/mcp-inspector");
const run = promisify(execFile);

describe("the inspector", { concurrency: 4, timeout: 120_000 }, () => {
  let open: HttpServer;
  let guarded: HttpServer;
  let fixture: Fixture;
  let home: string;
  const ways: Record<string, () => Promise<string[]>> = {
    // It passes nothing of its own environment on.
    "over stdio": async () => {
      const variables = Object.entries(stdioCommand.env).map(([name, value]) => `${name}=${value}`);
      return [stdioCommand.command, ...variables.flatMap((variable) => ["-e", variable])];
    },
    "over http": async () => [open.url.href],
    "over http with a token": async () => {
      const header = `Authorization: Bearer ${await token("kafka:read kafka:write")}`;
      return [guarded.url.href, "--header", header];
    },
  };

  before(async () => {
    // It keeps a catalog in the home directory, which is not ours to write to.
    home = await mkdtemp(join(tmpdir(), "inspector-"));
    [open, guarded, fixture] = await Promise.all([HttpServer.start(), HttpServer.start(settings), Fixture.create()]);
  });

  after(async () => {
    await Promise.all([open?.stop(), guarded?.stop(), fixture?.remove()]);
    await rm(home, { recursive: true });
  });

  for (const era of ["legacy", "modern"]) {
    for (const [name, target] of Object.entries(ways)) {
      it(`uses all that is served ${name} (${era})`, async () => {
        const given = ["--cli", ...(await target()), "--protocol-era", era];
        const inspect = async (method: string, ...more: string[]): Promise<any> => {
          const env = { ...process.env, HOME: home };
          const { stdout } = await run(inspector, [...given, "--method", method, ...more], { env, timeout: PATIENCE });
          return JSON.parse(stdout);
        };
        const { topic } = fixture;

        const { tools } = await inspect("tools/list", "--strict");
        assert.equal(tools.length, 13);
        const call = ["--tool-name", "list_topics", "--tool-arg", `name_contains=${topic}`];
        const { structuredContent } = await inspect("tools/call", ...call);
        assert.equal(structuredContent.topics[0].name, topic);

        const { resources } = await inspect("resources/list");
        const { resourceTemplates } = await inspect("resources/templates/list");
        const uri = "kafka-mcp://consumer-lag-report";
        assert.ok(resources.some((resource: { uri: string }) => resource.uri === uri));
        const template = `${uri}{?threshold}`;
        assert.ok(resourceTemplates.some(({ uriTemplate }: { uriTemplate: string }) => uriTemplate === template));
        const { contents } = await inspect("resources/read", "--uri", `${uri}?threshold=7`);
        assert.equal(JSON.parse(contents[0].text).lag_threshold, 7);

        const { prompts } = await inspect("prompts/list");
        const prompt = "kafka_consumer_lag_report";
        assert.ok(prompts.some((listed: { name: string }) => listed.name === prompt));
        const { messages } = await inspect("prompts/get", "--prompt-name", prompt, "--prompt-args", "threshold=0");
        assert.match(messages[0].content.text, /^# Consumer lag/);
      });
    }
  }
});
