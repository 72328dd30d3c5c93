//! The keys that tokens are verified with (RFC 7517).

use bytes::Bytes;

use super::RETRY_AFTER;
use crate::{
    Published, TokenIssuer,
    refusal::{Reason, Refusal},
};

/// The issuer's own document, or the empty set if its keys are secret.
pub(super) fn document(issuer: &dyn TokenIssuer) -> Result<Bytes, Refusal> {
    match issuer.jwks() {
        Published::Document(document) => Ok(document),
        Published::Nothing => Ok(Bytes::from_static(br#"{"keys":[]}"#)),
        Published::NotYet => Err(Refusal::new(Reason::Unavailable).retry_after(RETRY_AFTER)),
    }
}
