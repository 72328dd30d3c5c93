// A web server on a loopback port of its own.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";

/** Answers each GET with a page for its URL, if there is one. */
export class Website {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  static async start(
    page: (url: URL) => string | undefined,
    headers: (url: URL) => Record<string, string> = () => ({}),
  ): Promise<Website> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://127.0.0.1");
      const html = page(url);
      const status = html === undefined ? 404 : 200;
      response.writeHead(status, { "content-type": "text/html; charset=utf-8", ...headers(url) });
      response.end(html);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new Website(server);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    // Browsers keep connections open.
    this.#server.closeAllConnections();
    await closed;
  }
}
