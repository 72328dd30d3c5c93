// Waiting, with an end to it.

import { setTimeout } from "node:timers/promises";

/** Tries until there is a result, and gives up after a while. */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  limit: number = PATIENCE,
): Promise<T> {
  const deadline = performance.now() + limit;
  while (performance.now() < deadline) {
    const result = await attempt();
    if (result !== undefined) return result;
    await setTimeout(PAUSE);
  }
  throw new Error(`not in time: ${what}`);
}

/** The result, or an error if it takes too long. */
export async function inTime<T>(what: string, result: Promise<T>): Promise<T> {
  const over = new AbortController();
  const overdue = setTimeout(PATIENCE, undefined, { signal: over.signal }).then(() => {
    throw new Error(`not in time: ${what}`);
  });
  try {
    return await Promise.race([result, overdue]);
  } finally {
    over.abort();
    overdue.catch(() => {});
  }
}

/** How long anything may take on a busy machine, in milliseconds. */
export const PATIENCE = 30_000;
const PAUSE = 50;
