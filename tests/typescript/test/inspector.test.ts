// The MCP Inspector judges whether the schemas work with the clients that it knows.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

import { HttpServer, stdioCommand } from "../src/server.ts";

const inspector = join(import.meta.dirname, "../node_modules/.bin/mcp-inspector");
const run = promisify(execFile);

describe("the inspector", () => {
  let server: HttpServer;
  let home: string;

  before(async () => {
    server = await HttpServer.start();
    // It keeps a catalog in the home directory, which is not ours to write to.
    home = await mkdtemp(join(tmpdir(), "inspector-"));
  });

  after(async () => {
    await server.stop();
    await rm(home, { recursive: true });
  });

  async function inspect(target: string[], method: string): Promise<any> {
    const given = ["--cli", ...target, "--method", method, ...(method === "tools/list" ? ["--strict"] : [])];
    const { stdout } = await run(inspector, given, { env: { ...process.env, ...stdioCommand.env, HOME: home } });
    return JSON.parse(stdout);
  }

  for (const transport of ["stdio", "http"]) {
    it(`finds no fault with the tools over ${transport}`, async () => {
      const target = transport === "http" ? [server.url.href] : [stdioCommand.command];
      const { tools } = await inspect(target, "tools/list");
      assert.equal(tools.length, 12);
    });
  }
});
