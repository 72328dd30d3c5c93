// A real Redis, which replicas share.

import { once } from "node:events";
import { connect } from "node:net";

import { freePort } from "./login_server.ts";
import { eventually } from "./patience.ts";
import { Program } from "./program.ts";

/** A Redis of its own that keeps nothing on disk. */
export class Redis {
  readonly url: string;
  readonly #program: Program;

  private constructor(port: number, program: Program) {
    this.url = `redis://127.0.0.1:${port}`;
    this.#program = program;
  }

  static async start(): Promise<Redis> {
    const port = await freePort();
    const given = ["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--appendonly", "no"];
    const program = await Program.start("redis-server", given, "install the package redis-server");
    try {
      await eventually("Redis answers", async () => {
        if (program.hasEnded) throw new Error("Redis ended at once");
        return (await ping(port)) || undefined;
      });
    } catch (error) {
      await program.stop();
      throw error;
    }
    return new Redis(port, program);
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}

async function ping(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.setTimeout(1000, () => socket.destroy(new Error("no answer")));
    await once(socket, "connect");
    socket.write("PING\r\n");
    const [answer] = await once(socket, "data");
    return `${answer}`.startsWith("+PONG");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
