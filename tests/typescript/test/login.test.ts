// Clients of both SDKs log in by themselves at the login for development: they know the address of
// the endpoint, and nothing else.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { kinds } from "../src/client.ts";
import { Login, callTool, isUnauthorized } from "../src/login.ts";
import { startDevelopment } from "../src/login_server.ts";
import { type Answers, Person } from "../src/person.ts";
import { HttpServer } from "../src/server.ts";

describe("the login for development", { timeout: 120_000 }, () => {
  let server: HttpServer;
  let answers: Answers;

  before(async () => {
    ({ server, answers } = await startDevelopment());
  });

  after(() => server?.stop());

  for (const kind of kinds) {
    it(`is found by ${kind.name}, which registers, renews its token, and is out when that is revoked`, async () => {
      const person = new Person(answers);
      const login = new Login(person);
      const client = await login.begin(kind, server.url);
      try {
        assert.deepEqual(login.trail.slice(0, FOUND.length), FOUND);
        assert.deepEqual(person.questions, ["Allow TypeScript tests to use Apache Kafka?"]);
        await callTool(client);
        const { access_token, refresh_token, scope, token_type } = login.kept();
        assert.deepEqual({ scope, token_type }, { scope: "kafka:read kafka:write", token_type: "Bearer" });

        login.spoilAccessToken();
        login.trail.length = 0;
        await callTool(client);
        assert.deepEqual(login.trail, ["POST /mcp 401", "POST /oauth/token 200", "POST /mcp 200"]);
        assert.notEqual(login.kept().access_token, access_token);
        assert.notEqual(login.kept().refresh_token, refresh_token);
        assert.equal(login.invitations, 1);

        await login.revoke();
        login.trail.length = 0;
        await assert.rejects(callTool(client), isUnauthorized);
        assert.deepEqual(login.trail, ["POST /mcp 401", "POST /oauth/token 400"]);
        assert.equal(login.invitations, 2);
        await assert.rejects(kind.connect(server.url, login), isUnauthorized);
      } finally {
        await client.close();
      }
    });
  }

  it("lets nobody in who does not have the code", async () => {
    const login = new Login(new Person({ ...answers, code: "2222-2222" }));
    await assert.rejects(kinds[0]!.connect(server.url, login), /^AssertionError.*: 403 at/);
    assert.equal(login.tokens(), undefined);
  });
});

/** The way from the address of the endpoint to the first token. */
const FOUND = [
  "POST /mcp 401",
  "GET /.well-known/oauth-protected-resource/mcp 200",
  "GET /.well-known/oauth-authorization-server 200",
  "POST /oauth/register 201",
  "POST /oauth/token 200",
];
