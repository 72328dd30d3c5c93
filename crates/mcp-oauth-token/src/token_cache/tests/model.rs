//! The cache against a model: whatever happens, the verdict is that of no cache, and a token is
//! validated again exactly when the model says so.

use std::collections::HashMap;

use proptest::{collection::vec, prelude::*};
use tokio::runtime;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Event {
    /// Time passes, on both clocks.
    Pass { seconds: u64 },
    /// A key is published.
    Publish { key: u64 },
    /// The clock of the wall is set.
    SetClock { seconds: u64 },
    /// A token comes.
    Validate { token: usize },
    /// A key is withdrawn.
    Withdraw { key: u64 },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (0..TOKENS).prop_map(|token| Event::Validate { token }),
        2 => (0_u64..200).prop_map(|seconds| Event::Pass { seconds }),
        1 => (0_u64..2_000).prop_map(|seconds| Event::SetClock { seconds }),
        1 => (0..KEYS).prop_map(|key| Event::Withdraw { key }),
        2 => (0..KEYS).prop_map(|key| Event::Publish { key }),
    ]
}

/// Token `number`, of one of the keys, with one of the expiries, and sometimes a wrong signature.
fn numbered_token(number: usize) -> (BearerToken, u64, u64, bool) {
    let number = u64::try_from(number).unwrap();
    let (key, expires_at, is_signed) = (number % KEYS, number % 7 * 300, number % 5 != 0);
    let signature = if is_signed { "good" } else { "bad" };
    let token = token(&number.to_string(), key, expires_at, signature);
    (token, key, expires_at, is_signed)
}

#[derive(Default)]
struct Model {
    elapsed: u64,
    wall: u64,
    withdrawn: Vec<u64>,
    remembered: HashMap<usize, u64>,
}

impl Model {
    /// Whether a token is accepted, and whether it is validated for that.
    fn validate(&mut self, number: usize) -> (bool, bool) {
        let (_, key, expires_at, is_signed) = numbered_token(number);
        let leeway = FakeValidator::LEEWAY.as_secs();
        let stands = self.wall <= expires_at + leeway && !self.withdrawn.contains(&key);
        let since = self.remembered.get(&number);
        if stands && since.is_some_and(|since| self.elapsed < since + 300) {
            return (true, false);
        }
        self.remembered.remove(&number);
        let is_accepted = stands && is_signed;
        if is_accepted {
            self.remembered.insert(number, self.elapsed);
        }
        (is_accepted, true)
    }
}

async fn run(events: Vec<Event>, max_bytes: u64) {
    let validator = Arc::new(FakeValidator::default());
    let cached = CachedValidator::with_capacity(Arc::clone(&validator), max_bytes);
    let has_room = max_bytes == MAX_BYTES;
    let mut model = Model::default();
    for event in events {
        match event {
            Event::Pass { seconds } => {
                time::advance(SECOND * u32::try_from(seconds).unwrap()).await;
                model.elapsed += seconds;
                model.wall += seconds;
                validator.set_time(model.wall);
            }
            Event::Publish { key } => {
                validator.publish_key(key);
                model.withdrawn.retain(|withdrawn| *withdrawn != key);
            }
            Event::SetClock { seconds } => {
                model.wall = seconds;
                validator.set_time(seconds);
            }
            Event::Validate { token } => {
                let before = validator.validations();
                let verdict = cached.validate(&numbered_token(token).0).await;
                let (is_accepted, is_validated) = model.validate(token);
                assert_eq!(verdict.is_ok(), is_accepted, "{verdict:?}");
                if has_room {
                    let validations = validator.validations() - before;
                    assert_eq!(validations, usize::from(is_validated));
                    assert_eq!(cached.stats().entries, model.remembered.len());
                }
                assert!(cached.cache.weight() <= max_bytes);
            }
            Event::Withdraw { key } => {
                validator.withdraw_key(key);
                model.withdrawn.push(key);
            }
        }
    }
}

proptest! {
    #[test]
    fn the_verdict_is_that_of_no_cache(events in vec(event(), 0..200), is_tight: bool) {
        let mut builder = runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build().unwrap();
        let max_bytes = if is_tight { 4 * 1024 } else { MAX_BYTES };
        runtime.block_on(run(events, max_bytes));
    }
}

const TOKENS: usize = 40;
const KEYS: u64 = 4;
