//! What an ACL says of an operation.

use super::code::words;

words! {
    /// Whether something may be done: Kafka's `AclPermissionType`.
    AclPermission {
        /// It may, unless something else denies it.
        Allow = 3,
        /// It may not.
        Deny = 2,
    }
}
