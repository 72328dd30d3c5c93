// The view of the cluster: brokers, and the partitions that are in trouble.

/**
 * @typedef {object} BrokerItem
 * @property {number} id
 * @property {string} [address]
 * @property {string} [rack]
 * @property {"online" | "behind" | "offline"} state
 * @property {string} note
 * @property {boolean} isController
 */

/**
 * @typedef {object} TroubleItem
 * @property {string} topic
 * @property {number} partition
 * @property {"offline" | "under-replicated"} state
 * @property {string} leader
 * @property {string} inSync
 * @property {string} missing
 */

/**
 * @typedef {object} BehindItem
 * @property {string} topic
 * @property {number} partition
 * @property {number} leader
 * @property {number} replica_count
 * @property {number} isr_count
 * @property {number[]} missing_replicas
 */

/**
 * @typedef {object} ClusterSnapshot As the server sends it; a result of `cluster_overview` has no lists.
 * @property {string | null} cluster_id
 * @property {number | null} controller_id
 * @property {string} [health_status]
 * @property {number} broker_count
 * @property {{ id: number, address: string, rack?: string }[]} [brokers]
 * @property {number[]} offline_broker_ids
 * @property {number} topic_count
 * @property {number} partition_count
 * @property {number} offline_partitions_count
 * @property {{ topic: string, partition: number, replicas: number[] }[]} [offline_partitions]
 * @property {number} under_replicated_partitions_count
 * @property {BehindItem[]} [under_replicated_partitions]
 * @property {number} [hidden_partition_count]
 */

/** @implements {View} */
class ClusterView {
  name = "kafka-cluster";
  drawn = "call cluster_overview";
  #samples = new Samples();
  #figures = new Figures(part("figures"));
  #chart = new Chart(part("chart"), this.#samples, "Partitions in trouble");
  /** @type {Rows<BrokerItem>} */
  #brokers = new Rows(part("brokers"), ({ id }) => `${id}`, makeBroker);
  /** @type {Rows<TroubleItem>} */
  #trouble = new Rows(
    /** @type {Element} */ (part("trouble").querySelector("tbody")),
    ({ topic, partition }) => `${topic}-${partition}`,
    makeTrouble,
  );

  // There is one cluster, whatever the call was.
  input() {}

  asks() {
    return {};
  }

  /** @param {any} result of `cluster_overview` */
  snapshotOf(result) {
    return typeof result?.broker_count === "number" ? { cluster: result } : undefined;
  }

  /**
   * The cluster is measured as a whole, or the call fails.
   * @returns {Failure | undefined}
   */
  missing() {
    return undefined;
  }

  /**
   * @param {{ cluster: ClusterSnapshot }} snapshot
   * @param {number} time
   */
  draw({ cluster }, time) {
    showStatus(cluster.health_status);
    part("subject").replaceChildren(
      ...(cluster.cluster_id ? ["Cluster ", nameElement(cluster.cluster_id)] : []),
    );
    this.#figures.show(clusterFigures(cluster));
    this.#showBrokers(cluster);
    this.#showTrouble(cluster, time);
  }

  /** @param {ClusterSnapshot} cluster */
  #showBrokers(cluster) {
    const { brokers, offline_broker_ids: gone, controller_id: controller } = cluster;
    const items = (brokers ?? []).map((broker) => ({
      ...broker,
      ...brokerState(cluster, broker.id),
      isController: broker.id === controller,
    }));
    const offline = gone.map((id) => ({
      id,
      state: /** @type {const} */ ("offline"),
      note: "Offline",
      isController: id === controller,
    }));
    this.#brokers.show([...offline, ...items]);
    const more = cluster.broker_count - items.length;
    sayOrHide(
      part("brokers-more"),
      brokers && more > 0 ? `${counted(more, "more broker")} online` : undefined,
    );
    part("brokers-section").hidden = !brokers && gone.length === 0;
  }

  /**
   * @param {ClusterSnapshot} cluster
   * @param {number} time
   */
  #showTrouble(cluster, time) {
    const { offline_partitions_count: offline, under_replicated_partitions_count: behind } = cluster;
    this.#samples.add(
      time,
      new Map([
        ["offline", offline],
        ["behind", behind],
      ]),
    );
    const hadTrouble = this.#samples.all.some(({ values }) => [...values.values()].some(Boolean));
    part("chart").hidden = !hadTrouble;
    if (hadTrouble)
      this.#chart.show([
        { key: "offline", label: "Offline" },
        { key: "behind", label: "Under-replicated" },
      ]);

    const items = troubleItems(cluster);
    part("trouble").hidden = items.length === 0;
    this.#trouble.show(items);
    const hidden = cluster.hidden_partition_count ?? 0;
    const more = offline + behind - items.length - hidden;
    const isListed = cluster.offline_partitions !== undefined;
    const left = [
      ...(more > 0 ? [`${counted(more, "more partition")} in trouble`] : []),
      ...(hidden > 0 ? [`${counted(hidden, "partition")} in topics that are not open to you`] : []),
    ];
    sayOrHide(part("trouble-more"), isListed && left.length > 0 ? `${left.join("; ")}.` : undefined);
    const isFine = offline + behind === 0;
    sayOrHide(
      part("no-trouble"),
      isFine
        ? `None of ${counted(cluster.partition_count, "partition")}: all have a leader, and every replica is in sync.`
        : undefined,
    );
  }
}

