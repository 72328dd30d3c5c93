//! Who may do what, as Kafka's `StandardAuthorizer` has it.

mod resource;

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard},
};

pub(crate) use self::resource::{Resource, bits};
use crate::{
    Acl, AclOperation, AclPermission, Error, ErrorCode, PatternType, ResourcePattern, ResourceType,
    acl::AclFilter, shared::lock,
};

/// The rules of a cluster: what no ACL allows is denied, but to super users.
#[derive(Debug)]
pub(crate) struct Authorizer {
    super_users: BTreeSet<String>,
    acls: Mutex<BTreeSet<Acl>>,
}

/// Who asks, and from where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client<'a> {
    pub(crate) principal: &'a str,
    pub(crate) host: &'a str,
}

impl Authorizer {
    /// None, if there are neither super users nor ACLs.
    pub(crate) fn new(super_users: &BTreeSet<String>, acls: &[Acl]) -> Result<Option<Self>, Error> {
        if super_users.is_empty() && acls.is_empty() {
            return Ok(None);
        }
        let authorizer = Self {
            super_users: super_users.clone(),
            acls: Mutex::default(),
        };
        for acl in acls {
            authorizer.add(acl.clone())?;
        }
        Ok(Some(authorizer))
    }

    /// Whether a client may do that to a resource. What is denied is stronger than what is allowed.
    pub(crate) fn allows(
        &self,
        client: Client<'_>,
        operation: AclOperation,
        resource: Resource<'_>,
    ) -> bool {
        if self.is_super_user(client) {
            return true;
        }
        let acls = self.acls();
        let ours = acls.iter().filter(|acl| {
            acl.is_about(client.principal, client.host)
                && acl.resource.matches(resource.kind(), resource.name())
        });
        let mut is_allowed = false;
        for acl in ours {
            match acl.permission {
                AclPermission::Deny if denies(acl, operation) => return false,
                AclPermission::Allow => is_allowed |= acl.operation.implies(operation),
                AclPermission::Deny => {}
            }
        }
        is_allowed
    }

    /// Whether there may be a resource of that kind to which a client may do that (KIP-679).
    pub(crate) fn allows_any(
        &self,
        client: Client<'_>,
        operation: AclOperation,
        resource_type: ResourceType,
    ) -> bool {
        if self.is_super_user(client) {
            return true;
        }
        let acls = self.acls();
        let of = |permission| {
            acls.iter().filter(move |acl| {
                acl.permission == permission
                    && acl.resource.resource_type == resource_type
                    && acl.is_about(client.principal, client.host)
                    && denies(acl, operation)
            })
        };
        of(AclPermission::Allow).any(|allowed| {
            let mut denied = of(AclPermission::Deny);
            !denied.any(|denied| covers(&denied.resource, &allowed.resource))
        })
    }

    /// Adds an ACL, if it is not there.
    pub(crate) fn add(&self, acl: Acl) -> Result<(), Error> {
        if let Some(reason) = acl.refusal() {
            return Err(refused(acl, ErrorCode::INVALID_REQUEST, reason));
        }
        let mut acls = self.acls();
        if acls.len() >= MAX_ACLS && !acls.contains(&acl) {
            let reason = format!("a cluster has no more than {MAX_ACLS} ACLs");
            return Err(refused(acl, ErrorCode::POLICY_VIOLATION, reason));
        }
        acls.insert(acl);
        Ok(())
    }

    /// Removes an ACL; whether it was there.
    pub(crate) fn remove_one(&self, acl: &Acl) -> bool {
        self.acls().remove(acl)
    }

    /// The ACLs that a filter admits, by their resources.
    pub(crate) fn find(&self, filter: &AclFilter) -> Vec<Acl> {
        let acls = self.acls();
        acls.iter()
            .filter(|acl| filter.admits(acl))
            .cloned()
            .collect()
    }

    /// Removes ACLs, and returns those that were there.
    pub(crate) fn remove(&self, filter: &AclFilter) -> Vec<Acl> {
        let mut acls = self.acls();
        acls.extract_if(.., |acl| filter.admits(acl)).collect()
    }

    fn is_super_user(&self, client: Client<'_>) -> bool {
        self.super_users.contains(client.principal)
    }

    fn acls(&self) -> MutexGuard<'_, BTreeSet<Acl>> {
        lock(&self.acls)
    }
}

fn refused(acl: Acl, code: ErrorCode, reason: String) -> Error {
    Error::AclRefused {
        acl: Box::new(acl),
        code,
        reason,
    }
}

/// Whether an ACL is about the operation itself, and not about one that it implies.
fn denies(acl: &Acl, operation: AclOperation) -> bool {
    acl.operation == operation || acl.operation == AclOperation::All
}

/// Whether all resources of a pattern are among those of another, as Kafka sees it: by names alone.
fn covers(outer: &ResourcePattern, inner: &ResourcePattern) -> bool {
    match outer.pattern_type {
        _ if outer.is_wildcard() => true,
        PatternType::Literal => outer == inner,
        PatternType::Prefixed => inner.name.starts_with(&outer.name),
    }
}

/// The most ACLs that there are, so that no client can fill the memory.
const MAX_ACLS: usize = 10_000;

#[cfg(test)]
mod tests;
