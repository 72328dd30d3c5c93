use serde_json::json;

use super::*;

/// A healthy cluster of three brokers.
pub(crate) fn healthy() -> Health {
    Health {
        timestamp: "2026-03-01T12:00:00Z".to_owned(),
        broker_status: BrokerStatus {
            total_brokers: 3,
            offline_brokers: 0,
            offline_broker_ids: Vec::new(),
            status: Status::Healthy,
        },
        controller_status: ControllerStatus {
            controller_id: Some(1),
            status: Status::Healthy,
        },
        partition_status: PartitionStatus {
            total_partitions: 40,
            under_replicated_partitions: 0,
            offline_partitions: 0,
            status: Status::Healthy,
        },
        consumer_status: ConsumerStatus {
            total_groups: Some(4),
            groups_with_high_lag: Some(0),
            status: Status::Healthy,
            error: None,
        },
        overall_status: Status::Healthy,
        advice: Advice::default(),
        coverage: Coverage::full(),
    }
}

/// The same cluster with a broker gone, a group behind and the groups in part unmeasured.
pub(crate) fn troubled() -> Health {
    let mut health = healthy();
    health.broker_status.offline_brokers = 1;
    health.broker_status.offline_broker_ids = vec![3];
    health.broker_status.status = Status::Critical;
    health.partition_status.under_replicated_partitions = 12;
    health.partition_status.status = Status::Warning;
    health.consumer_status.groups_with_high_lag = Some(1);
    health.consumer_status.status = Status::Warning;
    health.overall_status = Status::Critical;
    health.advise(&["billing".to_owned()]);
    health
}

#[test]
fn the_json_has_the_documented_fields() {
    let mut health = healthy();
    health.advise(&[]);
    assert_eq!(
        serde_json::to_value(&health).unwrap(),
        json!({
            "timestamp": "2026-03-01T12:00:00Z",
            "broker_status": {
                "total_brokers": 3,
                "offline_brokers": 0,
                "offline_broker_ids": [],
                "status": "healthy",
            },
            "controller_status": { "controller_id": 1, "status": "healthy" },
            "partition_status": {
                "total_partitions": 40,
                "under_replicated_partitions": 0,
                "offline_partitions": 0,
                "status": "healthy",
            },
            "consumer_status": {
                "total_groups": 4,
                "groups_with_high_lag": 0,
                "status": "healthy",
                "error": null,
            },
            "overall_status": "healthy",
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
fn each_fault_gets_its_own_step_the_worst_first() {
    let steps = troubled().advice.recommendations;
    assert_eq!(steps.len(), 3);
    assert!(steps[0].starts_with("Check broker 3"), "{steps:?}");
    assert!(
        steps[1].starts_with("See under_replicated_partitions"),
        "{steps:?}"
    );
    assert!(
        steps[2].starts_with("See consumer_lag with threshold 10000"),
        "{steps:?}"
    );
}

#[test]
fn only_the_worst_groups_are_named_and_the_others_counted() {
    let mut health = healthy();
    health.advise(&(0..7).map(|n| format!("g{n}")).collect::<Vec<_>>());
    let cause = &health.advice.likely_causes[0];
    assert!(
        cause.contains("7 groups") && cause.ends_with("g3, g4 and 2 more."),
        "{cause}"
    );
}
