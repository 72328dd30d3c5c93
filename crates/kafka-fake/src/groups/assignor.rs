//! How partitions are shared out among the members of a group of KIP-848.

use std::collections::{BTreeMap, BTreeSet};

use super::{TopicPartition, Topics};

/// A way to share out partitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Assignor {
    /// Neighbouring partitions of a topic go to the same member.
    Range,
    /// All have about as many, and keep what they have where that allows it.
    #[default]
    Uniform,
}

/// A member that takes part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscriber<'a> {
    pub(crate) topics: &'a BTreeSet<String>,
    /// What it was to have before.
    pub(crate) has: &'a BTreeSet<TopicPartition>,
}

type Subscribers<'a> = BTreeMap<&'a str, Subscriber<'a>>;
type Assignment = BTreeMap<String, BTreeSet<TopicPartition>>;

impl Assignor {
    pub(crate) const ALL: [Self; 2] = [Self::Range, Self::Uniform];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::Uniform => "uniform",
        }
    }

    pub(crate) fn assign(self, subscribers: &Subscribers<'_>, topics: &Topics) -> Assignment {
        match self {
            Self::Range => range(subscribers, topics),
            Self::Uniform => uniform(subscribers, topics),
        }
    }
}

fn range(subscribers: &Subscribers<'_>, topics: &Topics) -> Assignment {
    let mut assignment = Assignment::new();
    for (name, (topic, count)) in topics {
        let members: Vec<&str> = subscribed_to(subscribers, name).collect();
        for partition in 0..*count {
            // The first ones have one more, where it does not come out even.
            let count = i64::from(*count);
            let place = i64::from(partition);
            let length = i64::try_from(members.len()).unwrap_or(i64::MAX).max(1);
            let (each, more) = (count / length, count % length);
            let longer = more * (each + 1);
            let owner = match place < longer {
                true => place / (each + 1),
                false => more + (place - longer) / each.max(1),
            };
            let owner = usize::try_from(owner).ok();
            if let Some(member) = owner.and_then(|owner| members.get(owner)) {
                let theirs = assignment.entry((*member).to_owned()).or_default();
                theirs.insert((*topic, partition));
            }
        }
    }
    assignment
}

fn uniform(subscribers: &Subscribers<'_>, topics: &Topics) -> Assignment {
    let mut owners: BTreeMap<TopicPartition, &str> = BTreeMap::new();
    let mut loads: BTreeMap<&str, usize> = subscribers.keys().map(|id| (*id, 0)).collect();
    let partitions = || {
        topics.iter().flat_map(|(name, (topic, count))| {
            (0..*count).map(move |partition| (name.as_str(), (*topic, partition)))
        })
    };
    // What a member has it keeps, if it may.
    for (id, subscriber) in subscribers {
        for (name, partition) in partitions() {
            if subscriber.topics.contains(name) && subscriber.has.contains(&partition) {
                owners.entry(partition).or_insert(*id);
            }
        }
    }
    for id in owners.values() {
        *loads.entry(id).or_default() += 1;
    }
    // What nobody has goes to who has least, and then those with most give to those with least.
    loop {
        let mut has_moved = false;
        for (name, partition) in partitions() {
            let load = |id: &str| loads.get(id).copied().unwrap_or_default();
            let least = subscribed_to(subscribers, name).min_by_key(|id| load(id));
            let Some(least) = least else { continue };
            let owner = owners.get(&partition).copied();
            if owner.is_some_and(|owner| load(owner) <= load(least) + 1) {
                continue;
            }
            if let Some(owner) = owner.and_then(|owner| loads.get_mut(owner)) {
                *owner -= 1;
            }
            *loads.entry(least).or_default() += 1;
            owners.insert(partition, least);
            has_moved = true;
        }
        if !has_moved {
            break;
        }
    }
    let mut assignment = Assignment::new();
    for (partition, owner) in owners {
        let theirs = assignment.entry(owner.to_owned()).or_default();
        theirs.insert(partition);
    }
    assignment
}

fn subscribed_to<'a>(
    subscribers: &'a Subscribers<'a>,
    topic: &'a str,
) -> impl Iterator<Item = &'a str> {
    let wanting = subscribers.iter();
    let wanting = wanting.filter(move |(_, subscriber)| subscriber.topics.contains(topic));
    wanting.map(|(id, _)| *id)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn range_gives_neighbours_to_one_member_and_more_to_the_first() {
        let shares = share(Assignor::Range, &["a", "b", "c"], 8, &[]);
        assert_eq!(shares, [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
        let shares = share(Assignor::Range, &["a", "b", "c"], 2, &[]);
        assert_eq!(shares, [vec![0], vec![1], vec![]]);
    }

    #[test]
    fn uniform_shares_evenly_and_moves_no_more_than_it_has_to() {
        let shares = share(Assignor::Uniform, &["a"], 6, &[]);
        assert_eq!(shares, [vec![0, 1, 2, 3, 4, 5]]);
        let two = share(Assignor::Uniform, &["a", "b"], 6, &shares);
        assert_eq!(two.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
        assert!(two[0].iter().all(|partition| shares[0].contains(partition)));
        let three = share(Assignor::Uniform, &["a", "b", "c"], 7, &two);
        let mut counts: Vec<usize> = three.iter().map(Vec::len).collect();
        counts.sort_unstable();
        assert_eq!(counts, [2, 2, 3]);
        for (now, before) in three.iter().zip(&two) {
            let kept = now.iter().filter(|partition| before.contains(partition));
            assert!(kept.count() >= 2, "{three:?} after {two:?}");
        }
    }

    #[test]
    fn nobody_gets_what_it_does_not_subscribe_to() {
        let id = Uuid::from_u128(1);
        let topics = Topics::from([("orders".to_owned(), (id, 3))]);
        let (orders, other) = (
            BTreeSet::from(["orders".to_owned()]),
            BTreeSet::from(["other".to_owned()]),
        );
        let has = BTreeSet::from([(id, 1)]);
        let subscriber = |topics| Subscriber { topics, has: &has };
        let subscribers =
            Subscribers::from([("a", subscriber(&other)), ("b", subscriber(&orders))]);
        for assignor in Assignor::ALL {
            let assignment = assignor.assign(&subscribers, &topics);
            assert_eq!(assignment.get("a"), None, "{assignor:?}");
            assert_eq!(assignment["b"].len(), 3, "{assignor:?}");
        }
    }

    /// The partitions of one topic that these members get, after they have had others.
    fn share(
        assignor: Assignor,
        members: &[&str],
        count: i32,
        before: &[Vec<i32>],
    ) -> Vec<Vec<i32>> {
        let id = Uuid::from_u128(1);
        let topics = Topics::from([("orders".to_owned(), (id, count))]);
        let names = BTreeSet::from(["orders".to_owned()]);
        let nothing = Vec::new();
        let had: Vec<BTreeSet<TopicPartition>> = (0..members.len())
            .map(|at| before.get(at).unwrap_or(&nothing))
            .map(|partitions| {
                partitions
                    .iter()
                    .map(|partition| (id, *partition))
                    .collect()
            })
            .collect();
        let subscribers = members.iter().zip(&had).map(|(member, has)| {
            let topics = &names;
            (*member, Subscriber { topics, has })
        });
        let mut assignment = assignor.assign(&subscribers.collect(), &topics);
        let shares = members.iter().map(|member| {
            let partitions = assignment.remove(*member).unwrap_or_default();
            partitions
                .into_iter()
                .map(|(_, partition)| partition)
                .collect()
        });
        shares.collect()
    }
}
