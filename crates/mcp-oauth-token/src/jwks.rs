//! The keys that an identity provider publishes.

mod attempts;
mod fetch;
mod flight;
mod freshness;
mod key_set;
mod state;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    task::JoinSet,
    time::{self, Instant},
};

use self::{
    fetch::Fetch,
    flight::Departure,
    key_set::Sought,
    state::{Shared, Step},
};
use crate::{
    Algorithm, Check, HttpClient, KeyId, ProviderUrl, Rejection, TokenError, VerificationKey,
};

/// The key set that an identity provider publishes (RFC 7517), fetched when it is needed and kept
/// fresh.
///
/// - A key set lives as long as the provider says, within 5 minutes and 24 hours, and is fetched
///   again after 80 % of that: by [`Self::maintain`], or behind the first request that comes then.
/// - A key that is not in it causes one fetch, for all that wait for it together, and none for the
///   next 30 seconds: names of keys are made up by whoever sends the token.
/// - When a fetch fails, or brings anything but a usable key set, the keys at hand stay in use until
///   24 hours after their life ended (RFC 5861 section 4). When it succeeds, keys that it does not
///   bring are gone.
/// - Nothing waits longer than 5 seconds, and a fetch goes on when who asked for it goes away.
///
/// It needs a tokio runtime with time.
pub struct JwksStore {
    shared: Arc<Shared>,
    /// The fetch in flight. It ends with the store.
    tasks: Mutex<JoinSet<()>>,
}

impl JwksStore {
    /// A store for the key set at `url`. Nothing is fetched yet.
    #[must_use]
    pub fn new(url: ProviderUrl, http: Arc<dyn HttpClient>) -> Self {
        Self {
            shared: Arc::new(Shared::new(Fetch::new(url, http))),
            tasks: Mutex::new(JoinSet::new()),
        }
    }

    /// The key that a token was signed with, by the `kid` and the algorithm in its header. A token
    /// that names no key gets the one key that fits its algorithm.
    ///
    /// # Errors
    ///
    /// [`KeyError`]; only [`KeyError::Unavailable`] is worth another try.
    pub async fn key(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<VerificationKey>, KeyError> {
        let sought = Sought { kid, algorithm };
        // Nearly every request ends here, with a lock that excludes no other request.
        if let Some(key) = self.shared.fresh_key(sought, Instant::now()) {
            return Ok(key);
        }
        let (step, departure) = self.shared.seek(sought, Instant::now());
        self.begin(departure);
        match step {
            Step::Answer(answer) => answer,
            Step::Wait(flight) => {
                let _ = time::timeout(PATIENCE, flight.landed()).await;
                self.shared.seek_landed(sought, Instant::now())
            }
        }
    }

    /// Whether a key is still in the key set. It is not any more after the first fetch that does not
    /// bring it.
    #[must_use]
    pub fn holds(&self, id: KeyId) -> bool {
        self.shared.holds(id, Instant::now())
    }

    /// The key set as it is published, to be passed on.
    #[must_use]
    pub fn document(&self) -> Option<Bytes> {
        self.shared.document(Instant::now())
    }

    /// What there is, and how fetching it went.
    #[must_use]
    pub fn status(&self) -> JwksStatus {
        self.shared.status(Instant::now())
    }

    /// Keeps the key set fresh, so that no request has to wait for it. It never ends: who runs it
    /// drops it. The store works without it, too.
    pub async fn maintain(&self) {
        loop {
            time::sleep_until(self.shared.refresh_due_at(Instant::now())).await;
            let (flight, departure) = self.shared.refresh(Instant::now());
            self.begin(departure);
            if let Some(flight) = flight {
                flight.landed().await;
            }
        }
    }

    fn begin(&self, departure: Option<Departure>) {
        let Some(departure) = departure else { return };
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(departure.fly());
    }
}

impl fmt::Debug for JwksStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksStore")
            .field("url", self.shared.url())
            .finish_non_exhaustive()
    }
}

/// Why there is no key for a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The token names no key, or one that is published twice, and several could have signed it.
    #[error("several published keys could have signed the token")]
    Ambiguous,
    /// No key is published that the token could have been signed with.
    #[error("no published key has the kid of the token and fits its algorithm")]
    Unknown,
    /// Whether such a key is published is not known.
    #[error("the keys of the identity provider are not available: {reason}")]
    Unavailable {
        /// Why, for the operator.
        reason: String,
        /// When to try again.
        retry_after: Duration,
    },
}

impl From<KeyError> for TokenError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Ambiguous | KeyError::Unknown => {
                Rejection::new(Check::Key).detail(error.to_string()).into()
            }
            KeyError::Unavailable {
                ref reason,
                retry_after,
            } => Self::Unavailable {
                reason: format!("the key set: {reason}"),
                retry_after,
            },
        }
    }
}

/// The condition of a [`JwksStore`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JwksStatus {
    /// How many keys there are to verify signatures with.
    pub keys: usize,
    /// How long ago they were fetched.
    pub age: Option<Duration>,
    /// How many fetches brought a key set.
    pub fetches_succeeded: u64,
    /// How many did not.
    pub fetches_failed: u64,
    /// Why the last fetch did not, if it did not.
    pub last_error: Option<String>,
}

/// How long a request waits for a fetch: a little longer than a fetch may take, so that it learns
/// how the fetch ended.
const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
