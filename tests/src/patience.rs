//! Waiting for a condition instead of for an amount of time.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

/// Asks `question` again and again until it has an answer.
///
/// # Panics
///
/// If there is none after 20 s.
pub async fn eventually<T, F>(what: &str, mut question: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = question().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// How long a client in another language may take, all that it waits for included.
pub(crate) const FOREIGN_PROGRAM: Duration = Duration::from_secs(180);

const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);
