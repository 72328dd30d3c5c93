// The conformance suite of MCP judges the server, and everything that stands before Kafka in it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";

import { BearerProxy } from "../src/bearer_proxy.ts";
import { judge, type Verdict } from "../src/conformance.ts";
import { settings, token } from "../src/hmac.ts";
import { conformanceFixture, HttpServer } from "../src/server.ts";

const directory = join(import.meta.dirname, "../conformance");
const root = join(import.meta.dirname, "../../..");

/** A server to judge: which, by which revision, and how the documents call both. */
interface Candidate {
  name: string;
  revision: string;
  /** The fixture's arguments; the server itself without. */
  fixture?: string[];
  /** Whether it is what the README names. */
  isComplete?: boolean;
}

const candidates: Candidate[] = [
  { name: "server", revision: "2026-07-28" },
  { name: "server", revision: "2025-11-25" },
  { name: "fixture", revision: "2026-07-28", fixture: [], isComplete: true },
  { name: "fixture", revision: "2025-11-25", fixture: [] },
  { name: "fixture with sessions", revision: "2025-11-25", fixture: ["--sessions"], isComplete: true },
];

// The suite mostly waits.
describe("the conformance suite", { concurrency: 5, timeout: 180_000 }, () => {
  for (const candidate of candidates) {
    const { name, revision } = candidate;
    it(`judges the ${name} by ${revision}, and finds what is expected`, async (test) => {
      const { isAsExpected, passed, total, output } = await verdict(candidate);
      const score = `${passed} of ${total}`;
      test.diagnostic(`${name}, ${revision}: ${score} checks passed`);
      assert.ok(isAsExpected, output);
      await assertSays("docs/testing.md", `| ${name} | ${revision} | ${score} |`);
      if (candidate.isComplete) await assertSays("README.md", `${score} checks of ${revision}`);
    });
  }
});

async function assertSays(document: string, words: string): Promise<void> {
  const text = await readFile(join(root, document), "utf8");
  assert.ok(text.includes(words), `${document} says: ${words}`);
}

async function verdict({ name, revision, fixture }: Candidate): Promise<Verdict> {
  const expected = join(directory, `${name.replaceAll(" ", "-")}-${revision}.yml`);
  if (!fixture) {
    const server = await HttpServer.start();
    try {
      return await judge(server.url, revision, expected);
    } finally {
      await server.stop();
    }
  }
  // Behind the gate as well: with a token, which the suite cannot send.
  const server = await HttpServer.start(settings, conformanceFixture(...fixture));
  const proxy = await BearerProxy.start(server.url, await token("kafka:read"));
  try {
    return await judge(proxy.url, revision, expected);
  } finally {
    await proxy.stop();
    await server.stop();
  }
}
