//! The revocation endpoint (RFC 7009).

use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode, request::Parts};
use http_body_util::Full;
use mcp_oauth_token::BearerToken;

use super::{
    access_token::AccessTokenValidator,
    clients::Clients,
    endings::Endings,
    event::GrantEvent,
    family::{Families, FamilyId},
    refresh_token::RefreshTokens,
    token_refusal::{TokenRefusal, json_response},
    token_request::TokenRequest,
};

/// Takes tokens back. With one token of a family all of them end: whoever revokes one is done.
#[derive(Debug)]
pub(crate) struct RevocationEndpoint {
    pub(crate) clients: Arc<Clients>,
    pub(crate) families: Arc<Families>,
    pub(crate) endings: Arc<Endings>,
    pub(crate) refresh_tokens: Arc<RefreshTokens>,
    pub(crate) access_tokens: AccessTokenValidator,
}

impl RevocationEndpoint {
    /// Answers a request.
    pub(crate) async fn answer(&self, head: &Parts, body: &[u8]) -> Response<Full<Bytes>> {
        match self.revoke(head, body).await {
            Ok(()) => json_response(StatusCode::OK, "{}".to_owned()),
            Err(refusal) => refusal.into_response(),
        }
    }

    /// RFC 7009 section 2.2: for a token that is not, or not any more, or another client's, the
    /// answer is the same.
    async fn revoke(&self, head: &Parts, body: &[u8]) -> Result<(), TokenRefusal> {
        let form = TokenRequest::form(head, body)?;
        let request = TokenRequest::new(&form, &self.clients).await?;
        let token = form.value("token");
        let token = token.ok_or(TokenRefusal::InvalidRequest("The token is missing."))?;
        // What a token is is seen from the token: `token_type_hint` could only be wrong.
        let Some(id) = self.family_of(token).await else {
            return Ok(());
        };
        let found = self.families.find(&id).await?;
        if found.is_some_and(|found| found.family.grant.client_id == request.client_id) {
            self.endings.end(&id, GrantEvent::Revoked).await?;
        }
        Ok(())
    }

    async fn family_of(&self, token: &str) -> Option<FamilyId> {
        if let Some((id, _generation)) = self.refresh_tokens.open(token) {
            return Some(id);
        }
        let token = BearerToken::new(token).ok()?;
        let read = self.access_tokens.read(&token).await.ok();
        read.map(|(_accepted, id)| id)
    }
}

#[cfg(test)]
mod tests;
