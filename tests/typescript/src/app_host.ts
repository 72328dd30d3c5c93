// A host for views: its two pages on two origins, in a real browser, with a real client of the server.

import { join } from "node:path";

import { build } from "esbuild";
import type { Browser, BrowserContextOptions, Frame, FrameLocator, Page } from "playwright-core";

import type { HostPage, Options } from "./app_host/page.ts";
import { PATIENCE, eventually } from "./patience.ts";
import { Website } from "./website.ts";

/** The websites of a host. */
export class AppHost {
  readonly #browser: Browser;
  readonly #host: Website;
  readonly #sandbox: Website;

  private constructor(browser: Browser, host: Website, sandbox: Website) {
    this.#browser = browser;
    this.#host = host;
    this.#sandbox = sandbox;
  }

  static async start(browser: Browser): Promise<AppHost> {
    const [page, proxy] = await Promise.all([bundle("page.ts"), bundle("sandbox.ts")]);
    const sandbox = await Website.start(
      () => document("Sandbox", "<style>html,body,iframe{display:block;margin:0;border:0;width:100%;height:100%}</style>", proxy),
      (url) => ({ "content-security-policy": policy(JSON.parse(url.searchParams.get("csp") ?? "{}")) }),
    );
    const origin = `http://127.0.0.1:${sandbox.port}/`;
    const frame = `<iframe title="View" sandbox="allow-scripts allow-same-origin" data-sandbox="${origin}"></iframe>`;
    const style = "<style>body{margin:0}iframe{display:block;border:0;width:100%;height:300px}</style>";
    const host = await Website.start((url) => (url.pathname === "/" ? document("Host", style + frame, page) : undefined));
    return new AppHost(browser, host, sandbox);
  }

  /** Opens the host in a tab, connected to a server. */
  async open(server: URL, options: BrowserContextOptions = {}): Promise<OpenHost> {
    const context = await this.#browser.newContext(options);
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const open = new OpenHost(page);
    await page.goto(`http://127.0.0.1:${this.#host.port}/`);
    await page.evaluate((address) => globalThis.hostPage.connect(address), server.href);
    return open;
  }

  async stop(): Promise<void> {
    await this.#host.stop();
    await this.#sandbox.stop();
  }
}

/** A host that somebody has open. */
export class OpenHost {
  readonly page: Page;
  /** The view, for finding what is in it. */
  readonly view: FrameLocator;
  /** What the view asked the network for, and complaints of the browser. */
  readonly noise: string[] = [];

  constructor(page: Page) {
    this.page = page;
    this.view = page.frameLocator("iframe").frameLocator("iframe");
    page.on("request", (request) => {
      if (depth(request.frame()) === 2) this.noise.push(`a request: ${request.url()}`);
    });
    page.on("console", (message) => {
      const isOfView = message.location().url === "about:srcdoc";
      if (isOfView && message.type() !== "debug") this.noise.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.noise.push(`an error: ${error.message}`));
    page.on("dialog", async (dialog) => {
      this.noise.push(`a dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on("popup", (popup) => this.noise.push(`a window: ${popup.url()}`));
  }

  /** Calls a tool and shows its result. */
  async show(tool: string, given: Given = {}, context: Given = {}, options: Options = {}): Promise<void> {
    const shown = this.page.evaluate(
      ([tool, given, context, options]) => globalThis.hostPage.show(tool, given, context, options),
      [tool, given, context, options] as const,
    );
    await shown;
  }

  answerWith(...results: object[]): Promise<void> {
    return this.page.evaluate(
      (results) => globalThis.hostPage.answerWith(...results),
      results as Parameters<HostPage["answerWith"]>,
    );
  }

  changeContext(context: Given): Promise<void> {
    return this.page.evaluate((context) => globalThis.hostPage.changeContext(context), context);
  }

  calls(): Promise<HostPage["calls"]> {
    return this.page.evaluate(() => globalThis.hostPage.calls);
  }

  sizes(): Promise<HostPage["sizes"]> {
    return this.page.evaluate(() => globalThis.hostPage.sizes);
  }

  ping(): Promise<object> {
    return this.page.evaluate(() => globalThis.hostPage.ping());
  }

  closeView(): Promise<object> {
    return this.page.evaluate(() => globalThis.hostPage.close());
  }

  /** The frame of the view. */
  async frame(): Promise<Frame> {
    return eventually("the view is loaded", async () => this.page.frames().find((frame) => depth(frame) === 2));
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

function depth(frame: Frame): number {
  const parent = frame.parentFrame();
  return parent ? depth(parent) + 1 : 0;
}

type Given = Record<string, unknown>;

interface Domains {
  connectDomains?: string[];
  resourceDomains?: string[];
  frameDomains?: string[];
  baseUriDomains?: string[];
}

/** What a host has to make of the domains that a view declares. */
function policy({ connectDomains = [], resourceDomains = [], frameDomains = [], baseUriDomains = [] }: Domains): string {
  const or = (sources: string[], none: string) => (sources.length > 0 ? sources.join(" ") : none);
  const resources = resourceDomains.join(" ");
  return [
    "default-src 'none'",
    `script-src 'unsafe-inline' ${resources}`,
    `style-src 'unsafe-inline' ${resources}`,
    `img-src data: ${resources}`,
    `font-src ${or(resourceDomains, "'none'")}`,
    `connect-src ${or(connectDomains, "'none'")}`,
    `frame-src ${or(frameDomains, "'none'")}`,
    "object-src 'none'",
    `base-uri ${or(baseUriDomains, "'none'")}`,
  ].join("; ");
}

async function bundle(file: string): Promise<string> {
  const entryPoints = [join(import.meta.dirname, "app_host", file)];
  const built = await build({ entryPoints, bundle: true, format: "esm", platform: "browser", write: false, logLevel: "silent" });
  return built.outputFiles[0]!.text;
}

function document(title: string, content: string, script: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${content}<script type="module">${script}</script></html>`;
}
