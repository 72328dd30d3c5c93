// One address in front of several replicas, which take turns from request to request.

import { once } from "node:events";
import { Agent, type IncomingMessage, type Server, type ServerResponse, createServer, request } from "node:http";

export class RoundRobin {
  /** How many requests each replica was given, by its address. */
  readonly served = new Map<string, number>();
  readonly #server: Server;
  #replicas: URL[] = [];
  // A connection that is kept would be one to a replica that is gone.
  readonly #agent = new Agent({ keepAlive: false });

  private constructor() {
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  }

  static async start(port: number): Promise<RoundRobin> {
    const front = new RoundRobin();
    front.#server.listen(port, "127.0.0.1");
    await once(front.#server, "listening");
    return front;
  }

  /** Passes requests on to these from now on. */
  spreadOver(replicas: URL[]): void {
    this.#replicas = [...replicas];
    for (const { origin } of replicas) this.served.set(origin, 0);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
    this.#agent.destroy();
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const replica = this.#replicas.shift()!;
    this.#replicas.push(replica);
    this.served.set(replica.origin, (this.served.get(replica.origin) ?? 0) + 1);
    const { method, url: path, headers } = incoming;
    const passed = request({ host: replica.hostname, port: replica.port, agent: this.#agent, method, path, headers });
    passed.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  }
}
