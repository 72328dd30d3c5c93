//! Logs people in at a provider, for a server that issues tokens of its own.

use std::{fmt, sync::Arc, time::Duration};

use mcp_oauth_token::{Check, JwksStore, Principal, Rejection, ScopeSet};
use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};
use url::Url;

pub use self::{
    attempt::{InvalidAttempt, LoginAttempt},
    config::LoginConfig,
    error::LoginError,
};
use self::{
    id_token::{Expected, IdTokens},
    profile::LoginProfile,
    provider_client::{Answer, ProviderClient},
};
use crate::{ConfigProblem, Provider, discovery_document::DiscoveryDocument, problem::Problems};

pub(crate) mod account;
mod attempt;
mod config;
mod error;
mod id_token;
pub(crate) mod profile;
mod provider_client;

/// Logs people in at a provider with the authorization code flow of OpenID Connect, as one of its
/// clients. Cheap to clone.
///
/// What `state`, nonce and PKCE verifier are, and that each is used once, is the caller's matter.
/// Every call to the provider ends within 10 seconds, and follows no redirect.
///
/// ```no_run
/// # async fn example(
/// #     provider: mcp_oauth_provider::Provider,
/// #     [state, nonce, verifier]: [String; 3],
/// #     (code, iss): (String, Option<String>),
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use mcp_oauth_provider::{LoginAttempt, LoginConfig};
///
/// let callback = "https://files.example.com/oauth/callback";
/// let login = provider
///     .login(LoginConfig::new("client-id", "client-secret".into(), callback))
///     .map_err(|problems| problems[0].clone())?;
///
/// let attempt = LoginAttempt::new(nonce, verifier.into(), "files:read".parse()?)?;
/// let address = login.authorize_url(&state, &attempt).await?;
/// // The browser goes to the address, and comes back with state, code and perhaps iss.
/// if login.may_answer_as(iss.as_deref()).await? {
///     let logged_in = login.exchange(&code.into(), &attempt).await?;
///     println!("{} logged in", logged_in.principal.subject);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Login(Arc<Inner>);

impl Login {
    pub(crate) fn new(provider: Provider, config: LoginConfig) -> Result<Self, Vec<ConfigProblem>> {
        let Some(validator) = provider.discovered() else {
            return Err(config::nobody_logs_in());
        };
        let mut problems = Problems::default();
        config.check(&mut problems);
        let profile = LoginProfile::new(provider.config(), &config, &mut problems);
        let profile = match profile {
            Some(profile) if problems.is_empty() => Arc::new(profile),
            _ => return Err(problems.into_vec()),
        };
        let dependencies = validator.dependencies().clone();
        Ok(Self(Arc::new(Inner {
            id_tokens: IdTokens {
                profile: Arc::clone(&profile),
                client_id: config.client_id.clone(),
                leeway: provider.config().leeway,
                clock: dependencies.clock,
            },
            client: ProviderClient::new(config, dependencies.http),
            profile,
            provider,
        })))
    }

    /// The address at the provider to send a browser to, which comes back with `state`.
    ///
    /// # Errors
    ///
    /// [`LoginError::Unavailable`] while the provider is not discovered, and
    /// [`LoginError::Misconfigured`] if it has nobody to log in.
    pub async fn authorize_url(
        &self,
        state: &str,
        attempt: &LoginAttempt,
    ) -> Result<Url, LoginError> {
        let (document, _) = self.discovered().await?;
        let scopes = self.0.requested(attempt.scopes(), document);
        let parameters = self.0.profile.parameters;
        self.0
            .client
            .authorize_url(&document.endpoints, state, attempt, scopes, parameters)
    }

    /// Whether an answer to an authorization request with this `iss`, be it a code or an error, may
    /// come from the provider (RFC 9207 section 2.4). One that may not is to be left alone: its code
    /// must not be sent anywhere.
    ///
    /// # Errors
    ///
    /// [`LoginError::Unavailable`] for an answer without `iss`, while the provider is not discovered:
    /// it may have promised to send one.
    pub async fn may_answer_as(&self, iss: Option<&str>) -> Result<bool, LoginError> {
        if let Some(iss) = iss {
            return Ok(self.0.profile.is_issuer(iss));
        }
        let (document, _) = self.discovered().await?;
        Ok(!document.endpoints.names_itself)
    }

    /// Exchanges the code that came back, and says who logged in.
    ///
    /// # Errors
    ///
    /// [`LoginError`]. The code is spent.
    pub async fn exchange(
        &self,
        code: &SecretString,
        attempt: &LoginAttempt,
    ) -> Result<LoggedIn, LoginError> {
        let (document, keys) = self.discovered().await?;
        let requested = self.0.requested(attempt.scopes(), document);
        let repeated = self.0.profile.repeated(&requested);
        let endpoints = &document.endpoints;
        let answer = self.0.client.exchange(endpoints, code, attempt, repeated);
        let answer = answer.await?;
        let Some(id_token) = &answer.id_token else {
            let detail = "the provider sends no id token";
            let rejection = Rejection::new(Check::Syntax).detail(detail);
            return Err(LoginError::Rejected(rejection));
        };
        let expected = Expected {
            nonce: Some(attempt.nonce().to_owned()),
            subject: None,
            access_token: answer.access_token.clone(),
            granted: self.0.profile.granted(answer.scopes.unwrap_or(requested)),
        };
        let id_tokens = &self.0.id_tokens;
        Ok(LoggedIn {
            principal: id_tokens.verify(id_token, expected, document, keys).await?,
            refresh_token: answer.refresh_token,
        })
    }

