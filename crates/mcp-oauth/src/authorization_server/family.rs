//! All tokens that came of one login: they live and end together.

mod copies;

use std::{mem, sync::Arc, time::Duration};

use mcp_oauth_token::{Clock, JwtPolicy, UnixTime};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use self::copies::Copies;
use super::{
    event::{GrantEvent, GrantObserver, GrantSummary},
    grant::{Grant, Renewal},
    rotation::Rotation,
    store::{SealedStore, StoreError, Stored},
    unguessable::unguessable,
    unix_millis,
};

/// The families that there are.
///
/// A family that the store knows nothing of has ended: when data are lost, people log in again.
#[derive(Debug)]
pub(crate) struct Families {
    store: SealedStore,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn GrantObserver>,
    lifetimes: Lifetimes,
    copies: Option<Copies>,
}

impl Families {
    pub(crate) fn new(
        store: SealedStore,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn GrantObserver>,
        lifetimes: Lifetimes,
    ) -> Self {
        Self {
            store,
            clock,
            observer,
            lifetimes,
            copies: None,
        }
    }

    /// Lets requests look at copies of what the store says that are not older than `age`, for a
    /// store that is far away. With them it may be silent for a minute.
    #[must_use]
    pub(crate) fn with_copies(mut self, age: Duration) -> Self {
        self.copies = Some(Copies::new(age));
        self
    }

    /// Begins a family. `None` if it has begun already, and be it that it ended since.
    pub(crate) async fn begin(
        &self,
        id: &FamilyId,
        grant: Grant,
    ) -> Result<Option<LiveFamily>, StoreError> {
        let now = self.clock.now();
        let family = LiveFamily::new(grant, now, &self.lifetimes);
        let ttl = family.expires_at.saturating_since(now);
        let record = Record::Live(Box::new(family.clone()));
        if !self
            .store
            .put_new(KIND, id.as_bytes(), &record, ttl)
            .await?
        {
            return Ok(None);
        }
        self.observe(GrantEvent::Begun, id, &family);
        Ok(Some(family))
    }

    /// A family as the store has it now, if it lives.
    pub(crate) async fn find(&self, id: &FamilyId) -> Result<Option<StoredFamily>, StoreError> {
        let stored = self.store.get::<Record>(KIND, id.as_bytes()).await?;
        let found = stored.and_then(StoredFamily::new);
        Ok(found.filter(|found| self.clock.now() < found.family.expires_at))
    }

    /// Puts `next` in the place of what was read. `false` if that is another by now.
    pub(crate) async fn replace(
        &self,
        read: &StoredFamily,
        next: &LiveFamily,
    ) -> Result<bool, StoreError> {
        let ttl = next.expires_at.saturating_since(self.clock.now());
        let next = Record::Live(Box::new(next.clone()));
        self.store.compare_and_swap(&read.stored, &next, ttl).await
    }

    /// Ends a family, and returns what the identity provider is to be given back. It stays ended.
    pub(crate) async fn end(
        &self,
        id: &FamilyId,
        why: GrantEvent,
    ) -> Result<Option<SecretString>, StoreError> {
        for _ in 0..MAX_SWAPS {
            let Some(found) = self.find(id).await? else {
                return Ok(None);
            };
            let swap = self
                .store
                .compare_and_swap(&found.stored, &Record::Ended, ENDED_TTL);
            if swap.await? {
                self.ended(id, &found.family, why);
                return Ok(match found.family.grant.renewal {
                    Renewal::Upstream(token) if why != GrantEvent::EndedUpstream => Some(token),
                    _ => None,
                });
            }
        }
        Err(StoreError::unavailable(
            "others change the entry all the time",
        ))
    }

    /// Whether a family lives, as far as requests with its access tokens are concerned.
    pub(crate) async fn lives(&self, id: &FamilyId) -> Result<bool, StoreError> {
        let Some(copies) = &self.copies else {
            return Ok(self.find(id).await?.is_some());
        };
        let reading = match copies.fresh(id) {
            Ok(lives) => return Ok(lives),
            Err(reading) => reading,
        };
        match self.find(id).await {
            Ok(found) => Ok(copies.keep(id, found.is_some(), reading)),
            Err(error) => copies.last_known(id).ok_or(error),
        }
    }

    fn ended(&self, id: &FamilyId, family: &LiveFamily, why: GrantEvent) {
        if let Some(copies) = &self.copies {
            copies.end(id);
        }
        self.observe(why, id, family);
    }

