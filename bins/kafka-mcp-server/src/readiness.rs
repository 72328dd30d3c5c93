//! Whether the server can do its work.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use mcp_oauth::{Store, StoreError, StoreKey};
use mcp_oauth_provider::Provider;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

/// Asks Kafka for a sign of life.
pub(crate) type Probe = Box<dyn Fn() -> BoxFuture<'static, Result<(), Unready>> + Send + Sync>;

/// Whether the server can do its work: Kafka and the store of logins answer, tokens can be
/// validated, and nobody asked the server to stop.
///
/// The answer is kept for a moment, and there is one probe at a time, however many ask.
pub(crate) struct Readiness {
    probe: Probe,
    provider: Option<Provider>,
    store: Option<Arc<dyn Store>>,
    last: Mutex<Option<(Instant, Result<(), Unready>)>>,
    draining: CancellationToken,
}

impl Readiness {
    pub(crate) fn new(
        probe: Probe,
        provider: Option<Provider>,
        store: Option<Arc<dyn Store>>,
        draining: CancellationToken,
    ) -> Self {
        Self {
            probe,
            provider,
            store,
            last: Mutex::new(None),
            draining,
        }
    }

    /// Whether the server is ready.
    ///
    /// # Errors
    ///
    /// Why it is not.
    pub(crate) async fn check(&self) -> Result<(), Unready> {
        if self.draining.is_cancelled() {
            return Err(Unready::Draining);
        }
        // It asks nobody, and says in the log what it waits for.
        if self
            .provider
            .as_ref()
            .is_some_and(|provider| provider.readiness().is_err())
        {
            return Err(Unready::NoProvider);
        }
        let mut last = self.last.lock().await;
        if let Some((at, result)) = *last {
            let fresh_for = if result.is_ok() { GOOD_FOR } else { BAD_FOR };
            if at.elapsed() < fresh_for {
                return result;
            }
        }
        let kafka = timeout(PROBE_TIMEOUT, (self.probe)());
        let (kafka, store) = tokio::join!(kafka, self.check_store());
        let result = store.and(kafka.unwrap_or(Err(Unready::Silent)));
        *last = Some((Instant::now(), result));
        result
    }
}

impl Readiness {
    async fn check_store(&self) -> Result<(), Unready> {
        let Some(store) = &self.store else {
            return Ok(());
        };
        // A disk that hangs never answers.
        let answer = timeout(PROBE_TIMEOUT, store.get(&NO_ENTRY)).await;
        match answer.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed))) {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "the store of logins is not ready");
                Err(Unready::NoStore)
            }
        }
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

/// Why the server is not ready. The details are in the log: strangers may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unready {
    /// It was asked to stop.
    #[error("shutting down")]
    Draining,
    /// What the identity provider publishes is not there yet.
    #[error("the identity provider does not answer")]
    NoProvider,
    /// The store of logins does not answer.
    #[error("the store of logins does not answer")]
    NoStore,
    /// Kafka answered, but not as it should: credentials, rights or certificates are wrong.
    #[error("Kafka refuses this server")]
    Refused,
    /// Kafka did not answer.
    #[error("Kafka does not answer")]
    Silent,
}

const GOOD_FOR: Duration = Duration::from_secs(2);
/// Shorter, to notice soon that Kafka is back.
const BAD_FOR: Duration = Duration::from_millis(500);
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// Asked for to see whether there is an answer.
const NO_ENTRY: StoreKey = StoreKey::from_bytes([0; 32]);

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    fn counting(result: Result<(), Unready>) -> (Readiness, Arc<AtomicUsize>, CancellationToken) {
        let probes = Arc::new(AtomicUsize::new(0));
        let draining = CancellationToken::new();
        let counter = Arc::clone(&probes);
        let probe: Probe = Box::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                result
            })
        });
        (
            Readiness::new(probe, None, None, draining.clone()),
            probes,
            draining,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_questions_cause_one_probe() {
        let (readiness, probes, _) = counting(Ok(()));
        let all = futures_util::future::join_all((0..1000).map(|_| readiness.check())).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(probes.load(Ordering::Relaxed), 1);
        tokio::time::advance(GOOD_FOR).await;
        assert!(readiness.check().await.is_ok());
        assert_eq!(probes.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_hangs_counts_as_silence() {
        let probe: Probe = Box::new(|| Box::pin(std::future::pending()));
        let readiness = Readiness::new(probe, None, None, CancellationToken::new());
        assert_eq!(readiness.check().await, Err(Unready::Silent));
    }

    /// A store whose disk hangs.
    #[derive(Debug)]
    struct Hanging;

    impl Store for Hanging {
        fn put_new<'a>(
            &'a self,
            _key: &'a StoreKey,
            _value: &'a [u8],
            _ttl: Duration,
        ) -> BoxFuture<'a, Result<bool, StoreError>> {
            Box::pin(std::future::pending())
        }

        fn get<'a>(
            &'a self,
            _key: &'a StoreKey,
        ) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
            Box::pin(std::future::pending())
        }

        fn take<'a>(
            &'a self,
            _key: &'a StoreKey,
        ) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
            Box::pin(std::future::pending())
        }

        fn compare_and_swap<'a>(
            &'a self,
            _key: &'a StoreKey,
            _expected: &'a [u8],
            _new: &'a [u8],
            _ttl: Duration,
        ) -> BoxFuture<'a, Result<bool, StoreError>> {
            Box::pin(std::future::pending())
        }

        fn incr<'a>(
            &'a self,
            _key: &'a StoreKey,
            _ttl: Duration,
        ) -> BoxFuture<'a, Result<u64, StoreError>> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_hangs_is_not_waited_for() {
        let probe: Probe = Box::new(|| Box::pin(async { Ok(()) }));
        let store: Arc<dyn Store> = Arc::new(Hanging);
        let readiness = Readiness::new(probe, None, Some(store), CancellationToken::new());
        let checked = timeout(2 * PROBE_TIMEOUT, readiness.check()).await;
        assert_eq!(checked.unwrap(), Err(Unready::NoStore));
    }

    #[tokio::test]
    async fn a_draining_server_is_not_ready() {
        let (readiness, probes, draining) = counting(Ok(()));
        draining.cancel();
        assert_eq!(readiness.check().await, Err(Unready::Draining));
        assert_eq!(probes.load(Ordering::Relaxed), 0);
    }
}
