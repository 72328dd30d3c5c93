// The server with OAuth on, as the guide to development with hmac starts it, through real clients.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { kinds } from "../src/client.ts";
import { settings, token } from "../src/hmac.ts";
import { HttpServer } from "../src/server.ts";

const unauthorized = /401|unauthori[sz]ed|invalid_token/i;

describe("with a token", { concurrency: 4 }, () => {
  let server: HttpServer;
  const tokens = { read: "", write: "" };

  before(async () => {
    server = await HttpServer.start(settings);
    tokens.read = await token("kafka:read");
    tokens.write = await token("kafka:write");
  });

  after(() => server.stop());

  for (const kind of kinds) {
    it(`lets ${kind.name} read, and write only with the scope for it`, async () => {
      const reader = await kind.connect(server.url, tokens.read);
      const writer = await kind.connect(server.url, tokens.write);
      try {
        const names = async (client: typeof reader) => (await client.listTools()).tools.map(({ name }) => name);
        assert.ok(!(await names(reader)).includes("produce_message"));
        assert.ok((await names(writer)).includes("produce_message"));
        const brokers = await reader.callTool({ name: "list_brokers", arguments: {} });
        assert.notEqual(brokers.isError, true);
        // It comes as far as the tool, which misses its arguments.
        const produced = await writer.callTool({ name: "produce_message", arguments: {} });
        assert.equal(produced.structuredContent.code, "invalid_argument");
        await assert.rejects(reader.callTool({ name: "produce_message", arguments: {} }), /403|insufficient/i);
      } finally {
        await Promise.all([reader.close(), writer.close()]);
      }
    });

    it(`keeps ${kind.name} out without a token, and with one that was changed`, async () => {
      await assert.rejects(kind.connect(server.url), unauthorized);
      await assert.rejects(kind.connect(server.url, `${tokens.read.slice(0, -4)}AAAA`), unauthorized);
    });
  }
});
