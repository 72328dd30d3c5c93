//! The token endpoint (RFC 6749 section 3.2).

use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode, request::Parts};
use http_body_util::Full;
use mcp_oauth_token::{MintError, ScopeSet};
use serde::Serialize;

use super::{
    access_token::{AccessToken, AccessTokens},
    authorization_code::{Codes, Redeemed},
    clients::Clients,
    family::{FamilyId, LiveFamily},
    refresh_token::{RefreshTokens, Refreshed},
    token_refusal::{TokenRefusal, json_response},
    token_request::{Offer, TokenRequest},
};

/// Gives tokens for codes and for refresh tokens.
#[derive(Debug)]
pub(crate) struct TokenEndpoint {
    pub(crate) clients: Arc<Clients>,
    pub(crate) codes: Arc<Codes>,
    pub(crate) refresh_tokens: Arc<RefreshTokens>,
    pub(crate) access_tokens: Arc<AccessTokens>,
    pub(crate) offer: Offer,
}

impl TokenEndpoint {
    /// Answers a request.
    pub(crate) async fn answer(&self, head: &Parts, body: &[u8]) -> Response<Full<Bytes>> {
        match self.tokens(head, body).await {
            Ok(tokens) => json_response(StatusCode::OK, tokens),
            Err(refusal) => refusal.into_response(),
        }
    }

    async fn tokens(&self, head: &Parts, body: &[u8]) -> Result<String, TokenRefusal> {
        let form = TokenRequest::form(head, body)?;
        let grant_type = form.value("grant_type");
        match grant_type.ok_or(TokenRefusal::InvalidRequest("The grant_type is missing."))? {
            "authorization_code" => {
                let request = TokenRequest::new(&form, &self.clients).await?;
                let redeemed = self.codes.redeem(&request, &self.offer).await?;
                let Redeemed { id, family, scopes } = redeemed;
                self.answer_with(&id, &family, &scopes)
            }
            "refresh_token" => {
                let request = TokenRequest::new(&form, &self.clients).await?;
                if !request.may_refresh() {
                    return Err(TokenRefusal::UnauthorizedClient);
                }
                let refreshed = self.refresh_tokens.refresh(&request, &self.offer).await?;
                let Refreshed { id, family, scopes } = refreshed;
                self.answer_with(&id, &family, &scopes)
            }
            _ => Err(TokenRefusal::UnsupportedGrantType),
        }
    }

    fn answer_with(
        &self,
        id: &FamilyId,
        family: &LiveFamily,
        scopes: &ScopeSet,
    ) -> Result<String, TokenRefusal> {
        let minted = self.access_tokens.mint(id, family, scopes);
        let AccessToken { token, expires_in } = minted.map_err(|error: MintError| {
            tracing::error!(%error, "no access token can be made");
            TokenRefusal::ServerError
        })?;
        let tokens = Tokens {
            access_token: token.expose_secret(),
            token_type: "Bearer",
            expires_in: expires_in.as_secs(),
            refresh_token: self.refresh_tokens.seal(id, family),
            scope: scopes.to_string(),
        };
        serde_json::to_string(&tokens).map_err(|_| TokenRefusal::ServerError)
    }
}

/// The answer with tokens (RFC 6749 section 5.1).
#[derive(Serialize)]
struct Tokens<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
}

#[cfg(test)]
mod tests;
