// A proxy that adds a token to every request, for programs that cannot send one.

import { once } from "node:events";
import { Agent, createServer, request, type Server } from "node:http";
import { type AddressInfo } from "node:net";

/** Passes everything on as it comes, on loopback, but for the token. */
export class BearerProxy {
  readonly url: URL;
  readonly #server: Server;
  readonly #agent: Agent;

  private constructor(url: URL, server: Server, agent: Agent) {
    this.url = url;
    this.#server = server;
    this.#agent = agent;
  }

  /** One in front of a server. */
  static async start(target: URL, token: string): Promise<BearerProxy> {
    const agent = new Agent({ keepAlive: true });
    const server = createServer((incoming, outgoing) => {
      // As they are: the server has to see which host and origin were meant, and how often.
      const headers = [...incoming.rawHeaders, "Authorization", `Bearer ${token}`];
      const { hostname, port } = target;
      const options = { agent, hostname, port, method: incoming.method, path: incoming.url, headers, setHost: false };
      const passedOn = request(options, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.statusMessage, answer.rawHeaders);
        // Streams begin before their first event.
        outgoing.flushHeaders();
        answer.pipe(outgoing);
      });
      passedOn.on("error", () => outgoing.destroy());
      outgoing.on("close", () => passedOn.destroy());
      incoming.pipe(passedOn);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = new URL(target);
    url.port = `${(server.address() as AddressInfo).port}`;
    return new BearerProxy(url, server, agent);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }
}
