//! Work that goes on when the request that asked for it goes away.

use std::{
    future::{Future, poll_fn},
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Poll, ready},
};

use tokio::{
    sync::{Mutex as Turn, oneshot},
    task::JoinSet,
};
use tracing::Instrument;

/// Does work that has to come to its end once it has begun, whoever waits for it. What is under way
/// when this is dropped is broken off.
#[derive(Debug, Default)]
pub(crate) struct Background {
    under_way: Mutex<JoinSet<()>>,
    /// A set wakes one only of those who wait for it.
    draining: Turn<()>,
}

/// Why work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undone {
    #[error("a task panicked")]
    Failed,
    #[error("too much is under way")]
    TooMuch,
}

impl Background {
    /// Begins work, and waits for what it tells. It may go on after that.
    pub(crate) async fn told<T, W>(
        &self,
        work: impl FnOnce(oneshot::Sender<T>) -> W,
    ) -> Result<T, Undone>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        self.begin(work(tell))?;
        // It tells nothing only if it panics.
        told.await.map_err(|_| Undone::Failed)
    }

    /// Begins work that nobody waits for.
    pub(crate) fn begin(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Undone> {
        let mut under_way = self.under_way();
        while under_way.try_join_next().is_some() {}
        if under_way.len() >= MAX_UNDER_WAY {
            return Err(Undone::TooMuch);
        }
        under_way.spawn(work.in_current_span());
        Ok(())
    }

    /// Waits until nothing is under way, also of what begins in the meantime.
    pub(crate) async fn drain(&self) {
        let _turn = self.draining.lock().await;
        poll_fn(|context| {
            while ready!(self.under_way().poll_join_next(context)).is_some() {}
            Poll::Ready(())
        })
        .await;
    }

    fn under_way(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each piece ends within seconds: a renewal with its lease, an end by the deadlines of the store and
/// of the provider. Of one family there may be many: a client may revoke a token again and again.
const MAX_UNDER_WAY: usize = 1024;

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use tokio::time::{Instant, sleep, timeout};

    use super::*;

    #[tokio::test]
    async fn so_much_is_under_way_and_no_more() {
        let background = Background::default();
        for _ in 0..MAX_UNDER_WAY {
            background.begin(pending()).unwrap();
        }
        assert_eq!(background.begin(pending()), Err(Undone::TooMuch));
        let told = background.told(|tell| async move {
            let _ = tell.send(());
        });
        assert_eq!(told.await, Err(Undone::TooMuch));
    }

    #[tokio::test(start_paused = true)]
    async fn who_drains_waits_for_what_is_under_way_and_what_begins_until_then() {
        let background = Arc::new(Background::default());
        background.drain().await;
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..3 {
            let (others, done) = (Arc::clone(&background), Arc::clone(&done));
            let work = async move {
                sleep(Duration::from_secs(1)).await;
                let more = async move {
                    sleep(Duration::from_secs(1)).await;
                    done.fetch_add(1, Ordering::SeqCst);
                };
                others.begin(more).unwrap();
            };
            background.begin(work).unwrap();
        }
        // Who gives up waiting breaks nothing off.
        let hasty = timeout(Duration::from_millis(500), background.drain());
        assert!(hasty.await.is_err());
        let began = Instant::now();
        tokio::join!(background.drain(), background.drain());
        assert_eq!(began.elapsed(), Duration::from_millis(1500));
        assert_eq!(done.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn what_is_done_makes_room() {
        let background = Background::default();
        for number in 0..2 * MAX_UNDER_WAY {
            let told = background.told(|tell| async move {
                let _ = tell.send(number);
            });
            assert_eq!(told.await, Ok(number));
        }
    }
}
