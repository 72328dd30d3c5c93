//! Access-control lists: who may do what to which resource, and from where.

mod code;
mod filter;
mod operation;
mod permission;
mod resource_pattern;

pub(crate) use self::{
    code::{ANY, Code, MATCH, UNKNOWN, from_code},
    filter::{AclFilter, RawFilter},
    resource_pattern::CLUSTER,
};
pub use self::{
    operation::AclOperation,
    permission::AclPermission,
    resource_pattern::{PatternType, ResourcePattern, ResourceType},
};

/// An entry of an access-control list, in the terms of `kafka-acls.sh`.
///
/// ```
/// use kafka_fake::{Acl, AclOperation, ResourcePattern};
///
/// let read = Acl::allow("User:alice", AclOperation::Read, ResourcePattern::topic("orders"));
/// let audit = ResourcePattern::topic("audit-").prefixed();
/// let never = Acl::deny("User:*", AclOperation::All, audit).host("127.0.0.1");
/// # assert_ne!(read, never);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Acl {
    /// What it is about.
    pub resource: ResourcePattern,
    /// Who, such as `User:alice`, or `User:*` for everybody. Who has not logged in is
    /// `User:ANONYMOUS`.
    pub principal: String,
    /// The address that the client comes from, or `*` for any.
    pub host: String,
    /// What is allowed or denied.
    pub operation: AclOperation,
    /// Whether it is allowed or denied.
    pub permission: AclPermission,
}

impl Acl {
    /// Allows something, from everywhere.
    #[must_use]
    pub fn allow(
        principal: impl Into<String>,
        operation: AclOperation,
        resource: ResourcePattern,
    ) -> Self {
        Self {
            resource,
            principal: principal.into(),
            host: ANY_HOST.to_owned(),
            operation,
            permission: AclPermission::Allow,
        }
    }

    /// Denies something, from everywhere. That is stronger than anything that allows it.
    #[must_use]
    pub fn deny(
        principal: impl Into<String>,
        operation: AclOperation,
        resource: ResourcePattern,
    ) -> Self {
        Self {
            permission: AclPermission::Deny,
            ..Self::allow(principal, operation, resource)
        }
    }

    /// Is about clients at this address only.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Why nobody could create it.
    pub(crate) fn refusal(&self) -> Option<String> {
        if let Some(reason) = self.resource.refusal() {
            return Some(reason);
        }
        let is_parsed = self.principal.contains(':');
        (!is_parsed).then(|| format!("{:?} is no principal, such as User:alice", self.principal))
    }

    /// Whether it is about this client.
    pub(crate) fn is_about(&self, principal: &str, host: &str) -> bool {
        (self.principal == principal || self.principal == EVERYBODY)
            && (self.host == host || self.host == ANY_HOST)
    }
}

const EVERYBODY: &str = "User:*";
const ANY_HOST: &str = "*";
