//! What an ACL is about.

use super::code::words;

words! {
    /// A kind of resource.
    ResourceType {
        /// The cluster.
        Cluster = 4,
        /// Delegation tokens. There are none here.
        DelegationToken = 6,
        /// Groups of consumers.
        Group = 3,
        /// Topics.
        Topic = 2,
        /// Names of transactional producers.
        TransactionalId = 5,
        /// Owners of delegation tokens. There are none here.
        User = 7,
    }
}

words! {
    /// How the name of a pattern is meant.
    PatternType {
        /// The resource of that name, or all of its kind if the name is `*`.
        Literal = 3,
        /// All resources whose names begin like this.
        Prefixed = 4,
    }
}

/// Which resources an ACL is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct ResourcePattern {
    /// Their kind.
    pub resource_type: ResourceType,
    /// Their name, its beginning, or `*`.
    pub name: String,
    /// Which of them it is.
    pub pattern_type: PatternType,
}

impl ResourcePattern {
    /// The cluster.
    #[must_use]
    pub fn cluster() -> Self {
        Self::literal(ResourceType::Cluster, CLUSTER)
    }

    /// A group, or all of them if the name is `*`.
    #[must_use]
    pub fn group(name: impl Into<String>) -> Self {
        Self::literal(ResourceType::Group, name)
    }

    /// A topic, or all of them if the name is `*`.
    #[must_use]
    pub fn topic(name: impl Into<String>) -> Self {
        Self::literal(ResourceType::Topic, name)
    }

    /// A transactional id, or all of them if the name is `*`.
    #[must_use]
    pub fn transactional_id(name: impl Into<String>) -> Self {
        Self::literal(ResourceType::TransactionalId, name)
    }

    /// All whose names begin like this one.
    #[must_use]
    pub fn prefixed(mut self) -> Self {
        self.pattern_type = PatternType::Prefixed;
        self
    }

    fn literal(resource_type: ResourceType, name: impl Into<String>) -> Self {
        Self {
            resource_type,
            name: name.into(),
            pattern_type: PatternType::Literal,
        }
    }

    /// Whether it is every resource of its kind.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.pattern_type == PatternType::Literal && self.name == WILDCARD
    }

    /// Whether the resource of this kind and name is meant.
    pub(crate) fn matches(&self, resource_type: ResourceType, name: &str) -> bool {
        self.resource_type == resource_type
            && match self.pattern_type {
                PatternType::Literal => self.name == name || self.name == WILDCARD,
                PatternType::Prefixed => name.starts_with(&self.name),
            }
    }

    /// Why there can be no ACL about it.
    pub(super) fn refusal(&self) -> Option<String> {
        if self.resource_type == ResourceType::Cluster && self.name != CLUSTER {
            return Some(format!("the only name for the cluster is {CLUSTER}"));
        }
        let is_empty = self.name.is_empty();
        is_empty.then(|| "the resource has no name".to_owned())
    }
}

/// What clusters are called in ACLs.
pub(crate) const CLUSTER: &str = "kafka-cluster";
const WILDCARD: &str = "*";
