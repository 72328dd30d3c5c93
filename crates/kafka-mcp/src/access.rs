//! What the operator lets through, whoever calls.

use kafka_tools::{GroupId, TopicName};

use crate::NamePatterns;

/// What the operator lets through, whoever calls. It holds under tools, resources and prompts
/// alike. The default allows everything but internal topics.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Access {
    /// Hides and refuses every tool that writes.
    pub read_only: bool,
    /// The topics that exist for callers.
    pub topics: NamePatterns,
    /// The consumer groups that exist for callers.
    pub groups: NamePatterns,
}

impl Access {
    pub(crate) fn allows_topic(&self, topic: &TopicName, is_internal: bool) -> bool {
        let name = topic.as_str();
        self.topics
            .allows(name, is_internal || name.starts_with(INTERNAL_PREFIX))
    }

    pub(crate) fn allows_group(&self, group_id: &GroupId) -> bool {
        self.groups.allows(group_id.as_str(), false)
    }
}

/// Kafka and its ecosystem begin the names of their own topics with this.
const INTERNAL_PREFIX: &str = "__";
