// How names, numbers and times are written.

/** What the host says of the reader's language and place. */
const reader = {
  /** @type {string | undefined} */
  locale: undefined,
  /** @type {string | undefined} */
  timeZone: undefined,
};

/**
 * Takes a language and a time zone over, as far as the browser knows them.
 * @param {{ locale?: unknown, timeZone?: unknown }} context
 */
function readFor({ locale, timeZone }) {
  try {
    if (typeof locale === "string") [reader.locale] = Intl.getCanonicalLocales(locale);
  } catch {
    // The browser's own is as good.
  }
  try {
    if (typeof timeZone === "string") {
      new Intl.DateTimeFormat("en", { timeZone });
      reader.timeZone = timeZone;
    }
  } catch {
    // Likewise.
  }
}

/**
 * A text from the cluster as it is shown: characters that act instead of showing are spelt out, and
 * what is very long is cut. The server spells the same ones out in its texts, but for line breaks.
 * @param {string} text
 * @param {number} [longest] in characters
 */
function visible(text, longest = LONGEST_NAME) {
  const characters = [...text];
  const shown = characters.slice(0, longest).map((character) => {
    return ACTING.test(character) ? `\\u{${character.codePointAt(0)?.toString(16)}}` : character;
  });
  return shown.join("") + (characters.length > longest ? "\u2026" : "");
}

const LONGEST_NAME = 120;
// Controls, direction marks, and what is invisible, the joiners of Persian and emoji aside.
const ACTING =
  /[\u0000-\u001f\u007f-\u009f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}]/u;

/**
 * A name that keeps its direction to itself.
 * @param {string} text
 */
function nameElement(text) {
  return element("bdi", { class: "name" }, visible(text));
}

/**
 * A number, or that it is not known: null is not zero.
 * @param {number | null | undefined} value
 */
function amount(value) {
  return typeof value === "number" ? value.toLocaleString(reader.locale) : "unknown";
}

/**
 * A number for an axis.
 * @param {number} value
 */
function shortAmount(value) {
  return value.toLocaleString(reader.locale, { notation: "compact", maximumFractionDigits: 1 });
}

/**
 * How much something changes in a minute.
 * @param {number | undefined} perMinute
 */
function pace(perMinute) {
  if (perMinute === undefined) return "\u2013";
  const rounded = Math.round(perMinute);
  if (rounded === 0) return "steady";
  return rounded.toLocaleString(reader.locale, { signDisplay: "always" });
}

/**
 * A time of the day.
 * @param {number} time in milliseconds
 */
function clockTime(time) {
  return new Date(time).toLocaleTimeString(reader.locale, { timeZone: reader.timeZone });
}

/**
 * A span of time.
 * @param {number} milliseconds
 */
function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
function counted(count, one, many = `${one}s`) {
  return `${amount(count)} ${count === 1 ? one : many}`;
}
