//! How many completions there are in a second.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    caller::Identity,
    failure::{Code, Failure},
};

/// Counts completions, of each caller and of all together.
#[derive(Debug, Default)]
pub(super) struct Ceiling(Mutex<Option<Second>>);

#[derive(Debug)]
struct Second {
    began: Instant,
    of_all: u32,
    of_each: HashMap<Identity, u32>,
}

impl Ceiling {
    /// Counts one of `caller`, or refuses it.
    pub(super) fn count(&self, caller: &Identity) -> Result<(), Failure> {
        let now = Instant::now();
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let this = second.take_if(|second| now < second.began + Duration::from_secs(1));
        let second = second.insert(this.unwrap_or_else(|| Second {
            began: now,
            of_all: 0,
            of_each: HashMap::new(),
        }));
        if second.of_all == PER_SECOND {
            return Err(refused(PER_SECOND));
        }
        let count = second.of_each.entry(caller.clone()).or_default();
        if *count == PER_SECOND_AND_CALLER {
            return Err(refused(PER_SECOND_AND_CALLER));
        }
        *count += 1;
        second.of_all += 1;
        Ok(())
    }
}

fn refused(most: u32) -> Failure {
    let message = format!("more than {most} completions in a second");
    Failure::new(Code::RateLimited, message)
        .hint("try again in a second")
        .retriable()
}

/// More than people type; without OAuth all of them are one caller.
const PER_SECOND_AND_CALLER: u32 = 100;
/// More than the people in front of one server type.
const PER_SECOND: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    fn named(name: &str) -> Identity {
        Caller::new(name, Vec::new()).identity()
    }

    #[tokio::test(start_paused = true)]
    async fn more_than_a_hundred_of_a_caller_in_a_second_are_refused() {
        let ceiling = Ceiling::default();
        let counted = |name| {
            let caller = named(name);
            (0..150).filter(|_| ceiling.count(&caller).is_ok()).count()
        };
        assert_eq!(counted("alice"), 100);
        assert_eq!(counted("bob"), 100);
        tokio::time::advance(Duration::from_millis(999)).await;
        let failure = ceiling.count(&named("alice")).unwrap_err();
        assert_eq!(failure.code(), Code::RateLimited);
        assert_eq!(failure.structured()["retriable"], true);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(counted("alice"), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn more_than_a_thousand_of_all_callers_in_a_second_are_refused() {
        let ceiling = Ceiling::default();
        let counted = (0..2_000).filter(|n| ceiling.count(&named(&n.to_string())).is_ok());
        assert_eq!(counted.count(), 1_000);
    }
}
