// The MCP Inspector on the command line, with a home of its own and a browser that finds its way alone.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { freePort } from "./login_server.ts";
import { PATIENCE } from "./patience.ts";
import type { Answers } from "./person.ts";
import { revoke } from "./revocation.ts";

const program = join(import.meta.dirname, "../node_modules/.bin/mcp-inspector");
const run = promisify(execFile);

/** What it keeps of a login. */
interface Tokens {
  access_token: string;
  refresh_token: string;
}

export class Inspector {
  readonly #home: string;
  readonly #server: URL;
  readonly #given: string[];
  readonly #env: NodeJS.ProcessEnv;

  private constructor(home: string, server: URL, given: string[], env: NodeJS.ProcessEnv) {
    this.#home = home;
    this.#server = server;
    this.#given = given;
    this.#env = env;
  }

  /** One for a server and an era of the protocol, whose user types these answers into pages. */
  static async prepare(server: URL, era: string, answers: Answers): Promise<Inspector> {
    const home = await mkdtemp(join(tmpdir(), "inspector-"));
    const programs = join(home, "bin");
    await mkdir(programs);
    const browser = join(programs, "xdg-open");
    await symlink(join(import.meta.dirname, "xdg_open.ts"), browser);
    const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;
    const given = ["--cli", server.href, "--protocol-era", era, "--callback-url", callback];
    return new Inspector(home, server, given, {
      ...process.env,
      HOME: home,
      PATH: `${programs}${delimiter}${process.env.PATH}`,
      // It brings an `xdg-open` of its own, which asks for this one.
      BROWSER: browser,
      DISPLAY: "",
      LOGIN_ANSWERS: JSON.stringify(answers),
      LOGIN_LOG: join(home, "visits"),
      MCP_AUTO_OPEN_ENABLED: "true",
      MCP_INSPECTOR_SECRET_STORE: "file",
    });
  }

  /** Calls a method and returns the result. */
  async call(method: string, ...more: string[]): Promise<any> {
    const given = [...this.#given, "--method", method, ...more];
    const { stdout } = await run(program, given, { env: this.#env, timeout: PATIENCE });
    return JSON.parse(stdout);
  }

  /** How often it has sent its user to the browser. */
  async visits(): Promise<number> {
    const log = await readFile(join(this.#home, "visits"), "utf8");
    return log.split("\n").length - 1;
  }

  async tokens(): Promise<Tokens> {
    const { entry, secrets } = await this.#secrets();
    return JSON.parse(secrets[entry]);
  }

  /** Replaces the tokens by others. */
  async keep(tokens: Tokens): Promise<void> {
    const { entry, secrets, ...others } = await this.#secrets();
    secrets[entry] = JSON.stringify(tokens);
    await writeFile(this.#storage("secrets.json"), JSON.stringify({ ...others, secrets }));
  }

  /** Gives the login back, at the address that it found; the id is the one that it is known by. */
  async revoke(clientId?: string): Promise<void> {
    const { servers } = JSON.parse(await readFile(this.#storage("storage/oauth.json"), "utf8"));
    const { discoveryState, byIssuer } = servers[this.#server.href];
    const metadata = discoveryState.authorizationServerMetadata;
    const { client_id } = byIssuer[metadata.issuer].clientInformation;
    if (clientId) assert.equal(client_id, clientId);
    await revoke(metadata, (await this.tokens()).refresh_token, client_id);
  }

  async remove(): Promise<void> {
    await rm(this.#home, { recursive: true });
  }

  #storage(file: string): string {
    return join(this.#home, ".mcp-inspector", file);
  }

  async #secrets() {
    const stored = JSON.parse(await readFile(this.#storage("secrets.json"), "utf8"));
    const entry = Object.keys(stored.secrets).find((name) => name.includes(":tokens:"));
    assert.ok(entry, "the inspector has tokens");
    return { ...stored, entry };
  }
}
