//! Changing access-control lists without a client.

use super::Cluster;
use crate::{Acl, Error, ErrorCode};

impl Cluster {
    /// Adds an ACL, if it is not there. It holds from the next request on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// use kafka_fake::{Acl, AclOperation, Cluster, ResourcePattern};
    ///
    /// let cluster = Cluster::builder()
    ///     .user("alice", "alice-secret")
    ///     .super_user("User:admin")
    ///     .start()
    ///     .await?;
    /// let read = Acl::allow("User:alice", AclOperation::Read, ResourcePattern::topic("orders"));
    /// cluster.add_acl(read.clone())?;
    /// assert!(cluster.remove_acl(&read)?);
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a client that asked for it would be refused: without an authorizer, or because the ACL makes
    /// no sense.
    pub fn add_acl(&self, acl: Acl) -> Result<(), Error> {
        match &self.shared.authorizer {
            Some(authorizer) => authorizer.add(acl),
            None => Err(no_authorizer(&acl)),
        }
    }

    /// Removes an ACL; whether it was there.
    ///
    /// # Errors
    ///
    /// If the cluster has no authorizer.
    pub fn remove_acl(&self, acl: &Acl) -> Result<bool, Error> {
        match &self.shared.authorizer {
            Some(authorizer) => Ok(authorizer.remove_one(acl)),
            None => Err(no_authorizer(acl)),
        }
    }
}

fn no_authorizer(acl: &Acl) -> Error {
    Error::AclRefused {
        acl: Box::new(acl.clone()),
        code: ErrorCode::SECURITY_DISABLED,
        reason: "the cluster has no authorizer".to_owned(),
    }
}
