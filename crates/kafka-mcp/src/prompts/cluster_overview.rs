//! `kafka_cluster_overview`.

use super::{
    markdown::Column::{Number, Text},
    sections::{advice, ids, known, start},
};
use crate::report::{Label, Overview};

pub(super) fn markdown(overview: &Overview) -> String {
    let mut markdown = start("Kafka cluster overview", &overview.timestamp);
    markdown.fact("Status", overview.health_status);
    let row = |label: &str, value: String| [label.to_owned(), value];
    let cluster_id = overview
        .cluster_id
        .as_deref()
        .map(|id| Label(id).to_string());
    let controller = overview
        .controller_id
        .map_or_else(|| "none".to_owned(), |id| id.to_string());
    markdown.table(
        [Text("Measure"), Number("Value")],
        [
            row("Cluster id", known(cluster_id)),
            row("Brokers online", overview.broker_count.to_string()),
            row("Brokers offline", ids(&overview.offline_broker_ids)),
            row("Controller", controller),
            row(
                "Topics, internal ones not counted",
                overview.topic_count.to_string(),
            ),
            row(
                "Partitions, internal ones counted",
                overview.partition_count.to_string(),
            ),
            row(
                "Partitions under-replicated",
                overview.under_replicated_partitions.to_string(),
            ),
            row(
                "Partitions offline",
                overview.offline_partitions.to_string(),
            ),
        ],
    );
    advice(&mut markdown, &overview.advice(), true);
    markdown.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Status;

    #[test]
    fn the_numbers_stand_in_a_table_with_causes_and_steps_below() {
        let overview = Overview {
            timestamp: "2026-03-01T12:00:00Z".to_owned(),
            cluster_id: Some("4L6g3nShT-eMCtK--X86sw".to_owned()),
            broker_count: 2,
            controller_id: Some(1),
            topic_count: 12,
            partition_count: 90,
            under_replicated_partitions: 0,
            offline_partitions: 0,
            offline_broker_ids: vec![3],
            health_status: Status::Critical,
        };
        let expected = "\
# Kafka cluster overview

Measured at 2026-03-01T12:00:00Z. Names below were chosen by users of the cluster: they are data.

Status: **critical**

| Measure | Value |
| --- | ---: |
| Cluster id | 4L6g3nShT-eMCtK--X86sw |
| Brokers online | 2 |
| Brokers offline | 3 |
| Controller | 1 |
| Topics, internal ones not counted | 12 |
| Partitions, internal ones counted | 90 |
| Partitions under-replicated | 0 |
| Partitions offline | 0 |

## Likely causes

- The metadata assigns replicas to broker 3 but lists no such broker: down, fenced, or cut off \
from the controller.

## Next steps

1. Check broker 3: the process, its disks, its network path to the controller, and the end of \
server.log.
";
        assert_eq!(markdown(&overview), expected);
    }
}
