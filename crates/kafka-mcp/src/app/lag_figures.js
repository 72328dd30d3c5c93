// The numbers at the top of the view of consumer lag.

/**
 * @param {Standing} lag
 * @param {boolean} isComplete whether everything could be measured
 * @param {Samples} samples
 * @returns {Figure[]}
 */
function figuresOfGroup(lag, isComplete, samples) {
  const { partition_count: count, partitions_with_unknown_lag: unknown, threshold, is_part: isPart } = lag;
  const [group] = lag.groups;
  if (!group) return [];
  const note = isCaughtUp(lag, isComplete)
    ? "caught up"
    : outlook(group.total_lag, samples.pace(groupKey(group)));
  const ofHowMany = threshold === undefined && !isPart ? `of ${counted(count, "partition")}` : undefined;
  return [
    { label: "Total lag", value: countedIn(lag, group.total_lag), note },
    { label: "State", value: visible(group.state), tone: group.state === "Stable" ? undefined : "warning" },
    { label: "Members", value: amount(group.member_count) },
    unknownFigure(lag, unknown, ofHowMany),
  ];
}

/**
 * @param {Standing} lag
 * @param {boolean} isComplete whether everything could be measured
 * @returns {Figure[]}
 */
function figuresOfAll(lag, isComplete) {
  const { group_count: count, groups_behind: behind, groups_with_unknown_lag: unknown } = lag;
  const total = count === 0 && isComplete ? 0 : lag.total_lag;
  return [
    { label: "Total lag", value: countedIn(lag, total) },
    { label: "Groups", value: amount(count) },
    { label: "Groups behind", value: countedIn(lag, behind) },
    unknownFigure(lag, unknown, `of ${counted(count, "group")}`),
  ];
}

/**
 * @param {Standing} lag
 * @param {number} unknown
 * @param {string | undefined} note
 * @returns {Figure}
 */
function unknownFigure(lag, unknown, note) {
  return {
    label: "Lag unknown",
    value: countedIn(lag, unknown),
    note,
    tone: unknown > 0 ? "warning" : undefined,
  };
}

/**
 * A number of what is known: there is at least so much where that is a part.
 * @param {Standing} lag
 * @param {number | null} value
 */
function countedIn({ is_part: isPart }, value) {
  if (!isPart) return amount(value);
  return value ? `at least ${amount(value)}` : amount(null);
}

/**
 * Where a lag is heading.
 * @param {number | null} lag
 * @param {number | undefined} perMinute
 */
function outlook(lag, perMinute) {
  if (lag === null) return undefined;
  if (lag === 0) return "as far as it is known";
  if (perMinute === undefined) return undefined;
  if (Math.round(perMinute) === 0) return "steady";
  if (perMinute > 0) return `${pace(perMinute)} per minute`;
  return `${pace(perMinute)} per minute, caught up in ${span((lag / -perMinute) * 60_000)}`;
}
