// Logins outlive the access token, the server, and the replica that they began at, and end when they
// are revoked.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { CertifiedProviders, shapes } from "../src/certified_providers.ts";
import { type McpClient, kinds } from "../src/client.ts";
import { LaterClock } from "../src/later_clock.ts";
import { Login, callTool, isUnauthorized } from "../src/login.ts";
import { freePort, proxy } from "../src/login_server.ts";
import { PATIENCE, eventually } from "../src/patience.ts";
import { Person } from "../src/person.ts";
import { Redis } from "../src/redis.ts";
import { RoundRobin } from "../src/round_robin.ts";
import { HttpServer } from "../src/server.ts";

/** Longer than an access token lasts, in minutes. */
const LATER = 20;
/** The 5 seconds after which a revoked token is out everywhere, and some for a busy machine. */
const FORGETTING = 10_000;

describe("a login", { timeout: 180_000 }, () => {
  let providers: CertifiedProviders;
  let clock: LaterClock;
  let redis: Redis;

  before(async () => {
    [providers, clock, redis] = await Promise.all([CertifiedProviders.start(), LaterClock.build(), Redis.start()]);
  });

  after(async () => {
    await Promise.all([providers?.stop(), clock?.remove(), redis?.stop()]);
  });

  for (const shape of shapes) {
    it(`at ${shape} outlives the server and the access token`, async (test) => {
      const directory = await mkdtemp(join(tmpdir(), "logins-"));
      test.after(() => rm(directory, { recursive: true }));
      const settings = {
        ...proxy(await freePort(), providers.settings(shape)),
        OAUTH_STORE: `file:${join(directory, "logins")}`,
      };
      let server = await HttpServer.start(settings);
      test.after(() => server.stop());
      const group = new Group();
      test.after(() => group.close());
      await group.logIn(server.url);
      await group.callTools();

      await server.stop();
      server = await HttpServer.start(settings);
      assert.deepEqual(await group.callTools(), ["POST /mcp 200"]);

      await server.stop();
      server = await HttpServer.start({ ...settings, ...clock.ahead(LATER) });
      assert.deepEqual(await group.callTools(), ["POST /mcp 401", "POST /oauth/token 200", "POST /mcp 200"]);
      await group.revoke();
    });

    it(`at ${shape} goes from replica to replica`, async (test) => {
      const port = await freePort();
      const settings = { ...proxy(port, providers.settings(shape)), OAUTH_STORE: redis.url, MCP_HTTP_PORT: "0" };
      const front = await RoundRobin.start(port);
      test.after(() => front.stop());
      const replicas: HttpServer[] = [];
      test.after(() => Promise.all(replicas.map((replica) => replica.stop())));
      for (let number = 0; number < 2; number += 1) replicas.push(await HttpServer.start(settings));
      front.spreadOver(replicas.map(({ url }) => url));
      const group = new Group();
      test.after(() => group.close());
      await group.logIn(new URL(`http://127.0.0.1:${port}/mcp`));
      for (let round = 0; round < 3; round += 1) {
        await group.callTools();
        group.spoilAccessTokens();
        await group.callTools();
      }
      const [one = 0, other = 0] = front.served.values();
      assert.ok(one > 0 && Math.abs(one - other) <= 1, `${one} and ${other} requests`);

      // One after the other is replaced, as in an update.
      for (let number = 0; number < replicas.length; number += 1) {
        await replicas[number]!.stop();
        replicas[number] = await HttpServer.start(settings);
        front.spreadOver(replicas.map(({ url }) => url));
        await group.callTools();
      }
      const tokens = group.accessTokens();
      await group.revoke();
      // What a replica remembers of a login it forgets within seconds.
      for (const { url } of replicas) for (const token of tokens) await refused(url, token);
    });
  }
});

/** One client of each kind, each with a login of its own. */
class Group {
  readonly #logins: Login[] = [];
  readonly #clients: McpClient[] = [];

  async logIn(url: URL): Promise<void> {
    for (const kind of kinds) {
      const login = new Login(new Person());
      this.#logins.push(login);
      this.#clients.push(await login.begin(kind, url));
    }
  }

  /** What each of them asks to call a tool, without anybody who logs in again. */
  async callTools(): Promise<string[]> {
    for (const { trail } of this.#logins) trail.length = 0;
    for (const client of this.#clients) await callTool(client);
    for (const { invitations } of this.#logins) assert.equal(invitations, 1);
    const [first, ...others] = this.#logins.map(({ trail }) => trail);
    for (const other of others) assert.deepEqual(other, first);
    return [...first!];
  }

  spoilAccessTokens(): void {
    for (const login of this.#logins) login.spoilAccessToken();
  }

  accessTokens(): string[] {
    return this.#logins.map((login) => login.kept().access_token);
  }

  /** Gives all logins back, after which the clients are out. */
  async revoke(): Promise<void> {
    for (const login of this.#logins) await login.revoke();
    for (const client of this.#clients) {
      const out = eventually("the client is out", async () => callTool(client) as Promise<undefined>, FORGETTING);
      await assert.rejects(out, isUnauthorized);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

async function refused(url: URL, token: string): Promise<void> {
  const attempt = async () => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
    const { status } = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE) });
    return status === 401 || undefined;
  };
  await eventually("the token is refused", attempt, FORGETTING);
}
