//! What is remembered of a token.

use std::time::Duration;

use quick_cache::Weighter;
use tokio::time::Instant;

use super::digest::TokenDigest;
use crate::{Accepted, Principal};

/// What is remembered of a token.
#[derive(Clone)]
pub(super) struct Entry {
    accepted: Accepted,
    forgotten_at: Instant,
    weight: u64,
}

impl Entry {
    pub(super) fn new(accepted: &Accepted, now: Instant) -> Self {
        let parts = size_of::<(TokenDigest, Self, Principal)>() + OVERHEAD_BYTES;
        let bytes = parts + heap_bytes(&accepted.principal);
        Self {
            accepted: Accepted {
                from_cache: true,
                ..accepted.clone()
            },
            forgotten_at: now + LIFE,
            weight: u64::try_from(bytes).unwrap_or(u64::MAX),
        }
    }

    pub(super) fn accepted(self, now: Instant) -> Option<Accepted> {
        (now < self.forgotten_at).then_some(self.accepted)
    }
}

/// Weighs entries by the memory that they take, roughly.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByWeight;

impl Weighter<TokenDigest, Entry> for ByWeight {
    fn weight(&self, _: &TokenDigest, entry: &Entry) -> u64 {
        entry.weight
    }
}

fn heap_bytes(principal: &Principal) -> usize {
    let lists = [&principal.roles, &principal.groups];
    let listed = lists.into_iter().flatten().map(|text| text.capacity());
    let optional = [
        &principal.client_id,
        &principal.display_name,
        &principal.email,
    ];
    let optional = optional.into_iter().flatten().map(String::capacity);
    let scopes = principal.scopes.iter().map(|scope| scope.as_str().len());
    let slots = principal.roles.capacity() + principal.groups.capacity();
    listed
        .chain(optional)
        .chain(scopes.map(|bytes| bytes + SCOPE_OVERHEAD_BYTES))
        .chain([principal.issuer.capacity(), principal.subject.capacity()])
        .chain([slots * size_of::<String>()])
        .sum()
}

const LIFE: Duration = Duration::from_secs(300);
/// The slot in the cache, the counters of the shared principal, and what allocators add.
const OVERHEAD_BYTES: usize = 128;
/// The place in the set, and the counters of the shared name.
const SCOPE_OVERHEAD_BYTES: usize = 48;
