//! What follows from lag.

use super::{GroupRow, PartitionRow};
use crate::report::{Advice, Label, advice::count};

/// Says what each of the worst groups needs.
pub(super) fn advise(groups: &[GroupRow], high_lag: &[PartitionRow]) -> Advice {
    let mut advice = Advice::default();
    let behind = || groups.iter().filter(|group| group.has_high_lag);
    for group in behind().take(MOST_GROUPS) {
        let partitions: Vec<_> = high_lag
            .iter()
            .filter(|partition| partition.group_id == group.group_id)
            .collect();
        advise_group(&mut advice, group, &partitions);
    }
    let more = behind().count().saturating_sub(MOST_GROUPS);
    if more > 0 {
        advice.recommend(format!(
            "Then see to {} above the threshold: high_lag_details lists their partitions.",
            count(more, "more group"),
        ));
    }
    advice
}

fn advise_group(advice: &mut Advice, group: &GroupRow, partitions: &[&PartitionRow]) {
    let GroupRow {
        group_id,
        state,
        member_count,
        ..
    } = group;
    let (id, state, members) = (
        Label(group_id),
        Label(state),
        count(*member_count, "member"),
    );
    let lagging = count(partitions.len(), "lagging partition");
    if *member_count == 0 {
        advice.add(
            format!("Group {id} has no members (state {state}): nothing reads for it."),
            format!(
                "Start the consumers of group {id}, before retention removes records that they \
                 have not read. If it is retired, delete it: kafka-consumer-groups --delete."
            ),
        );
    } else if REBALANCING.contains(&group.state.as_str()) {
        advice.add(
            format!("Group {id} is rebalancing (state {state}): its {members} wait or hand over."),
            format!(
                "Ask describe_consumer_group for {id} again in a minute. If it keeps rebalancing, \
                 look for members that time out: max.poll.interval.ms against the time to process \
                 one poll, session.timeout.ms against pauses."
            ),
        );
    } else if let [only] = partitions {
        let place = format!("{}-{}", Label(&only.topic), only.partition);
        advice.add(
            format!(
                "The lag of group {id} sits in one partition, {place}: one consumer is stuck or \
                 slow, or most records have the same key."
            ),
            format!(
                "Find the member that owns {place} with describe_consumer_group, read its log, and \
                 look at the record at offset {}: it may be one that cannot be processed.",
                only.current_offset,
            ),
        );
    } else if *member_count < partitions.len() {
        advice.add(
            format!("Group {id} has {members} for {lagging}: too few, or too slow."),
            format!("Add consumers to group {id}: up to one for each partition can work."),
        );
    } else {
        advice.add(
            format!("Group {id} has {members} for {lagging} and is still behind: they are slow."),
            format!(
                "Make the consumers of group {id} faster: what they call for each record, \
                 batching, max.poll.records, fetch.min.bytes. More consumers than partitions stay \
                 idle."
            ),
        );
    }
}

/// Classic groups and KIP-848 ones.
const REBALANCING: [&str; 4] = [
    "PreparingRebalance",
    "CompletingRebalance",
    "Assigning",
    "Reconciling",
];

const MOST_GROUPS: usize = 5;
