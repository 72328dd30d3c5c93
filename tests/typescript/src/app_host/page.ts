// A host for views, in the browser: what a chat does around the result of a tool.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import {
  AppBridge,
  type McpUiHostContext,
  PostMessageTransport,
  RESOURCE_MIME_TYPE,
  getToolUiResourceUri,
  isToolVisibilityModelOnly,
} from "@modelcontextprotocol/ext-apps/app-bridge";

type ToolResult = Awaited<ReturnType<Client["callTool"]>>;
type Given = Record<string, unknown>;

/** What the tests ask of the page. */
export class HostPage {
  /** The calls of tools that the view made, in their order. */
  readonly calls: { name: string; given: Given }[] = [];
  /** The sizes that the view reported. */
  readonly sizes: { width?: number; height?: number }[] = [];
  #client: Client | undefined;
  #bridge: AppBridge | undefined;
  #canned: ToolResult[] = [];

  async connect(server: string): Promise<void> {
    const capabilities = { extensions: { "io.modelcontextprotocol/ui": { mimeTypes: [RESOURCE_MIME_TYPE] } } };
    const client = new Client({ name: "host-of-the-tests", version: "1.0.0" }, { capabilities });
    await client.connect(new StreamableHTTPClientTransport(new URL(server)));
    this.#client = client;
  }

  /** Calls a tool, and shows its result in the view that it names. */
  async show(tool: string, given: Given, context: McpUiHostContext = {}, options: Options = {}): Promise<void> {
    const client = this.#client!;
    const { tools } = await client.listTools();
    const definition = tools.find(({ name }) => name === tool)!;
    const uri = getToolUiResourceUri(definition)!;
    const { contents } = await client.readResource({ uri });
    const [view] = contents;
    if (view?.mimeType !== RESOURCE_MIME_TYPE || !("text" in view)) throw new Error(`${uri} is no view`);
    const ui = view._meta?.["ui"] as { csp: object };

    const frame = document.querySelector("iframe")!;
    const bridge = new AppBridge(
      client,
      { name: "host-of-the-tests", version: "1.0.0" },
      options.withoutTools ? {} : { serverTools: {}, serverResources: {} },
      { hostContext: { toolInfo: { tool: definition }, displayMode: "inline", ...context } },
    );
    bridge.addEventListener("sizechange", ({ width, height }) => {
      this.sizes.push({ width, height });
      if (height !== undefined) frame.style.height = `${height}px`;
    });
    const ready = new Promise<void>((resolve) => bridge.addEventListener("sandboxready", () => resolve()));
    const initialized = new Promise<void>((resolve) => bridge.addEventListener("initialized", () => resolve()));
    await bridge.connect(new PostMessageTransport(frame.contentWindow!, frame.contentWindow!));
    const forward = bridge.oncalltool!;
    bridge.oncalltool = async (params, extra) => {
      const called = tools.find(({ name }) => name === params.name);
      if (!called || isToolVisibilityModelOnly(called)) throw new Error(`${params.name} is not for views`);
      this.calls.push({ name: params.name, given: params.arguments ?? {} });
      // The last one of them for as long as somebody asks.
      const canned = this.#canned.length > 1 ? this.#canned.shift() : this.#canned[0];
      return canned ?? forward(params, extra);
    };
    frame.src = `${frame.dataset["sandbox"]}?${new URLSearchParams({ csp: JSON.stringify(ui.csp) })}`;
    await ready;
    await bridge.sendSandboxResourceReady({ html: view.text, csp: ui.csp, sandbox: options.sandbox });
    await initialized;
    this.#bridge = bridge;
    if (options.cancelled) {
      await bridge.sendToolInput({ arguments: given });
      await bridge.sendToolCancelled({ reason: "somebody pressed stop" });
      return;
    }
    await bridge.sendToolInput({ arguments: given });
    if (options.unfinished) return;
    const result = options.result ?? (await client.callTool({ name: tool, arguments: given }));
    await bridge.sendToolResult(result);
  }

  /** Gives these results to the view, instead of asking the server; from none on, it is asked again. */
  answerWith(...results: ToolResult[]): void {
    this.#canned = results;
  }

  /** Tells the view that its surroundings have changed. */
  changeContext(context: McpUiHostContext): void {
    this.#bridge!.setHostContext(context);
  }

  /** Asks the view whether it is there. */
  ping(): Promise<object> {
    return this.#bridge!.request({ method: "ping" });
  }

  /** Asks the view to end, and takes it away. */
  async close(): Promise<object> {
    const answer = await this.#bridge!.teardownResource({});
    await this.#bridge!.close();
    return answer;
  }
}

export interface Options {
  /** The host passes no calls on. */
  withoutTools?: boolean;
  /** The call is cancelled before there is a result. */
  cancelled?: boolean;
  /** The call takes longer than anybody waits here. */
  unfinished?: boolean;
  /** What the frame of the view may do. */
  sandbox?: string;
  /** The result, where the tool is not called. */
  result?: ToolResult;
}

declare global {
  var hostPage: HostPage;
}

globalThis.hostPage = new HostPage();
