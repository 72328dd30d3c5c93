//! The key of what clients keep for the server.

use std::{fmt, sync::Arc};

use rmcp::model::{RequestStateCodec, RequestStateError, SealOptions};

/// The key that seals what clients keep for the server and bring back: cursors, and the state of
/// calls that wait for somebody's answer.
///
/// What one key sealed is refused under every other, so servers that answer for each other need a
/// common one. Sealed is not secret: whoever holds a cursor can read where it leads, but neither
/// change it nor make one.
#[derive(Clone)]
pub struct StateKey {
    codec: Arc<RequestStateCodec>,
    is_common: bool,
}

impl StateKey {
    /// The least number of bytes that a key has.
    pub const MIN_BYTES: usize = RequestStateCodec::MIN_KEY_LENGTH;

    /// The key that all servers behind one address have.
    ///
    /// # Errors
    ///
    /// [`StateKeyTooShort`] if it has less than [`StateKey::MIN_BYTES`].
    pub fn new(key: &[u8]) -> Result<Self, StateKeyTooShort> {
        Self::of(key, true).map_err(|_| StateKeyTooShort { bytes: key.len() })
    }

    /// A key that nobody else has, and that ends with this process.
    ///
    /// # Panics
    ///
    /// If the system has no randomness to give, which is never so while it runs.
    #[must_use]
    pub fn random() -> Self {
        let key: [u8; Self::MIN_BYTES] = random_bytes();
        Self::of(&key, false).expect("a key of the least length is long enough")
    }

    fn of(key: &[u8], is_common: bool) -> Result<Self, RequestStateError> {
        let codec = Arc::new(RequestStateCodec::try_new(key)?);
        Ok(Self { codec, is_common })
    }

    /// Whether other servers, and this one after a restart, can have it too.
    pub(crate) fn is_common(&self) -> bool {
        self.is_common
    }

    /// Seals `content`, to be opened with the same `bound_to` only.
    pub(crate) fn seal(&self, content: &[u8], bound_to: &[u8]) -> String {
        let options = SealOptions::new().associated_data(bound_to);
        self.codec.seal_with(content, &options)
    }

    /// The content of what was sealed; nothing if it was not sealed with this key and `bound_to`.
    pub(crate) fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>> {
        self.codec.open_with(sealed, bound_to).ok()
    }
}

impl fmt::Debug for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateKey")
            .field("is_common", &self.is_common)
            .finish_non_exhaustive()
    }
}

/// A key that could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key has {bytes} bytes, and needs {} or more", StateKey::MIN_BYTES)]
#[non_exhaustive]
pub struct StateKeyTooShort {
    /// How many it has.
    pub bytes: usize,
}

/// Bytes that nobody can guess.
pub(crate) fn random_bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("a system that runs has randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"canary-0451-canary-0451-canary-0451";

    #[test]
    fn a_key_is_never_shown() {
        let shown = format!("{:?}", StateKey::new(KEY).unwrap());
        assert_eq!(shown, "StateKey { is_common: true, .. }");
    }

    #[test]
    fn a_short_key_is_refused_without_being_repeated() {
        let error = StateKey::new(&KEY[..31]).unwrap_err();
        assert_eq!(error.bytes, 31);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("31 bytes") && !shown.contains("canary"),
            "{shown}"
        );
        assert!(StateKey::new(&KEY[..32]).is_ok());
    }

    #[test]
    fn what_one_key_sealed_opens_with_that_key_alone() {
        let key = StateKey::new(KEY).unwrap();
        let sealed = key.seal(b"content", b"alice");
        assert_eq!(key.open(&sealed, b"alice").unwrap(), b"content");
        let same = StateKey::new(KEY).unwrap();
        assert_eq!(same.open(&sealed, b"alice").unwrap(), b"content");
        assert_eq!(StateKey::random().open(&sealed, b"alice"), None);
        assert_eq!(key.open(&sealed, b"bob"), None);
        let [one, other] = [(); 2].map(|()| StateKey::random());
        assert_eq!(other.open(&one.seal(b"content", b""), b""), None);
    }
}
