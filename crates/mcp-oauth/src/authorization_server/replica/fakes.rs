//! What servers depend on, as it is told to be.

use std::{
    future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use mcp_oauth_token::{Clock, ScopeSet, UnixTime};
use secrecy::{ExposeSecret, SecretString};
use tokio::{task::yield_now, time::sleep};

use crate::authorization_server::{
    event::{GrantEvent, GrantObserver, GrantSummary},
    grant::Grant,
    store::{Store, StoreError, StoreKey},
    upstream::{RefreshFailure, Refreshed, Upstream},
};

/// A clock that stands still until it is told.
#[derive(Debug)]
pub(in crate::authorization_server) struct ManualClock(AtomicU64);

impl ManualClock {
    pub(super) fn new() -> Self {
        Self(AtomicU64::new(1_000_000_000_000))
    }

    pub(in crate::authorization_server) fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    pub(in crate::authorization_server) fn set_back(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap();
        self.0.fetch_sub(millis, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        let since_epoch = Duration::from_millis(self.0.load(Ordering::Relaxed));
        UnixTime::from_secs(0).saturating_add(since_epoch)
    }
}

/// A store that can be silent or full, and lets others have their turn before and after each verb.
#[derive(Debug)]
pub(in crate::authorization_server) struct Switchable {
    store: Arc<dyn Store>,
    is_silent: AtomicBool,
    is_full: AtomicBool,
    pause: Mutex<Duration>,
    swaps: AtomicUsize,
}

impl Switchable {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            is_silent: AtomicBool::new(false),
            is_full: AtomicBool::new(false),
            pause: Mutex::new(Duration::ZERO),
            swaps: AtomicUsize::new(0),
        }
    }

    pub(in crate::authorization_server) fn silence(&self, is_silent: bool) {
        self.is_silent.store(is_silent, Ordering::Relaxed);
    }

    /// Whether it takes nothing more.
    pub(in crate::authorization_server) fn fill(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::Relaxed);
    }

    /// Takes this long for each verb.
    pub(in crate::authorization_server) fn pause(&self, pause: Duration) {
        *self.pause.lock().unwrap() = pause;
    }

    /// How often something was swapped.
    pub(in crate::authorization_server) fn swaps(&self) -> usize {
        self.swaps.load(Ordering::Relaxed)
    }

    fn turn<'a, T: Send + 'a>(
        &'a self,
        verb: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            yield_now().await;
            let pause = *self.pause.lock().unwrap();
            if !pause.is_zero() {
                sleep(pause).await;
            }
            if self.is_silent.load(Ordering::Relaxed) {
                return Err(StoreError::unavailable("silenced"));
            }
            let done = verb().await;
            yield_now().await;
            done
        })
    }

    /// A turn of a verb that needs room.
    fn turn_with_room<'a, T: Send + 'a>(
        &'a self,
        verb: impl FnOnce() -> BoxFuture<'a, Result<T, StoreError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        self.turn(|| {
            if self.is_full.load(Ordering::Relaxed) {
                return Box::pin(future::ready(Err(StoreError::Full)));
            }
            verb()
        })
    }
}

impl Store for Switchable {
    fn put_new<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.turn_with_room(move || self.store.put_new(key, value, ttl))
    }

    fn get<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.turn(move || self.store.get(key))
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.turn(move || self.store.take(key))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: &'a [u8],
        new: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.turn_with_room(move || {
            self.swaps.fetch_add(1, Ordering::Relaxed);
            self.store.compare_and_swap(key, expected, new, ttl)
        })
    }

    fn incr<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.turn_with_room(move || self.store.incr(key, ttl))
    }
}

/// An identity provider of one grant, whose first refresh token is `upstream-0`.
#[derive(Debug, Default)]
pub(in crate::authorization_server) struct FakeUpstream(Mutex<Account>);

#[derive(Debug, Default)]
struct Account {
    outcome: Outcome,
    rotates: bool,
    /// How often others have their turn before it answers.
    turns: usize,
    generation: u64,
    calls: usize,
    /// What the account may have, if it is not as before.
    scopes: Option<ScopeSet>,
    ignores_revocations: bool,
    revoked: Vec<String>,
}

