//! The way back from the identity provider.

use std::error::Error;

use http::HeaderMap;
use mcp_oauth_provider::{self as provider, LoginError};
use mcp_oauth_token::Quoted;

use super::{Login, LoginFlow, Obstacle, Redirect, consenting::client_error};
use crate::{
    authorization_server::{
        authorize_error::AuthorizeError,
        browser_cookie::BrowserCookie,
        form::Form,
        grant::Renewal,
        login_event::LoginEnd,
        problem::Problem,
        transaction::{Stage, Transaction},
    },
    refusal::Reply,
};

impl LoginFlow {
    /// Answers a browser that comes back from the identity provider (RFC 6749 section 4.1.2).
    pub(in crate::authorization_server) async fn callback(
        &self,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Reply {
        match self.come_back(query, headers).await {
            Ok(reply) => reply,
            Err(obstacle) => self.refuse(obstacle, headers),
        }
    }

    async fn come_back(&self, query: Option<&str>, headers: &HeaderMap) -> Result<Reply, Obstacle> {
        let Login::Provider { login, .. } = &self.login else {
            return Err(Problem::NotUnderWay.into());
        };
        let form = Form::from_query(query).map_err(Problem::Malformed)?;
        let sealed = form.value("state").ok_or(Problem::NotUnderWay)?;
        let now = self.clock.now();
        let transaction = Transaction::open(&self.keys, Stage::Login, sealed, now)
            .map_err(|cause| Obstacle::because(Problem::NotUnderWay, cause))?;
        let cookie = transaction.cookie(self.jar, headers);
        let cookie = cookie.ok_or(Problem::OtherBrowser)?;
        // RFC 9207 section 2.4: before anything else of the answer is looked at.
        let may_answer = login.may_answer_as(form.value("iss")).await;
        // Nobody knows whose answer it is.
        if !may_answer.map_err(Obstacle::failure)? {
            self.ended(&transaction.request, LoginEnd::Failed);
            return Err(Problem::MixedUp.into());
        }
        let answer = Answer::of(&form)?;
        if self.is_finished(&transaction).await? {
            return Err(Problem::Finished.into());
        }
        match answer {
            Answer::Code(code) => self.redeem(login, code, &transaction, &cookie).await,
            Answer::Error(error) => {
                let description = form.value("error_description").unwrap_or_default();
                if let Some(withheld) = self.log_budget.line() {
                    tracing::info!(
                        error = %Quoted(error),
                        description = %Quoted(description),
                        withheld,
                        "login ended at the identity provider",
                    );
                }
                let (error, end) = upstream_error(error);
                self.ended(&transaction.request, end);
                Ok(self.answer(Redirect::AfterGet, &transaction, &cookie, Err(error)))
            }
        }
    }

    async fn redeem(
        &self,
        login: &provider::Login,
        code: &str,
        transaction: &Transaction,
        cookie: &BrowserCookie,
    ) -> Result<Reply, Obstacle> {
        let attempt = transaction.attempt().ok_or(Problem::Unavailable)?;
        if !self.exchanges.admit(transaction) {
            let cause = "it brings a code again and again";
            return Err(Obstacle::because(Problem::NotUnderWay, cause));
        }
        let mut logged_in = match login.exchange(&code.into(), &attempt).await {
            Ok(logged_in) => logged_in,
            Err(error) => {
                let budget = match &error {
                    // Anybody can make up a code.
                    LoginError::Denied(_) | LoginError::InvalidGrant { .. } => &self.log_budget,
                    _ => &self.failures,
                };
                if let Some(withheld) = budget.line() {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        withheld,
                        "login failed at the identity provider"
                    );
                }
                let end = match &error {
                    LoginError::Denied(_) => LoginEnd::Refused,
                    _ => LoginEnd::Failed,
                };
                self.ended(&transaction.request, end);
                let error = Err(client_error(&error));
                return Ok(self.answer(Redirect::AfterGet, transaction, cookie, error));
            }
        };
        let held = self.scopes.expand(&logged_in.principal.scopes);
        let asked = transaction.request.scopes.iter();
        logged_in.principal.scopes = asked
            .filter(|scope| held.contains(scope))
            .cloned()
            .collect();
        if logged_in.principal.scopes.is_empty() {
            tracing::info!("login refused: nothing that was asked for may be allowed");
            // Here for good, unlike a login that only fails now.
            if let Some(token) = logged_in.refresh_token {
                self.endings.give_back(token);
            }
            self.ended(&transaction.request, LoginEnd::Refused);
            let denied = Err(AuthorizeError::AccessDenied);
            return Ok(self.answer(Redirect::AfterGet, transaction, cookie, denied));
        }
        if transaction.request.wants_refresh_token && logged_in.refresh_token.is_none() {
            self.hint_at_short_logins();
        }
        let token = logged_in.refresh_token;
        let renewal = token.map_or(Renewal::Never, Renewal::Upstream);
        // The grant of a login that cannot be finished is not given back: some providers have one
        // grant for each person and client, which may be that of an earlier login.
        let outcome = self.finish(transaction, logged_in.principal, renewal).await;
        self.answer_outcome(Redirect::AfterGet, transaction, cookie, outcome)
    }

    /// Without a refresh token of the provider there is none of ours: nobody could be asked whether
    /// the account may still enter.
    fn hint_at_short_logins(&self) {
        if let Some(withheld) = self.hints.line() {
            tracing::warn!(
                withheld,
                "the identity provider grants no refresh token, so that people have to log in again \
                 when their access token expires: let it issue refresh tokens to this server, which \
                 may take the scope offline_access"
            );
        }
    }
}

/// What the identity provider sent the browser back with. It is not to be printed: codes are secret.
#[derive(Clone, Copy)]
enum Answer<'a> {
    Code(&'a str),
    Error(&'a str),
}

impl<'a> Answer<'a> {
    fn of(form: &'a Form) -> Result<Self, Problem> {
        match (form.value("code"), form.value("error")) {
            (Some(code), None) => Ok(Self::Code(code)),
            (None, Some(error)) => Ok(Self::Error(error)),
            _ => Err(Problem::UselessAnswer),
        }
    }
}

/// What the client is told when the provider says no. Only the words of RFC 6749 section 4.1.2.1
/// that concern the user pass through: the others are about us.
fn upstream_error(error: &str) -> (AuthorizeError, LoginEnd<'static>) {
    match error {
        "access_denied" => (AuthorizeError::AccessDenied, LoginEnd::Denied),
        "temporarily_unavailable" => (AuthorizeError::TemporarilyUnavailable, LoginEnd::Failed),
        _ => (AuthorizeError::ServerError, LoginEnd::Failed),
    }
}
