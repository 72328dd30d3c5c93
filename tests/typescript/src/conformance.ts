// The conformance suite of MCP, and what it found.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** Its program. */
export const suite = join(import.meta.dirname, "../node_modules/.bin/conformance");

/** One thing that it looked at. */
export interface Check {
  id: string;
  status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  errorMessage?: string;
}

/** What it made of a server. */
export interface Verdict {
  /** Whether everything passed but what the file says cannot. */
  isAsExpected: boolean;
  /** How many checks passed, and how many could have. */
  passed: number;
  total: number;
  /** All that it printed. */
  output: string;
}

/** Judges a server by what a revision of the protocol requires, but for what a file of ours names. */
export async function judge(server: URL, revision: string, expectedFailures: string): Promise<Verdict> {
  const results = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    const given = ["--requirements", revision, "--expected-failures", expectedFailures, "--output-dir", results];
    const process = spawn(suite, ["server", "--url", server.href, ...given], { stdio: ["ignore", "pipe", "inherit"] });
    const overdue = setTimeout(() => process.kill("SIGKILL"), PATIENCE);
    const [output, [code]] = await Promise.all([text(process.stdout), once(process, "exit")]);
    clearTimeout(overdue);
    const checks = await readChecks(results);
    const count = (...which: string[]) => checks.filter(({ status }) => which.includes(status)).length;
    return {
      isAsExpected: code === 0,
      passed: count("SUCCESS"),
      total: count("SUCCESS", "FAILURE"),
      output,
    };
  } finally {
    await rm(results, { recursive: true });
  }
}

/** What it found, in one file for each scenario. */
export async function readChecks(results: string): Promise<Check[]> {
  const files = await readdir(results, { recursive: true });
  const found = files.filter((file) => file.endsWith("checks.json"));
  const checks = await Promise.all(found.map(async (file) => JSON.parse(await readFile(join(results, file), "utf8"))));
  return checks.flat();
}

/** How long it may take over one server, in milliseconds. */
const PATIENCE = 90_000;
