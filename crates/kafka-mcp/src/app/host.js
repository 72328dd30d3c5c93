// The host of a view, as MCP Apps (SEP-1865) defines the talk between them: JSON-RPC 2.0 in messages
// from window to window. The host asks the server what the view wants to know.

/**
 * @typedef {{ content?: { type: string, text?: string }[], structuredContent?: any, isError?: boolean }} ToolResult
 * @typedef {object} HostEvents What the host tells without being asked.
 * @property {(given: Record<string, unknown>) => void} toolInput The arguments of the call that the view is for.
 * @property {(result: ToolResult) => void} toolResult Its result.
 * @property {() => void} toolCancelled It was cancelled.
 * @property {(context: Record<string, any>) => void} context What is around the view.
 * @property {() => void} teardown The view is about to go.
 */

class Host {
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #asked = new Map();
  #lastId = 0;
  /** The host's origin, once it has answered. */
  #origin = "*";
  #events;

  /** Whether the host passes calls of tools on to the server. */
  callsTools = false;

  /** @param {HostEvents} events */
  constructor(events) {
    this.#events = events;
    window.addEventListener("message", (event) => this.#receive(event));
  }

  /**
   * Introduces the view.
   * @param {string} name
   */
  async connect(name) {
    if (window.parent === window) throw new Error("there is no host around this page");
    const answer = await this.#ask("ui/initialize", {
      protocolVersion: "2026-01-26",
      appInfo: { name, version: "1.0.0" },
      appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    });
    this.callsTools = answer?.hostCapabilities?.serverTools !== undefined;
    this.#events.context(answer?.hostContext ?? {});
    this.#tell("ui/notifications/initialized", {});
  }

  /**
   * Has the host call a tool of the server.
   * @param {string} name
   * @param {Record<string, unknown>} given
   * @returns {Promise<ToolResult>}
   */
  callTool(name, given) {
    return this.#ask("tools/call", { name, arguments: given });
  }

  /** Tells the host the size of the page whenever that changes. */
  reportSize() {
    let reported = "";
    const report = () => {
      const { height } = document.documentElement.getBoundingClientRect();
      const size = { width: window.innerWidth, height: Math.ceil(height) };
      if (reported === JSON.stringify(size)) return;
      reported = JSON.stringify(size);
      this.#tell("ui/notifications/size-changed", size);
    };
    new ResizeObserver(report).observe(document.documentElement);
  }

  /**
   * @param {string} method
   * @param {object} params
   * @returns {Promise<any>}
   */
  #ask(method, params) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(
        () => this.#settle(id)?.reject(new Error("the host does not answer")),
        HOST_PATIENCE,
      );
      this.#asked.set(id, {
        resolve: (result) => (clearTimeout(overdue), resolve(result)),
        reject: (error) => (clearTimeout(overdue), reject(error)),
      });
      this.#send({ id, method, params });
    });
  }

  /**
   * @param {string} method
   * @param {object} params
   */
  #tell(method, params) {
    this.#send({ method, params });
  }

  /** @param {object} message */
  #send(message) {
    window.parent.postMessage({ jsonrpc: "2.0", ...message }, this.#origin);
  }

  /**
   * Who waits for an answer, for the last time.
   * @param {number} id
   */
  #settle(id) {
    const waiting = this.#asked.get(id);
    this.#asked.delete(id);
    return waiting;
  }

  /** @param {MessageEvent} event */
  #receive({ source, origin, data }) {
    const isHost = source === window.parent && (this.#origin === "*" || this.#origin === origin);
    if (!isHost || data?.jsonrpc !== "2.0") return;
    if (typeof data.method === "string") {
      if (data.id === undefined) this.#hear(data.method, data.params ?? {});
      else this.#answer(data.id, data.method);
      return;
    }
    const waiting = this.#settle(data.id);
    if (!waiting) return;
    // An origin that is opaque has no name that could be written to.
    if (origin !== "null") this.#origin = origin;
    if (data.error) waiting.reject(new Error(`${data.error.message ?? "the host refuses"}`));
    else waiting.resolve(data.result);
  }

  /**
   * @param {string} method
   * @param {any} params
   */
  #hear(method, params) {
    if (method === "ui/notifications/tool-input") this.#events.toolInput(params.arguments ?? {});
    else if (method === "ui/notifications/tool-result") this.#events.toolResult(params);
    else if (method === "ui/notifications/tool-cancelled") this.#events.toolCancelled();
    else if (method === "ui/notifications/host-context-changed") this.#events.context(params);
  }

  /**
   * @param {number | string} id
   * @param {string} method
   */
  #answer(id, method) {
    if (method === "ui/resource-teardown") this.#events.teardown();
    else if (method !== "ping") {
      this.#send({ id, error: { code: -32601, message: "Method not found" } });
      return;
    }
    this.#send({ id, result: {} });
  }
}

/** How long the host may take to answer, in milliseconds: longer than the server takes at most by default. */
const HOST_PATIENCE = 30_000;
