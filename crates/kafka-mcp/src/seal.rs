//! What clients keep for the server and bring back, sealed and bound.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Caller, StateKey};

/// Seals what one caller keeps for one purpose.
#[derive(Debug)]
pub(crate) struct Seal<'a> {
    key: &'a StateKey,
    bound_to: Vec<u8>,
}

impl<'a> Seal<'a> {
    /// A seal that opens for `caller`, and with the same `purpose` and `terms` only.
    ///
    /// Whoever vouches for a caller is part of who that is; the program they use is not.
    pub(crate) fn new(
        key: &'a StateKey,
        caller: &Caller,
        purpose: &str,
        terms: &impl Serialize,
    ) -> Self {
        let who = (caller.issuer.as_deref(), &*caller.subject);
        // JSON keeps the parts apart. Only maps with keys that are no text fail to serialise;
        // there are none.
        let bound_to = serde_json::to_vec(&(VERSION, purpose, who, terms)).unwrap_or_default();
        Self { key, bound_to }
    }

    pub(crate) fn key(&self) -> &'a StateKey {
        self.key
    }

    /// Seals `content`.
    pub(crate) fn close<T: Serialize>(&self, content: &T) -> String {
        let content = serde_json::to_vec(content).unwrap_or_default();
        self.key.seal(&content, &self.bound_to)
    }

    /// The content of `sealed`. What was forged, changed, or sealed for something else has none,
    /// and does not say which.
    pub(crate) fn open<T: DeserializeOwned>(&self, sealed: &str) -> Option<T> {
        let content = self.key.open(sealed, &self.bound_to)?;
        serde_json::from_slice(&content).ok()
    }
}

/// The version of what is sealed and bound: changes with it.
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Caller {
        let mut caller = Caller::new("alice", Vec::new());
        caller.issuer = Some("https://idp".into());
        caller
    }

    #[test]
    fn a_seal_opens_for_the_same_caller_purpose_and_terms() {
        let key = StateKey::random();
        let sealed = Seal::new(&key, &alice(), "cursor", &["a", "b"]).close(&7);
        let open = |caller: &Caller, purpose: &str, terms: &[&str]| {
            Seal::new(&key, caller, purpose, &terms).open::<u8>(&sealed)
        };
        assert_eq!(open(&alice(), "cursor", &["a", "b"]), Some(7));
        let mut elsewhere = alice();
        elsewhere.issuer = Some("https://other".into());
        let mut unvouched = alice();
        unvouched.issuer = None;
        let bob = Caller::new("bob", Vec::new());
        for caller in [&elsewhere, &unvouched, &bob] {
            assert_eq!(open(caller, "cursor", &["a", "b"]), None, "{caller:?}");
        }
        assert_eq!(open(&alice(), "state", &["a", "b"]), None);
        for terms in [&["b", "a"][..], &["a,b"], &["a"], &["a", "b", ""]] {
            assert_eq!(open(&alice(), "cursor", terms), None, "{terms:?}");
        }
    }

    /// The program is not who calls: people go on in another one.
    #[test]
    fn a_seal_opens_in_another_program_of_the_same_caller() {
        let key = StateKey::random();
        let sealed = Seal::new(&key, &alice(), "cursor", &()).close(&7);
        let mut elsewhere = alice();
        elsewhere.client = Some("another".into());
        let opened = Seal::new(&key, &elsewhere, "cursor", &()).open::<u8>(&sealed);
        assert_eq!(opened, Some(7));
    }
}
