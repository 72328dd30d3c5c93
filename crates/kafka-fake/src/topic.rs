//! Topics.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{partition::Partition, topic_config};

/// A topic.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) id: Uuid,
    pub(crate) partitions: Vec<Partition>,
    /// What was set; everything else has its default.
    pub(crate) configs: BTreeMap<String, String>,
}

impl Topic {
    pub(crate) fn partition(&self, id: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(id).ok()?)
    }

    pub(crate) fn partition_mut(&mut self, id: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(usize::try_from(id).ok()?)
    }

    /// A setting that is a size or a number of things; the largest there is for one that is not.
    pub(crate) fn setting(&self, name: &str) -> usize {
        let set = self.configs.get(name).map(String::as_str);
        let value = set.or_else(|| topic_config::default(name));
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or(usize::MAX)
    }

    /// Whether records get the time at which they are appended.
    pub(crate) fn stamps(&self) -> bool {
        let kind = self.configs.get("message.timestamp.type");
        kind.is_some_and(|kind| kind == "LogAppendTime")
    }

    /// Whether records may be deleted, other than by compaction.
    pub(crate) fn is_deletable(&self) -> bool {
        let policies = self.configs.get("cleanup.policy");
        policies.is_none_or(|policies| policies.split(',').any(|policy| policy.trim() == "delete"))
    }

    /// The partitions with their numbers.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (i32, &Partition)> {
        (0..).zip(&self.partitions)
    }
}

/// Why a name cannot be that of a topic.
pub(crate) fn refuse_name(name: &str) -> Option<String> {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() {
        return Some("a topic has a name".to_owned());
    }
    if matches!(name, "." | "..") {
        return Some(format!("a topic cannot be called {name:?}"));
    }
    if name.len() > MAX_NAME {
        return Some(format!("the name is longer than {MAX_NAME} characters"));
    }
    if !name.chars().all(is_legal) {
        return Some("the name has characters other than letters, digits, '.', '_' and '-'".into());
    }
    None
}

/// Kafka makes files of the names.
const MAX_NAME: usize = 249;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_refused_as_kafka_refuses_them() {
        for name in ["orders", "a.b_c-1", "...", &"x".repeat(249)] {
            assert_eq!(refuse_name(name), None, "{name}");
        }
        for name in ["", ".", "..", "a b", "a/b", "ä", &"x".repeat(250)] {
            assert!(refuse_name(name).is_some(), "{name}");
        }
    }
}
