// Where consumer groups stand, as `poll_cluster` says it, and as the tools do that people call.

/**
 * @typedef {object} GroupItem
 * @property {string} group_id
 * @property {string} state
 * @property {number} member_count
 * @property {number | null} total_lag
 */

/**
 * @typedef {object} PartitionItem
 * @property {string} group_id
 * @property {string} topic
 * @property {number} partition
 * @property {number | null} current_offset
 * @property {number | null} log_end_offset
 * @property {number | null} lag
 */

/**
 * @typedef {object} Standing
 * @property {number} group_count
 * @property {boolean} [is_part] whether there is more that the other numbers do not count
 * @property {number} groups_behind
 * @property {number} groups_with_unknown_lag
 * @property {number | null} total_lag of all groups whose lag is known
 * @property {GroupItem[]} groups the largest lag first, then those whose lag is unknown
 * @property {number} [threshold] which the lag of a partition has to exceed to be in the list of a result
 * @property {number} partition_count how many there are to list
 * @property {number} partitions_with_unknown_lag
 * @property {PartitionItem[]} partitions the largest lag first, then those whose lag is unknown
 */

/**
 * What `consumer_lag` says, in the form of a snapshot.
 * @param {any} report
 * @returns {Standing}
 */
function standingOfAll(report) {
  const { group_count, group_summary: groups, high_lag_details: partitions } = report;
  const unknown = groups.map((/** @type {any} */ group) => group.uncommitted_partitions);
  const moreGroups = group_count - groups.length;
  return {
    ...standingOf(groups, partitions, sum(unknown) ?? 0),
    group_count,
    is_part: moreGroups > 0,
    threshold: report.lag_threshold,
    // What is omitted are rows of both lists.
    partition_count: partitions.length + report.omitted - moreGroups,
  };
}

/**
 * What `describe_consumer_group` says, in the form of a snapshot.
 * @param {any} group
 * @param {boolean} isContinued whether it says what comes after other offsets
 * @returns {Standing}
 */
function standingOfOne({ group_id, state, member_count, members, offsets, omitted }, isContinued) {
  /** @type {PartitionItem[]} */
  const partitions = offsets.map(
    (/** @type {any} */ { topic, partition, commit_offset, end_offset, lag }) => {
      return { group_id, topic, partition, current_offset: commit_offset, log_end_offset: end_offset, lag };
    },
  );
  partitions.sort((one, other) => (other.lag ?? -1) - (one.lag ?? -1));
  const known = partitions.flatMap(({ lag }) => (lag === null ? [] : [lag]));
  const standing = standingOf(
    [{ group_id, state, member_count, total_lag: sum(known) }],
    partitions,
    partitions.length - known.length,
  );
  // What is omitted are members too.
  const more = omitted - (member_count - members.length);
  return { ...standing, is_part: isContinued || more > 0, partition_count: partitions.length + more };
}

/**
 * @param {GroupItem[]} groups
 * @param {PartitionItem[]} partitions
 * @param {number} unknown how many partitions have an unknown lag
 * @returns {Standing}
 */
function standingOf(groups, partitions, unknown) {
  const known = groups.flatMap(({ total_lag: lag }) => (lag === null ? [] : [lag]));
  return {
    group_count: groups.length,
    groups_behind: known.filter((lag) => lag > 0).length,
    groups_with_unknown_lag: groups.length - known.length,
    total_lag: sum(known),
    groups,
    partition_count: partitions.length,
    partitions_with_unknown_lag: unknown,
    partitions,
  };
}

/**
 * Whether nothing is behind: what is unknown may be.
 * @param {Standing} lag
 */
function isCaughtUp(lag) {
  return isKnown(lag) && lag.group_count > 0 && lag.groups_behind === 0;
}

/** @param {Standing} lag */
function isKnown(lag) {
  return !lag.is_part && lag.groups_with_unknown_lag + lag.partitions_with_unknown_lag === 0;
}

/**
 * Nothing has no sum.
 * @param {number[]} numbers
 */
function sum(numbers) {
  return numbers.length > 0 ? numbers.reduce((total, number) => total + number, 0) : null;
}

/** @param {GroupItem} group */
function groupKey({ group_id: group }) {
  return JSON.stringify([group]);
}

/** @param {PartitionItem} row */
function partitionKey({ group_id: group, topic, partition }) {
  return JSON.stringify([group, topic, partition]);
}
