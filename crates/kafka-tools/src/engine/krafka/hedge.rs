//! Asking again before the first answer comes.

use std::{pin::pin, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Instant, sleep};

/// Asks for what any broker can answer.
///
/// krafka takes one at random and waits for it until the deadline, also when it is stuck. So after a
/// pause the same question goes to another one, which may be the same, and the first answer counts.
/// An error counts once nobody is asked any more.
pub(super) async fn first_answer<T, E, F>(ask: impl Fn() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut asked = FuturesUnordered::from_iter([ask()]);
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
                left -= 1;
                asked.push(ask());
                pause.as_mut().reset(Instant::now() + PAUSE);
            }
        }
    }
}

/// Far more than a broker needs that is well.
const PAUSE: Duration = Duration::from_millis(250);

/// With one stuck broker of three, all of them are that one once in 20,000 times.
const MAX_MORE: usize = 8;

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::pending};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_is_stuck_is_not_waited_for() {
        let asked = Cell::new(0);
        let started = Instant::now();
        let answer = first_answer(|| {
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
        let asked = Cell::new(0);
        let answer = first_answer(|| {
            asked.set(asked.get() + 1);
            async { Err::<(), _>("refused") }
        });

        assert_eq!(answer.await, Err("refused"));
        assert_eq!(asked.get(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_asked_without_end() {
        let asked = Cell::new(0);
        let answer = first_answer(|| {
            asked.set(asked.get() + 1);
            async {
                sleep(Duration::from_secs(60)).await;
                Err::<(), _>("out of time")
            }
        });

        assert_eq!(answer.await, Err("out of time"));
        assert_eq!(asked.get(), 1 + MAX_MORE);
    }
}
