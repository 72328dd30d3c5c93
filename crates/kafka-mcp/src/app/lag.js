// The view of consumer lag: of one group by partition, or of all groups.

/** @implements {View} */
class LagView {
  name = "kafka-lag";
  drawn = "call consumer_lag, or describe_consumer_group with include_offsets";
  /** @type {Live} */
  #live;
  /** The group that is shown; all if there is none. @type {string | undefined} */
  #group;
  /** @type {string | undefined} */
  #topic;
  /** Whether the call asked for what comes after other offsets. */
  #isContinued = false;
  /** Where the focus goes once the next snapshot is drawn. @type {(() => void) | undefined} */
  #focus;
  #samples = new Samples();
  #figures = new Figures(part("figures"));
  #chart = new Chart(part("chart"), this.#samples, "Lag in records");
  /** @type {Rows<GroupItem>} */
  #groups = new Rows(bodyOf("groups"), groupKey, (item) => this.#groupRow(item));
  /** @type {Rows<PartitionItem>} */
  #partitions = new Rows(bodyOf("partitions"), partitionKey, () => this.#partitionRow());

  constructor() {
    part("back")
      .querySelector("button")
      ?.addEventListener("click", () => this.#choose(undefined));
    this.#live = new Live(this);
  }

  /** @param {Record<string, unknown>} given */
  input(given) {
    this.#group = argument(given, WORDS_FOR_GROUP) ?? this.#group;
    this.#topic = argument(given, WORDS_FOR_TOPIC) ?? this.#topic;
    this.#isContinued = typeof given["cursor"] === "string";
  }

  asks() {
    const group = this.#group === undefined ? {} : { group_id: this.#group };
    const topic = this.#topic === undefined ? {} : { topic: this.#topic };
    return { include_lag: true, ...group, ...topic };
  }

  /** @param {any} result of `consumer_lag` or `describe_consumer_group` */
  snapshotOf(result) {
    if (Array.isArray(result?.group_summary)) return { ...result, lag: standingOfAll(result) };
    if (Array.isArray(result?.offsets)) return { lag: standingOfOne(result, this.#isContinued) };
    return undefined;
  }

  /**
   * @param {{ lag: Standing | null, partial_errors?: { code: string, message: string }[] }} snapshot
   * @returns {Failure | undefined}
   */
  missing({ lag, partial_errors: [error] = [] }) {
    if (lag) return undefined;
    return { code: error?.code, message: error?.message ?? "consumer lag was not measured", retriable: true };
  }

  /**
   * @param {{ lag: Standing, complete?: boolean }} snapshot
   * @param {number} time
   */
  draw({ lag: measured, complete }, time) {
    const lag = { ...measured, is_part: measured.is_part || complete === false };
    this.#samples.add(
      time,
      new Map([
        ...lag.groups.map((row) => /** @type {const} */ ([groupKey(row), row.total_lag])),
        ...lag.partitions.map((row) => /** @type {const} */ ([partitionKey(row), row.lag])),
      ]),
    );
    this.#showSubject();
    this.#figures.show(this.#group === undefined ? figuresOfAll(lag) : figuresOfGroup(lag, this.#samples));
    this.#showLines(lag);
    this.#showGroups(lag);
    this.#showPartitions(lag);
    this.#focus?.();
    this.#focus = undefined;
  }

  #showSubject() {
    const group = this.#group === undefined ? ["All groups"] : ["Group ", nameElement(this.#group)];
    const topic = this.#topic === undefined ? [] : [" on topic ", nameElement(this.#topic)];
    part("subject").replaceChildren(...group, ...topic);
  }

  /** @param {Standing} lag */
  #showLines({ groups, partitions }) {
    const lines =
      this.#group === undefined
        ? groups.map((row) => ({ key: groupKey(row), label: visible(row.group_id), value: row.total_lag }))
        : partitions.map((row) => ({ key: partitionKey(row), label: partitionName(row), value: row.lag }));
    const known = lines.filter(({ value }) => value !== null);
    part("chart-section").hidden = known.length === 0;
    this.#chart.show(known);
  }

