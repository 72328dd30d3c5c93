// The conformance suite of MCP judges the authorization server.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";

import { readChecks, suite } from "../src/conformance.ts";
import { freePort, startDevelopment } from "../src/login_server.ts";
import { PATIENCE } from "../src/patience.ts";
import { type Answers, Person } from "../src/person.ts";
import { Program } from "../src/program.ts";
import { HttpServer } from "../src/server.ts";

describe("the conformance suite", { timeout: 120_000 }, () => {
  let server: HttpServer;
  let answers: Answers;

  before(async () => {
    ({ server, answers } = await startDevelopment());
  });

  after(() => server?.stop());

  it("finds no fault with the authorization server", async (test) => {
    const results = await mkdtemp(join(tmpdir(), "conformance-"));
    test.after(() => rm(results, { recursive: true }));
    const port = await freePort();
    const client = await register(server.url, `http://127.0.0.1:${port}/callback`);
    const issuer = ["--url", server.url.origin, "--resource", server.url.href];
    const given = ["authorization", ...issuer, "--client-id", client, "--port", `${port}`, "--output-dir", results];
    const program = await Program.start(suite, given, "npm ci does it", { stdio: ["ignore", "pipe", "inherit"] });
    test.after(() => program.stop());
    const person = new Person(answers);
    for await (const line of createInterface({ input: program.process.stdout! })) {
      if (!line.includes("/oauth/authorize?")) continue;
      // It waits where somebody comes out who logs in.
      await fetch(await person.visit(new URL(line.trim())), { signal: AbortSignal.timeout(PATIENCE) });
    }
    assert.equal(await program.ended(), 0);
    assert.equal(person.questions.length, 1);
    const checks = await readChecks(results);
    assert.deepEqual(
      checks.map(({ id, status }) => `${id} ${status}`).sort(),
      [
        "authorization-code-grant SUCCESS",
        "authorization-server-metadata SUCCESS",
        "authorization-server-metadata-cimd SUCCESS",
      ],
      JSON.stringify(checks),
    );
  });
});

/** The suite wants a client that is registered. */
async function register(endpoint: URL, redirectUri: string): Promise<string> {
  const answer = await fetch(new URL("/oauth/register", endpoint), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: "Conformance", redirect_uris: [redirectUri] }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  assert.equal(answer.status, 201);
  return (await answer.json()).client_id;
}
