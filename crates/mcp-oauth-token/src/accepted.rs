//! What is known of a token that was accepted.

use std::sync::Arc;

use crate::Principal;

/// A token that was accepted: who it stands for, and what to check again when it comes back.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Accepted {
    /// Who it stands for.
    pub principal: Arc<Principal>,
    /// The key that verified it. When the provider withdraws the key, the token falls with it.
    pub key: Option<KeyId>,
    /// Whether it was accepted from a cache, and only expiry and key were checked now.
    pub from_cache: bool,
}

impl Accepted {
    /// A token that was verified now.
    #[must_use]
    pub fn new(principal: Principal, key: Option<KeyId>) -> Self {
        Self {
            principal: Arc::new(principal),
            key,
            from_cache: false,
        }
    }
}

/// Identifies one key of one key store. Another key that is published under the same `kid` has
/// another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(u64);

impl KeyId {
    /// An identifier, unique within the store that gives it.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        Self(id)
    }
}
