// The MCP Inspector logs in from the command line, through whatever opens a browser.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { CertifiedProviders } from "../src/certified_providers.ts";
import { Inspector } from "../src/inspector.ts";
import { freePort, proxy, startDevelopment } from "../src/login_server.ts";
import { HttpServer } from "../src/server.ts";
import { spoilt } from "../src/spoilt_token.ts";

describe("the inspector", { timeout: 180_000, concurrency: 2 }, () => {
  let providers: CertifiedProviders;

  before(async () => {
    providers = await CertifiedProviders.start();
  });

  after(() => providers?.stop());

  for (const era of ["legacy", "modern"]) {
    it(`logs in at the login for development, renews its token, and is out when that is revoked (${era})`, async (test) => {
      const { server, answers } = await startDevelopment();
      test.after(() => server.stop());
      const inspector = await Inspector.prepare(server.url, era, answers);
      test.after(() => inspector.remove());
      await checkLogin(inspector);
    });

    it(`logs in at a provider behind the server, renews its token, and is out when that is revoked (${era})`, async (test) => {
      const server = await HttpServer.start(proxy(await freePort(), providers.settings("okta")));
      test.after(() => server.stop());
      const inspector = await Inspector.prepare(server.url, era, {});
      test.after(() => inspector.remove());
      await checkLogin(inspector);
    });
  }
});

async function checkLogin(inspector: Inspector): Promise<void> {
  await inspector.call("tools/list", "--strict");
  assert.equal(await inspector.visits(), 1);
  const first = await inspector.tokens();

  // From now on it has tokens, and needs no browser for new ones.
  const call = async () => {
    const result = await inspector.call("tools/call", "--tool-name", "list_topics", "--stored-auth-only");
    assert.notEqual(result.isError, true, JSON.stringify(result));
  };
  await call();
  await inspector.keep({ ...first, access_token: spoilt(first.access_token) });
  await call();
  const renewed = await inspector.tokens();
  assert.notEqual(renewed.access_token, first.access_token);
  assert.notEqual(renewed.refresh_token, first.refresh_token);
  assert.equal(await inspector.visits(), 1);

  await inspector.revoke();
  await assert.rejects(call(), /auth_required/);
  assert.equal(await inspector.visits(), 1);
  await inspector.call("tools/list");
  assert.equal(await inspector.visits(), 2);
}
