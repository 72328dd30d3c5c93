// The consent page before a login at an identity provider, in a real browser.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { Page } from "playwright-core";

import { assertAccessible } from "../src/accessibility.ts";
import { CertifiedProviders } from "../src/certified_providers.ts";
import { proxy } from "../src/login_server.ts";
import { Scene } from "../src/scene.ts";

describe("the consent page before a provider", { timeout: 120_000 }, () => {
  let providers: CertifiedProviders;
  let issuer: URL;
  let scene: Scene;

  before(async () => {
    providers = await CertifiedProviders.start();
    const settings = providers.settings("okta");
    issuer = new URL(settings["OIDC_ISSUER"]!);
    scene = await Scene.start((port) => proxy(port, settings));
  });

  after(async () => {
    await scene?.end();
    await providers?.stop();
  });

  /** Where the main frame of a tab is sent from now on, in order. */
  function trail(page: Page): URL[] {
    const visited: URL[] = [];
    page.on("request", (request) => visited.push(new URL(request.url())));
    return visited;
  }

  const isCallback = ({ pathname }: URL) => pathname === "/oauth/callback";

  async function assertRefused(page: Page, address: URL, status: number, why: RegExp): Promise<void> {
    const codes = scene.application.codes;
    const answer = await page.goto(address.href);
    assert.equal(answer?.status(), status);
    assert.match(await page.getByRole("alert").innerText(), why);
    assert.equal(scene.application.codes, codes, "the application gets no code");
  }

  for (const javaScriptEnabled of [true, false]) {
    it(`leads through the provider's pages, ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
      const { application } = scene;
      const login = application.begin(undefined, "kafka:read");
      const consent = await scene.ask(await scene.person({ javaScriptEnabled }), login);
      await consent.page.getByText("Next, you log in at Okta.").waitFor();
      const visited = trail(consent.page);
      await consent.allow.click();
      const code = application.codeIn(await consent.backIn(application), login);

      const { origin, pathname } = issuer;
      const there = visited.filter((url) => url.origin === origin).map((url) => url.pathname);
      assert.equal(there[0], `${pathname}/auth`);
      assert.ok(there.some((path) => path.startsWith(`${pathname}/interaction/`)), `${there}`);
      assert.equal(visited.filter(isCallback).length, 1);
      const { status, body } = await application.redeem(code, login);
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.scope, "kafka:read");
    });
  }

  it("sends nobody to the provider who denies", async () => {
    const { application } = scene;
    const login = application.begin();
    const consent = await scene.ask(await scene.person(), login);
    const visited = trail(consent.page);
    await consent.deny.click();
    assert.equal(application.errorIn(await consent.backIn(application), login), "access_denied");
    assert.ok(!visited.some((url) => url.origin === issuer.origin));
  });

  it("lets logins in two tabs end each with its own code", async () => {
    const { application } = scene;
    const person = await scene.person();
    const logins = [application.begin(), application.begin()] as const;
    const tabs = [await scene.ask(person, logins[0]), await scene.ask(person, logins[1])] as const;
    const codes = new Set<string>();
    for (const at of [1, 0] as const) {
      await tabs[at].allow.click();
      const code = application.codeIn(await tabs[at].backIn(application), logins[at]);
      codes.add(code);
      assert.equal((await application.redeem(code, logins[at])).status, 200);
    }
    assert.equal(codes.size, 2);
  });

  it("gives no second code to who comes back from the provider again", async () => {
    const { application } = scene;
    const login = application.begin();
    const person = await scene.person();
    const consent = await scene.ask(person, login);
    const coming = consent.page.waitForRequest((request) => isCallback(new URL(request.url())));
    await consent.allow.click();
    await consent.backIn(application);
    const came = await coming;
    const callback = new URL(came.url());
    await assertRefused(consent.page, callback, 403, /began in another browser/);
    // Nor with the cookie that was taken away.
    const [, name, value] = /(mcp-login-[^=]+)=([^;]+)/.exec((await came.allHeaders())["cookie"] ?? "") ?? [];
    await person.addCookies([{ name: name!, value: value!, url: callback.origin }]);
    await assertRefused(consent.page, callback, 400, /finished before/);
  });

  // Who gets somebody else to log in at the provider would have their code.
  it("ends no login in a browser that did not agree to it", async () => {
    const attacker = await scene.ask(await scene.person(), scene.application.begin());
    const { origin } = issuer;
    await attacker.page.route((url) => url.origin === origin, (route) => route.abort());
    const sent = attacker.page.waitForRequest((request) => new URL(request.url()).origin === origin);
    await attacker.allow.click();
    const lure = new URL((await sent).url());
    const victim = await (await scene.person()).newPage();
    await assertRefused(victim, lure, 403, /began in another browser/);
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`is accessible, ${colorScheme}`, async () => {
      const consent = await scene.ask(await scene.person({ colorScheme }), scene.application.begin());
      await assertAccessible(consent.page);
    });
  }

  it("loads nothing and opens nothing", () => {
    assert.deepEqual(scene.noise, []);
  });
});
