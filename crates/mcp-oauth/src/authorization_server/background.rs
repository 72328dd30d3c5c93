//! Work that goes on when the request that asked for it goes away.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
};

use tokio::{sync::oneshot, task::JoinSet};
use tracing::Instrument;

/// Does work that has to come to its end once it has begun, whoever waits for it. What is under way
/// ends with this.
#[derive(Debug, Default)]
pub(crate) struct Background(Mutex<JoinSet<()>>);

/// The work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work is not done: there is too much under way, or it failed")]
pub(crate) struct Undone;

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
        told.await.map_err(|_| Undone)
    }

    /// Begins work that nobody waits for.
    pub(crate) fn begin(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Undone> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while under_way.try_join_next().is_some() {}
        if under_way.len() >= MAX_UNDER_WAY {
            return Err(Undone);
        }
        under_way.spawn(work.in_current_span());
        Ok(())
    }
}

/// Each piece is of another family, and ends within seconds.
const MAX_UNDER_WAY: usize = 1024;

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn so_much_is_under_way_and_no_more() {
        let background = Background::default();
        for _ in 0..MAX_UNDER_WAY {
            background.begin(pending()).unwrap();
        }
        assert_eq!(background.begin(pending()), Err(Undone));
        let told = background.told(|tell| async move {
            let _ = tell.send(());
        });
        assert_eq!(told.await, Err(Undone));
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
