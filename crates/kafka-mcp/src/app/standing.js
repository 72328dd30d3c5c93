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
 * @property {number} groups_behind
 * @property {number} groups_with_unknown_lag
 * @property {number | null} total_lag of all groups whose lag is known
 * @property {GroupItem[]} groups the largest lag first, then those whose lag is unknown
 * @property {number} partition_count
 * @property {number} partitions_with_unknown_lag
 * @property {PartitionItem[]} partitions the largest lag first, then those whose lag is unknown
 */

/**
 * What `describe_consumer_group` says, in the form of a snapshot.
 * @param {any} group
 * @returns {Standing}
 */
function standingOfOne({ group_id, state, member_count, offsets, omitted }) {
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
  return { ...standing, partition_count: partitions.length + omitted };
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
