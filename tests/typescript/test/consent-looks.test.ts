// What the pages of a login look like, on large and small screens, for people with and without sight.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { BrowserContextOptions, Page } from "playwright-core";

import { assertAccessible, assertFits } from "../src/accessibility.ts";
import { Application } from "../src/application.ts";
import { assertShowsFocus } from "../src/focus.ts";
import { development } from "../src/login_server.ts";
import { Scene } from "../src/scene.ts";
import { keepScreenshot } from "../src/screenshots.ts";

const screens: Record<string, BrowserContextOptions> = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

describe("the pages of a login", { timeout: 180_000 }, () => {
  let scene: Scene;
  let longName: Application;
  let code: string;

  before(async () => {
    scene = await Scene.start(development);
    code = await scene.server.developmentCode;
    // It cannot be broken between words, and is as long as names get.
    longName = await Application.register(scene.server.url.origin, "W".repeat(64));
  });

  after(async () => {
    await longName?.stop();
    await scene?.end();
  });

  /** Each page, and how somebody gets there. */
  const pages: Record<string, (screen: BrowserContextOptions) => Promise<Page>> = {
    consent: async (screen) => {
      const { page, title } = await scene.ask(await scene.person(screen), scene.application.begin());
      await title.filter({ hasText: "Allow Example Editor" }).waitFor();
      return page;
    },
    "consent for a long name": async (screen) => {
      const { page, title } = await scene.ask(await scene.person(screen), longName.begin());
      await title.filter({ hasText: "WWWW" }).waitFor();
      return page;
    },
    "wrong code": async (screen) => {
      const consent = await scene.ask(await scene.person(screen), scene.application.begin());
      await consent.logIn("alice", "2222-2222");
      await consent.alert.filter({ hasText: "not the code" }).waitFor();
      await assertShowsFocus(consent.code, "code");
      return consent.page;
    },
    "wrong name": async (screen) => {
      const consent = await scene.ask(await scene.person(screen), scene.application.begin());
      await consent.logIn("ali\u202ece", code);
      await consent.alert.filter({ hasText: "The name must be" }).waitFor();
      await assertShowsFocus(consent.name, "name");
      return consent.page;
    },
    error: async (screen) => {
      const person = await scene.person(screen);
      const consent = await scene.ask(person, scene.application.begin());
      await person.clearCookies();
      await consent.logIn("alice", code);
      await consent.title.filter({ hasText: "This login cannot go on" }).waitFor();
      return consent.page;
    },
    done: async (screen) => {
      const login = scene.application.begin();
      const consent = await scene.ask(await scene.person(screen), login);
      await stay(consent.page);
      await consent.logIn("alice", code);
      await consent.title.filter({ hasText: "You are logged in" }).waitFor();
      const link = consent.page.getByRole("link", { name: "go back to the application" });
      assert.ok(scene.application.codeIn((await link.getAttribute("href")) ?? "", login));
      return consent.page;
    },
    denied: async (screen) => {
      const consent = await scene.ask(await scene.person(screen), scene.application.begin());
      await stay(consent.page);
      await consent.deny.click();
      await consent.title.filter({ hasText: "You are not logged in" }).waitFor();
      return consent.page;
    },
  };

  /** Makes the browser one that is not sent on, and shows what it gets with the address. */
  async function stay(page: Page): Promise<void> {
    await page.route("**/oauth/authorize", async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      assert.equal(response.status(), 303);
      const headers = Object.entries(response.headers()).filter(([name]) => name !== "location");
      await route.fulfill({ response, status: 200, headers: Object.fromEntries(headers) });
    });
  }

  for (const [name, open] of Object.entries(pages)) {
    for (const [kind, screen] of Object.entries(screens)) {
      it(`${name}, on a ${kind}: is accessible, fits and has its style, light and dark`, async () => {
        const page = await open(screen);
        const background = new Set<string>();
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          await assertAccessible(page);
          await assertFits(page);
          // The policy allows this one style, by its hash, or else it would not be applied.
          background.add(await page.getByRole("main").evaluate((main) => getComputedStyle(main).backgroundColor));
          await keepScreenshot(page, `${name}-${kind}-${colorScheme}`.replaceAll(" ", "-"));
        }
        assert.equal(background.size, 2, "dark is not light");
        // What is left of a screen for who reads it four times as large (WCAG 2.2, 1.4.10).
        await page.setViewportSize({ width: 320, height: 256 });
        await assertFits(page);
        await page.context().close();
      });
    }
  }

  it("load nothing and open nothing", () => {
    assert.deepEqual(scene.noise, []);
  });
});
