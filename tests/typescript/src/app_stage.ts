// A host with views whose answers a test gives them, on a clock that it moves.

import assert from "node:assert/strict";

import type { Browser, BrowserContextOptions } from "playwright-core";

import { result } from "./app_answers.ts";
import { AppHost, type OpenHost } from "./app_host.ts";
import { AppView } from "./app_view.ts";
import { launch } from "./browser.ts";
import { eventually } from "./patience.ts";
import { HttpServer } from "./server.ts";

export const POLL = 5_000;

export interface Shown {
  screen: BrowserContextOptions | undefined;
  given: Record<string, unknown>;
  context: Record<string, unknown>;
  options: Parameters<OpenHost["show"]>[3];
}

export class AppStage {
  readonly #browser: Browser;
  readonly #host: AppHost;
  readonly server: HttpServer;
  #open: OpenHost | undefined;

  private constructor(browser: Browser, host: AppHost, server: HttpServer) {
    this.#browser = browser;
    this.#host = host;
    this.server = server;
  }

  static async start(): Promise<AppStage> {
    // Otherwise the clock comes too late for frames that have no origin.
    const browser = await launch("--disable-features=IsolateSandboxedIframes");
    return new AppStage(browser, await AppHost.start(browser), await HttpServer.start());
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#host.stop();
    await this.server.stop();
  }

  /** Shows a tool's result at noon, and these answers one after the other; the last one for good. */
  async show(tool: string, answers: object[], more: Partial<Shown> = {}): Promise<{ open: OpenHost; view: AppView }> {
    const open = await this.#host.open(this.server.url, more.screen ?? { viewport: { width: 1200, height: 800 } });
    this.#open = open;
    await open.page.clock.install({ time: new Date("2026-03-01T11:59:59Z") });
    // From here on it stands still, however long the machine takes.
    await open.page.clock.pauseAt(new Date("2026-03-01T12:00:00Z"));
    await open.answerWith(...answers);
    const context = { locale: "en-GB", timeZone: "UTC", theme: "light", ...more.context };
    await open.show(tool, more.given ?? {}, context, { result: result({}), ...more.options });
    return { open, view: new AppView(open.view) };
  }

  /** Lets as much time pass as it takes to poll a number of times. */
  async poll(times: number): Promise<void> {
    const open = this.#open!;
    for (let time = 0; time < times; time++) {
      const before = (await open.calls()).length;
      await open.page.clock.runFor(POLL + 500);
      await eventually("the view asks again", async () => (await open.calls()).length > before || undefined);
    }
  }

  /** Closes what is open, and asserts that nothing was wrong with it. */
  async close(): Promise<void> {
    const open = this.#open!;
    assert.deepEqual(open.noise, [], "views load nothing, open nothing and complain of nothing");
    await open.close();
  }
}
