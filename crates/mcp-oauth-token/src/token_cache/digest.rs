//! What a token is remembered by.

use ring::digest;

use crate::BearerToken;

/// The SHA-256 of a token: all of it, signature included, so that no token can pass for another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TokenDigest([u8; digest::SHA256_OUTPUT_LEN]);

impl TokenDigest {
    pub(super) fn of(token: &BearerToken) -> Self {
        let digest = digest::digest(&digest::SHA256, token.expose_secret().as_bytes());
        Self(
            digest
                .as_ref()
                .try_into()
                .expect("SHA-256 has as many bytes as ring says"),
        )
    }
}
