// What is said where there is nothing to list: what was looked for, and whether it is known.

/**
 * Why no group is listed.
 * @param {string | undefined} topic the only one that was looked at
 * @param {boolean} isComplete whether everything could be measured
 */
function noGroups(topic, isComplete) {
  if (!isComplete) return "No consumer group could be measured.";
  if (topic === undefined) return "There are no consumer groups that are open to you.";
  return `No consumer group that is open to you reads the topic ${visible(topic)}.`;
}

/**
 * Why no partition is listed.
 * @param {Standing} lag
 * @param {{ group: string | undefined, topic: string | undefined }} sought the only ones that were looked at
 * @param {boolean} isComplete whether everything could be measured
 */
function noPartitions(lag, { group, topic }, isComplete) {
  const ofAll = group === undefined;
  if (isCaughtUp(lag, isComplete)) {
    const where = topic === undefined ? "" : ` on the topic ${visible(topic)}`;
    return `None: ${ofAll ? "every" : "this"} group has caught up${where}.`;
  }
  const { partitions_with_unknown_lag: partitions, groups_with_unknown_lag: groups } = lag;
  if (!ofAll && isComplete && !lag.is_part && lag.total_lag === null && partitions === 0) {
    return topic === undefined
      ? "This group has committed nothing and has no partition assigned, unless in topics that are not open to you."
      : `This group has committed nothing on the topic ${visible(topic)} and has no partition of it assigned.`;
  }
  if (isWhollyKnown(lag, isComplete)) return "None.";
  const unknown = ofAll && groups > 0 ? counted(groups, "group") : counted(partitions, "partition");
  return `None that is known of${groups + partitions > 0 ? `: the lag of ${unknown} is unknown` : ""}.`;
}
