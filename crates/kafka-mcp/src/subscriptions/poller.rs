//! Who looks for changes, and when.

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt as _, future, stream};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};

use super::{sight::Sight, watched::Watched};
use crate::resources::ResourceUri;

/// Looks for changes, in rounds.
#[derive(Debug)]
pub(super) struct Poller {
    interval: Duration,
    /// Who has it looks for all.
    turn: Semaphore,
    next_round: Mutex<Option<Instant>>,
}

impl Poller {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval: interval.max(MIN_INTERVAL),
            turn: Semaphore::new(1),
            next_round: Mutex::default(),
        }
    }

    /// Looks at all resources in each round, and at new ones at once, as soon as it has the turn
    /// and as long as it is polled.
    pub(super) async fn run<F, S>(&self, watched: &Watched, look: F) -> Infallible
    where
        F: Fn(ResourceUri) -> S + Sync,
        S: Future<Output = Sight> + Send,
    {
        let Ok(_turn) = self.turn.acquire().await else {
            // It is never closed.
            return future::pending().await;
        };
        loop {
            tokio::select! {
                () = sleep_until(self.next_round()) => {
                    look_at(watched.all(), watched, &look).await;
                    // However long it took: a cluster that is slow is not asked more often.
                    self.schedule(Instant::now() + self.interval);
                }
                () = watched.addition() => look_at(watched.unseen(), watched, &look).await,
            }
        }
    }

    fn next_round(&self) -> Instant {
        let next = *self
            .next_round
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        next.unwrap_or_else(Instant::now)
    }

    fn schedule(&self, round: Instant) {
        let mut next = self
            .next_round
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *next = Some(round);
    }
}

async fn look_at<F, S>(resources: Vec<ResourceUri>, watched: &Watched, look: &F)
where
    F: Fn(ResourceUri) -> S + Sync,
    S: Future<Output = Sight> + Send,
{
    let looks = stream::iter(resources).map(|resource| async move {
        watched.saw(&resource, look(resource.clone()).await);
    });
    looks.buffer_unordered(MAX_LOOKS).collect::<()>().await;
}

/// A round is at least a metadata request.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// How many resources are measured at a time.
const MAX_LOOKS: usize = 4;
