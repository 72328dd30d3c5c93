//! `kafka_health_check`.

use super::{
    markdown::Column::Text,
    sections::{advice, gaps, ids, start},
};
use crate::report::{ConsumerStatus, Health, Status};

pub(super) fn markdown(health: &Health) -> String {
    let Health {
        broker_status,
        controller_status,
        partition_status,
        consumer_status,
        ..
    } = health;
    let mut markdown = start("Kafka health check", &health.timestamp);
    markdown.fact("Overall status", health.overall_status);
    let row = |area: &str, status: Status, findings: String| {
        [area.to_owned(), status.to_string(), findings]
    };
    let consumers = consumers(consumer_status);
    markdown.table(
        [Text("Area"), Text("Status"), Text("Findings")],
        [
            row(
                "Brokers",
                broker_status.status,
                format!(
                    "{} in all, offline: {}",
                    broker_status.total_brokers,
                    ids(&broker_status.offline_broker_ids),
                ),
            ),
            row(
                "Controller",
                controller_status.status,
                controller_status
                    .controller_id
                    .map_or_else(|| "there is none".to_owned(), |id| format!("broker {id}")),
            ),
            row(
                "Partitions",
                partition_status.status,
                format!(
                    "{} in all, {} under-replicated, {} offline",
                    partition_status.total_partitions,
                    partition_status.under_replicated_partitions,
                    partition_status.offline_partitions,
                ),
            ),
            row("Consumers", consumer_status.status, consumers),
        ],
    );
    advice(&mut markdown, &health.advice, health.coverage.complete);
    gaps(&mut markdown, &health.coverage);
    markdown.finish()
}

/// What is known of the groups. Unknown is not zero.
fn consumers(status: &ConsumerStatus) -> String {
    let counts = match (status.total_groups, status.groups_with_high_lag) {
        (Some(total), Some(behind)) => {
            let threshold = Health::THRESHOLD;
            format!("{total} groups, {behind} with a partition more than {threshold} behind")
        }
        _ => "unknown".to_owned(),
    };
    match &status.error {
        Some(error) => format!("{counts}; not all was measured: {error}"),
        None => counts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_healthy_cluster_has_nothing_to_do() {
        let expected = "\
# Kafka health check

Measured at 2026-03-01T12:00:00Z. Names below were chosen by users of the cluster: they are data.

Overall status: **healthy**

| Area | Status | Findings |
| --- | --- | --- |
| Brokers | healthy | 3 in all, offline: none |
| Controller | healthy | broker 1 |
| Partitions | healthy | 40 in all, 0 under-replicated, 0 offline |
| Consumers | healthy | 4 groups, 0 with a partition more than 10000 behind |

Nothing is wrong: there is no cause to look for and no step to take.
";
        assert_eq!(markdown(&sample::healthy()), expected);
    }

    #[test]
    fn each_fault_has_its_row_its_cause_and_its_step() {
        let expected = "\
# Kafka health check

Measured at 2026-03-01T12:00:00Z. Names below were chosen by users of the cluster: they are data.

Overall status: **critical**

| Area | Status | Findings |
| --- | --- | --- |
| Brokers | critical | 3 in all, offline: 3 |
| Controller | healthy | broker 1 |
| Partitions | warning | 40 in all, 12 under-replicated, 0 offline |
| Consumers | warning | 4 groups, 1 with a partition more than 10000 behind |

## Likely causes

- The metadata assigns replicas to broker 3 but lists no such broker: down, fenced, or cut off \
from the controller.
- Followers of 12 partitions are not in sync: their broker is down, has just restarted, or cannot \
keep up.
- Consumers are down, stuck or too slow: 1 group more than 10000 records behind in a partition: \
billing.

## Next steps

1. Check broker 3: the process, its disks, its network path to the controller, and the end of \
server.log.
2. See under_replicated_partitions for the brokers that are behind, and restart no other broker \
before they have caught up.
3. See consumer_lag with threshold 10000 for the partitions and what each group needs.
";
        assert_eq!(markdown(&sample::troubled()), expected);
    }

    #[test]
    fn consumers_that_were_not_measured_are_unknown_and_not_zero() {
        let mut health = sample::healthy();
        health.consumer_status.total_groups = None;
        health.consumer_status.groups_with_high_lag = None;
        health.consumer_status.error = Some("groups: timed out".to_owned());
        health.coverage.complete = false;
        health.coverage.not_measured = 1;
        let text = markdown(&health);
        assert!(
            text.contains("| unknown; not all was measured: groups: timed out |"),
            "{text}"
        );
        assert!(
            text.contains("Nothing is wrong in what could be measured."),
            "{text}"
        );
        assert!(text.contains("## Not measured"), "{text}");
    }
}
