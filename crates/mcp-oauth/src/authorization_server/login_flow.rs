//! Logins, from the request of a client to the code for it.

mod callback;
mod consenting;
mod exchanges;
mod finishing;
mod refusing;

use std::sync::Arc;

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{LOCATION, SET_COOKIE},
};
use mcp_oauth_provider::{self as provider, ScopeRules};
use mcp_oauth_token::{Clock, Principal, Scope};

pub(super) use self::{exchanges::Exchanges, finishing::Finishing};
use self::{finishing::NoCode, refusing::Obstacle};
use super::{
    authorize_error::AuthorizeError,
    authorize_request::AuthorizeRequest,
    browser_cookie::{BrowserCookie, CookieJar},
    clients::Clients,
    development_login::DevelopmentLogin,
    endings::Endings,
    grant::{Grant, Identity, Renewal},
    key_ring::KeyRing,
    login_event::{LoginEnd, LoginObserver},
    page::{Pages, Text},
    problem::Problem,
    resource_indicator::ResourceIndicator,
    return_address::ReturnAddress,
    transaction::Transaction,
};
use crate::{log_budget::LogBudget, refusal::Reply};

/// Leads people through logins, and their browsers back to the clients.
#[derive(Debug)]
pub(super) struct LoginFlow {
    pub(super) issuer: String,
    pub(super) resource: ResourceIndicator,
    pub(super) resource_name: String,
    pub(super) scopes: ScopeRules,
    pub(super) scope_words: Vec<(Scope, String)>,
    pub(super) clients: Arc<Clients>,
    pub(super) keys: Arc<KeyRing>,
    pub(super) login: Login,
    pub(super) exchanges: Exchanges,
    pub(super) finishing: Finishing,
    pub(super) jar: CookieJar,
    pub(super) pages: Pages,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Arc<dyn LoginObserver>,
    /// Anybody may begin a login.
    pub(super) log_budget: LogBudget,
    /// For failures of this server and of what it needs: who floods the other one does not hide them.
    pub(super) failures: LogBudget,
    /// For a provider that lets no login last.
    pub(super) hints: LogBudget,
    pub(super) endings: Arc<Endings>,
}

/// How people log in.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Login {
    /// With a code that the server printed, and any name. For a server on loopback only.
    Development(Arc<DevelopmentLogin>),
    /// At an identity provider.
    Provider {
        /// How the provider is called, for people.
        name: String,
        /// The provider.
        login: provider::Login,
    },
}

impl LoginFlow {
    /// Ends a login of somebody who may enter: the client gets its code.
    async fn finish(
        &self,
        transaction: &Transaction,
        principal: Principal,
        renewal: Renewal,
    ) -> Result<String, NoCode> {
        let request = &transaction.request;
        let grant = Grant {
            identity: Identity {
                issuer: principal.issuer.clone(),
                subject: principal.subject.clone(),
                name: principal.display_name.clone(),
                email: principal.email.clone(),
            },
            client_id: request.client_id.clone(),
            resource: self.resource.as_str().to_owned(),
            scopes: principal.scopes.clone(),
            renewal: if request.wants_refresh_token {
                renewal
            } else {
                Renewal::Never
            },
        };
        self.finishing.finish(transaction, principal, grant).await
    }

    /// Whether it was finished before.
    async fn is_finished(&self, transaction: &Transaction) -> Result<bool, Obstacle> {
        let found = self.finishing.is_finished(transaction).await;
        found.map_err(Obstacle::failure)
    }

    /// Notes that a login ended without a code.
    fn ended(&self, request: &AuthorizeRequest, end: LoginEnd<'_>) {
        let client_id = &request.client_id;
        if let Some(withheld) = self.log_budget.line() {
            tracing::info!(end = end.as_str(), withheld, "login ended");
        }
        self.observer.ended(client_id, end);
    }

    /// Sends the browser back with a code, or with the reason why there is none.
    fn answer(
        &self,
        redirect: Redirect,
        transaction: &Transaction,
        cookie: &BrowserCookie,
        outcome: Result<String, AuthorizeError>,
    ) -> Reply {
        let address = &transaction.request.return_address;
        let mut reply = match outcome {
            Ok(code) => {
                let url = address.with_code(&code, &self.issuer);
                self.redirect(redirect, &url, "You are logged in", "That is all.")
            }
            Err(error) => self.answer_error(redirect, address, error),
        };
        let forget = self.jar.clear(cookie);
        reply.headers_mut().append(SET_COOKIE, forget);
        reply
    }

    fn answer_error(
        &self,
        redirect: Redirect,
        address: &ReturnAddress,
        error: AuthorizeError,
    ) -> Reply {
        let url = address.with_error(error, &self.issuer);
        self.redirect(redirect, &url, "You are not logged in", error.description())
    }

    /// The page is for browsers that do not follow, such as to an application that is not there.
    fn redirect(&self, redirect: Redirect, url: &str, title: &str, what: &str) -> Reply {
        let content = std::fmt::from_fn(|f| {
            write!(
                f,
                include_str!("page/done.html"),
                what = Text(what),
                url = Text(url)
            )
        });
        let mut reply = self.pages.show(redirect.status(), title, &content);
        match HeaderValue::try_from(url) {
            Ok(url) => {
                reply.headers_mut().insert(LOCATION, url);
                reply
            }
            Err(_) => self.refuse(Problem::Unavailable, &HeaderMap::new()),
        }
    }
}

/// How a browser is sent elsewhere (RFC 9700 section 4.12): never with the form that it sent.
#[derive(Clone, Copy, Debug)]
enum Redirect {
    /// After a form.
    AfterPost,
    /// After anything else.
    AfterGet,
}

impl Redirect {
    const fn status(self) -> StatusCode {
        match self {
            Self::AfterPost => StatusCode::SEE_OTHER,
            Self::AfterGet => StatusCode::FOUND,
        }
    }
}
