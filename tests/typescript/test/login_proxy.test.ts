// Clients of both SDKs log in at a server in proxy mode, and people at the provider behind it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { CertifiedProviders, shapes } from "../src/certified_providers.ts";
import { kinds } from "../src/client.ts";
import { Login, callTool, isUnauthorized } from "../src/login.ts";
import { freePort, proxy } from "../src/login_server.ts";
import { Person } from "../src/person.ts";
import { HttpServer } from "../src/server.ts";

describe("proxy mode", { timeout: 120_000 }, () => {
  let providers: CertifiedProviders;

  before(async () => {
    providers = await CertifiedProviders.start();
  });

  after(() => providers?.stop());

  for (const shape of shapes) {
    describe(`in front of ${shape}`, () => {
      let server: HttpServer;

      before(async () => {
        server = await HttpServer.start(proxy(await freePort(), providers.settings(shape)));
      });

      after(() => server?.stop());

      for (const kind of kinds) {
        it(`lets ${kind.name} in, renews its token, and keeps it out when that is revoked`, async () => {
          const person = new Person();
          const login = new Login(person);
          const client = await login.begin(kind, server.url);
          try {
            assert.deepEqual(person.questions, ["Allow TypeScript tests to use Apache Kafka?"]);
            const { hosts } = person;
            assert.deepEqual([...hosts], [server.url.host, new URL(providers.settings(shape).OIDC_ISSUER!).host]);
            await callTool(client);
            const { refresh_token } = login.kept();

            login.spoilAccessToken();
            await callTool(client);
            assert.notEqual(login.kept().refresh_token, refresh_token);
            assert.equal(login.invitations, 1);

            await login.revoke();
            await assert.rejects(callTool(client), isUnauthorized);
            assert.equal(login.invitations, 2);
            await assert.rejects(kind.connect(server.url, login), isUnauthorized);
          } finally {
            await client.close();
          }
        });
      }
    });
  }
});
