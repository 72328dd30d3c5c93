// The server with OAuth on, as the guide to development with hmac starts it, through real clients.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

import { kinds } from "../src/client.ts";
import { HttpServer, stdioCommand } from "../src/server.ts";

const run = promisify(execFile);
const unauthorized = /401|unauthori[sz]ed|invalid_token/i;
const inspector = join(import.meta.dirname, "../node_modules/.bin/mcp-inspector");
const settings = {
  OAUTH_ENABLED: "true",
  OAUTH_MODE: "native",
  OAUTH_PROVIDER: "hmac",
  OAUTH_SERVER_URL: "http://localhost:8080",
  OIDC_ISSUER: "http://localhost:8080",
  OIDC_AUDIENCE: "api://kafka-mcp-server",
  JWT_SECRET: "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184",
};

describe("with a token", { concurrency: 4 }, () => {
  let server: HttpServer;
  const tokens = { read: "", write: "" };

  before(async () => {
    server = await HttpServer.start(settings);
    tokens.read = await token("kafka:read");
    tokens.write = await token("kafka:write");
  });

  after(() => server.stop());

  /** A token as the server's own command makes it. */
  async function token(scope: string): Promise<string> {
    const given = ["token", "--sub", "alice", "--scope", scope, "--ttl", "1h"];
    const { stdout } = await run(stdioCommand.command, given, { env: { ...process.env, ...settings } });
    return stdout.trim();
  }

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

  it("lets the inspector list the tools", async () => {
    const home = await mkdtemp(join(tmpdir(), "inspector-"));
    try {
      const header = `Authorization: Bearer ${tokens.write}`;
      const given = ["--cli", server.url.href, "--header", header, "--method", "tools/list", "--strict"];
      const { stdout } = await run(inspector, given, { env: { ...process.env, HOME: home } });
      assert.equal(JSON.parse(stdout).tools.length, 12);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});
