//! What a key store knows, and what it does next.

use std::{
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{
    JwksStatus, KeyError,
    attempts::Attempts,
    fetch::{Fetch, FetchError},
    flight::{Departure, Flight, Search},
    freshness::{Freshness, Stage},
    key_set::{KeyIds, KeySet, NoKey, Sought},
};
use crate::{KeyId, ProviderUrl, VerificationKey};

/// What requests and the fetch in flight share. It decides; it does not wait.
#[derive(Debug)]
pub(super) struct Shared {
    fetch: Fetch,
    ids: KeyIds,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    key_set: Option<Arc<KeySet>>,
    flight: Option<Flight>,
    attempts: Attempts,
}

/// What a request for a key does next.
#[derive(Debug)]
pub(super) enum Step {
    Answer(Result<Arc<VerificationKey>, KeyError>),
    Wait(Flight),
}

impl Shared {
    pub(super) fn new(fetch: Fetch) -> Self {
        Self {
            fetch,
            ids: KeyIds::default(),
            state: RwLock::default(),
        }
    }

    pub(super) const fn url(&self) -> &ProviderUrl {
        self.fetch.url()
    }

    /// A key that is at hand and needs nothing to be done.
    pub(super) fn fresh_key(
        &self,
        sought: Sought<'_>,
        now: Instant,
    ) -> Option<Arc<VerificationKey>> {
        let state = self.read();
        let key_set = state.usable(now)?;
        let is_fresh = key_set.freshness().stage(now) == Stage::Fresh;
        key_set.find(sought).ok().filter(|_| is_fresh)
    }

    /// Looks for a key, and says whether to wait for a fetch, and whether to begin one.
    pub(super) fn seek(
        self: &Arc<Self>,
        sought: Sought<'_>,
        now: Instant,
    ) -> (Step, Option<Departure>) {
        let mut state = self.write();
        let found = state.find(sought, now);
        let stage = state.stage(now);
        let has_keys = stage < Stage::Expired;
        let is_missing = matches!(found, Err(NoKey::Missing));
        let may_fetch_at = if is_missing {
            state.attempts.may_search_at(has_keys)
        } else {
            state.attempts.may_refresh_at(has_keys)
        };
        let is_wanted = is_missing || stage >= Stage::Due;
        let may_fetch = may_fetch_at.is_none_or(|at| at <= now);
        let departure = (is_wanted && may_fetch && state.flight.is_none()).then(|| {
            let search = is_missing.then(|| Search::new(sought, has_keys));
            state.depart(self, search)
        });
        let is_worth_waiting =
            is_missing || stage == Stage::Stale && !state.attempts.failed_lately(now);
        let step = match &state.flight {
            Some(flight) if is_worth_waiting => Step::Wait(flight.clone()),
            _ => Step::Answer(state.answer(found, now)),
        };
        (step, departure)
    }

    /// Looks for a key after having waited for a fetch: whatever it brought is what there is.
    pub(super) fn seek_landed(
        &self,
        sought: Sought<'_>,
        now: Instant,
    ) -> Result<Arc<VerificationKey>, KeyError> {
        let mut state = self.write();
        let found = state.find(sought, now);
        if let (Err(NoKey::Missing), Some(key_set)) = (&found, state.usable(now)) {
            let fetched_at = key_set.freshness().fetched_at();
            state.attempts.search(fetched_at);
        }
        state.answer(found, now)
    }

    /// When to fetch for the sake of time.
    pub(super) fn refresh_due_at(&self, now: Instant) -> Instant {
        self.read().refresh_due_at(now)
    }

    /// The fetch to wait for, if one is due, and whether to begin it.
    pub(super) fn refresh(self: &Arc<Self>, now: Instant) -> (Option<Flight>, Option<Departure>) {
        let mut state = self.write();
        let is_due = state.refresh_due_at(now) <= now;
        let departure = (is_due && state.flight.is_none()).then(|| state.depart(self, None));
        (state.flight.clone(), departure)
    }

    /// Fetches a key set. What becomes of it is decided when it [lands](Self::land).
    pub(super) async fn fetch(&self) -> Result<KeySet, FetchError> {
        let (headers, document) = self.fetch.send().await?;
        let freshness = Freshness::new(&headers, Instant::now());
        let previous = self.read().key_set.clone();
        KeySet::parse(document, freshness, previous.as_deref(), &self.ids)
            .map_err(|source| FetchError::KeySet { source })
    }

    pub(super) fn land(
        &self,
        outcome: Result<KeySet, FetchError>,
        search: Option<Search>,
        now: Instant,
    ) {
        let mut state = self.write();
        match outcome {
            Ok(key_set) => {
                tracing::debug!(url = %self.url(), keys = key_set.len(), "key set fetched");
                state.attempts.succeed();
                if search.is_some_and(|search| search.is_spent(&key_set)) {
                    state.attempts.search(now);
                }
                state.key_set = Some(Arc::new(key_set));
            }
            Err(error) => {
                let error = error.chain();
                tracing::warn!(url = %self.url(), error, "key set not fetched");
                state.attempts.fail(error, now);
            }
        }
        state.flight = None;
    }

    pub(super) fn holds(&self, id: KeyId, now: Instant) -> bool {
        let state = self.read();
        state.usable(now).is_some_and(|key_set| key_set.holds(id))
    }

    pub(super) fn document(&self, now: Instant) -> Option<Bytes> {
        self.read().usable(now).map(|key_set| key_set.document())
    }

    pub(super) fn status(&self, now: Instant) -> JwksStatus {
        let state = self.read();
        let key_set = state.usable(now);
        JwksStatus {
            keys: key_set.map_or(0, |key_set| key_set.len()),
            age: key_set.map(|key_set| now.duration_since(key_set.freshness().fetched_at())),
            fetches_succeeded: state.attempts.succeeded,
            fetches_failed: state.attempts.failed,
            last_error: state.attempts.last_error.clone(),
        }
    }

    // A panic elsewhere is no reason to refuse everybody from then on: no state is left half-made.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn usable(&self, now: Instant) -> Option<&Arc<KeySet>> {
        let key_set = self.key_set.as_ref();
        key_set.filter(|key_set| key_set.freshness().stage(now) < Stage::Expired)
    }

    fn stage(&self, now: Instant) -> Stage {
        let key_set = self.key_set.as_ref();
        key_set.map_or(Stage::Expired, |key_set| key_set.freshness().stage(now))
    }

    fn find(&self, sought: Sought<'_>, now: Instant) -> Result<Arc<VerificationKey>, NoKey> {
        self.usable(now).ok_or(NoKey::Missing)?.find(sought)
    }

    fn refresh_due_at(&self, now: Instant) -> Instant {
        let key_set = self.usable(now);
        let due_at = key_set.map(|key_set| key_set.freshness().due_at());
        let may_refresh_at = self.attempts.may_refresh_at(key_set.is_some());
        due_at.max(may_refresh_at).unwrap_or(now)
    }

    fn depart(&mut self, shared: &Arc<Shared>, search: Option<Search>) -> Departure {
        let (flight, departure) = Flight::prepare(shared, search);
        self.flight = Some(flight);
        departure
    }

    /// A key that is not in a key set of today does not exist. About older ones, nobody can tell.
    fn answer(
        &self,
        found: Result<Arc<VerificationKey>, NoKey>,
        now: Instant,
    ) -> Result<Arc<VerificationKey>, KeyError> {
        let stage = self.stage(now);
        found.map_err(|no_key| match no_key {
            NoKey::Ambiguous => KeyError::Ambiguous,
            NoKey::Missing if stage < Stage::Stale => KeyError::Unknown,
            NoKey::Missing => {
                let reason = self.attempts.last_error.as_deref();
                let may_search_at = self.attempts.may_search_at(stage < Stage::Expired);
                let wait = may_search_at.map(|at| at.saturating_duration_since(now));
                KeyError::Unavailable {
                    reason: reason.unwrap_or("it is being fetched").to_owned(),
                    retry_after: wait.unwrap_or_default().max(MIN_RETRY_AFTER),
                }
            }
        })
    }
}

const MIN_RETRY_AFTER: Duration = Duration::from_secs(1);