    /// Asks the provider whether somebody is still logged in, and who it is now. With a `subject`
    /// (of [`Principal::subject`]) it has to be that account.
    ///
    /// It takes at most `within`. When that ends, a refresh token that the provider sent is not lost:
    /// the one before it may be used up.
    ///
    /// # Errors
    ///
    /// [`LoginError`], if the provider sends no tokens. Only after [`LoginError::Unavailable`] may
    /// the refresh token still be good.
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
        scopes: &ScopeSet,
        subject: Option<&str>,
        within: Duration,
    ) -> Result<Refreshed, LoginError> {
        let until = Instant::now() + within;
        let asked = timeout_at(until, self.ask_again(refresh_token, scopes));
        let answer = asked.await.unwrap_or_else(|_| Err(too_late()))?;
        let refresh_token = answer.refresh_token.clone();
        let read = timeout_at(until, self.read_again(answer, scopes, subject));
        Ok(Refreshed {
            principal: read.await.unwrap_or_else(|_| Err(too_late())),
            refresh_token,
        })
    }

    async fn ask_again(
        &self,
        refresh_token: &SecretString,
        scopes: &ScopeSet,
    ) -> Result<Answer, LoginError> {
        let (document, _) = self.discovered().await?;
        let requested = self.0.requested(scopes, document);
        let repeated = self.0.profile.repeated(&requested);
        let client = &self.0.client;
        client
            .refresh(&document.endpoints, refresh_token, repeated)
            .await
    }

    async fn read_again(
        &self,
        answer: Answer,
        scopes: &ScopeSet,
        subject: Option<&str>,
    ) -> Result<Option<Principal>, LoginError> {
        let Some(id_token) = &answer.id_token else {
            return Ok(None);
        };
        let (document, keys) = self.discovered().await?;
        let requested = self.0.requested(scopes, document);
        let expected = Expected {
            // OpenID Connect Core section 12.2: it should have none, and the answer is to nobody
            // but us.
            nonce: None,
            subject: subject.map(str::to_owned),
            access_token: answer.access_token,
            granted: self.0.profile.granted(answer.scopes.unwrap_or(requested)),
        };
        let id_tokens = &self.0.id_tokens;
        let principal = id_tokens.verify(id_token, expected, document, keys).await?;
        Ok(Some(principal))
    }

    /// Tells the provider that a refresh token is no longer used (RFC 7009). A provider that has no
    /// place to be told so (Entra) is not told.
    ///
    /// # Errors
    ///
    /// [`LoginError::Unavailable`] and [`LoginError::Misconfigured`].
    pub async fn revoke(&self, refresh_token: &SecretString) -> Result<(), LoginError> {
        let (document, _) = self.discovered().await?;
        let client = &self.0.client;
        client.revoke(&document.endpoints, refresh_token).await
    }

    async fn discovered(&self) -> Result<(&DiscoveryDocument, &Arc<JwksStore>), LoginError> {
        match self.0.provider.discovered() {
            Some(validator) => Ok(validator.discover().await?),
            // Without discovery there is no login to begin with.
            None => Err(LoginError::unavailable("the provider is not discovered")),
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("provider", &self.0.provider.name())
            .finish_non_exhaustive()
    }
}

/// Who logged in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoggedIn {
    /// Who it is. The client is this server, as the provider knows it; the scopes are the most that
    /// the account may have here, whatever was asked for.
    pub principal: Principal,
    /// What keeps the login alive, if the provider lets it live on.
    pub refresh_token: Option<SecretString>,
}

/// What a provider sends for a refresh token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refreshed {
    /// Who it is now, if the provider says so again. The scopes are the most that the account may
    /// have, and no reason to give a client more than it had. An error says that the login is over,
    /// or with [`LoginError::Unavailable`] that it cannot be told now.
    pub principal: Result<Option<Principal>, LoginError>,
    /// The refresh token for the next time, whoever it is now. `None`: the one that was used stays
    /// good.
    pub refresh_token: Option<SecretString>,
}

struct Inner {
    provider: Provider,
    profile: Arc<LoginProfile>,
    client: ProviderClient,
    id_tokens: IdTokens,
}

impl Inner {
    /// What to ask the provider for, to get `scopes` of this server.
    fn requested(&self, scopes: &ScopeSet, document: &DiscoveryDocument) -> Vec<String> {
        let mapped = self.provider.advertised(scopes);
        self.profile.requested(&mapped, &document.endpoints)
    }
}

fn too_late() -> LoginError {
    LoginError::unavailable("there was no answer in time")
}
