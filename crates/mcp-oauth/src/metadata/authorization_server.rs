//! Authorization server metadata (RFC 8414) at the resource server's own origin, where clients of
//! older revisions of MCP look for it.

use bytes::Bytes;

use super::RETRY_AFTER;
use crate::{
    Published, TokenIssuer,
    refusal::{Reason, Refusal},
};

/// The issuer's own document, unchanged: it names the issuer that stands in its tokens.
pub(super) fn document(issuer: &dyn TokenIssuer) -> Result<Bytes, Refusal> {
    match issuer.metadata() {
        Published::Document(document) => Ok(document),
        Published::Nothing => Err(Refusal::new(Reason::NotFound)),
        Published::NotYet => Err(Refusal::new(Reason::Unavailable).retry_after(RETRY_AFTER)),
    }
}
