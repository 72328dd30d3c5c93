//! What the members are to have.

use std::collections::BTreeMap;

use super::{Assignor, ConsumerGroup, ConsumerMember, Liveness, Topics};
use crate::groups::assignor::Subscriber;

impl ConsumerGroup {
    /// The assignor that most members want.
    pub(crate) fn assignor(&self) -> Assignor {
        let mut votes: BTreeMap<Assignor, usize> = BTreeMap::new();
        for assignor in self.members.values().filter_map(|member| member.assignor) {
            *votes.entry(assignor).or_default() += 1;
        }
        let elected = votes.into_iter().max_by_key(|(_, count)| *count);
        elected.map_or_else(Assignor::default, |(assignor, _)| assignor)
    }

    /// Computes targets for the epoch of the group.
    pub(super) fn retarget(&mut self, topics: &Topics) {
        self.target_epoch = self.epoch;
        self.topics = self.subscribed(topics);
        if self.members.values().all(ConsumerMember::is_given) {
            for member in self.members.values_mut() {
                if let Liveness::Given(partitions) = &member.liveness {
                    member.target.clone_from(partitions);
                }
            }
            return;
        }
        let subscribers = self.members.iter().map(|(id, member)| {
            let subscriber = Subscriber {
                topics: &member.topics,
                has: &member.target,
            };
            (id.as_str(), subscriber)
        });
        let mut targets = self.assignor().assign(&subscribers.collect(), &self.topics);
        for (id, member) in &mut self.members {
            member.target = targets.remove(id).unwrap_or_default();
        }
    }

    /// Whether a topic that members subscribe to has come, gone or grown.
    pub(super) fn have_topics_changed(&self, topics: &Topics) -> bool {
        let members = self.members.values();
        let mut names = members.flat_map(|member| &member.topics);
        names.any(|name| topics.get(name) != self.topics.get(name))
    }

    fn subscribed(&self, topics: &Topics) -> Topics {
        let members = self.members.values();
        let names = members.flat_map(|member| &member.topics);
        let found = names.filter_map(|name| Some((name.clone(), *topics.get(name)?)));
        found.collect()
    }
}
