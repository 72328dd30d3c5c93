//! Ceilings for calls: how many start in a second, and how many run at a time; and for streams.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::StatusCode;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use super::reply::Refusal;

/// The ceilings.
#[derive(Debug)]
pub(super) struct Admission {
    running: Arc<Semaphore>,
    /// Streams stay for hours, and would leave no place for calls.
    streams: Arc<Semaphore>,
    max_streams: usize,
    bucket: Option<Mutex<Bucket>>,
}

impl Admission {
    /// Ceilings; 0 calls per second means any number.
    pub(super) fn new(max_concurrent: usize, max_streams: usize, per_second: u32) -> Self {
        Self {
            running: Arc::new(Semaphore::new(max_concurrent)),
            streams: Arc::new(Semaphore::new(max_streams)),
            max_streams,
            bucket: (per_second > 0).then(|| Mutex::new(Bucket::new(per_second))),
        }
    }

    /// Counts one call against the calls of this second.
    ///
    /// # Errors
    ///
    /// 429 when they are used up.
    pub(super) fn count(&self) -> Result<(), Refusal> {
        let Some(bucket) = &self.bucket else {
            return Ok(());
        };
        if bucket
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(Instant::now())
        {
            return Ok(());
        }
        let message = "too many calls per second; MCP_HTTP_CALLS_PER_SECOND is the ceiling";
        Err(Refusal::denied(StatusCode::TOO_MANY_REQUESTS, message)
            .retry_after(1)
            .closing())
    }

    /// Waits a moment for a place among the calls that run.
    ///
    /// # Errors
    ///
    /// 503 when none becomes free.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        match timeout(PATIENCE, Arc::clone(&self.running).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => {
                let message = "too many calls at a time; MCP_HTTP_MAX_CONCURRENT_CALLS is the \
                               ceiling";
                Err(Refusal::denied(StatusCode::SERVICE_UNAVAILABLE, message).retry_after(1))
            }
        }
    }

    /// A place for one stream more.
    ///
    /// # Errors
    ///
    /// 503 when none is free.
    pub(super) fn open_stream(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.streams).try_acquire_owned().map_err(|_| {
            let message = "too many streams are open; KAFKA_MCP_MAX_STREAMS is the ceiling";
            Refusal::denied(StatusCode::SERVICE_UNAVAILABLE, message).retry_after(10)
        })
    }

    /// How many streams are open.
    pub(super) fn open_streams(&self) -> usize {
        self.max_streams
            .saturating_sub(self.streams.available_permits())
    }
}

/// A token bucket that holds the calls of one second.
#[derive(Debug)]
struct Bucket {
    per_second: f64,
    tokens: f64,
    filled_at: Instant,
}

impl Bucket {
    fn new(per_second: u32) -> Self {
        let per_second = f64::from(per_second);
        Self {
            per_second,
            tokens: per_second,
            filled_at: Instant::now(),
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.per_second).min(self.per_second);
        self.filled_at = now;
        let admitted = self.tokens >= 1.0;
        if admitted {
            self.tokens -= 1.0;
        }
        admitted
    }
}

const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_calls_of_a_second_come_back_with_time() {
        let admission = Admission::new(1, 1, 10);
        let admitted = |_| admission.count().is_ok();
        assert_eq!((0..20).filter(|i| admitted(*i)).count(), 10);
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!((0..20).filter(|i| admitted(*i)).count(), 5);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!((0..20).filter(|i| admitted(*i)).count(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn zero_calls_per_second_is_no_ceiling() {
        let admission = Admission::new(1, 1, 0);
        assert!((0..10_000).all(|_| admission.count().is_ok()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_beyond_the_ceiling_waits_a_second_and_is_refused() {
        let admission = Admission::new(1, 1, 0);
        let first = admission.enter().await.unwrap();
        let started = Instant::now();
        let refusal = admission.enter().await.unwrap_err().into_reply();
        assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refusal.headers().contains_key("retry-after"));
        assert_eq!(started.elapsed(), PATIENCE);
        drop(first);
        assert!(admission.enter().await.is_ok());
    }

    #[tokio::test]
    async fn streams_take_no_place_of_a_call_and_have_a_ceiling_of_their_own() {
        let admission = Admission::new(1, 1, 0);
        let stream = admission.open_stream().unwrap();
        assert!(admission.enter().await.is_ok());
        assert_eq!(admission.open_streams(), 1);
        let refusal = admission.open_stream().unwrap_err().into_reply();
        assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refusal.headers().contains_key("retry-after"));
        drop(stream);
        assert_eq!(admission.open_streams(), 0);
        assert!(admission.open_stream().is_ok());
    }
}
