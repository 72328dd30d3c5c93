// An internet of its own for a test. The server fetches the documents of clients over https, from
// public addresses and no others, and tests use nothing but loopback: so in a network namespace that
// leads nowhere, loopback is given a public address, and the address a name.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { Program } from "./program.ts";

/** Any address that is public to the server. */
const PUBLIC_ADDRESS = "192.0.3.1";
/** A name of it. */
export const PUBLIC_NAME = "app.example";
/** A name by which somebody leads the server to its own machine. */
export const TREACHEROUS_NAME = "trap.example";

/** Runs a file of tests there, and fails with what it printed if it does. */
export async function runInPrivateInternet(file: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "internet-"));
  try {
    const hosts = join(directory, "hosts");
    const names = ["127.0.0.1 localhost", `${PUBLIC_ADDRESS} ${PUBLIC_NAME}`, `127.0.0.1 ${TREACHEROUS_NAME}`];
    await writeFile(hosts, `${names.join("\n")}\n`);
    const script = ["sh", "-ec", SETUP, "sh", PUBLIC_ADDRESS, hosts];
    const test = [process.execPath, "--test-reporter=spec", file];
    // A file of tests reports to the one that it believes to be started by.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const program = await Program.start("unshare", [...NAMESPACES, ...script, ...test], NEEDS, {
      stdio: ["ignore", "pipe", "pipe"],
      env,
    });
    const overdue = setTimeout(() => program.process.kill("SIGKILL"), LIMIT);
    try {
      const printed = await Promise.all([text(program.process.stderr!), text(program.process.stdout!)]);
      const code = await program.ended();
      if (code !== 0) throw new Error(`it ended with ${code}; ${NEEDS}\n${printed.join("\n")}`);
    } finally {
      clearTimeout(overdue);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Whoever starts the first process of a namespace of processes ends all of them with it. */
const NAMESPACES = ["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child"];
const SETUP = 'ip link set lo up; ip address add "$1" dev lo; mount --bind "$2" /etc/hosts; shift 2; exec "$@"';
const NEEDS =
  "it needs the packages util-linux and iproute2, and a system where this user may have namespaces " +
  "(kernel.apparmor_restrict_unprivileged_userns=0)";
/** How long all of it may take, in milliseconds. */
const LIMIT = 120_000;
