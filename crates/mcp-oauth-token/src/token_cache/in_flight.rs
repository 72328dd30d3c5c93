//! Validations that are under way.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time;

use super::digest::TokenDigest;
use crate::{Accepted, TokenError};

/// Validations that are under way: at most one of each token.
///
/// The guard of quick_cache would do for tokens that are accepted. With one that is refused, it
/// would let all who wait repeat the validation, one after another.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashMap<TokenDigest, Shared>>);

/// One validation, and how many requests take part in it.
#[derive(Default)]
struct Shared {
    verdict: Arc<Verdict>,
    seats: usize,
}

/// Locked while it is being found. A waiter that finds it empty is the next to look for it.
type Verdict = tokio::sync::Mutex<Option<Result<Accepted, TokenError>>>;

impl InFlight {
    /// The verdict of the validation of this token that is under way, or else of `validation`.
    pub(super) async fn join(
        &self,
        digest: TokenDigest,
        validation: impl Future<Output = Result<Accepted, TokenError>>,
    ) -> Result<Accepted, TokenError> {
        let seat = self.take_seat(digest);
        let verdict = time::timeout(PATIENCE, seat.verdict.lock()).await;
        let mut verdict = verdict.map_err(|_| TokenError::Unavailable {
            reason: format!("the same token has been under validation for {PATIENCE:?}"),
            retry_after: RETRY_AFTER,
        })?;
        if let Some(found) = &*verdict {
            return found.clone().map(|accepted| Accepted {
                from_cache: true,
                ..accepted
            });
        }
        let found = validation.await;
        *verdict = Some(found.clone());
        // A verdict is for those who wait for it, and for nobody who comes later.
        seat.close();
        found
    }

    fn take_seat(&self, digest: TokenDigest) -> Seat<'_> {
        let mut listed = self.lock();
        let shared = listed.entry(digest).or_default();
        shared.seats += 1;
        Seat {
            in_flight: self,
            digest,
            verdict: Arc::clone(&shared.verdict),
        }
    }

    /// How many tokens are under validation.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TokenDigest, Shared>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request's part in a validation. The last to leave takes it off the list.
struct Seat<'a> {
    in_flight: &'a InFlight,
    digest: TokenDigest,
    verdict: Arc<Verdict>,
}

impl Seat<'_> {
    fn close(&self) {
        self.update(|shared| shared.seats = 0);
    }

    /// Changes what is listed, which may be another validation of the same token by now.
    fn update(&self, change: impl FnOnce(&mut Shared)) {
        let mut listed = self.in_flight.lock();
        if let Entry::Occupied(mut entry) = listed.entry(self.digest)
            && Arc::ptr_eq(&entry.get().verdict, &self.verdict)
        {
            change(entry.get_mut());
            if entry.get().seats == 0 {
                entry.remove();
            }
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.update(|shared| shared.seats = shared.seats.saturating_sub(1));
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
const RETRY_AFTER: Duration = Duration::from_secs(1);
