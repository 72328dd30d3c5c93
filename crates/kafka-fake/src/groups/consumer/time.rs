//! What happens by itself.

use tokio::time::Instant;

use super::{ConsumerGroup, ConsumerMember, Liveness};

impl ConsumerGroup {
    /// Removes the members that are not heard from, or do not give up what they are to.
    pub(crate) fn pass(&mut self, now: Instant) {
        let is_over = |member: &ConsumerMember| member.ends().is_some_and(|ends| ends <= now);
        let over = self.members.iter().filter(|(_, member)| is_over(member));
        let over: Vec<String> = over.map(|(id, _)| id.clone()).collect();
        for id in over {
            self.remove(&id);
        }
    }

    /// Has all sessions begin again.
    pub(crate) fn refresh(&mut self, now: Instant) {
        for member in self.members.values_mut() {
            member.refresh(now);
        }
    }
}

impl ConsumerMember {
    fn refresh(&mut self, now: Instant) {
        if let Liveness::Session { timeout, ends } = &mut self.liveness {
            *ends = now + *timeout;
        }
    }

    fn ends(&self) -> Option<Instant> {
        match self.liveness {
            Liveness::Given(_) => None,
            Liveness::Session { ends, .. } => Some(self.revoke_by.map_or(ends, |by| by.min(ends))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tokio::time::Duration;
    use uuid::Uuid;

    use super::*;
    use crate::groups::{Beat, BeatAnswer, Topics};

    #[test]
    fn a_member_lasts_as_long_as_its_session_and_a_heartbeat_begins_another() {
        let now = Instant::now();
        let mut group = ConsumerGroup::default();
        let epoch = beat(&mut group, joining("first"), now).epoch;
        group.pass(now + SESSION - MOMENT);
        let later = now + SESSION - MOMENT;
        beat(&mut group, going_on("first", epoch), later);
        group.pass(now + SESSION);
        assert_eq!((group.members.len(), group.epoch), (1, 1));
        group.pass(later + SESSION);
        assert_eq!((group.members.len(), group.epoch), (0, 2));
    }

    #[test]
    fn who_does_not_give_up_partitions_in_time_is_removed_although_it_is_heard_from() {
        let now = Instant::now();
        let mut group = ConsumerGroup::default();
        let epoch = beat(&mut group, joining("first"), now).epoch;
        beat(&mut group, joining("second"), now);
        let told = beat(&mut group, going_on("first", epoch), now);
        assert_eq!(told.assignment.map(|kept| kept.len()), Some(1));
        let (before, over) = (now + REBALANCE - MOMENT, now + REBALANCE);
        beat(&mut group, going_on("first", epoch), before);
        beat(&mut group, going_on("second", 2), before);
        group.pass(before);
        assert_eq!(group.members.len(), 2);
        group.pass(over);
        assert_eq!(group.members.keys().collect::<Vec<_>>(), ["second"]);
    }

    fn beat(group: &mut ConsumerGroup, beat: Beat, now: Instant) -> BeatAnswer {
        let topics = Topics::from([("orders".to_owned(), (Uuid::from_u128(1), 2))]);
        group.beat(&beat, &topics, now).unwrap()
    }

    fn joining(id: &str) -> Beat {
        Beat {
            rebalance_timeout: Some(REBALANCE),
            topics: Some(BTreeSet::from(["orders".to_owned()])),
            owned: Some(BTreeSet::new()),
            ..going_on(id, 0)
        }
    }

    fn going_on(id: &str, epoch: i32) -> Beat {
        Beat {
            member_id: id.to_owned(),
            epoch,
            client_id: String::new(),
            client_host: String::new(),
            instance_id: None,
            rack_id: None,
            session_timeout: SESSION,
            rebalance_timeout: None,
            topics: None,
            assignor: None,
            owned: None,
        }
    }

    const SESSION: Duration = Duration::from_secs(45);
    const REBALANCE: Duration = Duration::from_secs(30);
    const MOMENT: Duration = Duration::from_millis(1);
}