/// What the identity provider does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::authorization_server) enum Outcome {
    Ended,
    #[default]
    Renewed,
    Silence,
    Unavailable,
    /// It sends tokens, and nobody can tell now whether they are for the same account.
    Unverified,
}

impl FakeUpstream {
    pub(in crate::authorization_server) fn answer_with(&self, outcome: Outcome) {
        self.0.lock().unwrap().outcome = outcome;
    }

    /// Gives a new refresh token each time, and takes no old one.
    pub(in crate::authorization_server) fn rotate(&self) {
        self.0.lock().unwrap().rotates = true;
    }

    /// Leaves the account these scopes of those that it had.
    pub(in crate::authorization_server) fn leave(&self, scopes: &str) {
        self.0.lock().unwrap().scopes = Some(scopes.parse().unwrap());
    }

    /// Says nothing, ever, to who gives a token back.
    pub(in crate::authorization_server) fn ignore_revocations(&self) {
        self.0.lock().unwrap().ignores_revocations = true;
    }

    pub(in crate::authorization_server) fn answer_after(&self, turns: usize) {
        self.0.lock().unwrap().turns = turns;
    }

    pub(in crate::authorization_server) fn calls(&self) -> usize {
        self.0.lock().unwrap().calls
    }

    pub(in crate::authorization_server) fn revoked(&self) -> Vec<String> {
        self.0.lock().unwrap().revoked.clone()
    }

    fn call(&self, token: &str, grant: &Grant) -> Refreshed {
        let mut account = self.0.lock().unwrap();
        account.calls += 1;
        let unavailable = RefreshFailure::Unavailable {
            retry_after: Duration::from_secs(7),
        };
        let verdict = match account.outcome {
            Outcome::Ended => Err(RefreshFailure::Ended),
            Outcome::Silence | Outcome::Unavailable => Err(unavailable),
            Outcome::Renewed | Outcome::Unverified
                if token != format!("upstream-{}", account.generation) =>
            {
                Err(RefreshFailure::Ended)
            }
            Outcome::Renewed => {
                let scopes = account.scopes.as_ref().unwrap_or(&grant.scopes).clone();
                return account.tokens(Ok(scopes));
            }
            Outcome::Unverified => return account.tokens(Err(unavailable)),
        };
        Refreshed {
            refresh_token: None,
            verdict,
        }
    }
}

impl Account {
    fn tokens(&mut self, verdict: Result<ScopeSet, RefreshFailure>) -> Refreshed {
        self.generation += u64::from(self.rotates);
        let token = format!("upstream-{}", self.generation);
        Refreshed {
            refresh_token: self.rotates.then(|| token.into()),
            verdict,
        }
    }
}

impl Upstream for FakeUpstream {
    fn refresh<'a>(
        &'a self,
        refresh_token: &'a SecretString,
        grant: &'a Grant,
        within: Duration,
    ) -> BoxFuture<'a, Refreshed> {
        Box::pin(async move {
            let turns = self.0.lock().unwrap().turns;
            for _ in 0..turns {
                yield_now().await;
            }
            let answer = self.call(refresh_token.expose_secret(), grant);
            if self.0.lock().unwrap().outcome == Outcome::Silence {
                sleep(within).await;
            }
            yield_now().await;
            answer
        })
    }

    fn revoke<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, ()> {
        let token = refresh_token.expose_secret().to_owned();
        Box::pin(async move {
            yield_now().await;
            if self.0.lock().unwrap().ignores_revocations {
                future::pending::<()>().await;
            }
            self.0.lock().unwrap().revoked.push(token);
        })
    }
}

/// Remembers what happened.
#[derive(Debug, Default)]
pub(in crate::authorization_server) struct Recorder(Mutex<Vec<GrantEvent>>);

impl Recorder {
    pub(in crate::authorization_server) fn all(&self) -> Vec<GrantEvent> {
        self.0.lock().unwrap().clone()
    }
}

impl GrantObserver for Recorder {
    fn observe(&self, event: GrantEvent, _grant: &GrantSummary<'_>) {
        self.0.lock().unwrap().push(event);
    }
}
