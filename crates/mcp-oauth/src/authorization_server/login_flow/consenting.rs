//! From the request of a client to the consent of a person.

use std::error::Error;

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ORIGIN, REFERRER_POLICY, RETRY_AFTER, SET_COOKIE},
};
use mcp_oauth_provider::{self as provider, LoginError};
use mcp_oauth_token::{Principal, PrincipalKind, ScopeSet, UnixTime};
use url::Url;

use super::{Login, LoginFlow, NoCode, Obstacle, Redirect};
use crate::{
    authorization_server::{
        authorize_error::AuthorizeError,
        authorize_request::AuthorizeRequest,
        browser_cookie::BrowserCookie,
        client::Client,
        clients::UnknownClient,
        consent::{ConsentPage, Field, LoginStep, ShownClient, TypingProblem},
        development_login::{DevelopmentLogin, LoginName, WrongCode},
        form::{Form, MalformedForm},
        grant::Renewal,
        login_event::LoginEnd,
        problem::Problem,
        redirect_uri::RedirectKind,
        transaction::{Stage, Transaction},
    },
    refusal::Reply,
};

impl LoginFlow {
    /// Answers the request of a client, which a browser brings (RFC 6749 section 4.1.1): it gets
    /// the page that asks for consent. Every login asks: nothing is remembered of earlier ones.
    pub(in crate::authorization_server) async fn authorize(
        &self,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Reply {
        let (form, client) = match self.known_client(query).await {
            Ok(known) => known,
            Err(obstacle) => return self.refuse(obstacle, headers),
        };
        let address = match AuthorizeRequest::return_address(&form, &client) {
            Ok(address) => address,
            Err(cause) => {
                let obstacle = Obstacle::because(Problem::UnregisteredRedirectUri, cause);
                return self.refuse(obstacle, headers);
            }
        };
        let request = AuthorizeRequest::new(
            &form,
            &client,
            address.clone(),
            &self.resource,
            &self.scopes,
        );
        match request.and_then(|request| self.ask(request, &client, headers)) {
            Ok(reply) => reply,
            Err(error) => {
                if let Some(withheld) = self.log_budget.line() {
                    tracing::info!(
                        error = &error as &dyn Error,
                        withheld,
                        "login refused: the client's request is wrong"
                    );
                }
                self.answer_error(Redirect::AfterGet, &address, error)
            }
        }
    }

    /// Answers the form of the page that asks for consent.
    pub(in crate::authorization_server) async fn consent(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Reply {
        match self.consented(headers, body).await {
            Ok(reply) => reply,
            Err(obstacle) => self.refuse(obstacle, headers),
        }
    }

    async fn known_client(&self, query: Option<&str>) -> Result<(Form, Client), Obstacle> {
        let form = Form::from_query(query).map_err(Problem::Malformed)?;
        let client_id = form.value("client_id").ok_or(Problem::UnknownClient)?;
        let client = self.clients.find(client_id).await.map_err(unknown_client)?;
        Ok((form, client))
    }

    fn ask(
        &self,
        request: AuthorizeRequest,
        client: &Client,
        headers: &HeaderMap,
    ) -> Result<Reply, AuthorizeError> {
        let now = self.clock.now();
        let begun = BrowserCookie::new(self.jar, now)
            .and_then(|cookie| Some((Transaction::begin(request, &cookie, now)?, cookie)));
        let Some((transaction, cookie)) = begun else {
            return Ok(self.refuse(Problem::Unavailable, headers));
        };
        // Nobody is asked for what cannot go on. With another cookie it is as long.
        if matches!(self.login, Login::Provider { .. })
            && transaction.seal(&self.keys, Stage::Login).len() > MAX_STATE_LEN
        {
            let problem = "client_id, state and redirect_uri are too long together.";
            return Err(AuthorizeError::InvalidRequest(problem));
        }
        let mut reply = self.show_question(&transaction, client, None);
        let set = reply.headers_mut();
        for surplus in self.jar.surplus(headers) {
            set.append(SET_COOKIE, self.jar.clear(&surplus));
        }
        set.append(SET_COOKIE, self.jar.set(&cookie, Transaction::LIFE));
        Ok(reply)
    }

    fn show_question(
        &self,
        transaction: &Transaction,
        client: &Client,
        retry: Option<Retry<'_>>,
    ) -> Reply {
        let url = Url::parse(&client.id).ok();
        let redirect_uri = &transaction.request.return_address.redirect_uri;
        let page = ConsentPage {
            client: ShownClient {
                name: client.name(),
                host: url.as_ref().and_then(Url::host_str),
            },
            resource_name: &self.resource_name,
            destination: redirect_uri.destination(),
            scopes: self.words_for(&transaction.request.scopes),
            warns_of_localhost: redirect_uri.kind() == RedirectKind::Loopback,
            login: match &self.login {
                Login::Development(_) => LoginStep::Development {
                    name: retry.map_or("", |retry| retry.name),
                    problem: retry.map(|retry| retry.problem()),
                },
                Login::Provider { name, .. } => LoginStep::Elsewhere { provider: name },
            },
            transaction: &transaction.seal(&self.keys, Stage::Consent),
        };
        let status = retry.map_or(StatusCode::OK, |retry| retry.status());
        let mut reply = self.pages.show(status, &page.title(), &page);
        let headers = reply.headers_mut();
        // With `no-referrer`, browsers would send the form without saying which origin it is of.
        let policy = HeaderValue::from_static("same-origin");
        headers.insert(REFERRER_POLICY, policy);
        if let Some(Retry {
            because: Because::Code(WrongCode::TooMany { retry_after }),
            ..
        }) = retry
        {
            headers.insert(RETRY_AFTER, (retry_after.as_secs() + 1).into());
        }
        reply
    }

    fn words_for(&self, scopes: &ScopeSet) -> Vec<&str> {
        let words = self.scope_words.iter();
        let allowed = words.filter(|(scope, _)| scopes.contains(scope));
        allowed.map(|(_, words)| words.as_str()).collect()
    }

    async fn consented(&self, headers: &HeaderMap, body: &[u8]) -> Result<Reply, Obstacle> {
        self.check_page(headers)?;
        let form = Form::from_body(headers, body).map_err(Problem::Malformed)?;
        let sealed = form.value("transaction").ok_or(Problem::NotUnderWay)?;
        let now = self.clock.now();
        let transaction = Transaction::open(&self.keys, Stage::Consent, sealed, now)
            .map_err(|cause| Obstacle::because(Problem::NotUnderWay, cause))?;
        let cookie = transaction.cookie(self.jar, headers);
        // Most of all, who presses a button twice comes without it.
        let cookie = cookie.ok_or(Problem::SentAgain)?;
        if self.is_finished(&transaction).await? {
            return Err(Problem::Finished.into());
        }
        match form.value("decision") {
            Some("allow") => {}
            Some("deny") => {
                self.ended(&transaction.request, LoginEnd::Denied);
                let denied = Err(AuthorizeError::AccessDenied);
                return Ok(self.answer(Redirect::AfterPost, &transaction, &cookie, denied));
            }
            _ => return Err(Problem::Malformed(MalformedForm::Encoding).into()),
        }
        match &self.login {
            Login::Development(login) => self.log_in_here(login, transaction, &cookie, &form).await,
            Login::Provider { name, login } => {
                Ok(self.send_to(name, login, transaction, &cookie).await)
            }
        }
    }

    /// Whether our own page sent the form, as far as the browser says.
    fn check_page(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let is_own = |name: &str, own: &str| {
            let mut values = headers.get_all(name).iter();
            values.all(|value| value == own)
        };
        if is_own(ORIGIN.as_str(), &self.issuer) && is_own("sec-fetch-site", "same-origin") {
            Ok(())
        } else {
            Err(Problem::ForeignPage)
        }
    }

    async fn log_in_here(
        &self,
        login: &DevelopmentLogin,
        transaction: Transaction,
        cookie: &BrowserCookie,
        form: &Form,
    ) -> Result<Reply, Obstacle> {
        let typed = form.value("name").unwrap_or_default();
        let name = LoginName::new(typed).ok_or(Because::Name);
        let checked = name.and_then(|name| {
            let code = form.value("code").unwrap_or_default();
            login.check(code).map_err(Because::Code)?;
            Ok(name.into_string())
        });
        let name = match checked {
            Ok(name) => name,
            Err(because) => {
                if because != Because::Name {
                    self.ended(&transaction.request, LoginEnd::Refused);
                }
                let client_id = &transaction.request.client_id;
                let client = self.clients.find(client_id).await.map_err(unknown_client)?;
                let retry = Retry {
                    name: typed,
                    because,
                };
                return Ok(self.show_question(&transaction, &client, Some(retry)));
            }
        };
        let never = UnixTime::from_secs(u64::MAX);
        let mut principal = Principal::new(&self.issuer, &name, PrincipalKind::User, never);
        principal.display_name = Some(name);
        principal.scopes = transaction.request.scopes.clone();
        let outcome = self
            .finish(&transaction, principal, Renewal::Ourselves)
            .await;
        self.answer_outcome(Redirect::AfterPost, &transaction, cookie, outcome)
    }

    pub(super) fn answer_outcome(
        &self,
        redirect: Redirect,
        transaction: &Transaction,
        cookie: &BrowserCookie,
        outcome: Result<String, NoCode>,
    ) -> Result<Reply, Obstacle> {
        let outcome = match outcome {
            Ok(code) => Ok(code),
            Err(NoCode::Finished) => return Err(Problem::Finished.into()),
            Err(NoCode::Because(error)) => {
                self.ended(&transaction.request, LoginEnd::Failed);
                Err(error)
            }
        };
        Ok(self.answer(redirect, transaction, cookie, outcome))
    }

    /// Sends a browser to the identity provider, with a cookie that no other browser has: whoever
    /// opens the same URL elsewhere does not get to the end.
    async fn send_to(
        &self,
        name: &str,
        login: &provider::Login,
        transaction: Transaction,
        cookie: &BrowserCookie,
    ) -> Reply {
        let fail = |error| {
            self.ended(&transaction.request, LoginEnd::Failed);
            self.answer(Redirect::AfterPost, &transaction, cookie, Err(error))
        };
        let Some(renewed) = cookie.renewed() else {
            return fail(AuthorizeError::ServerError);
        };
        let state = transaction
            .bound_to(&renewed)
            .seal(&self.keys, Stage::Login);
        let Some(attempt) = transaction.attempt() else {
            return fail(AuthorizeError::ServerError);
        };
        let url = match login.authorize_url(&state, &attempt).await {
            Ok(url) => url,
            Err(error) => {
                if let Some(withheld) = self.failures.line() {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        withheld,
                        "login failed: nobody can be sent to the provider"
                    );
                }
                return fail(client_error(&error));
            }
        };
        let title = format!("Log in at {name}");
        let mut reply = self.redirect(Redirect::AfterPost, url.as_str(), &title, &title);
        let set = self.jar.set(&renewed, Transaction::LIFE);
        reply.headers_mut().append(SET_COOKIE, set);
        reply
    }
}

/// What the client is told of a login that failed at the provider.
pub(super) const fn client_error(error: &LoginError) -> AuthorizeError {
    match error {
        LoginError::Denied(_) => AuthorizeError::AccessDenied,
        LoginError::Unavailable { .. } => AuthorizeError::TemporarilyUnavailable,
        _ => AuthorizeError::ServerError,
    }
}

fn unknown_client(error: UnknownClient) -> Obstacle {
    let problem = match &error {
        error if error.is_temporary() => Problem::Unavailable,
        UnknownClient::Document { .. } => Problem::UnusableDocument,
        UnknownClient::NoDocuments | UnknownClient::NotRegistered => Problem::UnknownClient,
    };
    Obstacle::because(problem, error)
}

/// The question is put again.
#[derive(Clone, Copy, Debug)]
struct Retry<'a> {
    name: &'a str,
    because: Because,
}

/// Why nobody is logged in yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Because {
    Code(WrongCode),
    Name,
}

impl Retry<'_> {
    const fn problem(self) -> TypingProblem {
        let (field, what) = match self.because {
            Because::Code(WrongCode::TooMany { .. }) => (
                Field::Code,
                "Too many codes were wrong. Wait a minute, and try again.",
            ),
            Because::Code(WrongCode::Wrong) => (
                Field::Code,
                "That is not the code. It is new at each start.",
            ),
            Because::Name => (
                Field::Name,
                "The name must be one line of at most 64 letters, digits and signs.",
            ),
        };
        TypingProblem { field, what }
    }

    const fn status(self) -> StatusCode {
        match self.because {
            Because::Code(WrongCode::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Because::Code(WrongCode::Wrong) => StatusCode::FORBIDDEN,
            Because::Name => StatusCode::BAD_REQUEST,
        }
    }
}

/// What identity providers take.
const MAX_STATE_LEN: usize = 1536;
