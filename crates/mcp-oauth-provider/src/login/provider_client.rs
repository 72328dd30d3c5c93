//! What is said to a provider, and what it answers.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode, header};
use mcp_oauth_token::{FetchLimits, HttpClient, HttpError, ProviderUrl};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret,
    CsrfToken, EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RevocationUrl, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, time};
use url::Url;

use super::{LoginAttempt, LoginConfig, LoginError};
use crate::discovery_document::Endpoints;

mod refusal;

/// This server, as the client of a provider (RFC 6749).
pub(super) struct ProviderClient {
    config: LoginConfig,
    http: Arc<dyn HttpClient>,
    /// For codes, which strangers can bring.
    places_for_codes: Semaphore,
    /// For refresh tokens, which only who logged in has: nobody renews or gives back a grant behind
    /// a crowd of strangers.
    places_for_grants: Semaphore,
}

/// What a provider answers to a code or a refresh token.
pub(super) struct Answer {
    pub(super) access_token: SecretString,
    pub(super) id_token: Option<SecretString>,
    pub(super) refresh_token: Option<SecretString>,
    /// The scopes, if they are others than were asked for.
    pub(super) scopes: Option<Vec<String>>,
}

impl ProviderClient {
    pub(super) fn new(config: LoginConfig, http: Arc<dyn HttpClient>) -> Self {
        Self {
            config,
            http,
            places_for_codes: Semaphore::new(MAX_CALLS_WITH_CODES),
            places_for_grants: Semaphore::new(MAX_CALLS_ABOUT_GRANTS),
        }
    }

    pub(super) fn authorize_url(
        &self,
        endpoints: &Endpoints,
        state: &str,
        attempt: &LoginAttempt,
        scopes: Vec<String>,
        parameters: &[(&'static str, &'static str)],
    ) -> Result<Url, LoginError> {
        let address = named("authorization_endpoint", endpoints.authorization.as_ref())?;
        let client = self
            .client(endpoints)?
            .set_auth_uri(AuthUrl::from_url(address.url().clone()));
        let verifier = PkceCodeVerifier::new(attempt.code_verifier().to_owned());
        let mut request = client
            .authorize_url(|| CsrfToken::new(state.to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(scopes.into_iter().map(Scope::new))
            .add_extra_param("nonce", attempt.nonce());
        for (name, value) in parameters {
            request = request.add_extra_param(*name, *value);
        }
        let (url, _) = request.url();
        Ok(url)
    }

    pub(super) async fn exchange(
        &self,
        endpoints: &Endpoints,
        code: &SecretString,
        attempt: &LoginAttempt,
        scopes: &[String],
    ) -> Result<Answer, LoginError> {
        let (connection, client) = self.at_token_endpoint(endpoints, &self.places_for_codes)?;
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.code_verifier().to_owned()));
        if !scopes.is_empty() {
            request = request.add_extra_param("scope", scopes.join(" "));
        }
        let answer = request.request_async(&connection).await;
        Ok(answer.map_err(refusal::understand)?.into())
    }

    pub(super) async fn refresh(
        &self,
        endpoints: &Endpoints,
        refresh_token: &SecretString,
        scopes: &[String],
    ) -> Result<Answer, LoginError> {
        let (connection, client) = self.at_token_endpoint(endpoints, &self.places_for_grants)?;
        let refresh_token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let request = client
            .exchange_refresh_token(&refresh_token)
            .add_scopes(scopes.iter().cloned().map(Scope::new));
        let answer = request.request_async(&connection).await;
        Ok(answer.map_err(refusal::understand)?.into())
    }

    pub(super) async fn revoke(
        &self,
        endpoints: &Endpoints,
        refresh_token: &SecretString,
    ) -> Result<(), LoginError> {
        let Some(address) = &endpoints.revocation else {
            return Ok(());
        };
        let client = self.client(endpoints)?;
        let client = client.set_revocation_url(as_https(address)?);
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let request = client
            .revoke_token(StandardRevocableToken::RefreshToken(token))
            .map_err(|error| misconfigured(error.to_string()))?;
        let connection = Connection {
            client: self,
            address,
            places: &self.places_for_grants,
        };
        refusal::forgive_unknown_token(request.request_async(&connection).await)
    }

    fn at_token_endpoint<'a>(
        &'a self,
        endpoints: &'a Endpoints,
        places: &'a Semaphore,
    ) -> Result<(Connection<'a>, OauthClient<EndpointSet>), LoginError> {
        let address = named("token_endpoint", endpoints.token.as_ref())?;
        let client = self.client(endpoints)?;
        let client = client.set_token_uri(TokenUrl::from_url(address.url().clone()));
        let connection = Connection {
            client: self,
            address,
            places,
        };
        Ok((connection, client))
    }

    fn client(&self, endpoints: &Endpoints) -> Result<OauthClient, LoginError> {
        let redirect_uri = RedirectUrl::new(self.config.redirect_uri.clone());
        let secret = self.config.client_secret.expose_secret().to_owned();
        Ok(Client::new(ClientId::new(self.config.client_id.clone()))
            .set_client_secret(ClientSecret::new(secret))
            .set_auth_type(auth_type(endpoints)?)
            .set_redirect_uri(redirect_uri.map_err(|error| misconfigured(error.to_string()))?))
    }
}

