//! What follows from under-replicated partitions.

use std::collections::{BTreeMap, BTreeSet};

use super::UnderReplicated;
use crate::report::{
    Advice,
    advice::{brokers, count},
};

/// Makes advice of all under-replicated partitions, whether or not they may be listed.
pub(super) fn advise<'a>(
    rows: impl Iterator<Item = &'a UnderReplicated> + Clone,
    offline: usize,
) -> Advice {
    let mut advice = Advice::default();
    if offline > 0 {
        let partitions = count(offline, "partition");
        advice.add(
            format!("No replica in sync is left to lead {partitions}, now offline."),
            "See to the offline partitions first: bring back the brokers that were last in sync \
             for them (describe_topic shows them).",
        );
    }
    let total = rows.clone().count();
    if total > 0 {
        blame(&mut advice, rows.clone(), total);
        warn_of_last_replicas(&mut advice, rows.clone());
        restore_leaders(&mut advice, rows);
    }
    advice
}

/// Points at the brokers whose replicas are behind.
fn blame<'a>(advice: &mut Advice, rows: impl Iterator<Item = &'a UnderReplicated>, total: usize) {
    let mut behind = BTreeMap::<i32, usize>::new();
    for id in rows.flat_map(|row| &row.missing_replicas) {
        *behind.entry(*id).or_default() += 1;
    }
    let mut worst: Vec<_> = behind.into_iter().collect();
    worst.sort_by_key(|&(id, partitions)| (std::cmp::Reverse(partitions), id));
    match worst.as_slice() {
        [] => {}
        [(id, partitions)] => advice.add(
            format!(
                "Broker {id} is behind or down: its replicas are missing from the in-sync \
                 replicas of {} of {total}.",
                count(*partitions, "partition"),
            ),
            format!(
                "Check broker {id}: whether its process runs (list_brokers, cluster_health), and \
                 its disks, network and log. If it does not come back, move its replicas with \
                 kafka-reassign-partitions."
            ),
        ),
        [(first, partitions), others @ ..] => {
            let other_ids: Vec<_> = others.iter().map(|(id, _)| *id).collect();
            advice.add(
                format!(
                    "Several brokers have replicas that are not in sync: broker {first} in {} of \
                     {total}, then {}. The network between brokers, a rolling restart or too much \
                     load are likely.",
                    count(*partitions, "partition"),
                    brokers(&other_ids),
                ),
                format!(
                    "Check broker {first} first, then {}: process, disks, network. If all of them \
                     run, look at replica.lag.time.max.ms, num.replica.fetchers and replication \
                     quotas. Replicas on brokers that do not come back are moved with \
                     kafka-reassign-partitions.",
                    brokers(&other_ids),
                ),
            );
        }
    }
}

fn warn_of_last_replicas<'a>(advice: &mut Advice, rows: impl Iterator<Item = &'a UnderReplicated>) {
    let last: Vec<_> = rows.filter(|row| row.isr_count <= 1).collect();
    if last.is_empty() {
        return;
    }
    let leaders: BTreeSet<_> = last.iter().map(|row| row.leader).collect();
    let leaders: Vec<_> = leaders.into_iter().collect();
    advice.recommend(format!(
        "Do not restart {}: no other replica is in sync for {}, which would go offline. With \
         min.insync.replicas above 1, producers with acks=all are refused there \
         (NOT_ENOUGH_REPLICAS).",
        brokers(&leaders),
        count(last.len(), "partition"),
    ));
}

/// A leader that is not the first replica stands in for a broker that was gone.
fn restore_leaders<'a>(advice: &mut Advice, rows: impl Iterator<Item = &'a UnderReplicated>) {
    let moved = rows
        .filter(|row| row.replicas.first() != Some(&row.leader))
        .count();
    if moved > 0 {
        advice.recommend(format!(
            "When the replicas are in sync again, give {} back to the preferred leader: \
             kafka-leader-election --election-type preferred --all-topic-partitions.",
            count(moved, "partition"),
        ));
    }
}
