//! What clients ask of the authorization endpoint (RFC 6749 section 4.1.1).

use mcp_oauth_provider::ScopeRules;
use mcp_oauth_token::ScopeSet;
use serde::{Deserialize, Serialize};

use super::{
    authorize_error::AuthorizeError,
    client::{Client, Unregistered},
    code_challenge::CodeChallenge,
    form::Form,
    grant::scope_list,
    resource_indicator::ResourceIndicator,
    return_address::ReturnAddress,
};

/// A request in order, of a client that is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AuthorizeRequest {
    #[serde(rename = "c")]
    pub(super) client_id: String,
    #[serde(flatten)]
    pub(super) return_address: ReturnAddress,
    /// Of RFC 7636, made with S256.
    #[serde(rename = "p")]
    pub(super) code_challenge: CodeChallenge,
    /// What is to be allowed, with all that it contains.
    #[serde(rename = "o", with = "scope_list")]
    pub(super) scopes: ScopeSet,
    #[serde(rename = "f")]
    pub(super) wants_refresh_token: bool,
}

impl AuthorizeRequest {
    /// Proves that an answer may be sent to where the request says. Whatever is wrong with a
    /// request before that is for the person at the browser only.
    ///
    /// # Errors
    ///
    /// If the client did not register the redirect URI.
    pub(super) fn return_address(
        form: &Form,
        client: &Client,
    ) -> Result<ReturnAddress, Unregistered> {
        Ok(ReturnAddress {
            redirect_uri: client.redirect_uri(form.value("redirect_uri"))?,
            state: form.value("state").map(str::to_owned),
        })
    }

    /// Reads the rest of a request.
    ///
    /// # Errors
    ///
    /// What to tell the client.
    pub(super) fn new(
        form: &Form,
        client: &Client,
        return_address: ReturnAddress,
        resource: &ResourceIndicator,
        scopes: &ScopeRules,
    ) -> Result<Self, AuthorizeError> {
        // RFC 9101 section 6.3: what is not supported is refused, and never fetched.
        if form.value("request").is_some() {
            return Err(AuthorizeError::RequestNotSupported);
        }
        if form.value("request_uri").is_some() {
            return Err(AuthorizeError::RequestUriNotSupported);
        }
        match form.value("response_type") {
            Some("code") => {}
            Some(_) => return Err(AuthorizeError::UnsupportedResponseType),
            None => return Err(AuthorizeError::InvalidRequest("response_type is missing.")),
        }
        if !matches!(form.value("response_mode"), None | Some("query")) {
            let problem = "The only response_mode is query.";
            return Err(AuthorizeError::InvalidRequest(problem));
        }
        let is_too_long = |state: &String| state.len() > MAX_STATE_LEN;
        if return_address.state.as_ref().is_some_and(is_too_long) {
            let problem = "state is longer than 512 bytes.";
            return Err(AuthorizeError::InvalidRequest(problem));
        }
        let code_challenge = code_challenge(form)?;
        if !resource.are_all(form.resources()) {
            return Err(AuthorizeError::InvalidTarget);
        }
        let scopes = asked_scopes(form, scopes)?;
        let mut prompts = form.value("prompt").unwrap_or_default().split(' ');
        if prompts.any(|prompt| prompt == "none") {
            return Err(AuthorizeError::InteractionRequired);
        }
        Ok(Self {
            client_id: client.id.clone(),
            return_address,
            code_challenge,
            scopes,
            wants_refresh_token: client.may_refresh(),
        })
    }
}

/// RFC 7636 section 4.4.1: without a challenge of the one method there is, there is no code.
fn code_challenge(form: &Form) -> Result<CodeChallenge, AuthorizeError> {
    let Some(challenge) = form.value("code_challenge") else {
        let problem = "code_challenge is missing.";
        return Err(AuthorizeError::InvalidRequest(problem));
    };
    // Section 4.3: when it is missing, it is "plain".
    if form.value("code_challenge_method") != Some("S256") {
        let problem = "The only code_challenge_method is S256.";
        return Err(AuthorizeError::InvalidRequest(problem));
    }
    let problem = "code_challenge is no SHA-256 in base64url.";
    CodeChallenge::new(challenge).ok_or(AuthorizeError::InvalidRequest(problem))
}

/// RFC 6749 section 3.3: names that are not known here are ignored, and nothing is added but what
/// the others contain.
fn asked_scopes(form: &Form, rules: &ScopeRules) -> Result<ScopeSet, AuthorizeError> {
    let Some(asked) = form.value("scope") else {
        return Ok(rules.expand(&rules.default));
    };
    let asked: ScopeSet = asked.parse().map_err(|_| AuthorizeError::InvalidScope)?;
    let known = rules.ladder.iter().filter(|scope| asked.contains(scope));
    let known: ScopeSet = known.cloned().collect();
    if known.is_empty() {
        return Err(AuthorizeError::InvalidScope);
    }
    Ok(rules.expand(&known))
}

/// It travels in URLs, and inside of others.
const MAX_STATE_LEN: usize = 512;
