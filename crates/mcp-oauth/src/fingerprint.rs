//! Tokens in logs.

use std::fmt;

use mcp_oauth_token::BearerToken;
use ring::{hmac, rand::SystemRandom};

/// Makes the names that tokens have in logs.
///
/// The key is random, and gone with the process: a name tells lines of the same token from others,
/// and says nothing of the token to who has logs of two processes, or tokens to try.
#[derive(Debug)]
pub(crate) struct Fingerprinter(hmac::Key);

impl Fingerprinter {
    /// With a key of its own. `None` if the system has no randomness to give.
    pub(crate) fn new() -> Option<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        key.ok().map(Self)
    }

    pub(crate) fn of(&self, token: &BearerToken) -> Fingerprint {
        let tag = hmac::sign(&self.0, token.expose_secret().as_bytes());
        let start = tag.as_ref().first_chunk().copied();
        Fingerprint(u32::from_be_bytes(start.unwrap_or_default()))
    }
}

/// The name of one token in the logs of this process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u32);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_name_in_a_process_and_another_in_the_next() {
        let token = BearerToken::new("a.b.c").unwrap();
        let [one, other] = [(); 2].map(|()| Fingerprinter::new().unwrap());
        let name = one.of(&token).to_string();
        assert_eq!(name.len(), 8);
        assert_eq!(one.of(&token).to_string(), name);
        assert_ne!(
            one.of(&BearerToken::new("a.b.d").unwrap()).to_string(),
            name
        );
        // Equal once in 2^32 runs.
        assert_ne!(other.of(&token).to_string(), name);
    }
}
