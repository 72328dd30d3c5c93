// The product as a process: over HTTP for as long as a suite runs, over stdio one for each client.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const binary = variable("KAFKA_MCP_SERVER_BIN");

/** The address of the brokers that the tests use. */
export const brokers = variable("KAFKA_TEST_BROKERS");

/** How a client starts the server to talk over its standard input and output. */
export const stdioCommand = {
  command: binary,
  env: { KAFKA_BROKERS: brokers, LOG_LEVEL: "error" },
};

/** A server that listens on a free loopback port. */
export class HttpServer {
  readonly url: URL;
  readonly #process: ChildProcess;

  private constructor(url: URL, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  /** Starts one with these variables besides those that every server of the tests has. */
  static async start(more: Record<string, string> = {}): Promise<HttpServer> {
    const server = spawn(binary, {
      env: {
        ...more,
        KAFKA_BROKERS: brokers,
        LOG_FORMAT: "json",
        MCP_TRANSPORT: "http",
        MCP_HTTP_PORT: "0",
      },
      stdio: ["ignore", "inherit", "pipe"],
    });
    for await (const line of createInterface({ input: server.stderr })) {
      const { message, address } = JSON.parse(line);
      if (message === "serving") {
        // What nobody reads would fill the pipe and block the server.
        server.stderr.resume();
        return new HttpServer(new URL(`http://${address}/mcp`), server);
      }
    }
    throw new Error("the server ended before it served");
  }

  /** Asks the server to end and returns its exit code. */
  async stop(): Promise<number | null> {
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const [code] = await exit;
    return code;
  }
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; tests/typescript/run sets it`);
  return value;
}
