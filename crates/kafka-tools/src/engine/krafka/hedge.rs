//! Asking again before the first answer comes.

use std::{pin::pin, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep},
};

/// Asks for what any broker can answer.
///
/// krafka takes one at random and waits for it until the deadline, also when it is stuck. So after a
/// pause the same question goes to another one, which may be the same, and the first answer counts.
/// An error counts once nobody is asked any more.
///
/// Where all brokers are slow, asking again makes them slower: of all calls together, only so many
/// questions are asked again at a time.
#[derive(Debug)]
pub(super) struct Hedge {
    again: Semaphore,
}

impl Hedge {
    pub(super) fn new() -> Self {
        Self {
            again: Semaphore::new(MAX_AGAIN),
        }
    }

    pub(super) async fn first_answer<'a, T, E, F>(&'a self, ask: impl Fn() -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let question = |place: Option<SemaphorePermit<'a>>| {
            let answer = ask();
            async move {
                let answer = answer.await;
                drop(place);
                answer
            }
        };
        let mut asked = FuturesUnordered::from_iter([question(None)]);
        let mut pause = pin!(sleep(PAUSE));
        let mut left = MAX_MORE;
        loop {
            tokio::select! {
                biased;
                Some(answer) = asked.next() => {
                    if answer.is_ok() || asked.is_empty() {
                        return answer;
                    }
                }
                () = &mut pause, if left > 0 => {
                    if let Ok(place) = self.again.try_acquire() {
                        left -= 1;
                        asked.push(question(Some(place)));
                    }
                    pause.as_mut().reset(Instant::now() + PAUSE);
                }
            }
        }
    }
}

/// Far more than a broker needs that is well.
const PAUSE: Duration = Duration::from_millis(250);

/// How often one call asks again. With one stuck broker of three, all of them are that one once in
/// 20,000 times.
const MAX_MORE: usize = 8;

/// How many questions of all calls are asked again at a time.
const MAX_AGAIN: usize = 32;

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::pending};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_is_stuck_is_not_waited_for() {
        let (hedge, asked) = (Hedge::new(), Cell::new(0));
        let started = Instant::now();
        let answer = hedge.first_answer(|| {
            asked.set(asked.get() + 1);
            let number = asked.get();
            async move {
                if number < 3 {
                    pending::<()>().await;
                }
                Ok::<_, ()>(number)
            }
        });

        assert_eq!(answer.await, Ok(3));
        assert_eq!(started.elapsed(), 2 * PAUSE);
    }

    #[tokio::test(start_paused = true)]
    async fn who_answers_at_once_is_asked_once() {
        let (hedge, asked) = (Hedge::new(), Cell::new(0));
        let answer = hedge.first_answer(|| {
            asked.set(asked.get() + 1);
            async { Err::<(), _>("refused") }
        });

        assert_eq!(answer.await, Err("refused"));
        assert_eq!(asked.get(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_asked_without_end() {
        let (hedge, asked) = (Hedge::new(), Cell::new(0));
        let answer = hedge.first_answer(|| {
            asked.set(asked.get() + 1);
            async {
                sleep(Duration::from_secs(60)).await;
                Err::<(), _>("out of time")
            }
        });

        assert_eq!(answer.await, Err("out of time"));
        assert_eq!(asked.get(), 1 + MAX_MORE);
    }

    #[tokio::test(start_paused = true)]
    async fn many_calls_to_slow_brokers_are_not_many_times_as_many_questions() {
        let (hedge, asked) = (Hedge::new(), Cell::new(0));
        let calls = (0..256).map(|_| {
            hedge.first_answer(|| {
                asked.set(asked.get() + 1);
                async {
                    sleep(Duration::from_secs(5)).await;
                    Ok::<_, ()>(())
                }
            })
        });

        futures_util::future::join_all(calls).await;

        assert_eq!(asked.get(), 256 + MAX_AGAIN);
    }
}
