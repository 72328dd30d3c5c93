// The page that asks people for their consent, in a real browser: what they do, and where they end.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { ConsentPage } from "../src/consent_page.ts";
import { assertShowsFocus } from "../src/focus.ts";
import { development } from "../src/login_server.ts";
import { Scene } from "../src/scene.ts";

describe("the consent page", { timeout: 120_000 }, () => {
  let scene: Scene;
  let code: string;

  before(async () => {
    scene = await Scene.start(development);
    code = await scene.server.developmentCode;
  });

  after(() => scene?.end());

  it("says who asks for what, and where the browser goes then", async () => {
    const { title, page } = await scene.ask(await scene.person(), scene.application.begin());
    assert.equal(await title.innerText(), "Allow Example Editor to use Apache Kafka?");
    assert.equal(await page.title(), await title.innerText());
    assert.equal(await page.getByRole("definition").innerText(), new URL(scene.application.redirectUri).host);
    const scopes = await page.getByRole("listitem").allInnerTexts();
    assert.deepEqual(scopes.map((scope) => scope.split(" ")[0]), ["read", "write"]);
  });

  it("sends who logs in back to the application, with a code that is worth tokens", async () => {
    const login = scene.application.begin();
    const consent = await scene.ask(await scene.person(), login);
    await consent.logIn("alice", code);
    const granted = scene.application.codeIn(await consent.backIn(scene.application), login);
    const { status, body } = await scene.application.redeem(granted, login);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.token_type, "Bearer");
    assert.ok(body.refresh_token);
    assert.equal(await statusWith(body.access_token), 200);
    assert.equal(await statusWith(`${body.access_token}x`), 401);
  });

  async function statusWith(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    return (await fetch(scene.server.url, { method: "POST", headers, body })).status;
  }

  it("says that a code is wrong, keeps the name, and takes the right one then", async () => {
    const login = scene.application.begin();
    const consent = await scene.ask(await scene.person(), login);
    await consent.logIn("Ångström O'Neil", "2222-2222");
    assert.match(await consent.alert.innerText(), /not the code/);
    assert.equal(await consent.name.inputValue(), "Ångström O'Neil");
    assert.equal(await consent.code.inputValue(), "");
    await assertShowsFocus(consent.code, "the field to type in again");
    await consent.code.fill(code.toLowerCase().replace("-", ""));
    await consent.allow.click();
    assert.ok(scene.application.codeIn(await consent.backIn(scene.application), login));
  });

  it("sends nothing before name and code are there", async () => {
    const consent = await scene.ask(await scene.person(), scene.application.begin());
    const address = consent.page.url();
    await consent.logIn("", code);
    await consent.logIn("alice", "");
    assert.equal(consent.page.url(), address);
    assert.equal(await consent.code.evaluate((field: HTMLInputElement) => field.validity.valueMissing), true);
  });

  it("tells the application of somebody who denies", async () => {
    const login = scene.application.begin();
    const consent = await scene.ask(await scene.person(), login);
    await consent.deny.click();
    assert.equal(scene.application.errorIn(await consent.backIn(scene.application), login), "access_denied");
  });

  // RFC 6749 section 4.1.2: "The exact value received from the client."
  it("gives the application's state back as it was", async () => {
    const login = scene.application.begin(`"><script>alert(1)</script>&a=b+c %20#\u{1f511}`);
    const consent = await scene.ask(await scene.person(), login);
    await consent.logIn("alice", code);
    assert.ok(scene.application.codeIn(await consent.backIn(scene.application), login));
  });

  it("works without scripts", async () => {
    const login = scene.application.begin();
    const consent = await scene.ask(await scene.person({ javaScriptEnabled: false }), login);
    await consent.logIn("alice", "2222-2222");
    assert.match(await consent.alert.innerText(), /not the code/);
    await consent.logIn("alice", code);
    assert.ok(scene.application.codeIn(await consent.backIn(scene.application), login));
  });

  it("lets logins in two tabs end each with its own code", async () => {
    const { application } = scene;
    const person = await scene.person();
    const logins = [application.begin(), application.begin()] as const;
    const tabs = [await scene.ask(person, logins[0]), await scene.ask(person, logins[1])] as const;
    const codes = new Set<string>();
    for (const at of [0, 1] as const) {
      await tabs[at].logIn(`person ${at}`, code);
      const granted = application.codeIn(await tabs[at].backIn(application), logins[at]);
      codes.add(granted);
      assert.equal((await application.redeem(granted, logins[at])).status, 200);
    }
    assert.equal(codes.size, 2);
  });

  it("can be used with the keyboard alone", async () => {
    const login = scene.application.begin();
    const consent = await scene.ask(await scene.person(), login);
    await reach(consent, "name");
    await consent.page.keyboard.type("alice");
    await reach(consent, "code");
    await consent.page.keyboard.type(code);
    await reach(consent, "allow");
    await reach(consent, "deny");
    await consent.page.keyboard.press("Shift+Tab");
    await consent.page.keyboard.press("Shift+Tab");
    await assertShowsFocus(consent.code, "code, on the way back");
    // From a field, it is the first button of the form that is pressed.
    await consent.page.keyboard.press("Enter");
    assert.ok(scene.application.codeIn(await consent.backIn(scene.application), login));
  });

  it("can be denied with the keyboard alone", async () => {
    const login = scene.application.begin();
    const consent = await scene.ask(await scene.person({ colorScheme: "dark" }), login);
    for (const next of ["name", "code", "allow", "deny"] as const) await reach(consent, next);
    await consent.page.keyboard.press("Enter");
    assert.equal(scene.application.errorIn(await consent.backIn(scene.application), login), "access_denied");
  });

  /** Presses Tab, which leads to this field or button. */
  async function reach(consent: ConsentPage, next: "name" | "code" | "allow" | "deny"): Promise<void> {
    await consent.page.keyboard.press("Tab");
    await assertShowsFocus(consent[next], next);
  }
});
