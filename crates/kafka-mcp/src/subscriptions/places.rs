//! How many streams may be open.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    Caller,
    caller::Identity,
    failure::{Code, Failure},
};

/// The places for streams: some for all, and some for each caller.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    most_per_caller: usize,
    taken: Mutex<HashMap<Identity, usize>>,
}

impl Places {
    pub(super) fn new(most: usize, most_per_caller: usize) -> Self {
        Self {
            most,
            most_per_caller,
            taken: Mutex::default(),
        }
    }

    /// A place for one stream more, until it is dropped.
    ///
    /// # Errors
    ///
    /// If all are taken, or all that the caller may have.
    pub(super) fn take(&self, caller: &Caller) -> Result<Place<'_>, Failure> {
        let mut taken = self.taken();
        if taken.values().sum::<usize>() >= self.most {
            return Err(refused(format!(
                "the server keeps {} streams open already",
                self.most
            ))
            .hint(
                "read the resources from time to time instead; KAFKA_MCP_MAX_STREAMS allows more",
            ));
        }
        let holder = caller.identity();
        let held = taken.get(&holder).copied().unwrap_or_default();
        if held >= self.most_per_caller {
            let subject = &caller.subject;
            return Err(refused(format!("{subject} has {held} streams already"))
                .hint("one stream can watch several resources; close those that are not needed"));
        }
        taken.insert(holder.clone(), held + 1);
        Ok(Place {
            places: self,
            holder,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Identity, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a stream that is open.
#[derive(Debug)]
pub(super) struct Place<'a> {
    places: &'a Places,
    holder: Identity,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        match taken.get_mut(&self.holder) {
            Some(held) if *held > 1 => *held -= 1,
            _ => {
                taken.remove(&self.holder);
            }
        }
    }
}

fn refused(message: String) -> Failure {
    Failure::new(Code::TooManyStreams, message).retriable()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn caller(issuer: Option<&str>, subject: &str) -> Caller {
        let mut caller = Caller::new(subject, Vec::new());
        caller.issuer = issuer.map(Arc::from);
        caller
    }

    #[test]
    fn a_caller_has_a_share_of_the_places_and_gets_them_back() {
        let places = Places::new(10, 2);
        let alice = caller(Some("https://idp"), "alice");
        let first = places.take(&alice).unwrap();
        let _second = places.take(&alice).unwrap();
        let refusal = places.take(&alice).unwrap_err();
        assert_eq!(refusal.code(), Code::TooManyStreams);
        assert_eq!(refusal.message(), "alice has 2 streams already");

        drop(first);
        assert!(places.take(&alice).is_ok());
    }

    #[test]
    fn the_same_name_at_another_issuer_is_another_caller() {
        let places = Places::new(10, 1);
        let _place = places.take(&caller(Some("https://a"), "alice")).unwrap();
        let _other = places.take(&caller(Some("https://b"), "alice")).unwrap();
        assert!(places.take(&caller(None, "alice")).is_ok());
    }

    #[test]
    fn no_caller_gets_a_place_when_all_are_taken() {
        let places = Places::new(2, 2);
        let taken = ["alice", "bob"].map(|name| places.take(&caller(None, name)).unwrap());
        let refusal = places.take(&caller(None, "carol")).unwrap_err();
        assert_eq!(refusal.message(), "the server keeps 2 streams open already");
        drop(taken);
        assert!(places.take(&caller(None, "carol")).is_ok());
        assert!(places.taken().is_empty(), "nothing is left of who left");
    }
}
