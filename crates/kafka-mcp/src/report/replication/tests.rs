use serde_json::json;

use super::*;

pub(crate) const AS_OF: Timestamp = Timestamp::constant(1_772_366_400, 0);

fn row(topic: &str, partition: i32, leader: i32, replicas: &[i32], isr: &[i32]) -> UnderReplicated {
    UnderReplicated {
        topic: topic.to_owned(),
        partition,
        leader,
        replica_count: replicas.len(),
        isr_count: isr.len(),
        replicas: replicas.to_vec(),
        isr: isr.to_vec(),
        missing_replicas: replicas
            .iter()
            .filter(|id| !isr.contains(id))
            .copied()
            .collect(),
    }
}

/// Broker 3 is behind in two partitions, one of which is hidden.
pub(crate) fn one_broker_behind() -> Replication {
    let rows = vec![
        (true, row("orders", 0, 2, &[3, 2], &[2])),
        (false, row("__consumer_offsets", 7, 1, &[1, 2, 3], &[1, 2])),
    ];
    Replication::from_rows(rows, 0, AS_OF)
}

pub(crate) fn in_sync() -> Replication {
    Replication::from_rows(Vec::new(), 0, AS_OF)
}

#[test]
fn the_json_has_the_documented_fields() {
    let mut report = one_broker_behind();
    report.advice = Advice::default();
    assert_eq!(
        serde_json::to_value(report).unwrap(),
        json!({
            "timestamp": "2026-03-01T12:00:00Z",
            "under_replicated_partition_count": 2,
            "offline_partition_count": 0,
            "hidden_partition_count": 1,
            "details": [{
                "topic": "orders",
                "partition": 0,
                "leader": 2,
                "replica_count": 2,
                "isr_count": 1,
                "replicas": [3, 2],
                "isr": [2],
                "missing_replicas": [3],
            }],
            "likely_causes": [],
            "recommendations": [],
            "complete": true,
            "not_measured": 0,
            "partial_errors": [],
            "truncated": false,
            "omitted": 0,
        })
    );
}

#[test]
fn a_cluster_in_sync_gets_no_advice() {
    assert!(in_sync().advice.is_empty());
}

#[test]
fn the_broker_that_is_behind_is_named_even_for_hidden_topics() {
    let Advice {
        likely_causes,
        recommendations,
    } = one_broker_behind().advice;
    assert_eq!(likely_causes.len(), 1);
    assert!(
        likely_causes[0].contains("Broker 3") && likely_causes[0].contains("2 partitions of 2")
    );
    assert!(
        recommendations[0].contains("kafka-reassign-partitions"),
        "{recommendations:?}"
    );
    assert!(recommendations[1].contains("Do not restart broker 2: no other"));
    assert!(
        recommendations[2].contains("preferred"),
        "{recommendations:?}"
    );
}

#[test]
fn several_brokers_behind_are_listed_with_the_worst_first() {
    let rows = vec![
        (true, row("a", 0, 1, &[1, 2, 3], &[1])),
        (true, row("a", 1, 1, &[1, 3, 4], &[1, 4])),
    ];
    let causes = Replication::from_rows(rows, 0, AS_OF).advice.likely_causes;
    assert!(
        causes[0].contains("broker 3 in 2 partitions of 2, then broker 2."),
        "{causes:?}"
    );
}

#[test]
fn offline_partitions_come_first() {
    let rows = vec![(true, row("a", 0, 1, &[1, 2], &[1]))];
    let steps = Replication::from_rows(rows, 3, AS_OF)
        .advice
        .recommendations;
    assert!(
        steps[0].starts_with("See to the offline partitions first"),
        "{steps:?}"
    );
}

#[test]
fn a_report_that_is_too_large_loses_its_last_rows_and_says_so() {
    let rows = (0..500)
        .map(|n| (true, row("orders", n, 1, &[1, 2], &[1])))
        .collect();
    let whole = Replication::from_rows(rows, 0, AS_OF);
    let cut = whole.clone().fit(8_000);

    let bytes = serde_json::to_vec(&cut).unwrap().len();
    assert!((7_000..=8_000).contains(&bytes), "{bytes}");
    assert_eq!(cut.details, whole.details[..cut.details.len()]);
    assert!(cut.coverage.truncated && cut.coverage.hint.is_some());
    assert_eq!(cut.coverage.omitted, 500 - cut.details.len());
    assert_eq!(cut.under_replicated_partition_count, 500);
}

#[test]
fn a_report_that_fits_is_left_alone() {
    let report = one_broker_behind().fit(80_000);
    assert!(!report.coverage.truncated && report.details.len() == 1);
}
