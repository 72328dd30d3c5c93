//! What the cluster said a moment ago.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::failure::Failure;

/// An answer of the cluster, failures included, that is known for a moment. However many want it
/// then, it is asked for once.
#[derive(Debug)]
pub(super) struct Known<T>(tokio::sync::Mutex<Option<(Instant, Answer<T>)>>);

type Answer<T> = Result<Arc<T>, Failure>;

impl<T> Known<T> {
    /// The answer, for which `ask` asks if it is not known.
    ///
    /// Others wait for whoever asks. If that call ends early, the next one asks.
    pub(super) async fn get(&self, ask: impl Future<Output = Result<T, Failure>>) -> Answer<T> {
        let mut known = self.0.lock().await;
        if let Some((since, answer)) = &*known
            && since.elapsed() < A_MOMENT
        {
            return answer.clone();
        }
        let answer = ask.await.map(Arc::new);
        *known = Some((Instant::now(), answer.clone()));
        answer
    }
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::default())
    }
}

/// What is known about some things, by their names: the few that were asked about last.
#[derive(Debug)]
pub(super) struct KnownBy<K, T>(Mutex<VecDeque<(K, Arc<Known<T>>)>>);

impl<K: PartialEq, T> KnownBy<K, T> {
    /// The answer about `key`.
    pub(super) async fn get(
        &self,
        key: K,
        ask: impl Future<Output = Result<T, Failure>>,
    ) -> Answer<T> {
        self.about(key).get(ask).await
    }

    fn about(&self, key: K) -> Arc<Known<T>> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = recent.iter().find(|(other, _)| *other == key) {
            return Arc::clone(known);
        }
        if recent.len() >= MOST_THINGS {
            recent.pop_front();
        }
        let known = Arc::<Known<T>>::default();
        recent.push_back((key, Arc::clone(&known)));
        known
    }
}

impl<K, T> Default for KnownBy<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// Shorter than people wait before they look for a name that they have just made.
const A_MOMENT: Duration = Duration::from_secs(2);

const MOST_THINGS: usize = 32;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::{advance, sleep};

    use super::*;
    use crate::failure::Code;

    /// A cluster that takes a while, and counts how often it is asked.
    #[derive(Default)]
    struct Asked(AtomicUsize);

    impl Asked {
        async fn ask(&self) -> Result<usize, Failure> {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_millis(100)).await;
            Ok(count)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_want_it_at_once_ask_once() {
        let (known, asked) = (Known::default(), Asked::default());
        let answers = (0..50).map(|_| known.get(asked.ask()));
        let answers = futures_util::future::join_all(answers).await;
        assert!(answers.into_iter().all(|answer| *answer.unwrap() == 0));
        advance(A_MOMENT - Duration::from_millis(1)).await;
        assert_eq!(*known.get(asked.ask()).await.unwrap(), 0);
        advance(Duration::from_millis(1)).await;
        assert_eq!(*known.get(asked.ask()).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_known_for_a_moment_too() {
        let known = Known::<usize>::default();
        let failure = || Failure::new(Code::KafkaUnavailable, "down");
        let first = known.get(async { Err(failure()) }).await;
        assert_eq!(first.unwrap_err().code(), Code::KafkaUnavailable);
        let again = known.get(async { panic!("it is known") }).await;
        assert_eq!(again.unwrap_err().message(), "down");
        advance(A_MOMENT).await;
        assert_eq!(*known.get(async { Ok(1) }).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_the_question_to_the_next() {
        let (known, asked) = (Known::default(), Asked::default());
        tokio::select! {
            _ = known.get(asked.ask()) => panic!("it takes longer"),
            () = sleep(Duration::from_millis(10)) => {}
        }
        assert_eq!(*known.get(asked.ask()).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn things_are_known_by_name_and_the_oldest_is_forgotten() {
        let (known, asked) = (KnownBy::default(), Asked::default());
        for key in [0, 1, 0] {
            assert_eq!(*known.get(key, asked.ask()).await.unwrap(), key);
        }
        for key in 2..=MOST_THINGS {
            known.get(key, async { Ok(key) }).await.unwrap();
        }
        assert_eq!(known.0.lock().unwrap().len(), MOST_THINGS);
        assert_eq!(*known.get(0, asked.ask()).await.unwrap(), 2);
    }
}
