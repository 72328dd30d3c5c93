//! Finds out where a provider has its keys.

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt, Shared};
use http::{Request, StatusCode, header};
use mcp_oauth_token::{FetchLimits, HttpClient, TokenError};
use tokio::time::{self, Instant};

use crate::{discovery_document::DiscoveryDocument, profile::DiscoverySite};

/// The discovery of one provider. It is tried when somebody needs it, by one at a time and with
/// pauses in between that grow, until it succeeds once. No address is ever guessed.
pub(crate) struct Discovery {
    search: Arc<Search>,
    /// The attempt under way. It belongs to all who wait for it: when they all go away, whoever
    /// comes next goes on with it.
    attempt: Mutex<Option<Shared<BoxFuture<'static, ()>>>>,
}

impl Discovery {
    pub(crate) fn new(site: DiscoverySite, http: Arc<dyn HttpClient>) -> Self {
        Self {
            search: Arc::new(Search {
                site,
                http,
                found: OnceLock::new(),
                failures: Mutex::default(),
            }),
            attempt: Mutex::default(),
        }
    }

    pub(crate) fn site(&self) -> &DiscoverySite {
        &self.search.site
    }

    /// The document, if it was found.
    pub(crate) fn found(&self) -> Option<&DiscoveryDocument> {
        self.search.found.get()
    }

    /// How often it failed, and why it failed last, if it did not succeed.
    pub(crate) fn failures(&self) -> (u64, Option<String>) {
        let failures = self.search.lock_failures();
        let last = failures.last.as_ref().filter(|_| self.found().is_none());
        (failures.count, last.map(|last| last.reason.clone()))
    }

    /// The document, fetched if that has not happened and may happen now.
    ///
    /// # Errors
    ///
    /// [`TokenError::Unavailable`], within 5 seconds.
    pub(crate) async fn document(&self) -> Result<&DiscoveryDocument, TokenError> {
        if let Some(found) = self.found() {
            return Ok(found);
        }
        if time::timeout(PATIENCE, self.attempt()?).await.is_err() {
            return Err(unavailable("there was no answer yet", FIRST_PAUSE));
        }
        self.found().ok_or_else(|| self.search.pausing())
    }

    /// Tries until it succeeds.
    pub(crate) async fn persist(&self) {
        while self.document().await.is_err() {
            let next = self.search.lock_failures().next_attempt();
            // Without a failure, the attempt goes on.
            time::sleep_until(next.unwrap_or_else(Instant::now)).await;
        }
    }

    /// The attempt under way, or the next one.
    ///
    /// # Errors
    ///
    /// If there is to be none yet.
    fn attempt(&self) -> Result<Shared<BoxFuture<'static, ()>>, TokenError> {
        let mut attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(attempt) = attempt.as_ref().filter(|attempt| attempt.peek().is_none()) {
            return Ok(attempt.clone());
        }
        let next = self.search.lock_failures().next_attempt();
        if self.found().is_none() && next.is_some_and(|next| next > Instant::now()) {
            return Err(self.search.pausing());
        }
        let search = Arc::clone(&self.search);
        let next = async move { search.attempt().await }.boxed().shared();
        Ok(attempt.insert(next).clone())
    }
}

/// What an attempt needs, and what came of those before.
struct Search {
    site: DiscoverySite,
    http: Arc<dyn HttpClient>,
    found: OnceLock<DiscoveryDocument>,
    failures: Mutex<Failures>,
}

impl Search {
    async fn attempt(&self) {
        if self.found.get().is_some() {
            return;
        }
        let issuer = &self.site.issuer;
        match self.fetch().await {
            Ok(document) => {
                tracing::info!(%issuer, "identity provider discovered");
                self.found.get_or_init(|| document);
            }
            Err(mut reason) => {
                reason.truncate(reason.floor_char_boundary(MAX_REASON_BYTES));
                tracing::warn!(%issuer, reason, "identity provider not discovered");
                self.lock_failures().add(reason);
            }
        }
    }

    async fn fetch(&self) -> Result<DiscoveryDocument, String> {
        let url = self.url();
        let request = Request::get(&url)
            .header(header::ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|_| format!("{url} is no address"))?;
        let response = self
            .http
            .send(request, FetchLimits::new(TIMEOUT, MAX_BYTES));
        let response = time::timeout(TIMEOUT, response)
            .await
            .map_err(|_| format!("{url} does not answer within {TIMEOUT:?}"))?
            .map_err(|error| format!("{url} cannot be fetched: {}", Chain(&error)))?;
        if response.status() != StatusCode::OK {
            return Err(format!("{url} answers with {}", response.status()));
        }
        DiscoveryDocument::new(response.into_body(), &self.site)
            .map_err(|error| format!("{url} is not believed: {error}"))
    }

    /// OpenID Connect Discovery 1.0 section 4.1: behind the issuer, less a slash at its end.
    fn url(&self) -> String {
        let issuer = self.site.issuer.as_str().trim_end_matches('/');
        format!("{issuer}/.well-known/openid-configuration")
    }

    /// What whoever asks during a pause is told.
    fn pausing(&self) -> TokenError {
        let failures = self.lock_failures();
        let Some(last) = &failures.last else {
            return unavailable("there was no answer yet", FIRST_PAUSE);
        };
        let pause = last.next_attempt.saturating_duration_since(Instant::now());
        unavailable(&last.reason, pause)
    }

    fn lock_failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery")
            .field("issuer", &self.site().issuer)
            .field("is_found", &self.found().is_some())
            .finish_non_exhaustive()
    }
}

/// What went wrong so far.
#[derive(Debug, Default)]
struct Failures {
    count: u64,
    last: Option<Failure>,
}

#[derive(Debug)]
struct Failure {
    reason: String,
    next_attempt: Instant,
}

impl Failures {
    /// Adds one. Nobody tries again for a pause: the longer the more often it failed, and by chance
    /// up to a half less, so that many servers do not all come back at once.
    fn add(&mut self, reason: String) {
        let doublings = u32::try_from(self.count)
            .unwrap_or(u32::MAX)
            .min(MAX_DOUBLINGS);
        let pause = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
        let pause = pause - pause.mul_f64(chance() / 2.0);
        self.count += 1;
        self.last = Some(Failure {
            reason,
            next_attempt: Instant::now() + pause,
        });
    }

    fn next_attempt(&self) -> Option<Instant> {
        self.last.as_ref().map(|last| last.next_attempt)
    }
}

/// An error with its causes.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

fn unavailable(reason: &str, pause: Duration) -> TokenError {
    TokenError::Unavailable {
        reason: format!("the identity provider is not discovered: {reason}"),
        retry_after: pause,
    }
}

/// A number from 0 to 1. The keys of a hasher are random enough for a pause.
fn chance() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 32;
    f64::from(u32::try_from(bits).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

/// A fetch ends before those who wait for it give up, so that they learn how it ended.
const TIMEOUT: Duration = Duration::from_millis(4500);
const PATIENCE: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 256 * 1024;
/// The reason may quote the document.
const MAX_REASON_BYTES: usize = 500;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const MAX_DOUBLINGS: u32 = 5;
