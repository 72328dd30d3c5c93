// Who takes part in a login: a person at a browser, an application, and the server.

import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";

import { Application, type Login } from "./application.ts";
import { launch } from "./browser.ts";
import { ConsentPage } from "./consent_page.ts";
import { freePort } from "./login_server.ts";
import { PATIENCE } from "./patience.ts";
import { HttpServer } from "./server.ts";

export class Scene {
  readonly server: HttpServer;
  readonly application: Application;
  /** What pages loaded besides themselves, and the dialogs that they opened. */
  readonly noise: string[] = [];
  readonly #browser: Browser;

  private constructor(server: HttpServer, application: Application, browser: Browser) {
    this.server = server;
    this.application = application;
    this.#browser = browser;
  }

  /** Starts all of them, the server with the variables for its port. */
  static async start(settings: (port: number) => Record<string, string>): Promise<Scene> {
    const browser = await launch();
    let server: HttpServer | undefined;
    try {
      server = await HttpServer.start(settings(await freePort()));
      return new Scene(server, await Application.register(server.url.origin), browser);
    } catch (error) {
      // A process that goes on would keep the test runner from ending.
      await Promise.all([browser.close(), server?.stop()]);
      throw error;
    }
  }

  /** A browser of somebody's own: no other has its cookies, and no wait in it lasts for ever. */
  async person(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext(options);
    context.setDefaultTimeout(PATIENCE);
    context.on("request", (request) => {
      if (!request.isNavigationRequest()) this.noise.push(request.url());
    });
    context.on("dialog", async (dialog) => {
      this.noise.push(`a dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    return context;
  }

  /** The application sends somebody to the server, in a tab of their browser. */
  async ask(person: BrowserContext, login: Login): Promise<ConsentPage> {
    const page = await person.newPage();
    await page.goto(login.url);
    return new ConsentPage(page);
  }

  async end(): Promise<void> {
    await this.#browser.close();
    await this.application.stop();
    await this.server.stop();
  }
}
