//! Partitions.

use std::collections::BTreeMap;

use crate::{ErrorCode, log::Log, state::Broker};

/// A partition: who has it, and who leads it.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) replicas: Vec<i32>,
    pub(crate) isr: Vec<i32>,
    pub(crate) leader: Option<i32>,
    pub(crate) leader_epoch: i32,
    pub(crate) log: Log,
}

impl Partition {
    pub(crate) fn new(replicas: Vec<i32>) -> Self {
        Self {
            isr: replicas.clone(),
            replicas,
            leader: None,
            leader_epoch: -1,
            log: Log::default(),
        }
    }

    /// Adapts to which nodes are up. A leader stays one for as long as it is up; afterwards only a
    /// replica that was in sync may lead, and of those the last one to go counts as in sync.
    pub(crate) fn elect(&mut self, brokers: &BTreeMap<i32, Broker>) {
        let is_up = |id: &i32| brokers.get(id).is_some_and(|broker| broker.is_up);
        if !self.leader.as_ref().is_some_and(is_up) {
            let mut live = self.replicas.iter().filter(|id| is_up(id));
            let next = live.find(|id| self.isr.contains(id)).copied();
            let last = std::mem::replace(&mut self.leader, next);
            if next.is_some() || last.is_some() {
                self.leader_epoch += 1;
            }
            if next.is_none() {
                self.isr = last.map_or_else(|| std::mem::take(&mut self.isr), |last| vec![last]);
                return;
            }
        }
        self.isr = self.replicas.iter().copied().filter(is_up).collect();
    }

    /// The replicas that are down.
    pub(crate) fn offline(&self, brokers: &BTreeMap<i32, Broker>) -> Vec<i32> {
        let is_down = |id: &i32| !brokers.get(id).is_some_and(|broker| broker.is_up);
        self.replicas.iter().copied().filter(is_down).collect()
    }

    /// Moves the leadership; whether it could be moved.
    pub(crate) fn lead_by(&mut self, node: i32) -> bool {
        if !self.isr.contains(&node) || self.leader.is_none() {
            return false;
        }
        if self.leader != Some(node) {
            self.leader = Some(node);
            self.leader_epoch += 1;
        }
        true
    }

    /// Loses the records from `end` on, as if a replica that was not in sync had been elected; where
    /// the log ends now.
    pub(crate) fn truncate(&mut self, end: i64) -> i64 {
        self.log.truncate(end);
        self.leader_epoch += 1;
        self.log.end()
    }

    /// The last epoch up to `asked`, and where it ends; `None` if there is no such epoch yet.
    pub(crate) fn epoch_end(&self, asked: i32) -> Option<(i32, i64)> {
        if asked == self.leader_epoch {
            return Some((asked, self.log.end()));
        }
        // An epoch in which nothing was written is as if it had not been.
        let mut starts = self.log.epoch_starts();
        if starts
            .last()
            .is_none_or(|(epoch, _)| *epoch < self.leader_epoch)
        {
            starts.push((self.leader_epoch, self.log.end()));
        }
        let next = starts.iter().position(|(epoch, _)| *epoch > asked)?;
        let (_, end) = starts.get(next)?;
        let before = next.checked_sub(1).and_then(|before| starts.get(before));
        Some((before.map_or(asked, |(epoch, _)| *epoch), *end))
    }

    /// Checks that `node` leads, and that the client does not know of another epoch (KIP-320).
    /// An epoch of -1 is not compared.
    pub(crate) fn check_leader(&self, node: i32, epoch: i32) -> Result<(), ErrorCode> {
        match self.leader {
            None => Err(ErrorCode::LEADER_NOT_AVAILABLE),
            Some(leader) if leader != node => Err(ErrorCode::NOT_LEADER_OR_FOLLOWER),
            Some(_) if epoch == -1 || epoch == self.leader_epoch => Ok(()),
            Some(_) if epoch < self.leader_epoch => Err(ErrorCode::FENCED_LEADER_EPOCH),
            Some(_) => Err(ErrorCode::UNKNOWN_LEADER_EPOCH),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leader_moves_when_its_node_goes_and_does_not_move_back_by_itself() {
        let mut partition = Partition::new(vec![1, 2]);
        partition.elect(&nodes(&[1, 2]));
        assert_eq!((partition.leader, partition.leader_epoch), (Some(1), 0));
        partition.elect(&nodes(&[2]));
        assert_eq!((partition.leader, partition.leader_epoch), (Some(2), 1));
        assert_eq!(partition.isr, [2]);
        partition.elect(&nodes(&[1, 2]));
        assert_eq!((partition.leader, partition.leader_epoch), (Some(2), 1));
        assert_eq!(partition.isr, [1, 2]);
    }

    #[test]
    fn without_a_live_replica_there_is_no_leader_until_the_last_one_in_sync_is_back() {
        let mut partition = Partition::new(vec![1, 2]);
        partition.elect(&nodes(&[1, 2]));
        partition.elect(&nodes(&[2]));
        partition.elect(&nodes(&[]));
        assert_eq!((partition.leader, &partition.isr[..]), (None, &[2][..]));
        assert_eq!(
            partition.check_leader(2, -1),
            Err(ErrorCode::LEADER_NOT_AVAILABLE)
        );
        partition.elect(&nodes(&[1]));
        assert_eq!((partition.leader, &partition.isr[..]), (None, &[2][..]));
        partition.elect(&nodes(&[1, 2]));
        assert_eq!((partition.leader, partition.leader_epoch), (Some(2), 3));
        assert_eq!(partition.isr, [1, 2]);
    }

    #[test]
    fn a_client_with_another_epoch_is_told_whether_it_is_behind() {
        let mut partition = Partition::new(vec![1, 2]);
        partition.elect(&nodes(&[1, 2]));
        assert!(partition.lead_by(2));
        assert_eq!(partition.check_leader(2, 1), Ok(()));
        for (node, epoch, code) in [
            (1, -1, ErrorCode::NOT_LEADER_OR_FOLLOWER),
            (2, 0, ErrorCode::FENCED_LEADER_EPOCH),
            (2, 2, ErrorCode::UNKNOWN_LEADER_EPOCH),
        ] {
            assert_eq!(partition.check_leader(node, epoch), Err(code));
        }
    }

    fn nodes(up: &[i32]) -> BTreeMap<i32, Broker> {
        let broker = |id| Broker {
            address: ([127, 0, 0, 1], 9092).into(),
            is_up: up.contains(&id),
        };
        (1..=3).map(|id| (id, broker(id))).collect()
    }
}
