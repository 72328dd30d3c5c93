//! What was last heard of families, for a store that is far away.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::FamilyId;

/// Copies of whether families live. An end that is known here is never forgotten for a copy that
/// was on its way.
#[derive(Debug)]
pub(super) struct Copies {
    max_age: Duration,
    by_id: Mutex<HashMap<FamilyId, Copy>>,
}

#[derive(Debug)]
struct Copy {
    lives: bool,
    asked_at: Instant,
}

/// A look into the store that began at some time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading(Instant);

impl Copies {
    pub(super) fn new(max_age: Duration) -> Self {
        Self {
            max_age,
            by_id: Mutex::default(),
        }
    }

    /// Whether a family lives, if that was asked not long ago.
    pub(super) fn fresh(&self, id: &FamilyId) -> Result<bool, Reading> {
        self.aged(id, self.max_age).ok_or(Reading(Instant::now()))
    }

    /// Whether a family lives, by what was heard before the store fell silent.
    pub(super) fn last_known(&self, id: &FamilyId) -> Option<bool> {
        self.aged(id, MAX_SILENCE)
    }

    /// Keeps what a look into the store brought, and says what holds.
    pub(super) fn keep(&self, id: &FamilyId, lives: bool, Reading(asked_at): Reading) -> bool {
        let mut by_id = self.by_id();
        if by_id.get(id).is_some_and(|copy| !copy.lives) {
            return false;
        }
        make_room(&mut by_id);
        by_id.insert(id.clone(), Copy { lives, asked_at });
        lives
    }

    /// A family was ended here.
    pub(super) fn end(&self, id: &FamilyId) {
        self.keep(id, false, Reading(Instant::now()));
    }

    fn aged(&self, id: &FamilyId, max_age: Duration) -> Option<bool> {
        let by_id = self.by_id();
        let copy = by_id.get(id)?;
        (!copy.lives || copy.asked_at.elapsed() <= max_age).then_some(copy.lives)
    }

    fn by_id(&self) -> MutexGuard<'_, HashMap<FamilyId, Copy>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The store remembers what is forgotten here.
fn make_room(by_id: &mut HashMap<FamilyId, Copy>) {
    if by_id.len() >= MAX_COPIES {
        by_id.retain(|_, copy| copy.asked_at.elapsed() <= MAX_SILENCE);
    }
    if by_id.len() >= MAX_COPIES {
        by_id.clear();
    }
}

const MAX_SILENCE: Duration = Duration::from_secs(60);
const MAX_COPIES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> FamilyId {
        FamilyId::named("f")
    }

    #[tokio::test(start_paused = true)]
    async fn a_copy_is_good_for_its_time_and_longer_while_the_store_is_silent() {
        let copies = Copies::new(Duration::from_secs(5));
        let reading = copies.fresh(&id()).unwrap_err();
        assert!(copies.keep(&id(), true, reading));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(copies.fresh(&id()).ok(), Some(true));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(copies.fresh(&id()).is_err());
        assert_eq!(copies.last_known(&id()), Some(true));
        tokio::time::advance(Duration::from_secs(55)).await;
        assert_eq!(copies.last_known(&id()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_outlives_a_look_that_began_before_it() {
        let copies = Copies::new(Duration::from_secs(5));
        let reading = copies.fresh(&id()).unwrap_err();
        copies.end(&id());
        assert!(!copies.keep(&id(), true, reading));
        assert_eq!(copies.fresh(&id()).ok(), Some(false));
    }

    #[test]
    fn copies_are_bounded() {
        let copies = Copies::new(Duration::from_secs(5));
        for number in 0..MAX_COPIES * 2 {
            let id = FamilyId::named(number.to_string());
            copies.keep(&id, true, Reading(Instant::now()));
        }
        assert!(copies.by_id().len() <= MAX_COPIES);
    }
}
