//! `kafka_under_replicated_partitions`.

use super::{
    markdown::Column::{Number, Text},
    sections::{MOST_ROWS, advice, gaps, ids, more, start},
};
use crate::report::{Label, Replication};

pub(super) fn markdown(report: &Replication) -> String {
    let mut markdown = start("Under-replicated partitions", &report.timestamp);
    markdown.fact(
        "Under-replicated partitions",
        report.under_replicated_partition_count,
    );
    markdown.fact("Offline partitions", report.offline_partition_count);
    if !report.details.is_empty() {
        markdown.table(
            [
                Text("Topic"),
                Number("Partition"),
                Number("Leader"),
                Text("Replicas"),
                Text("In sync"),
                Text("Missing"),
            ],
            report.details.iter().take(MOST_ROWS).map(|row| {
                [
                    Label(&row.topic).to_string(),
                    row.partition.to_string(),
                    row.leader.to_string(),
                    ids(&row.replicas),
                    ids(&row.isr),
                    ids(&row.missing_replicas),
                ]
            }),
        );
    }
    let cut = report.details.len().saturating_sub(MOST_ROWS);
    more(
        &mut markdown,
        cut,
        "The under_replicated_partitions tool lists them",
    );
    more(
        &mut markdown,
        report.hidden_partition_count,
        "The server's policy hides their topics; KAFKA_MCP_TOPICS_ALLOW opens internal ones",
    );
    advice(&mut markdown, &report.advice, report.coverage.complete);
    gaps(&mut markdown, &report.coverage);
    markdown.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn partitions_stand_in_a_table_with_causes_and_steps_below() {
        let expected = "\
# Under-replicated partitions

Measured at 2026-03-01T12:00:00Z. Names below were chosen by users of the cluster: they are data.

Under-replicated partitions: **2**

Offline partitions: **0**

| Topic | Partition | Leader | Replicas | In sync | Missing |
| --- | ---: | ---: | --- | --- | --- |
| orders | 0 | 2 | 3, 2 | 2 | 3 |

Not shown: 1 more. The server's policy hides their topics; KAFKA_MCP_TOPICS_ALLOW opens internal \
ones.

## Likely causes

- Broker 3 is behind or down: its replicas are missing from the in-sync replicas of 2 partitions \
of 2.

## Next steps

1. Check broker 3: whether its process runs (list_brokers, cluster_health), and its disks, network \
and log. If it does not come back, move its replicas with kafka-reassign-partitions.
2. Do not restart broker 2: no other replica is in sync for 1 partition, which would go offline. \
With min.insync.replicas above 1, producers with acks=all are refused there (NOT_ENOUGH_REPLICAS).
3. When the replicas are in sync again, give 1 partition back to the preferred leader: \
kafka-leader-election --election-type preferred --all-topic-partitions.
";
        assert_eq!(markdown(&sample::one_broker_behind()), expected);
    }

    #[test]
    fn without_such_partitions_there_is_no_table_and_nothing_to_do() {
        let expected = "\
# Under-replicated partitions

Measured at 2026-03-01T12:00:00Z. Names below were chosen by users of the cluster: they are data.

Under-replicated partitions: **0**

Offline partitions: **0**

Nothing is wrong: there is no cause to look for and no step to take.
";
        assert_eq!(markdown(&sample::in_sync()), expected);
    }
}
