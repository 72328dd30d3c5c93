// Lines over time, with a point in time that the keyboard and the pointer move.

/**
 * @typedef {{ key: string, label: string }} Series
 */

class Chart {
  #samples;
  #unit;
  /** @type {Series[]} */
  #series = [];
  /** Which colour and dash each series has, for as long as it is shown. @type {Map<string, number>} */
  #slots = new Map();
  /** The series that stands out. @type {string | undefined} */
  #marked;
  /** The sample that is read; the last one if there is none. @type {Sample | undefined} */
  #read;
  #svg = shape("svg", { role: "img" });
  #cursor = element("input", { type: "range", "aria-label": "Point in time", min: 0, max: 0, step: "any" });
  // Not texts of the picture: those of HTML grow with the reader's font.
  #labels = element("div", { class: "labels", "aria-hidden": "true" });
  #plot = element("div", { class: "plot" });
  #when = element("p", { class: "soft when" });
  #legend = element("ul", { class: "legend", "aria-label": "Lines" });
  #rows;

  /**
   * @param {HTMLElement} figure
   * @param {Samples} samples
   * @param {string} unit what is counted, for whoever listens
   */
  constructor(figure, samples, unit) {
    this.#samples = samples;
    this.#unit = unit;
    this.#plot.append(this.#svg, this.#labels, this.#cursor);
    figure.append(this.#plot, this.#when, this.#legend);
    this.#rows = new Rows(
      this.#legend,
      ({ key }) => key,
      (series) => this.#legendRow(series),
    );
    this.#cursor.addEventListener("keydown", (event) => this.#key(event));
    this.#cursor.addEventListener("input", () => this.#readAt(Number(this.#cursor.value)));
    this.#cursor.addEventListener("pointermove", (event) => this.#hover(event));
    this.#cursor.addEventListener("pointerleave", () => this.#readNow());
    this.#legend.addEventListener("keydown", (event) => this.#rove(event));
    new ResizeObserver(() => this.#draw()).observe(this.#plot);
  }

  /**
   * Shows these lines, the most important first; those beyond the colours are left out.
   * @param {Series[]} series
   */
  show(series) {
    this.#series = series.slice(0, SLOTS);
    const keys = new Set(this.#series.map(({ key }) => key));
    for (const key of this.#slots.keys()) if (!keys.has(key)) this.#slots.delete(key);
    for (const key of keys) {
      if (this.#slots.has(key)) continue;
      const taken = new Set(this.#slots.values());
      this.#slots.set(
        key,
        Array.from({ length: SLOTS }, (_, slot) => slot).find((slot) => !taken.has(slot)) ?? 0,
      );
    }
    if (this.#marked !== undefined && !keys.has(this.#marked)) this.#marked = undefined;
    if (this.#read && !this.#samples.all.includes(this.#read)) this.#read = undefined;
    this.#draw();
  }

  #draw() {
    const samples = this.#samples.all;
    const [first, last] = [samples[0], samples.at(-1)];
    const width = this.#plot.clientWidth;
    if (!first || !last || width === 0) return;
    const frame = { left: 44, right: width - 12, top: 10, bottom: HEIGHT - 22 };
    const from = Math.min(first.time, last.time - SHORTEST_AXIS);
    const highest = niceCeiling(this.#highest());
    const x = (/** @type {number} */ time) =>
      frame.left + ((time - from) / (last.time - from)) * (frame.right - frame.left);
    const y = (/** @type {number} */ value) => frame.bottom - (value / highest) * (frame.bottom - frame.top);

    const read = this.#read ?? last;
    const inset = `${frame.top}px ${width - frame.right}px ${HEIGHT - frame.bottom}px ${frame.left}px`;
    for (const { style } of [this.#svg, this.#cursor]) style.setProperty("inset", inset);
    const viewBox = [frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top].join(" ");
    setAttributes(this.#svg, { viewBox, "aria-label": this.#summary() });
    const ticks = [0, highest / 2, highest];
    this.#labels.replaceChildren(
      ...ticks.map((tick) =>
        label(shortAmount(tick), { right: width - frame.left + 6, top: y(tick) - LINE / 2 }),
      ),
      label(clockTime(from), { left: frame.left, top: frame.bottom + 4 }),
      label(clockTime(last.time), { right: width - frame.right, top: frame.bottom + 4 }),
    );
    this.#svg.replaceChildren(
      ...ticks.map((tick) =>
        shape("line", { class: "grid", x1: frame.left, x2: frame.right, y1: y(tick), y2: y(tick) }),
      ),
      ...this.#series.map((series) => this.#line(series, x, y)),
      shape("line", { class: "cursor", x1: x(read.time), x2: x(read.time), y1: frame.top, y2: frame.bottom }),
      ...this.#series.flatMap(({ key }) => {
        const value = read.values.get(key);
        if (typeof value !== "number") return [];
        return [shape("circle", { class: this.#classOf(key), cx: x(read.time), cy: y(value), r: 3.5 })];
      }),
    );
    setAttributes(this.#cursor, { min: from, max: last.time, "aria-valuetext": this.#reading(read) });
    this.#cursor.value = `${read.time}`;
    say(this.#when, this.#read ? `At ${clockTime(read.time)}` : `Now, at ${clockTime(read.time)}`);
    this.#rows.show(this.#series);
  }

  #highest() {
    const values = this.#samples.all.flatMap((sample) =>
      this.#series.map(({ key }) => sample.values.get(key) ?? 0),
    );
    return values.reduce((highest, value) => Math.max(highest, value), 0);
  }

  /**
   * A line, with gaps where the value is unknown or nobody looked.
   * @param {Series} series
   * @param {(time: number) => number} x
   * @param {(value: number) => number} y
   */
  #line({ key }, x, y) {
    let path = "";
    let before = Number.NEGATIVE_INFINITY;
    for (const { time, values } of this.#samples.all) {
      const value = values.get(key);
      if (typeof value !== "number") {
        before = Number.NEGATIVE_INFINITY;
        continue;
      }
      const point = `${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
      // A point without neighbours is a dot: a line of no length with round ends.
      path += time - before > LONGEST_STEP ? `M${point}h0` : `L${point}`;
      before = time;
    }
    return shape("path", { class: this.#classOf(key), d: path || undefined });
  }

  /** @param {string} key */
  #classOf(key) {
    const faded = this.#marked !== undefined && this.#marked !== key;
    return `series slot-${this.#slots.get(key) ?? 0}${faded ? " faded" : ""}`;
  }

  /** What somebody hears who does not see the lines. */
  #summary() {
    const samples = this.#samples.all;
    const over = span((samples.at(-1)?.time ?? 0) - (samples[0]?.time ?? 0));
    const lines = this.#series.map(({ key, label }) => {
      const known = samples.map(({ values }) => values.get(key)).filter((value) => typeof value === "number");
      return `${label} from ${amount(known[0])} to ${amount(samples.at(-1)?.values.get(key))}`;
    });
    return `${this.#unit} over ${over}: ${lines.join("; ") || "nothing is known"}`;
  }

  /** @param {Sample} sample */
  #reading(sample) {
    const values = this.#series.map(({ key, label }) => `${label} ${amount(sample.values.get(key))}`);
    return [clockTime(sample.time), ...values].join(", ");
  }

  /**
   * @param {Series} series
   * @returns {Row<Series>}
   */
  #legendRow({ key }) {
    const sample = shape("path", { d: "M1 6h22" });
    const label = element("bdi", { class: "name" });
    const value = element("span", { class: "number" });
    const swatch = shape("svg", { width: 24, height: 12, "aria-hidden": "true" }, sample);
    const button = element("button", { type: "button" }, swatch, label, value);
    button.addEventListener("click", () => {
      this.#marked = this.#marked === key ? undefined : key;
      this.#draw();
    });
    return {
      node: element("li", {}, button),
      update: (series) => {
        const read = this.#read ?? this.#samples.all.at(-1);
        say(label, series.label);
        say(value, amount(read?.values.get(key)));
        // One of them is in the order of the tabulator, and arrows lead to the others.
        const isEntrance = key === (this.#marked ?? this.#series[0]?.key);
        setAttributes(button, { "aria-pressed": `${this.#marked === key}`, tabindex: isEntrance ? 0 : -1 });
        setAttributes(sample, { class: this.#classOf(key) });
      },
    };
  }

  /** @param {KeyboardEvent} event */
  #rove(event) {
    const buttons = [...this.#legend.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const to = steps(event.key, at, buttons.length);
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    buttons[to]?.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const samples = this.#samples.all;
    if (event.key === "Escape") {
      this.#readNow();
      return;
    }
    const at = this.#read ? samples.indexOf(this.#read) : samples.length - 1;
    // Up is later, as on any slider.
    const key = { ArrowUp: "ArrowRight", ArrowDown: "ArrowLeft" }[event.key] ?? event.key;
    const to = steps(key, at, samples.length);
    if (to === undefined) return;
    event.preventDefault();
    this.#read = to === samples.length - 1 ? undefined : samples[to];
    this.#draw();
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    if (event.pointerType !== "mouse") return;
    const { left, width } = this.#cursor.getBoundingClientRect();
    const [from, to] = [Number(this.#cursor.min), Number(this.#cursor.max)];
    this.#readAt(from + ((event.clientX - left) / width) * (to - from));
  }

  /** @param {number} time */
  #readAt(time) {
    const samples = this.#samples.all;
    const distances = samples.map((sample) => Math.abs(sample.time - time));
    const nearest = distances.indexOf(Math.min(...distances));
    this.#read = nearest === samples.length - 1 ? undefined : samples[nearest];
    this.#draw();
  }

  #readNow() {
    this.#read = undefined;
    this.#draw();
  }
}

/**
 * Where a key leads in a list; undefined for other keys.
 * @param {string} key
 * @param {number} at
 * @param {number} length
 */
function steps(key, at, length) {
  if (key === "ArrowRight" || key === "ArrowDown") return Math.min(at + 1, length - 1);
  if (key === "ArrowLeft" || key === "ArrowUp") return Math.max(at - 1, 0);
  if (key === "Home") return 0;
  return key === "End" ? length - 1 : undefined;
}

/**
 * A text somewhere in the plot.
 * @param {string} text
 * @param {{ left?: number, right?: number, top: number }} place in pixels from the edges
 */
function label(text, place) {
  const made = element("span", {}, text);
  for (const [side, distance] of Object.entries(place)) made.style.setProperty(side, `${distance}px`);
  return made;
}

/**
 * The end of an axis, which half of is a round number too.
 * @param {number} value
 */
function niceCeiling(value) {
  if (value <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 6, 8, 10].find((factor) => factor * power >= value) ?? 10);
}

/** How many lines can be told apart. */
const SLOTS = 6;
const HEIGHT = 200;
const LINE = 16;
const SHORTEST_AXIS = 60_000;
/** Samples that are further apart are not joined: nobody looked in between. */
const LONGEST_STEP = 60_000;
