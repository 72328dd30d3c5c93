// A clock for servers that is ahead, so that nobody has to wait until a token expires.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A library that processes load before others, and that changes what time it is for them. */
export class LaterClock {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async build(): Promise<LaterClock> {
    const clock = new LaterClock(await mkdtemp(join(tmpdir(), "later-clock-")));
    try {
      const source = join(import.meta.dirname, "later_clock.c");
      await run("cc", ["-shared", "-fPIC", "-o", clock.#library, source], { timeout: 60_000 });
      return clock;
    } catch (error) {
      await clock.remove();
      throw new Error("the clock cannot be built: it takes a C compiler, which cargo needs too", { cause: error });
    }
  }

  /** The variables of a process for which it is so many minutes later. */
  ahead(minutes: number): Record<string, string> {
    return { LD_PRELOAD: this.#library, CLOCK_AHEAD: `${minutes * 60}` };
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true });
  }

  get #library(): string {
    return join(this.#directory, "later_clock.so");
  }
}
