//! The facts that a cluster's status follows from.

use super::{
    Advice, Status,
    advice::{brokers, count},
};

/// The facts that a cluster's status follows from, consumers aside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vitals<'a> {
    pub(super) controller_id: Option<i32>,
    pub(super) offline_broker_ids: &'a [i32],
    pub(super) offline_partitions: usize,
    pub(super) under_replicated_partitions: usize,
}

impl Vitals<'_> {
    pub(super) fn status(self) -> Status {
        if self.controller_id.is_none()
            || !self.offline_broker_ids.is_empty()
            || self.offline_partitions > 0
        {
            Status::Critical
        } else if self.under_replicated_partitions > 0 {
            Status::Warning
        } else {
            Status::Healthy
        }
    }

    pub(super) fn advice(self) -> Advice {
        let mut advice = Advice::default();
        if self.controller_id.is_none() {
            advice.add(
                "No controller is known: the KRaft quorum has no leader, or the brokers cannot \
                 reach it.",
                "Check the quorum with kafka-metadata-quorum describe --status: a majority of its \
                 controllers has to be up. Until then no leader is elected and no topic changes.",
            );
        }
        if !self.offline_broker_ids.is_empty() {
            let gone = brokers(self.offline_broker_ids);
            advice.add(
                format!(
                    "The metadata assigns replicas to {gone} but lists no such broker: down, \
                     fenced, or cut off from the controller."
                ),
                format!(
                    "Check {gone}: the process, its disks, its network path to the controller, \
                     and the end of server.log."
                ),
            );
        }
        if self.offline_partitions > 0 {
            let offline = count(self.offline_partitions, "partition");
            advice.add(
                format!(
                    "No replica in sync is left to lead {offline}: producing and consuming there \
                     fail."
                ),
                "Bring back the brokers that were last in sync for the offline partitions \
                 (describe_topic shows them). An unclean leader election is faster and loses \
                 records.",
            );
        }
        if self.under_replicated_partitions > 0 {
            let behind = count(self.under_replicated_partitions, "partition");
            advice.add(
                format!(
                    "Followers of {behind} are not in sync: their broker is down, has just \
                     restarted, or cannot keep up."
                ),
                "See under_replicated_partitions for the brokers that are behind, and restart no \
                 other broker before they have caught up.",
            );
        }
        advice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTHY: Vitals<'_> = Vitals {
        controller_id: Some(1),
        offline_broker_ids: &[],
        offline_partitions: 0,
        under_replicated_partitions: 0,
    };

    #[test]
    fn a_cluster_without_faults_is_healthy_and_gets_no_advice() {
        assert_eq!(HEALTHY.status(), Status::Healthy);
        assert!(HEALTHY.advice().is_empty());
    }

    #[test]
    fn an_under_replicated_partition_is_a_warning() {
        let vitals = Vitals {
            under_replicated_partitions: 1,
            ..HEALTHY
        };
        assert_eq!(vitals.status(), Status::Warning);
        assert!(vitals.advice().likely_causes[0].contains("1 partition are not in sync"));
    }

    #[test]
    fn a_missing_controller_broker_or_leader_is_critical() {
        let no_controller = Vitals {
            controller_id: None,
            ..HEALTHY
        };
        let no_broker = Vitals {
            offline_broker_ids: &[2, 3],
            ..HEALTHY
        };
        let no_leader = Vitals {
            offline_partitions: 4,
            ..HEALTHY
        };
        for vitals in [no_controller, no_broker, no_leader] {
            assert_eq!(vitals.status(), Status::Critical, "{vitals:?}");
            assert_eq!(vitals.advice().recommendations.len(), 1, "{vitals:?}");
        }
        assert!(no_broker.advice().recommendations[0].contains("brokers 2, 3"));
    }
}
