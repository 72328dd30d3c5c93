//! How many completions there are in a second.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::failure::{Code, Failure};

/// Counts completions, of all callers together.
#[derive(Debug, Default)]
pub(super) struct Ceiling(Mutex<Option<Second>>);

#[derive(Debug)]
struct Second {
    began: Instant,
    count: u32,
}

impl Ceiling {
    /// Counts one, or refuses it.
    pub(super) fn count(&self) -> Result<(), Failure> {
        let now = Instant::now();
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let this = second.take_if(|second| now < second.began + Duration::from_secs(1));
        let mut this = this.unwrap_or(Second {
            began: now,
            count: 0,
        });
        let is_full = this.count == PER_SECOND;
        this.count += u32::from(!is_full);
        *second = Some(this);
        if is_full {
            let message = format!("more than {PER_SECOND} completions in a second");
            return Err(Failure::new(Code::RateLimited, message)
                .hint("try again in a second")
                .retriable());
        }
        Ok(())
    }
}

/// More than the people in front of one server type.
const PER_SECOND: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn more_than_a_hundred_in_a_second_are_refused() {
        let ceiling = Ceiling::default();
        let counted = || (0..150).filter(|_| ceiling.count().is_ok()).count();
        assert_eq!(counted(), 100);
        tokio::time::advance(Duration::from_millis(999)).await;
        let failure = ceiling.count().unwrap_err();
        assert_eq!(failure.code(), Code::RateLimited);
        assert_eq!(failure.structured()["retriable"], true);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(counted(), 100);
    }
}
