// What was measured, sample by sample. The server keeps nothing: a view draws what it has seen.

/**
 * @typedef {{ time: number, values: Map<string, number | null> }} Sample Null is unknown.
 */

class Samples {
  /** @type {Sample[]} */
  all = [];

  /**
   * @param {number} time
   * @param {Map<string, number | null>} values
   */
  add(time, values) {
    // What was seen before a long silence would leave no room for what is seen now.
    const last = this.all.at(-1);
    if (last && time - last.time > LONGEST_SILENCE) this.all = [];
    this.all = this.all.filter((sample) => time - sample.time <= LONGEST_TIME);
    this.all.push({ time, values });
    if (this.all.length > MOST_SAMPLES) this.all.shift();
  }

  /**
   * How much a value changes in a minute, by what was seen of the last one; undefined until that
   * can be told.
   * @param {string} key
   * @returns {number | undefined}
   */
  pace(key) {
    const last = this.all.at(-1);
    const now = last?.values.get(key);
    if (!last || typeof now !== "number") return undefined;
    for (const { time, values } of this.all) {
      const then = values.get(key);
      if (last.time - time > PACE_OVER || typeof then !== "number") continue;
      const passed = last.time - time;
      return passed < SHORTEST_PACE ? undefined : ((now - then) * 60_000) / passed;
    }
    return undefined;
  }
}

/** An hour, and as many samples as it has of one every five seconds. */
const LONGEST_TIME = 3_600_000;
const MOST_SAMPLES = 720;
const LONGEST_SILENCE = 900_000;
const PACE_OVER = 60_000;
const SHORTEST_PACE = 4_000;
