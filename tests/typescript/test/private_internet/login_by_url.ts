// Runs in a private internet: see `test/login_by_url.test.ts`.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { kinds } from "../../src/client.ts";
import { Inspector } from "../../src/inspector.ts";
import { Login, callTool, isUnauthorized } from "../../src/login.ts";
import { startDevelopment } from "../../src/login_server.ts";
import { type Answers, Person } from "../../src/person.ts";
import { PUBLIC_NAME, TREACHEROUS_NAME } from "../../src/private_internet.ts";
import { PublicWebsite } from "../../src/public_website.ts";
import { HttpServer } from "../../src/server.ts";

const DOCUMENT = `https://${PUBLIC_NAME}/client.json`;

describe("a client whose id is a URL", () => {
  let website: PublicWebsite;
  let server: HttpServer;
  let answers: Answers;

  before(async () => {
    website = await PublicWebsite.start((url) => ({
      client_id: url.href,
      client_name: "Published editor",
      // RFC 8252 section 7.3: each has any port.
      redirect_uris: ["http://127.0.0.1/callback", "http://127.0.0.1/oauth/callback"],
      token_endpoint_auth_method: "none",
    }));
    ({ server, answers } = await startDevelopment({ SSL_CERT_FILE: website.authority }));
  });

  after(async () => {
    await server?.stop();
    await website?.stop();
  });

  for (const kind of kinds) {
    it(`is let in by ${kind.name}, renews its token, and is out when that is revoked`, async () => {
      const person = new Person(answers);
      const login = new Login(person, DOCUMENT);
      const client = await login.begin(kind, server.url);
      try {
        assert.deepEqual(person.questions, ["Allow Published editor to use Apache Kafka?"]);
        assert.equal(login.clientInformation()?.client_id, DOCUMENT);
        assert.ok(!login.trail.some((request) => request.includes("register")), `${login.trail}`);
        // Kafka is not on this internet.
        await callTool(client, "list_brokers");
        login.spoilAccessToken();
        await callTool(client, "list_brokers");
        assert.equal(login.invitations, 1);
        await login.revoke();
        await assert.rejects(callTool(client, "list_brokers"), isUnauthorized);
      } finally {
        await client.close();
      }
    });
  }

  it("may be the inspector", async (test) => {
    const inspector = await Inspector.prepare(server.url, "modern", answers);
    test.after(() => inspector.remove());
    const { tools } = await inspector.call("tools/list", "--client-metadata-url", DOCUMENT);
    assert.equal(tools.length, 13);
    assert.equal(await inspector.visits(), 1);
    await inspector.revoke(DOCUMENT);
    await assert.rejects(inspector.call("tools/list", "--stored-auth-only"), /auth_required/);
  });

  it("has its document read once, while that may be kept", () => {
    assert.deepEqual(website.requests, [`${PUBLIC_NAME}/client.json`]);
  });

  it("is unknown if its document is at an address of the machine itself", async () => {
    const login = new Login(new Person(answers), `https://${TREACHEROUS_NAME}/client.json`);
    await assert.rejects(kinds[0]!.connect(server.url, login), /: [45]\d\d at .*\/oauth\/authorize/);
    assert.ok(!website.requests.some((request) => request.startsWith(TREACHEROUS_NAME)));
  });
});
