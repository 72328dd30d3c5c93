//! A memory of tokens that were accepted.

mod digest;
mod entry;
mod in_flight;

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use futures_util::future::BoxFuture;
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder,
    sync::{Cache, DefaultLifecycle},
};
use tokio::time::Instant;

use self::{
    digest::TokenDigest,
    entry::{ByWeight, Entry},
    in_flight::InFlight,
};
use crate::{Accepted, BearerToken, Rejection, TokenError, TokenValidator};

/// A [`TokenValidator`] that remembers for 5 minutes which tokens another one accepted.
///
/// - A token that comes again is [rechecked](TokenValidator::recheck) each time. If that fails, or
///   the 5 minutes are over, it is validated in full: the verdict is the same as without a cache.
/// - Only accepted tokens are remembered, and those by their SHA-256. Tokens that are refused leave
///   nothing behind, however many come. The memory is bounded to about 8 MiB.
/// - A token that is [validated anew](TokenValidator::validate_anew) is remembered only if it has a
///   key: a signature stays what it is. If it is refused then, it is forgotten.
/// - A token that comes again while it is being validated waits for that, and shares the verdict,
///   whatever it is. If the request that validates goes away, one that waits takes over. Nobody
///   waits longer than 5 seconds for others.
///
/// It needs a tokio runtime with time.
pub struct CachedValidator<V> {
    inner: V,
    cache: Cache<TokenDigest, Entry, ByWeight>,
    in_flight: InFlight,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl<V: TokenValidator> CachedValidator<V> {
    /// Puts a cache before a validator.
    #[must_use]
    pub fn new(inner: V) -> Self {
        Self::with_capacity(inner, MAX_BYTES)
    }

    fn with_capacity(inner: V, max_bytes: u64) -> Self {
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(usize::try_from(max_bytes / TYPICAL_BYTES).unwrap_or(0))
            .weight_capacity(max_bytes)
            .build()
            .expect("both capacities are set");
        Self {
            inner,
            cache: Cache::with_options(
                options,
                ByWeight,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            in_flight: InFlight::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// How often the cache helped, and what it holds.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            entries: self.cache.len(),
        }
    }

    /// The validator behind the cache.
    #[must_use]
    pub const fn inner(&self) -> &V {
        &self.inner
    }

    fn remembered(&self, digest: &TokenDigest) -> Option<Accepted> {
        let entry = self.cache.get(digest)?;
        let accepted = entry.accepted(Instant::now());
        let accepted = accepted.filter(|accepted| self.inner.recheck(accepted).is_ok());
        if accepted.is_none() {
            self.cache.remove(digest);
        }
        accepted
    }

    async fn validate_and_remember(
        &self,
        digest: TokenDigest,
        token: &BearerToken,
    ) -> Result<Accepted, TokenError> {
        // Another request may have ended since this one looked.
        if let Some(accepted) = self.remembered(&digest) {
            return Ok(accepted);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let accepted = self.inner.validate(token).await?;
        self.cache
            .insert(digest, Entry::new(&accepted, Instant::now()));
        Ok(accepted)
    }
}

impl<V: TokenValidator> TokenValidator for CachedValidator<V> {
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        Box::pin(async move {
            let digest = TokenDigest::of(token);
            let accepted = match self.remembered(&digest) {
                Some(accepted) => accepted,
                None => {
                    let validation = self.validate_and_remember(digest, token);
                    self.in_flight.join(digest, validation).await?
                }
            };
            if accepted.from_cache {
                self.hits.fetch_add(1, Ordering::Relaxed);
            }
            Ok(accepted)
        })
    }

    fn validate_anew<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        Box::pin(async move {
            let digest = TokenDigest::of(token);
            let remembered = self.remembered(&digest);
            if let Some(signed) = remembered.filter(|accepted| accepted.key.is_some()) {
                self.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(signed);
            }
            self.misses.fetch_add(1, Ordering::Relaxed);
            let verdict = self.inner.validate_anew(token).await;
            match &verdict {
                Ok(accepted) => {
                    let entry = Entry::new(accepted, Instant::now());
                    self.cache.insert(digest, entry);
                }
                Err(TokenError::Rejected(_)) => {
                    self.cache.remove(&digest);
                }
                // What is remembered is as good as it was.
                Err(TokenError::Unavailable { .. }) => {}
            }
            verdict
        })
    }

    fn recheck(&self, accepted: &Accepted) -> Result<(), Rejection> {
        self.inner.recheck(accepted)
    }
}

impl<V: fmt::Debug> fmt::Debug for CachedValidator<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedValidator")
            .field("inner", &self.inner)
            .field("entries", &self.cache.len())
            .finish_non_exhaustive()
    }
}

/// How often a [`CachedValidator`] helped, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// How many tokens were accepted without being validated in full.
    pub hits: u64,
    /// How many were validated in full.
    pub misses: u64,
    /// How many tokens are remembered.
    pub entries: usize,
}

const MAX_BYTES: u64 = 8 * 1024 * 1024;
/// An entry of a principal with some scopes and groups.
const TYPICAL_BYTES: u64 = 1024;
/// Few enough that a principal with thousands of groups has room in one.
const SHARDS: usize = 16;

#[cfg(test)]
mod tests;
