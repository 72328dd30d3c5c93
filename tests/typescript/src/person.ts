// Somebody with a browser who goes where clients send them, reads the page that asks, and agrees.

import assert from "node:assert/strict";

import { CookieJar } from "./cookie_jar.ts";

/** What somebody types into the fields of pages, by their names. */
export type Answers = Record<string, string>;

export class Person {
  /** The pages that asked for something, in order. */
  readonly questions: string[] = [];
  /** The hosts that the browser was at. */
  readonly hosts = new Set<string>();
  readonly #answers: Answers;
  readonly #cookies = new CookieJar();

  constructor(answers: Answers = {}) {
    this.#answers = answers;
  }

  /** Goes to an address and on from there, and says where they leave for the client. */
  async visit(url: URL): Promise<URL> {
    const destination = url.searchParams.get("redirect_uri");
    assert.ok(destination, `the client says where to come back to: ${url}`);
    const isDestination = (at: URL) => `${at.origin}${at.pathname}` === destination;
    let answer = await this.#open(url);
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      if (answer.next && isDestination(answer.next)) return answer.next;
      answer = answer.next ? await this.#open(answer.next) : await this.#agree(answer);
    }
    throw new Error(`it does not end: ${answer.at}`);
  }

  async #open(url: URL, form?: URLSearchParams): Promise<Answer> {
    this.hosts.add(url.host);
    const headers = new Headers({ accept: "text/html", cookie: this.#cookies.header(url) });
    // As browsers say that the form is on a page of the same site.
    if (form) headers.set("origin", url.origin);
    const answer = await fetch(url, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
      ...(form && { method: "POST", body: form }),
    });
    this.#cookies.store(url, answer);
    const body = await answer.text();
    const location = answer.headers.get("location");
    assert.ok(answer.status < 400, `${answer.status} at ${url.origin}${url.pathname}: ${contentOf(body)}`);
    return { at: url, body, next: location === null ? undefined : new URL(location, url) };
  }

  /** Sends the form of a page with all that it holds, and with what it asks for. */
  async #agree({ at, body }: Answer): Promise<Answer> {
    const action = /<form method="post" action="([^"]+)"/.exec(body)?.[1];
    assert.ok(action, `the page at ${at} has a form: ${contentOf(body)}`);
    this.questions.push(/<title>([^<]*)/.exec(body)?.[1] ?? "");
    const form = new URLSearchParams({ decision: "allow" });
    for (const [input] of body.matchAll(/<input [^>]*>/g)) {
      const name = attribute(input, "name");
      const value = attribute(input, "type") === "hidden" ? attribute(input, "value") : this.#answers[name];
      assert.ok(value !== undefined, `there is an answer to ${name}`);
      form.set(name, value);
    }
    return this.#open(new URL(action, at), form);
  }
}

/** An answer, and where it sends the browser. */
interface Answer {
  at: URL;
  body: string;
  next: URL | undefined;
}

/** What a page says, without how it looks. */
function contentOf(page: string): string {
  return /<main>([^]*)<\/main>/.exec(page)?.[1] ?? page;
}

function attribute(tag: string, name: string): string {
  return new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
}

const MAX_STEPS = 20;

/** How long one page may take, in milliseconds. */
const PATIENCE = 20_000;
