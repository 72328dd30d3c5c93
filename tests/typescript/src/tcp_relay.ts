// A port that leads to another one, for as long as it is there.

import { once } from "node:events";
import { type Server, type Socket, connect, createServer } from "node:net";

export class TcpRelay {
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
  }

  /** Passes bytes on from a loopback port to the first of these addresses, and back. */
  static async start(port: number, addresses: string): Promise<TcpRelay> {
    const [first = ""] = addresses.split(",");
    const { hostname, port: target } = new URL(`tcp://${first}`);
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(Number(target), hostname);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => sockets.delete(socket));
        socket.pipe(other);
      }
    });
    await once(server.listen(port, "127.0.0.1"), "listening");
    return new TcpRelay(server, sockets);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
