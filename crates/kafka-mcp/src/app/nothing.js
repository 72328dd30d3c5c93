// What is said where there is nothing to list: what was looked for, and whether it is known.

/**
 * Why no group is listed.
 * @param {Standing} lag
 * @param {string | undefined} topic the only one that was looked at
 */
function noGroups({ is_part: isPart }, topic) {
  if (isPart) return "No consumer group could be measured.";
  if (topic === undefined) return "There are no consumer groups that are open to you.";
  return `No consumer group that is open to you reads the topic ${visible(topic)}.`;
}

/**
 * Why no partition is listed.
 * @param {Standing} lag
 * @param {string | undefined} group the only one that was looked at
 * @param {string | undefined} topic likewise
 */
function noPartitions(lag, group, topic) {
  const ofAll = group === undefined;
  const onTopic = topic === undefined ? "" : ` on the topic ${visible(topic)}`;
  if (isCaughtUp(lag)) return `None: ${ofAll ? "every" : "this"} group has caught up${onTopic}.`;
  const { partitions_with_unknown_lag: partitions, groups_with_unknown_lag: groups } = lag;
  if (!ofAll && !lag.is_part && lag.total_lag === null && partitions === 0) {
    return onTopic
      ? `This group has committed nothing${onTopic} and has no partition of it assigned.`
      : "This group has committed nothing and has no partition assigned, unless in topics that are not open to you.";
  }
  if (isKnown(lag)) return "None.";
  if (groups + partitions === 0) return "None that is known of.";
  const unknown = ofAll && groups > 0 ? counted(groups, "group") : counted(partitions, "partition");
  return `None that is known of: the lag of ${unknown} is unknown.`;
}