  /** @param {Standing} lag */
  #showGroups(lag) {
    const { groups, group_count: count } = lag;
    const isShown = this.#group === undefined;
    part("groups-section").hidden = !isShown;
    if (!isShown) return;
    this.#groups.show(groups);
    part("groups").hidden = groups.length === 0;
    sayOrHide(part("no-groups"), count === 0 ? noGroups(lag, this.#topic) : undefined);
    const more = count - groups.length;
    sayOrHide(part("groups-more"), more > 0 ? `${counted(more, "more group")} not listed here.` : undefined);
  }

  /** @param {Standing} lag */
  #showPartitions(lag) {
    const { partitions, partition_count: count, threshold } = lag;
    const chosen = this.#group === undefined ? "Partitions that are furthest behind" : "Partitions";
    const above = `Partitions with a lag above ${amount(threshold)}`;
    say(part("partitions-title"), threshold === undefined ? chosen : above);
    this.#partitions.show(partitions);
    part("partitions").hidden = partitions.length === 0;
    const none = count === 0 ? noPartitions(lag, this.#group, this.#topic) : undefined;
    sayOrHide(part("no-partitions"), none);
    const more = count - partitions.length;
    sayOrHide(
      part("partitions-more"),
      more > 0 ? `${counted(more, "more partition")} not listed here.` : undefined,
    );
  }

  /**
   * Shows one group, or all.
   * @param {string | undefined} group
   */
  #choose(group) {
    const before = this.#group;
    this.#group = group;
    part("back").hidden = group === undefined;
    this.#focus = () => {
      const back = part("back").querySelector("button");
      const rows = [...part("groups").querySelectorAll("button")];
      const row = rows.find((button) => button.value === before) ?? rows[0];
      (group === undefined ? row : back)?.focus({ preventScroll: true });
    };
    this.#live.poll();
  }

  /**
   * @param {GroupItem} item
   * @returns {Row<GroupItem>}
   */
  #groupRow(item) {
    const state = element("td", { class: "wide" });
    const members = element("td", { class: "number wide" });
    const lag = element("td", { class: "number" });
    const change = element("td", { class: "number" });
    return {
      node: element("tr", {}, element("th", { scope: "row" }, this.#wayTo(item)), state, members, lag, change),
      update: (group) => {
        say(state, visible(group.state));
        say(members, amount(group.member_count));
        sayLag(lag, group.total_lag);
        say(change, pace(this.#samples.pace(groupKey(group))));
      },
    };
  }

  /**
   * The name of a group, which leads to it where that can be asked for.
   * @param {GroupItem} group
   */
  #wayTo({ group_id: id }) {
    const name = nameElement(id);
    if (!this.#live.canAsk) return name;
    const button = element("button", { type: "button", class: "link", value: id }, name);
    button.addEventListener("click", () => this.#choose(id));
    return button;
  }

  /** @returns {Row<PartitionItem>} */
  #partitionRow() {
    const name = element("bdi", { class: "name" });
    const group = element("bdi", { class: "name soft" });
    const committed = element("td", { class: "number wide" });
    const end = element("td", { class: "number wide" });
    const lag = element("td", { class: "number" });
    const change = element("td", { class: "number" });
    return {
      node: element("tr", {}, element("th", { scope: "row" }, name, group), committed, end, lag, change),
      update: (row) => {
        say(name, partitionName(row));
        sayOrHide(group, this.#group === undefined ? visible(row.group_id) : undefined);
        say(committed, row.current_offset === null ? "nothing" : amount(row.current_offset));
        say(end, amount(row.log_end_offset));
        sayLag(lag, row.lag);
        say(change, pace(this.#samples.pace(partitionKey(row))));
      },
    };
  }
}

/**
 * @param {Record<string, unknown>} given
 * @param {string[]} words
 */
function argument(given, words) {
  return words.map((word) => given[word]).find((value) => typeof value === "string");
}

/** @param {PartitionItem} row */
function partitionName({ topic, partition }) {
  return `${visible(topic)}-${partition}`;
}

/**
 * @param {HTMLElement} cell
 * @param {number | null} lag
 */
function sayLag(cell, lag) {
  say(cell, amount(lag));
  cell.classList.toggle("unknown", lag === null);
}

/** @param {string} table */
function bodyOf(table) {
  return /** @type {Element} */ (part(table).querySelector("tbody"));
}

/** The tools take any of them. */
const WORDS_FOR_GROUP = ["group_id", "group", "group_name"];
const WORDS_FOR_TOPIC = ["topic", "topic_name", "topics"];

new LagView();
