//! A validator of tokens of the form `name.key.expiry.signature`; with key 0 it is one that somebody
//! vouches for.

use std::{
    collections::HashSet,
    future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::time;

use crate::{
    Accepted, BearerToken, Check, KeyId, Principal, PrincipalKind, Rejection, TokenError,
    TokenValidator, UnixTime,
};

#[derive(Debug, Default)]
pub(super) struct FakeValidator {
    now: AtomicU64,
    withdrawn: Mutex<HashSet<KeyId>>,
    mode: Mutex<Mode>,
    delay: Mutex<Duration>,
    groups: AtomicUsize,
    validations: AtomicUsize,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Mode {
    Hang,
    Panic,
    Reject,
    Unavailable,
    #[default]
    Validate,
}

impl FakeValidator {
    pub(super) const LEEWAY: Duration = Duration::from_secs(30);

    pub(super) fn set_time(&self, seconds: u64) {
        self.now.store(seconds, Ordering::Relaxed);
    }

    pub(super) fn withdraw_key(&self, key: u64) {
        self.withdrawn.lock().unwrap().insert(KeyId::new(key));
    }

    pub(super) fn publish_key(&self, key: u64) {
        self.withdrawn.lock().unwrap().remove(&KeyId::new(key));
    }

    pub(super) fn set_mode(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    pub(super) fn set_delay(&self, delay: Duration) {
        *self.delay.lock().unwrap() = delay;
    }

    /// How many groups its principals have.
    pub(super) fn set_groups(&self, groups: usize) {
        self.groups.store(groups, Ordering::Relaxed);
    }

    pub(super) fn validations(&self) -> usize {
        self.validations.load(Ordering::Relaxed)
    }

    fn check(&self, expires_at: UnixTime, key: KeyId) -> Result<(), Rejection> {
        let now = UnixTime::from_secs(self.now.load(Ordering::Relaxed));
        if now.saturating_since(expires_at) > Self::LEEWAY {
            return Err(Check::Expiry.into());
        }
        if self.withdrawn.lock().unwrap().contains(&key) {
            return Err(Check::Key.into());
        }
        Ok(())
    }

    fn validate_now(&self, token: &BearerToken) -> Result<Accepted, TokenError> {
        let parts: Vec<_> = token.expose_secret().split('.').collect();
        let [name, key, expires_at, signature] = parts[..] else {
            return Err(Rejection::new(Check::Syntax).into());
        };
        let key = KeyId::new(key.parse().unwrap());
        let expires_at = UnixTime::from_secs(expires_at.parse().unwrap());
        self.check(expires_at, key)?;
        if signature != "good" {
            return Err(Rejection::new(Check::Signature).into());
        }
        let mut principal = Principal::new("issuer", name, PrincipalKind::User, expires_at);
        principal.groups = (0..self.groups.load(Ordering::Relaxed))
            .map(|group| format!("group-{group:06}"))
            .collect();
        let key = Some(key).filter(|key| *key != VOUCHED);
        Ok(Accepted::new(principal, key))
    }
}

impl TokenValidator for Arc<FakeValidator> {
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        self.validations.fetch_add(1, Ordering::Relaxed);
        let (mode, delay) = (*self.mode.lock().unwrap(), *self.delay.lock().unwrap());
        Box::pin(async move {
            if !delay.is_zero() {
                time::sleep(delay).await;
            }
            match mode {
                Mode::Hang => future::pending().await,
                Mode::Panic => panic!("a validator that panics"),
                Mode::Reject => Err(Rejection::new(Check::Client).into()),
                Mode::Unavailable => Err(TokenError::Unavailable {
                    reason: "the provider is down".to_owned(),
                    retry_after: Duration::from_secs(7),
                }),
                Mode::Validate => self.validate_now(token),
            }
        })
    }

    fn recheck(&self, accepted: &Accepted) -> Result<(), Rejection> {
        let key = accepted.key.unwrap_or(VOUCHED);
        self.check(accepted.principal.expires_at, key)
    }
}

const VOUCHED: KeyId = KeyId::new(0);
