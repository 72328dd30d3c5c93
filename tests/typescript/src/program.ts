// Programs besides the product that tests start.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

import { PATIENCE } from "./patience.ts";

/** A running program, which ends at the latest when the test stops it. */
export class Program {
  readonly process: ChildProcess;
  readonly #exit: Promise<number | null>;

  private constructor(process: ChildProcess) {
    this.process = process;
    this.#exit = once(process, "exit").then(([code]) => code);
    // Who stops it hears of it.
    this.#exit.catch(() => {});
  }

  /** Starts it; `install` says where it comes from, for whoever does not have it. */
  static async start(command: string, given: string[], install: string, options: SpawnOptions = {}): Promise<Program> {
    const program = new Program(spawn(command, given, { stdio: "ignore", ...options }));
    try {
      await once(program.process, "spawn");
    } catch (error) {
      throw new Error(`${command} does not start: ${install}`, { cause: error });
    }
    return program;
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Waits until it ends by itself, and ends it if it does not; returns its exit code. */
  async ended(): Promise<number | null> {
    const overdue = setTimeout(() => this.process.kill("SIGKILL"), PATIENCE);
    try {
      return await this.#exit;
    } finally {
      clearTimeout(overdue);
    }
  }

  async stop(): Promise<void> {
    this.process.kill("SIGTERM");
    await this.ended();
  }
}
