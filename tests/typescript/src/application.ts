// An application that people log in to: it waits on loopback for what their browsers bring.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";

import { Website } from "./website.ts";

/** A login that an application began. */
export interface Login {
  /** Where the browser has to go. */
  url: string;
  state: string;
  verifier: string;
}

/** A client that is registered at a server, and listens where it is sent its codes. */
export class Application {
  readonly redirectUri: string;
  /** What browsers brought, in the order of their coming. */
  readonly arrivals: URLSearchParams[];
  readonly #website: Website;
  readonly #metadata: Metadata;
  readonly #id: string;

  private constructor(website: Website, arrivals: URLSearchParams[], metadata: Metadata, registration: Registration) {
    this.redirectUri = registration.redirect_uris[0]!;
    this.arrivals = arrivals;
    this.#website = website;
    this.#metadata = metadata;
    this.#id = registration.client_id;
  }

  /** Registers one at the server with this issuer, with its own redirect URI or with another. */
  static async register(issuer: string, name = "Example Editor", redirectUri?: string): Promise<Application> {
    const found = await fetch(`${issuer}/.well-known/oauth-authorization-server`, { signal: soon() });
    const metadata: Metadata = await found.json();
    const arrivals: URLSearchParams[] = [];
    const website = await Website.start((url) => {
      if (url.pathname !== "/callback") return undefined;
      arrivals.push(url.searchParams);
      return '<!doctype html><html lang="en"><title>Back</title><h1>Back in the application</h1>';
    });
    try {
      const redirect_uris = [redirectUri ?? `http://127.0.0.1:${website.port}/callback`];
      const answer = await fetch(metadata.registration_endpoint, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ client_name: name, redirect_uris }),
        signal: soon(),
      });
      assert.equal(answer.status, 201, "the server registers the application");
      return new Application(website, arrivals, metadata, await answer.json());
    } catch (error) {
      await website.stop();
      throw error;
    }
  }

  /** Begins a login. */
  begin(state: string = randomBytes(8).toString("hex"), scope = "kafka:read kafka:write"): Login {
    const verifier = randomBytes(32).toString("base64url");
    const url = new URL(this.#metadata.authorization_endpoint);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.#id,
      redirect_uri: this.redirectUri,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      state,
      scope,
    }).toString();
    return { url: url.href, state, verifier };
  }

  /** The code that a browser was sent back with, which answers this login and no other. */
  codeIn(address: string, login: Login): string {
    const answer = this.#answerIn(address, login);
    assert.deepEqual([...answer.keys()].sort(), ["code", "iss", "state"]);
    return answer.get("code")!;
  }

  /** The error that a browser was sent back with instead. */
  errorIn(address: string, login: Login): string | null {
    const answer = this.#answerIn(address, login);
    assert.equal(answer.get("code"), null);
    return answer.get("error");
  }

  #answerIn(address: string, login: Login): URLSearchParams {
    assert.ok(address.startsWith(`${this.redirectUri}?`), `the browser is in the application: ${address}`);
    const answer = new URL(address).searchParams;
    assert.equal(answer.get("state"), login.state);
    assert.equal(answer.get("iss"), this.#metadata.issuer);
    return answer;
  }

  /** What the server gives for a code. */
  async redeem(code: string, login: Login): Promise<{ status: number; body: any }> {
    const answer = await fetch(this.#metadata.token_endpoint, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: this.redirectUri,
        client_id: this.#id,
        code_verifier: login.verifier,
      }),
      signal: soon(),
    });
    return { status: answer.status, body: await answer.json() };
  }

  /** How many codes browsers have brought. */
  get codes(): number {
    return this.arrivals.filter((arrival) => arrival.has("code")).length;
  }

  stop(): Promise<void> {
    return this.#website.stop();
  }
}

function soon(): AbortSignal {
  return AbortSignal.timeout(10_000);
}

interface Metadata {
  issuer: string;
  authorization_endpoint: string;
  registration_endpoint: string;
  token_endpoint: string;
}

interface Registration {
  client_id: string;
  redirect_uris: string[];
}
