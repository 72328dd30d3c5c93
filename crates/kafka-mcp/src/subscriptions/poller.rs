//! Who looks for changes, and when.

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::{
    StreamExt as _, future,
    stream::{self, FuturesUnordered},
};
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
        // A round may take long, and who is new does not wait for its end.
        tokio::select! {
            never = self.rounds(watched, &look) => never,
            never = newcomers(watched, &look) => never,
        }
    }

    async fn rounds<F, S>(&self, watched: &Watched, look: &F) -> Infallible
    where
        F: Fn(ResourceUri) -> S + Sync,
        S: Future<Output = Sight> + Send,
    {
        loop {
            sleep_until(self.next_round()).await;
            let looks = watched
                .all()
                .into_iter()
                .map(|resource| look_at(resource, watched, look));
            let looks = stream::iter(looks).buffer_unordered(MAX_LOOKS);
            looks.collect::<()>().await;
            // However long it took: a cluster that is slow is not asked more often.
            self.schedule(Instant::now() + self.interval);
        }
    }

    /// The first one is a while after the first looks at what is new.
    fn next_round(&self) -> Instant {
        let mut next = self
            .next_round
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *next.get_or_insert_with(|| Instant::now() + self.interval)
    }

    fn schedule(&self, round: Instant) {
        let mut next = self
            .next_round
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *next = Some(round);
    }
}

async fn newcomers<F, S>(watched: &Watched, look: &F) -> Infallible
where
    F: Fn(ResourceUri) -> S + Sync,
    S: Future<Output = Sight> + Send,
{
    let mut waiting = Vec::new();
    let mut looks = FuturesUnordered::new();
    loop {
        while looks.len() < MAX_LOOKS
            && let Some(resource) = waiting.pop()
        {
            looks.push(look_at(resource, watched, look));
        }
        tokio::select! {
            () = watched.addition() => waiting.extend(watched.newcomers()),
            Some(()) = looks.next() => {}
        }
    }
}

async fn look_at<F, S>(resource: ResourceUri, watched: &Watched, look: &F)
where
    F: Fn(ResourceUri) -> S + Sync,
    S: Future<Output = Sight> + Send,
{
    let sight = look(resource.clone()).await;
    watched.saw(&resource, sight);
}

/// A round is at least a metadata request.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// How many resources are measured at a time, in rounds and beside them.
const MAX_LOOKS: usize = 4;
