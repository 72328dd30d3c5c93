//! What the client of a request may do.

use super::Call;
use crate::{
    AclOperation, ErrorCode, ResourceType,
    authorizer::{Authorizer, Client, Resource, bits},
};

impl Call<'_> {
    /// Fails if the client may not do that to the resource.
    pub(super) fn authorize(
        &self,
        operation: AclOperation,
        resource: Resource<'_>,
    ) -> Result<(), ErrorCode> {
        match self.may(operation, resource) {
            true => Ok(()),
            false => Err(resource.refusal()),
        }
    }

    /// Whether the client may do that to the resource.
    pub(super) fn may(&self, operation: AclOperation, resource: Resource<'_>) -> bool {
        self.asks(|authorizer, client| authorizer.allows(client, operation, resource))
    }

    /// Whether the client may do that to any resource of this kind.
    pub(super) fn may_to_any(&self, operation: AclOperation, resource_type: ResourceType) -> bool {
        self.asks(|authorizer, client| authorizer.allows_any(client, operation, resource_type))
    }

    /// All that the client may do with a resource (KIP-430).
    pub(super) fn authorized_operations(&self, resource: Resource<'_>) -> i32 {
        let operations = resource.operations().iter().copied();
        bits(operations.filter(|operation| self.may(*operation, resource)))
    }

    /// All that the client may do with the cluster; nothing, if it may not even look.
    pub(super) fn cluster_operations(&self) -> i32 {
        match self.may(AclOperation::Describe, Resource::Cluster) {
            true => self.authorized_operations(Resource::Cluster),
            false => 0,
        }
    }

    /// Asks the authorizer. Without one, everybody may do everything.
    fn asks(&self, allows: impl FnOnce(&Authorizer, Client<'_>) -> bool) -> bool {
        let Some(authorizer) = &self.shared.authorizer else {
            return true;
        };
        let host = self.host.to_string();
        let client = Client {
            principal: self.principal,
            host: &host,
        };
        allows(authorizer, client)
    }
}
