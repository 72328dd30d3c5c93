// The view of consumer lag: of one group by partition, or of all groups.

/** @implements {View} */
class LagView {
  name = "kafka-lag";
  /** @type {Live} */
  #live;
  /** The group that is shown; all if there is none. @type {string | undefined} */
  #group;
  /** @type {string | undefined} */
  #topic;
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
  input({ group_id: group, topic, topic_name: topicName = topic }) {
    if (typeof group === "string") this.#group = group;
    if (typeof topicName === "string") this.#topic = topicName;
  }

  asks() {
    const group = this.#group === undefined ? {} : { group_id: this.#group };
    const topic = this.#topic === undefined ? {} : { topic: this.#topic };
    return { include_lag: true, ...group, ...topic };
  }

  /** @param {any} result of `consumer_lag` or `describe_consumer_group` */
  snapshotOf(result) {
    if (Array.isArray(result?.group_summary)) {
      const { group_summary: groups, high_lag_details: partitions } = result;
      const unknown = groups.map((/** @type {any} */ group) => group.uncommitted_partitions);
      return { ...result, lag: standingOf(groups, partitions, sum(unknown) ?? 0) };
    }
    if (Array.isArray(result?.offsets)) return { lag: standingOfOne(result) };
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
   * @param {{ lag: Standing }} snapshot
   * @param {number} time
   */
  draw({ lag }, time) {
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
  #showGroups({ groups, group_count: count }) {
    const isShown = this.#group === undefined;
    part("groups-section").hidden = !isShown;
    if (!isShown) return;
    this.#groups.show(groups);
    part("groups").hidden = groups.length === 0;
    part("no-groups").hidden = groups.length > 0;
    const more = count - groups.length;
    sayOrHide(part("groups-more"), more > 0 ? `${counted(more, "more group")} not listed here.` : undefined);
  }

  /** @param {Standing} lag */
  #showPartitions({ groups, partitions, partition_count: count }) {
    const ofAll = this.#group === undefined;
    say(part("partitions-title"), ofAll ? "Partitions that are furthest behind" : "Partitions");
    this.#partitions.show(partitions);
    part("partitions").hidden = partitions.length === 0;
    const none = ofAll
      ? groups.some(({ total_lag: total }) => total === null)
        ? "None that is known of."
        : "None: every group has caught up."
      : "This group has committed nothing and has no partition assigned: its lag is unknown.";
    sayOrHide(part("no-partitions"), partitions.length === 0 ? none : undefined);
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
    const button = element(
      "button",
      { type: "button", class: "link", value: item.group_id },
      nameElement(item.group_id),
    );
    button.addEventListener("click", () => this.#choose(item.group_id));
    const state = element("td", { class: "wide" });
    const members = element("td", { class: "number wide" });
    const lag = element("td", { class: "number" });
    const change = element("td", { class: "number" });
    return {
      node: element("tr", {}, element("th", { scope: "row" }, button), state, members, lag, change),
      update: (group) => {
        say(state, visible(group.state));
        say(members, amount(group.member_count));
        sayLag(lag, group.total_lag);
        say(change, pace(this.#samples.pace(groupKey(group))));
      },
    };
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
 * @param {Standing} lag
 * @param {Samples} samples
 * @returns {Figure[]}
 */
function figuresOfGroup(
  { groups: [group], partition_count: count, partitions_with_unknown_lag: unknown },
  samples,
) {
  if (!group) return [];
  const change = samples.pace(groupKey(group));
  return [
    { label: "Total lag", value: amount(group.total_lag), note: outlook(group.total_lag, change) },
    { label: "State", value: visible(group.state), tone: group.state === "Stable" ? undefined : "warning" },
    { label: "Members", value: amount(group.member_count) },
    unknownFigure(unknown, `of ${counted(count, "partition")}`),
  ];
}

/**
 * @param {Standing} lag
 * @returns {Figure[]}
 */
function figuresOfAll({
  group_count: count,
  groups_behind: behind,
  groups_with_unknown_lag: unknown,
  total_lag: total,
}) {
  return [
    { label: "Total lag", value: count === 0 ? amount(0) : amount(total) },
    { label: "Groups", value: amount(count) },
    { label: "Groups behind", value: amount(behind) },
    unknownFigure(unknown, `of ${counted(count, "group")}`),
  ];
}

/**
 * @param {number} unknown
 * @param {string} note
 * @returns {Figure}
 */
function unknownFigure(unknown, note) {
  return { label: "Lag unknown", value: amount(unknown), note, tone: unknown > 0 ? "warning" : undefined };
}

/**
 * Where a lag is heading.
 * @param {number | null} lag
 * @param {number | undefined} perMinute
 */
function outlook(lag, perMinute) {
  if (lag === null) return "nothing is committed";
  if (lag === 0) return "caught up";
  if (perMinute === undefined) return undefined;
  if (Math.round(perMinute) === 0) return "steady";
  if (perMinute > 0) return `${pace(perMinute)} per minute`;
  return `${pace(perMinute)} per minute, caught up in ${span((lag / -perMinute) * 60_000)}`;
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

new LagView();