/// One endpoint of the provider. A closure in its place would make futures that are not `Send`.
struct Connection<'a> {
    client: &'a ProviderClient,
    address: &'a ProviderUrl,
    /// For calls of this kind.
    places: &'a Semaphore,
}

impl Connection<'_> {
    /// Sends a request to the endpoint, whatever it says itself.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let (mut head, body) = request.into_parts();
        let uri = self.address.as_str().parse();
        head.uri = uri.map_err(|_| NoAnswer::NoAddress)?;
        let request = http::Request::from_parts(head, Bytes::from(body));
        // Whoever brought the client may have forgotten the deadline.
        let timeout = HttpError::Timeout { timeout: TIMEOUT };
        let answer = time::timeout(TIMEOUT, self.call(request))
            .await
            .unwrap_or(Err(NoAnswer::Transport { source: timeout }))?;
        let status = answer.status();
        if status.is_success() || is_refusal(status) {
            return Ok(answer.map(Into::into));
        }
        Err(NoAnswer::Status {
            status,
            retry_after: retry_after(answer.headers()),
        })
    }

    /// Waits for a place, and calls.
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer> {
        let Ok(Ok(_place)) = time::timeout(PATIENCE, self.places.acquire()).await else {
            return Err(NoAnswer::NoPlace);
        };
        let limits = FetchLimits::new(TIMEOUT, MAX_ANSWER_BYTES);
        let answer = self.client.http.send(request, limits).await;
        answer.map_err(|source| NoAnswer::Transport { source })
    }
}

impl<'c> AsyncHttpClient<'c> for Connection<'_> {
    type Error = NoAnswer;
    type Future = BoxFuture<'c, Result<HttpResponse, NoAnswer>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl From<TokenAnswer> for Answer {
    fn from(answer: TokenAnswer) -> Self {
        let scopes = answer.scopes().map(|scopes| {
            let names = scopes.iter().map(|scope| scope.as_str().to_owned());
            names.filter(|name| !name.is_empty()).collect()
        });
        Self {
            access_token: answer.access_token().secret().as_str().into(),
            id_token: answer.extra_fields().id_token.as_deref().map(Into::into),
            refresh_token: answer
                .refresh_token()
                .map(|token| token.secret().as_str().into()),
            scopes,
        }
    }
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("its address is malformed")]
    NoAddress,
    #[error("too many calls to it are under way")]
    NoPlace,
    #[error("it answers with {status}")]
    Status {
        status: StatusCode,
        retry_after: Option<Duration>,
    },
    #[error("it cannot be reached")]
    Transport { source: HttpError },
}

/// A client without addresses, but perhaps that of the token endpoint.
type OauthClient<HasTokenUrl = EndpointNotSet> = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    HasTokenUrl,
>;
type TokenAnswer = StandardTokenResponse<IdTokenMember, BasicTokenType>;

/// What OpenID Connect Core section 3.1.3.3 adds to the answer.
#[derive(Deserialize, Serialize)]
struct IdTokenMember {
    id_token: Option<String>,
}

impl ExtraTokenFields for IdTokenMember {}

impl fmt::Debug for IdTokenMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdTokenMember")
    }
}

/// How to authenticate. Where there is a choice the secret goes into the body, as OAuth 2.1 has
/// every provider take it: not all read it back right from the header, where it is encoded twice.
fn auth_type(endpoints: &Endpoints) -> Result<AuthType, LoginError> {
    let takes = |method: &str| endpoints.auth_methods.iter().any(|listed| listed == method);
    if takes("client_secret_post") {
        Ok(AuthType::RequestBody)
    } else if takes("client_secret_basic") {
        Ok(AuthType::BasicAuth)
    } else {
        Err(misconfigured(
            "it takes client secrets neither in the body nor in the header",
        ))
    }
}

fn named<'a>(
    member: &str,
    address: Option<&'a ProviderUrl>,
) -> Result<&'a ProviderUrl, LoginError> {
    address.ok_or_else(|| misconfigured(format!("its discovery document has no {member}")))
}

/// The address as `oauth2` wants all such addresses to be, also on this machine. The request goes to
/// the address itself.
fn as_https(address: &ProviderUrl) -> Result<RevocationUrl, LoginError> {
    let mut url = address.url().clone();
    url.set_scheme("https")
        .map_err(|()| misconfigured("its revocation_endpoint is no https URL"))?;
    Ok(RevocationUrl::from_url(url))
}

/// Whether there is a refusal to read. Others are not the provider speaking, or not to us.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error()
        && status != StatusCode::TOO_MANY_REQUESTS
        && status != StatusCode::REQUEST_TIMEOUT
}

/// How long the provider wants to be left alone. Dates are not read.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    let wait = Duration::from_secs(seconds.trim().parse().ok()?);
    Some(wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

fn misconfigured(reason: impl Into<String>) -> LoginError {
    LoginError::Misconfigured {
        reason: reason.into(),
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Calls at once: a provider that gets slow is not called all the more for it.
const MAX_CALLS_WITH_CODES: usize = 32;
const MAX_CALLS_ABOUT_GRANTS: usize = 64;
/// How long a call waits for its place. It leaves time for an answer: a refresh token that the
/// provider rotates is lost with the answer to a call that began too late.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(300);