    pub(crate) fn observe(&self, event: GrantEvent, id: &FamilyId, family: &LiveFamily) {
        let summary = GrantSummary::new(id.as_str(), &family.grant);
        self.observer.observe(event, &summary);
    }

    pub(crate) const fn lifetimes(&self) -> &Lifetimes {
        &self.lifetimes
    }
}

/// What tells a family from others. It stands in access tokens, and is worth nothing by itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct FamilyId(String);

impl FamilyId {
    /// One that there was never before. `None` if the system has no randomness to give.
    pub(crate) fn random() -> Option<Self> {
        unguessable().map(Self)
    }

    /// The one that a token names.
    pub(crate) fn named(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A family as the store has it.
#[derive(Clone, Debug)]
pub(crate) struct StoredFamily {
    pub(crate) family: LiveFamily,
    stored: Stored<Record>,
}

impl StoredFamily {
    fn new(mut stored: Stored<Record>) -> Option<Self> {
        match mem::replace(&mut stored.value, Record::Ended) {
            Record::Ended => None,
            Record::Live(family) => Some(Self {
                family: *family,
                stored,
            }),
        }
    }
}

/// A family that lives.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct LiveFamily {
    pub(crate) grant: Grant,
    pub(crate) rotation: Rotation,
    /// When it ends if it is not used.
    #[serde(with = "unix_millis")]
    expires_at: UnixTime,
    /// When it ends however it is used.
    #[serde(with = "unix_millis")]
    pub(crate) ends_at: UnixTime,
}

impl LiveFamily {
    fn new(grant: Grant, now: UnixTime, lifetimes: &Lifetimes) -> Self {
        // Without refresh tokens it is there for access tokens only, leeway included.
        let (idle, ends_at) = match grant.renewal {
            Renewal::Never => {
                let life = lifetimes.access_token + MAX_LEEWAY;
                (life, now.saturating_add(life))
            }
            Renewal::Ourselves | Renewal::Upstream(_) => {
                (lifetimes.idle, now.saturating_add(lifetimes.absolute))
            }
        };
        Self {
            grant,
            rotation: Rotation::start(),
            expires_at: now.saturating_add(idle).min(ends_at),
            ends_at,
        }
    }

    /// The family with its grant renewed, and the next refresh token.
    pub(crate) fn renewed(&self, grant: Grant, now: UnixTime, lifetimes: &Lifetimes) -> Self {
        Self {
            grant,
            rotation: self.rotation.finished(now, lifetimes.grace),
            expires_at: now.saturating_add(lifetimes.idle).min(self.ends_at),
            ends_at: self.ends_at,
        }
    }

    /// The family whose grant could not be renewed now. It is to be renewed with `renewal` by
    /// whoever comes next.
    pub(crate) fn abandoned(&self, renewal: Renewal) -> Self {
        let mut family = self.with_rotation(self.rotation.abandoned());
        family.grant.renewal = renewal;
        family
    }

    /// The family with its rotation somewhere else.
    pub(crate) fn with_rotation(&self, rotation: Rotation) -> Self {
        Self {
            rotation,
            ..self.clone()
        }
    }
}

/// How long tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifetimes {
    /// An access token: 15 minutes, and at most [`Self::MAX_ACCESS_TOKEN`].
    pub access_token: Duration,
    /// A refresh token that is not used: 30 days.
    pub idle: Duration,
    /// All that comes of one login: 90 days.
    pub absolute: Duration,
    /// A refresh token that was replaced, as long as its successor is not used: 30 seconds. With
    /// zero, a client whose answer gets lost has to log in again.
    pub grace: Duration,
}

impl Lifetimes {
    /// The longest that an access token may live.
    pub const MAX_ACCESS_TOKEN: Duration = Duration::from_secs(60 * 60);
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access_token: Duration::from_secs(15 * 60),
            idle: Duration::from_secs(30 * DAY),
            absolute: Duration::from_secs(90 * DAY),
            grace: Duration::from_secs(30),
        }
    }
}

/// What the store holds of a family.
#[derive(Clone, Debug, Deserialize, Serialize)]
enum Record {
    /// It ended: nothing of it is left but that.
    Ended,
    Live(Box<LiveFamily>),
}

const KIND: &str = "family";
const DAY: u64 = 24 * 60 * 60;
const MAX_LEEWAY: Duration = JwtPolicy::MAX_LEEWAY;

/// Longer than an authorization code is remembered, which must not begin the family again.
const ENDED_TTL: Duration = Duration::from_secs(60 * 60);

/// Each swap that fails is one that somebody else made, and those are few.
const MAX_SWAPS: usize = 32;
