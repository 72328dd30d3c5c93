// What the views have in common: they ask for a snapshot every few seconds, and say how old the one
// is that they show, what is missing from it, and why there is no newer one.

/**
 * @typedef {{ code?: string, message: string, hint?: string, retriable?: boolean }} Failure
 * @typedef {object} View What differs.
 * @property {string} name
 * @property {string} drawn The calls whose results can be drawn, as a hint.
 * @property {(given: Record<string, unknown>) => void} input Takes the arguments of the call that the view is for.
 * @property {() => Record<string, unknown>} asks The arguments of the next poll.
 * @property {(result: any) => any} snapshotOf What a tool's result says already, as a snapshot, or undefined.
 * @property {(snapshot: any) => Failure | undefined} missing Why there is nothing in a snapshot to draw.
 * @property {(snapshot: any, time: number) => void} draw
 */

class Live {
  #view;
  #host;
  #main = /** @type {HTMLElement} */ (document.querySelector("main"));
  #problem = part("problem");
  #partial = part("partial");
  #pauseButton = /** @type {HTMLButtonElement} */ (part("pause"));

  #isPolling = false;
  #isPaused = false;
  #isOver = false;
  /** Goes up when older answers are of no interest any more. */
  #round = 0;
  #isAsking = false;
  #failures = 0;
  /** @type {Failure | undefined} */
  #failure;
  /** When the shown snapshot came. @type {number | undefined} */
  #shownAt;
  /** @type {number | undefined} */
  #nextAt;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
    this.#host = new Host({
      toolInput: (given) => {
        view.input(given);
        if (this.#isPolling) this.poll();
        else this.#beginPolling();
      },
      toolResult: (result) => this.#adopt(result),
      toolCancelled: () => this.#cancelled(),
      context: (context) => this.#adapt(context),
      teardown: () => this.#end(),
    });
    this.#pauseButton.addEventListener("click", () => this.#pause(!this.#isPaused));
    part("retry").addEventListener("click", () => this.poll());
    document.addEventListener("visibilitychange", () => {
      if (this.#isPolling && !this.#isPaused && !document.hidden) this.poll();
    });
    setInterval(() => this.#showState(), 1_000);
    this.#connect();
  }

  /** Whether the view can ask for more than it was given. */
  get canAsk() {
    return this.#host.callsTools;
  }

  async #connect() {
    try {
      await this.#host.connect(this.#view.name);
      this.#host.reportSize();
      // A host that says nothing of the call shows everything.
      setTimeout(() => this.#beginPolling(), INPUT_PATIENCE);
    } catch (error) {
      this.#failure = { message: /** @type {Error} */ (error).message };
    }
    this.#showState();
  }

  #beginPolling() {
    if (this.#isPolling || this.#isOver || !this.#host.callsTools) return;
    this.#isPolling = true;
    this.#pauseButton.hidden = false;
    this.poll();
  }

  /** Asks now, and from now on: what was asked for before is no longer wanted. */
  async poll() {
    if (this.#isOver) return;
    const round = ++this.#round;
    clearTimeout(this.#timer);
    this.#nextAt = undefined;
    this.#isAsking = true;
    this.#showState();
    const begun = performance.now();
    /** @type {ToolResult} */
    let result;
    try {
      result = await this.#host.callTool("poll_cluster", this.#view.asks());
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      result = { isError: true, structuredContent: { code: "host", message, retriable: true } };
    }
    if (round !== this.#round || this.#isOver) return;
    this.#isAsking = false;
    const snapshot = structureOf(result);
    const failure = result.isError || !snapshot ? failureOf(result) : this.#tryToShow(snapshot, Date.now());
    this.#failure = failure;
    this.#failures = failure ? this.#failures + 1 : 0;
    // A cluster that answers slowly is asked less often.
    const pause = failure
      ? Math.min(POLL_EVERY * 2 ** (this.#failures - 1), LONGEST_PAUSE)
      : Math.min(Math.max(POLL_EVERY, 4 * (performance.now() - begun)), SLOWEST_POLL);
    this.#schedule(failure?.retriable === false ? undefined : pause);
    this.#showState();
  }

  /** @param {number | undefined} pause */
  #schedule(pause) {
    if (pause === undefined || this.#isPaused) return;
    this.#nextAt = Date.now() + pause;
    this.#timer = setTimeout(() => {
      // Nobody looks at it. It goes on when somebody does.
      if (!document.hidden) this.poll();
    }, pause);
  }

  /**
   * Shows what was measured, or says why it does not.
   * @param {any} snapshot
   * @param {number} time when it was measured
   * @returns {Failure | undefined}
   */
  #tryToShow(snapshot, time) {
    try {
      const missing = this.#view.missing(snapshot);
      if (!missing) this.#show(snapshot, time);
      return missing;
    } catch {
      return {
        message: "this view is of another version than the server; call the tool again",
        retriable: false,
      };
    }
  }

  /**
   * @param {any} snapshot
   * @param {number} time
   */
  #show(snapshot, time) {
    this.#shownAt = time;
    this.#view.draw(snapshot, time);
    part("content").hidden = false;
    showPartial(this.#partial, snapshot);
  }

  /**
   * Shows the result of the call that the view is for, until there is something newer.
   * @param {ToolResult} result
   */
  #adopt(result) {
    if (this.#shownAt !== undefined) return;
    const said = structureOf(result);
    const snapshot = result.isError ? undefined : this.#view.snapshotOf(said);
    /** @type {Failure | undefined} */
    let failure;
    if (snapshot) {
      // A host may show it again much later, and the server's clock may be ahead of this one.
      const time = Date.parse(said.as_of ?? said.timestamp) || Date.now();
      failure = this.#tryToShow(snapshot, Math.min(time, Date.now()));
    } else if (result.isError) failure = failureOf(result);
    else if (!this.canAsk) {
      const message = "this result lacks what the view draws, and this host does not let it ask for more";
      failure = { code: "undrawable", message, hint: this.#view.drawn };
    }
    if (failure || !this.canAsk) this.#failure = failure;
    this.#showState();
  }

  #cancelled() {
    this.#pause(true);
    if (this.#shownAt === undefined) this.#failure = { code: "cancelled", message: "nothing was measured" };
    this.#showState();
  }

  /** @param {boolean} isPaused */
  #pause(isPaused) {
    this.#isPaused = isPaused;
    say(this.#pauseButton, isPaused ? "Resume" : "Pause");
    if (isPaused) {
      this.#round += 1;
      this.#isAsking = false;
      clearTimeout(this.#timer);
      this.#nextAt = undefined;
      this.#showState();
    } else {
      this.poll();
    }
  }

  #end() {
    this.#pause(true);
    this.#isOver = true;
    this.#pauseButton.hidden = true;
  }

  /** @param {Record<string, any>} context what is known of the surroundings, or what changed of it */
  #adapt(context) {
    const root = document.documentElement;
    if (context.theme === "light" || context.theme === "dark") root.dataset.theme = context.theme;
    const fonts = context.styles?.variables;
    for (const name of ["--font-sans", "--font-mono"]) {
      if (typeof fonts?.[name] === "string") root.style.setProperty(name, fonts[name]);
    }
    const insets = context.safeAreaInsets;
    for (const side of ["top", "right", "bottom", "left"]) {
      if (typeof insets?.[side] === "number") root.style.setProperty(`--inset-${side}`, `${insets[side]}px`);
    }
    readFor(context);
  }

  /** Says where things stand; every second, as time passes. */
  #showState() {
    const age = this.#shownAt === undefined ? undefined : Date.now() - this.#shownAt;
    const isStale = age !== undefined && age > STALE_AFTER && this.#host.callsTools;
    const isLoading = age === undefined && !this.#failure;
    part("loading").hidden = !isLoading;
    setAttributes(this.#main, {
      "data-state": isLoading ? "loading" : this.#failure ? "failed" : isStale ? "stale" : "fresh",
      "aria-busy": `${isLoading}`,
    });
    say(part("freshness"), this.#freshness(age));
    this.#showProblem();
  }

  /** @param {number | undefined} age */
  #freshness(age) {
    const said = [];
    if (age !== undefined) {
      if (!this.#host.callsTools)
        said.push(`Measured at ${clockTime(Date.now() - age)}; this host does not ask for more`);
      else said.push(age < POLL_EVERY + 1_000 ? "Up to date" : `Last update ${span(age)} ago`);
    }
    if (this.#isOver) said.push("ended");
    else if (this.#isPaused) said.push("paused");
    else if (this.#failure && this.#isAsking) said.push("trying again");
    else if (this.#failure && this.#nextAt !== undefined)
      said.push(`next try in ${span(this.#nextAt - Date.now())}`);
    const text = said.join(", ") || (this.#failure ? "No numbers" : "Waiting for numbers");
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  #showProblem() {
    const failure = this.#failure;
    const [title, text] = this.#problem.children;
    if (!failure || !title || !text) {
      this.#problem.hidden = true;
      return;
    }
    say(title, TITLES[failure.code ?? ""] ?? "This could not be measured");
    const hint = failure.hint ? `; ${failure.hint}` : "";
    say(text, visible(`${failure.message}${hint}.`, LONGEST_TEXT));
    part("retry").hidden = !this.#host.callsTools || this.#isOver;
    this.#problem.hidden = false;
  }
}

/**
 * Says what is missing from a snapshot.
 * @param {HTMLElement} place
 * @param {{ complete?: boolean, partial_errors?: { subject?: string, message?: string }[] }} snapshot
 */
function showPartial(place, { complete, partial_errors: errors = [] }) {
  place.hidden = complete !== false;
  const [summary, list] = place.children;
  if (place.hidden || !summary || !list) return;
  say(summary, "Not everything could be measured");
  const lines = errors.map(({ subject, message }) => visible(`${subject}: ${message}`, LONGEST_TEXT));
  // Whoever reads them is not disturbed by the same ones again.
  if ([...list.children].map((line) => line.textContent).join("\n") === lines.join("\n")) return;
  list.replaceChildren(...lines.map((line) => element("li", {}, line)));
}

/**
 * What a result says, also where a host passes on its text alone.
 * @param {ToolResult} result
 * @returns {any}
 */
function structureOf({ structuredContent, content }) {
  if (structuredContent) return structuredContent;
  try {
    return JSON.parse(content?.[0]?.text ?? "");
  } catch {
    return undefined;
  }
}

/**
 * @param {ToolResult} result
 * @returns {Failure}
 */
function failureOf(result) {
  const { code, message, hint, retriable } = structureOf(result) ?? {};
  const text = typeof message === "string" ? message : "there is no answer that can be read";
  return { code, message: text, hint: typeof hint === "string" ? hint : undefined, retriable };
}

/** @type {Record<string, string>} */
const TITLES = {
  access_denied: "This is not open to you",
  authentication_failed: "Kafka does not let the server in",
  authorization_failed: "Kafka does not let the server see this",
  cancelled: "The call was cancelled",
  host: "The server cannot be asked",
  kafka_unavailable: "Kafka does not answer",
  timeout: "Kafka does not answer in time",
  undrawable: "There is nothing to draw",
  unsupported: "The server's Kafka client cannot do this",
};

const POLL_EVERY = 5_000;
const SLOWEST_POLL = 15_000;
const LONGEST_PAUSE = 30_000;
const STALE_AFTER = 20_000;
const INPUT_PATIENCE = 10_000;
const LONGEST_TEXT = 600;
