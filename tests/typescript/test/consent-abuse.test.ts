// The page that asks people for their consent, in a real browser, where somebody abuses it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { Page } from "playwright-core";

import { Application } from "../src/application.ts";
import type { ConsentPage } from "../src/consent_page.ts";
import { development } from "../src/login_server.ts";
import { Scene } from "../src/scene.ts";
import { Website } from "../src/website.ts";

describe("the consent page, abused", { timeout: 120_000 }, () => {
  let scene: Scene;
  let code: string;

  before(async () => {
    scene = await Scene.start(development);
    code = await scene.server.developmentCode;
  });

  after(() => scene?.end());

  /** Clicks, and asserts that the answer is a page with this status that lets nobody in. */
  async function assertRefused(page: Page, click: () => Promise<unknown>, status: number, why: RegExp): Promise<void> {
    const codes = scene.application.codes;
    const [answer] = await Promise.all([page.waitForResponse((answer) => answer.frame() === page.mainFrame()), click()]);
    assert.equal(answer.status(), status);
    await page.getByRole("heading", { level: 1, name: "This login cannot go on" }).waitFor();
    assert.match(await page.getByRole("alert").innerText(), why);
    assert.equal(scene.application.codes, codes, "the application gets no code");
  }

  /** Has the form of a page say that it belongs to another login. */
  async function pretend(consent: ConsentPage, transaction: string): Promise<void> {
    await consent.transaction.evaluate((field: HTMLInputElement, value) => (field.value = value), transaction);
  }

  describe("a form that is sent again", () => {
    it("is refused, when the browser repeats it", async () => {
      const person = await scene.person();
      const login = scene.application.begin();
      const consent = await scene.ask(person, login);
      const transaction = await consent.transaction.inputValue();
      // A wrong code makes the page one that a form led to, which a reload sends again.
      await consent.logIn("alice", "2222-2222");
      await consent.alert.waitFor();
      const other = await scene.ask(person, scene.application.begin());
      await pretend(other, transaction);
      await other.logIn("alice", code);
      assert.ok(scene.application.codeIn(await other.backIn(scene.application), login));
      await assertRefused(consent.page, () => consent.page.reload(), 403, /^This form was sent before, or/);
    });

    it("is refused, even with the cookie that was taken away", async () => {
      const person = await scene.person();
      const login = scene.application.begin();
      const consent = await scene.ask(person, login);
      const transaction = await consent.transaction.inputValue();
      const cookies = await person.cookies();
      await consent.logIn("alice", code);
      await consent.backIn(scene.application);
      assert.deepEqual(await person.cookies(), [], "the login's cookie is gone");

      await person.addCookies(cookies);
      const again = await scene.ask(person, login);
      await pretend(again, transaction);
      await assertRefused(again.page, () => again.logIn("alice", code), 400, /finished before/);
    });

    it("is another question, when somebody goes back to it", async () => {
      const login = scene.application.begin();
      const consent = await scene.ask(await scene.person(), login);
      const transaction = await consent.transaction.inputValue();
      await consent.logIn("alice", code);
      await consent.backIn(scene.application);
      await consent.page.goBack();
      assert.notEqual(await consent.transaction.inputValue(), transaction);
      assert.equal(await consent.code.inputValue(), "");
    });
  });

  describe("a form that somebody else filled in", () => {
    it("is refused in a browser that did not begin the login, which goes on where it began", async () => {
      const login = scene.application.begin();
      const victim = await scene.ask(await scene.person(), scene.application.begin());
      const attacker = await scene.ask(await scene.person(), login);
      await pretend(victim, await attacker.transaction.inputValue());
      await assertRefused(victim.page, () => victim.logIn("alice", code), 403, /sent before, or in another browser/);
      await attacker.logIn("mallory", code);
      assert.ok(scene.application.codeIn(await attacker.backIn(scene.application), login));
    });

    it("is refused without the cookie", async () => {
      const person = await scene.person();
      const consent = await scene.ask(person, scene.application.begin());
      await person.clearCookies();
      await assertRefused(consent.page, () => consent.logIn("alice", code), 403, /sent before, or in another browser/);
    });

    // Ports make no other site: the browser sends the cookie along, and only the origin tells.
    it("is refused from another page of the same browser", async () => {
      const person = await scene.person();
      const consent = await scene.ask(person, scene.application.begin());
      const transaction = await consent.transaction.inputValue();
      const fields = { transaction, decision: "allow", name: "alice", code };
      const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
      const action = `${scene.server.url.origin}/oauth/authorize`;
      const form = `<form method="post" action="${action}">${inputs.join("")}<button>Win a prize</button></form>`;
      const elsewhere = await Website.start(() => `<!doctype html>${form}`);
      try {
        const page = await person.newPage();
        await page.goto(`http://127.0.0.1:${elsewhere.port}/`);
        const click = () => page.getByRole("button", { name: "Win a prize" }).click();
        await assertRefused(page, click, 403, /sent by another page/);
      } finally {
        await elsewhere.stop();
      }
    });
  });

  describe("a frame", () => {
    /** What a frame of another page shows, with these headers of the consent page taken away. */
    async function framed(host: string, without: string[]): Promise<{ heading: number; address: string }> {
      const { url } = scene.application.begin();
      const source = url.replaceAll("&", "&amp;");
      const around = await Website.start(() => `<!doctype html><title>Around</title><iframe src="${source}"></iframe>`);
      try {
        const person = await scene.person();
        await person.route(url, async (route) => {
          const response = await route.fetch();
          const headers = Object.entries(response.headers()).filter(([name]) => !without.includes(name));
          await route.fulfill({ response, headers: Object.fromEntries(headers) });
        });
        const page = await person.newPage();
        await page.goto(`http://${host}:${around.port}/`);
        const frame = page.frames()[1]!;
        const heading = await frame.getByRole("heading", { level: 1, name: "Allow" }).count();
        return { heading, address: frame.url() };
      } finally {
        await around.stop();
      }
    }

    const blocked = { heading: 0, address: "chrome-error://chromewebdata/" };
    const [policy, option] = ["content-security-policy", "x-frame-options"];

    for (const host of ["127.0.0.1", "localhost"]) {
      it(`of a page on ${host} does not show it`, async () => {
        assert.deepEqual(await framed(host, []), blocked);
      });
    }

    it("does not show it for either of two reasons", async () => {
      assert.deepEqual(await framed("127.0.0.1", [policy]), blocked);
      assert.deepEqual(await framed("127.0.0.1", [option]), blocked);
      // Without both, it would: what is asserted above can fail.
      assert.equal((await framed("127.0.0.1", [policy, option])).heading, 1);
    });
  });

  describe("what an application says of itself", () => {
    async function asked(name: string, redirectUri?: string): Promise<ConsentPage> {
      const application = await Application.register(scene.server.url.origin, name, redirectUri);
      try {
        return await scene.ask(await scene.person(), application.begin());
      } finally {
        await application.stop();
      }
    }

    it("stays text, without the signs that turn it around", async () => {
      const name = `\u202e<b>Evil</b>\u2066<script>document.title="owned"</script>`;
      const { page, title } = await asked(name);
      const shown = `<b>Evil</b><script>document.title="owned"</script>`;
      assert.equal(await title.innerText(), `Allow ${shown} to use Apache Kafka?`);
      assert.equal(await page.title(), await title.innerText());
      assert.equal(await page.locator("b, script, img").count(), 0);
      assert.doesNotMatch(await page.content(), /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    });

    it("loads nothing and opens nothing", async () => {
      const { page } = await asked(`<img src=/x onerror=alert(1)><svg onload=alert(2)>`);
      assert.equal(await page.locator("img, svg").count(), 0);
      await page.waitForLoadState("networkidle");
      assert.deepEqual(scene.noise, []);
    });

    it("is cut where it is long", async () => {
      const { title } = await asked("x".repeat(10_000));
      assert.equal(await title.innerText(), `Allow ${"x".repeat(64)} to use Apache Kafka?`);
    });

    it("does not hide where the browser goes: to a website, or to any program of this computer", async () => {
      const claude = "https://claude.ai/api/mcp/auth_callback";
      for (const [redirectUri, destination, warnings] of [
        [undefined, /^127\.0\.0\.1:\d+$/, 1],
        ["http://localhost:4711/callback", /^localhost:4711$/, 1],
        [claude, /^claude\.ai$/, 0],
      ] as const) {
        const { page } = await asked("claude.ai", redirectUri);
        assert.match(await page.getByRole("definition").innerText(), destination);
        const warning = page.getByText("Only go on if you have just started this yourself.");
        assert.equal(await warning.count(), warnings, `${destination}`);
        assert.equal(await warning.filter({ visible: true }).count(), warnings);
      }
    });
  });

  it("shows what somebody typed as text", async () => {
    const consent = await scene.ask(await scene.person(), scene.application.begin());
    const typed = `"><script>alert(1)</script>`;
    await consent.logIn(typed, "2222-2222");
    await consent.alert.waitFor();
    assert.equal(await consent.name.inputValue(), typed);
    assert.equal(await consent.page.locator("script").count(), 0);
    assert.deepEqual(scene.noise, []);
  });
});