/**
 * @param {ClusterSnapshot} cluster
 * @returns {Figure[]}
 */
function clusterFigures(cluster) {
  const gone = cluster.offline_broker_ids.length;
  const {
    controller_id: controller,
    offline_partitions_count: offline,
    under_replicated_partitions_count: behind,
  } = cluster;
  return [
    {
      label: "Brokers online",
      value: amount(cluster.broker_count),
      note: gone > 0 ? `${amount(gone)} offline` : undefined,
      tone: gone > 0 ? "critical" : undefined,
    },
    {
      label: "Controller",
      value: controller === null ? "none" : `Broker ${controller}`,
      tone: controller === null ? "critical" : undefined,
    },
    { label: "Offline partitions", value: amount(offline), tone: offline > 0 ? "critical" : undefined },
    { label: "Under-replicated", value: amount(behind), tone: behind > 0 ? "warning" : undefined },
    { label: "Topics", value: amount(cluster.topic_count), note: "internal left out" },
    { label: "Partitions", value: amount(cluster.partition_count) },
  ];
}

/**
 * How a broker that is alive does.
 * @param {ClusterSnapshot} cluster
 * @param {number} id
 * @returns {Pick<BrokerItem, "state" | "note">}
 */
function brokerState({ under_replicated_partitions: rows = [], under_replicated_partitions_count: all }, id) {
  const behind = rows.filter(({ missing_replicas: missing }) => missing.includes(id)).length;
  if (behind === 0) return { state: "online", note: "Online" };
  // Others of its partitions may be among those that are not listed.
  return {
    state: "behind",
    note: `Behind in ${rows.length < all ? "at least " : ""}${counted(behind, "partition")}`,
  };
}

/**
 * @param {ClusterSnapshot} cluster
 * @returns {TroubleItem[]}
 */
function troubleItems({ offline_partitions: offline = [], under_replicated_partitions: behind = [] }) {
  return [
    ...offline.map(({ topic, partition, replicas }) => ({
      topic,
      partition,
      state: /** @type {const} */ ("offline"),
      leader: "none",
      inSync: `\u2013 of ${replicas.length}`,
      missing: replicas.join(", "),
    })),
    ...behind.map((row) => ({
      topic: row.topic,
      partition: row.partition,
      state: /** @type {const} */ ("under-replicated"),
      leader: `${row.leader}`,
      inSync: `${row.isr_count} of ${row.replica_count}`,
      missing: row.missing_replicas.join(", "),
    })),
  ];
}

/**
 * @param {BrokerItem} item
 * @returns {Row<BrokerItem>}
 */
function makeBroker({ id }) {
  const controller = element("span", { class: "badge" }, "Controller");
  const address = element("span", { class: "soft" });
  const rack = element("span", { class: "soft" });
  const state = element("span", { class: "state" });
  const title = element("span", { class: "title" }, element("strong", {}, `Broker ${id}`), controller);
  const node = element("li", {}, title, state, address, rack);
  return {
    node,
    update: (broker) => {
      setAttributes(node, { "data-state": broker.state });
      controller.hidden = !broker.isController;
      say(state, broker.note);
      sayOrHide(address, broker.address && visible(broker.address));
      sayOrHide(rack, broker.rack && `Rack ${visible(broker.rack)}`);
    },
  };
}

/** @returns {Row<TroubleItem>} */
function makeTrouble() {
  const name = element("bdi", { class: "name" });
  const badge = element("span", { class: "badge" });
  const leader = element("td", { class: "wide" });
  const inSync = element("td", { class: "number" });
  const missing = element("td");
  const heading = element("th", { scope: "row" }, name, " ", badge);
  const node = element("tr", {}, heading, leader, inSync, missing);
  return {
    node,
    update: (item) => {
      say(name, `${visible(item.topic)}-${item.partition}`);
      say(badge, item.state === "offline" ? "Offline" : "Under-replicated");
      setAttributes(badge, { "data-tone": item.state === "offline" ? "critical" : "warning" });
      say(leader, item.leader);
      say(inSync, item.inSync);
      say(missing, item.missing);
    },
  };
}

/**
 * The status of the whole, by the rules of the server.
 * @param {string | undefined} status
 */
function showStatus(status) {
  const badge = part("status");
  sayOrHide(badge, status && { healthy: "Healthy", warning: "Warning", critical: "Critical" }[status]);
  setAttributes(badge, { "data-tone": status });
}

new Live(new ClusterView());
