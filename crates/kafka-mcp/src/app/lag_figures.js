// The numbers at the top of the view of consumer lag.

/**
 * @param {Standing} lag
 * @param {Samples} samples
 * @returns {Figure[]}
 */
function figuresOfGroup(lag, samples) {
  const [group] = lag.groups;
  if (!group) return [];
  const note = isCaughtUp(lag) ? "caught up" : outlook(group.total_lag, samples.pace(groupKey(group)));
  const listsAll = lag.threshold === undefined && !lag.is_part;
  const partitions = listsAll ? `of ${counted(lag.partition_count, "partition")}` : undefined;
  return [
    { label: "Total lag", value: leastAmount(lag, group.total_lag), note },
    { label: "State", value: visible(group.state), tone: group.state === "Stable" ? undefined : "warning" },
    { label: "Members", value: amount(group.member_count) },
    unknownFigure(lag, lag.partitions_with_unknown_lag, partitions),
  ];
}

/**
 * @param {Standing} lag
 * @returns {Figure[]}
 */
function figuresOfAll(lag) {
  const { group_count: count } = lag;
  return [
    { label: "Total lag", value: leastAmount(lag, count === 0 ? 0 : lag.total_lag) },
    { label: "Groups", value: amount(count) },
    { label: "Groups behind", value: leastAmount(lag, lag.groups_behind) },
    unknownFigure(lag, lag.groups_with_unknown_lag, `of ${counted(count, "group")}`),
  ];
}

/**
 * @param {Standing} lag
 * @param {number} unknown
 * @param {string | undefined} note
 * @returns {Figure}
 */
function unknownFigure(lag, unknown, note) {
  const tone = unknown > 0 ? "warning" : undefined;
  return { label: "Lag unknown", value: leastAmount(lag, unknown), note, tone };
}

/**
 * @param {Standing} lag
 * @param {number | null} value
 */
function leastAmount({ is_part: isPart }, value) {
  if (!isPart) return amount(value);
  return value ? `at least ${amount(value)}` : amount(null);
}

/**
 * Where a lag is heading.
 * @param {number | null} lag
 * @param {number | undefined} perMinute
 */
function outlook(lag, perMinute) {
  if (lag === 0) return "as far as it is known";
  if (lag === null || perMinute === undefined) return undefined;
  if (Math.round(perMinute) === 0) return "steady";
  if (perMinute > 0) return `${pace(perMinute)} per minute`;
  return `${pace(perMinute)} per minute, caught up in ${span((lag / -perMinute) * 60_000)}`;
}
