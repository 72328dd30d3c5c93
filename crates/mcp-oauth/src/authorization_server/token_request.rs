//! What a client sends to the token and revocation endpoints.

use http::{Method, header::AUTHORIZATION, request::Parts};
use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::ScopeSet;

use super::{
    clients::Clients,
    form::{Form, MalformedForm},
    grant::Grant,
    resource_indicator::ResourceIndicator,
    token_refusal::TokenRefusal,
};

/// A request by a client that is known.
#[derive(Debug)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) form: &'a Form,
    may_refresh: bool,
}

/// What can be asked for.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) resource: ResourceIndicator,
    pub(crate) scopes: ScopeRules,
}

impl<'a> TokenRequest<'a> {
    /// Reads the form of a request. Its query is not looked at: what stands there gets into logs.
    pub(crate) fn form(head: &Parts, body: &[u8]) -> Result<Form, TokenRefusal> {
        if head.method != Method::POST {
            return Err(TokenRefusal::MethodNotAllowed);
        }
        // RFC 6749 section 5.2.
        if head.headers.contains_key(AUTHORIZATION) {
            return Err(TokenRefusal::CredentialsOfClient);
        }
        Form::from_body(&head.headers, body).map_err(|problem| {
            TokenRefusal::InvalidRequest(match problem {
                MalformedForm::ContentType => {
                    "The content type has to be application/x-www-form-urlencoded."
                }
                MalformedForm::Duplicate => "A parameter is there twice.",
                MalformedForm::Encoding => "The form is not percent-encoded UTF-8.",
                MalformedForm::TooLarge => "The form is too large.",
            })
        })
    }

    /// Finds out which client sent a form. Clients prove themselves by what they present besides.
    pub(crate) async fn new(form: &'a Form, clients: &Clients) -> Result<Self, TokenRefusal> {
        let client_id = form.value("client_id");
        let client_id =
            client_id.ok_or(TokenRefusal::InvalidRequest("The client_id is missing."))?;
        // What a client said at a document's address is taken from the login: its website may be
        // down now, or say something else.
        let may_refresh = if client_id.contains(':') {
            true
        } else {
            let client = clients.find(client_id).await;
            client
                .map_err(|_| TokenRefusal::InvalidClient)?
                .may_refresh()
        };
        Ok(Self {
            client_id,
            form,
            may_refresh,
        })
    }

    /// Whether the client may use refresh tokens.
    pub(crate) const fn may_refresh(&self) -> bool {
        self.may_refresh
    }

    /// The scopes that the client gets of a grant. Less than was allowed may be asked for, and never
    /// more (RFC 6749 section 6, RFC 8707 section 2.2).
    pub(crate) fn scopes_of(&self, grant: &Grant, offer: &Offer) -> Result<ScopeSet, TokenRefusal> {
        // The name of the resource may have changed since.
        if self.client_id != grant.client_id || grant.resource != offer.resource.as_str() {
            return Err(TokenRefusal::InvalidGrant);
        }
        if !offer.resource.are_all(self.form.resources()) {
            return Err(TokenRefusal::InvalidTarget);
        }
        let Some(asked) = self.form.value("scope") else {
            return Ok(grant.scopes.clone());
        };
        let asked: ScopeSet = asked.parse().map_err(|_| TokenRefusal::InvalidScope)?;
        let allowed = offer.scopes.expand(&grant.scopes);
        if asked.is_empty() || !allowed.contains_all(&asked) {
            return Err(TokenRefusal::InvalidScope);
        }
        Ok(asked)
    }
}
