// What a client of either SDK keeps of its login, and the person that it sends to the browser.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import type {
  OAuthClientProvider as ModernProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";
import type { OAuthClientProvider as ClassicProvider } from "@modelcontextprotocol/sdk/client/auth.js";

import type { Kind, McpClient } from "./client.ts";
import { PATIENCE } from "./patience.ts";
import type { Person } from "./person.ts";
import { revoke } from "./revocation.ts";
import { spoilt } from "./spoilt_token.ts";

/** The login of one client. It starts with nothing: where and how to log in is found out. */
export class Login implements ClassicProvider, ModernProvider {
  // RFC 8252 section 7.3: any port will do. Nobody listens, the person says where they come out.
  readonly redirectUrl = "http://127.0.0.1:33418/callback";
  readonly clientMetadata = {
    client_name: "TypeScript tests",
    redirect_uris: [this.redirectUrl],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  /** The URL of a document about the client, which is its id instead of a registration. */
  readonly clientMetadataUrl?: string;
  /** The requests of the client, each with the status of its answer: `POST /mcp 401`. */
  readonly trail: string[] = [];
  /** How often it asked for somebody to log in. */
  invitations = 0;
  readonly #person: Person;
  readonly #state = randomUUID();
  #client: StoredOAuthClientInformation | undefined;
  #tokens: StoredOAuthTokens | undefined;
  #discovery: OAuthDiscoveryState | undefined;
  #verifier = "";
  #answer: URLSearchParams | undefined;
  #personIsThere = true;

  constructor(person: Person, clientMetadataUrl?: string) {
    this.#person = person;
    if (clientMetadataUrl) this.clientMetadataUrl = clientMetadataUrl;
  }

  /** Lets a client of this kind log in that knows this address and nothing else. */
  async begin(kind: Kind, url: URL): Promise<McpClient> {
    await assert.rejects(kind.connect(url, this), isUnauthorized);
    await kind.finishLogin(url, this);
    this.#personIsThere = false;
    return kind.connect(url, this);
  }

  /** With what the person came back, once. */
  takeAnswer(): URLSearchParams {
    const answer = this.#answer;
    assert.ok(answer, "the client sent somebody to the browser");
    this.#answer = undefined;
    return answer;
  }

  /** The access token is refused from now on, as one is that has expired. */
  spoilAccessToken(): void {
    const { access_token, ...others } = this.kept();
    this.#tokens = { ...others, access_token: spoilt(access_token) };
  }

  /** Gives the login back, at the address that the client found. */
  async revoke(): Promise<void> {
    const metadata = this.#discovery?.authorizationServerMetadata;
    await revoke(metadata, this.kept().refresh_token, this.#client?.client_id ?? "");
  }

  /** The tokens, of which there have to be some. */
  kept(): StoredOAuthTokens {
    assert.ok(this.#tokens, "the client is logged in");
    return this.#tokens;
  }

  readonly fetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE), ...init });
    const request = `${init?.method ?? "GET"} ${new URL(url).pathname}`;
    // Some clients try to open a stream at any time.
    if (request !== "GET /mcp") this.trail.push(`${request} ${answer.status}`);
    return answer;
  };

  // What follows is called by the SDKs.

  state(): string {
    return this.#state;
  }

  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.#client;
  }

  saveClientInformation(client: StoredOAuthClientInformation): void {
    this.#client = client;
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.#tokens = tokens;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    this.invitations += 1;
    if (!this.#personIsThere) return;
    const { searchParams } = await this.#person.visit(url);
    assert.equal(searchParams.get("state"), this.#state);
    this.#answer = searchParams;
  }

  invalidateCredentials(what: "all" | "client" | "tokens" | "verifier" | "discovery"): void {
    if (what === "all" || what === "client") this.#client = undefined;
    if (what === "all" || what === "tokens") this.#tokens = undefined;
    if (what === "all" || what === "discovery") this.#discovery = undefined;
  }
}

/** Calls a tool, by default one that asks Kafka. */
export async function callTool(client: McpClient, name = "list_topics"): Promise<void> {
  const result = await client.callTool({ name, arguments: {} });
  assert.notEqual(result.isError, true, JSON.stringify(result));
}

/** Whether the client says that somebody has to log in. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && /unauthorized/i.test(`${error.name} ${error.constructor.name} ${error.message}`);
}
