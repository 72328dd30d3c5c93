use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use mcp_oauth_token::{
    Accepted, BearerToken, Check, FetchLimits, HttpClient, Principal, Quoted, Rejection,
    TokenError, UnixTime,
};
use serde::Deserialize;
use tokio::sync::Semaphore;
use url::form_urlencoded;

use super::{Account, GoogleRules, ISSUER};
use crate::profile::DiscoverySite;

/// Asks Google about access tokens, which nobody else understands.
///
/// The token is sent in the body of the request: addresses are written into logs.
pub(crate) struct Tokeninfo {
    url: String,
    rules: Arc<GoogleRules>,
    leeway: Duration,
    /// Tokens are made up at no cost, and each is a request to Google.
    questions: Semaphore,
}

impl Tokeninfo {
    /// Asks Google; or, for an issuer on this machine, that one at `/tokeninfo`.
    pub(super) fn new(site: &DiscoverySite, rules: Arc<GoogleRules>, leeway: Duration) -> Self {
        let issuer = site.issuer.as_str();
        let url = if issuer == ISSUER {
            "https://oauth2.googleapis.com/tokeninfo".to_owned()
        } else {
            format!("{}/tokeninfo", issuer.trim_end_matches('/'))
        };
        Self {
            url,
            rules,
            leeway,
            questions: Semaphore::new(MAX_QUESTIONS),
        }
    }

    /// # Errors
    ///
    /// [`TokenError::Rejected`] if Google does not vouch for the token, or vouches for one that is
    /// not for this server; [`TokenError::Unavailable`] if it does not say.
    pub(crate) async fn validate(
        &self,
        token: &BearerToken,
        http: &dyn HttpClient,
        now: impl Fn() -> UnixTime,
    ) -> Result<Accepted, TokenError> {
        let answer = tokio::time::timeout(TIMEOUT, self.ask(token, http))
            .await
            .unwrap_or_else(|_| Err(unavailable("Google does not answer in time")))?;
        let expires_at = answer.expires_at()?;
        self.check_expiry(expires_at, now())?;
        Ok(Accepted::new(self.principal(&answer, expires_at)?, None))
    }

    /// # Errors
    ///
    /// [`Check::Expiry`]
    pub(crate) fn check_expiry(
        &self,
        expires_at: UnixTime,
        now: UnixTime,
    ) -> Result<(), Rejection> {
        let since = now.saturating_since(expires_at);
        if since <= self.leeway {
            return Ok(());
        }
        let detail = format!("it expired {} s ago", since.as_secs());
        Err(Rejection::new(Check::Expiry).detail(detail))
    }

    async fn ask(&self, token: &BearerToken, http: &dyn HttpClient) -> Result<Answer, TokenError> {
        let _turn = self.questions.acquire().await;
        let response = http
            .send(
                self.question(token)?,
                FetchLimits::new(TIMEOUT, MAX_ANSWER_BYTES),
            )
            .await
            .map_err(|error| unavailable(&format!("Google cannot be asked: {error}")))?;
        match response.status() {
            // The body may repeat the token, so that no part of it is shown.
            StatusCode::OK => serde_json::from_slice(response.body())
                .map_err(|_| unavailable("Google's answer about a token is not understood")),
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                let detail = "Google does not vouch for it";
                Err(Rejection::new(Check::Voucher).detail(detail).into())
            }
            status => Err(unavailable(&format!("Google answers with {status}"))),
        }
    }

    fn question(&self, token: &BearerToken) -> Result<Request<Bytes>, TokenError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("access_token", token.expose_secret());
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        Request::post(&self.url)
            .header(header::CONTENT_TYPE, form_type)
            .body(form.finish().into())
            .map_err(|_| unavailable("the address of tokeninfo is malformed"))
    }

    fn principal(&self, answer: &Answer, expires_at: UnixTime) -> Result<Principal, Rejection> {
        let Some(audience) = self.rules.audience(&[&answer.aud]) else {
            let detail = format!("it is for the client {}", Quoted(&answer.aud));
            return Err(Rejection::new(Check::Audience).detail(detail));
        };
        if answer.sub.is_empty() {
            let detail = "Google does not say whose it is: the client has to ask for openid";
            return Err(Rejection::new(Check::Subject).detail(detail));
        }
        let is_verified = answer.email_verified.as_deref() == Some("true");
        let scopes: Vec<_> = answer.scope.split(' ').map(str::to_owned).collect();
        self.rules.principal(Account {
            subject: &answer.sub,
            audience,
            azp: answer.azp.as_deref().filter(|azp| !azp.is_empty()),
            hd: answer.hd.as_deref(),
            email: answer.email.clone().filter(|_| is_verified),
            name: None,
            scopes: &scopes,
            expires_at,
        })
    }
}

impl fmt::Debug for Tokeninfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokeninfo")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What Google says. Numbers and truth values are text.
#[derive(Deserialize)]
struct Answer {
    aud: String,
    azp: Option<String>,
    #[serde(default)]
    sub: String,
    exp: String,
    hd: Option<String>,
    email: Option<String>,
    email_verified: Option<String>,
    #[serde(default)]
    scope: String,
}

impl Answer {
    fn expires_at(&self) -> Result<UnixTime, TokenError> {
        let seconds = self.exp.parse().map(UnixTime::from_secs);
        seconds.map_err(|_| unavailable("Google does not say when a token expires"))
    }
}

fn unavailable(reason: &str) -> TokenError {
    TokenError::Unavailable {
        reason: reason.to_owned(),
        retry_after: RETRY_AFTER,
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);
const RETRY_AFTER: Duration = Duration::from_secs(5);
const MAX_ANSWER_BYTES: usize = 16 * 1024;
const MAX_QUESTIONS: usize = 16;
