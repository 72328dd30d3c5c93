// The product as a process: over HTTP for as long as a suite runs, over stdio one for each client.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const binary = variable("KAFKA_MCP_SERVER_BIN");

const product: Program = { command: binary, arguments: [] };

/** The address of the brokers that the tests use. */
export const brokers = variable("KAFKA_TEST_BROKERS");

/** How a client starts the server to talk over its standard input and output. */
export const stdioCommand = {
  command: binary,
  env: { KAFKA_BROKERS: brokers, LOG_LEVEL: "error" },
};

/** A program that serves as the server does, and says so as that does. */
export interface Program {
  command: string;
  arguments: string[];
}

/** What the conformance suite asks for, behind the front of the server; with sessions, if told so. */
export function conformanceFixture(...given: string[]): Program {
  return { command: variable("CONFORMANCE_FIXTURE_BIN"), arguments: given };
}

/** A server that listens on a free loopback port, or on the one that its variables name. */
export class HttpServer {
  readonly url: URL;
  /** What it has logged so far. */
  readonly log: string[];
  /** The code of the login for development, once the server has printed it. */
  readonly developmentCode: Promise<string>;
  readonly #process: ChildProcess;

  private constructor(url: URL, log: string[], developmentCode: Promise<string>, process: ChildProcess) {
    this.url = url;
    this.log = log;
    this.developmentCode = developmentCode;
    this.#process = process;
  }

  /** Starts one with these variables besides those that every server of the tests has. */
  static async start(more: Record<string, string> = {}, program: Program = product): Promise<HttpServer> {
    const server = spawn(program.command, program.arguments, {
      env: {
        MCP_HTTP_PORT: "0",
        KAFKA_BROKERS: brokers,
        ...more,
        LOG_FORMAT: "json",
        MCP_TRANSPORT: "http",
      },
      stdio: ["ignore", "inherit", "pipe"],
    });
    const overdue = setTimeout(() => server.kill("SIGKILL"), PATIENCE);
    const address = Promise.withResolvers<string>();
    const code = Promise.withResolvers<string>();
    // Most servers print none, and nobody asks them for it.
    code.promise.catch(() => {});
    // Every line is read: what nobody reads would fill the pipe and block the server.
    const lines = createInterface({ input: server.stderr });
    const log: string[] = [];
    lines.on("line", (line) => {
      log.push(line);
      const printed = /^Development login: .* code (\S+)$/.exec(line)?.[1];
      if (printed) code.resolve(printed);
      // What is for people, such as that code, is no JSON.
      if (!line.startsWith("{")) return;
      const { message, address: at } = JSON.parse(line);
      if (message === "serving") address.resolve(at);
    });
    lines.on("close", () => {
      const ended = new Error(`the server ended before it served: ${log.at(-1)}`);
      address.reject(ended);
      code.reject(ended);
    });
    try {
      const url = new URL(`http://${await address.promise}/mcp`);
      return new HttpServer(url, log, code.promise, server);
    } finally {
      clearTimeout(overdue);
    }
  }

  /** Asks the server to end and returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const overdue = setTimeout(() => this.#process.kill("SIGKILL"), PATIENCE);
    const [code] = await exit;
    clearTimeout(overdue);
    return code;
  }
}

/** How long a server may take to start, and to end, in milliseconds. */
const PATIENCE = 30_000;

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; tests/typescript/run sets it`);
  return value;
}
