//! Who is let in to `/mcp`.

use std::{sync::Arc, time::Duration};

use http::{Request, header::AUTHORIZATION, request::Parts};
use http_body_util::BodyExt as _;
use mcp_oauth::{Refusal, ResourceServer};
use mcp_oauth_token::{Clock, Principal, SystemClock};

use super::reply::Reply;
use crate::oauth;

/// Lets in who has a token that is good for what they ask for. Without OAuth, everybody.
#[derive(Clone, Debug)]
pub(super) struct Gate(Option<ResourceServer>);

/// Who was let in; nobody in particular without OAuth.
#[derive(Debug)]
pub(super) struct Visitor(Option<Arc<Principal>>);

impl Gate {
    pub(super) fn new(server: Option<ResourceServer>) -> Self {
        Self(server)
    }

    /// Answers requests that need no token: for metadata, and for endpoints of an authorization
    /// server.
    pub(super) fn respond<B>(&self, request: &Request<B>) -> Option<Reply> {
        let server = self.0.as_ref()?;
        let reply = server.respond(request.method(), request.uri().path(), request.headers())?;
        Some(reply.map(|body| body.boxed()))
    }

    /// Finds out who sends a request, before its body is read.
    ///
    /// # Errors
    ///
    /// 401 without a token that is accepted, 503 if that cannot be decided now.
    pub(super) async fn authenticate(&self, head: &Parts) -> Result<Visitor, Refusal> {
        let Some(server) = &self.0 else {
            return Ok(Visitor(None));
        };
        let accepted = server.authenticate(&head.headers).await?;
        Ok(Visitor(Some(accepted.principal)))
    }

    /// Checks that a visitor may do what the body asks for, and says in the head of the request
    /// who calls. The token ends here.
    ///
    /// # Errors
    ///
    /// 403 if the token is not good for it; 400 if the body can be read in several ways.
    pub(super) fn authorize(
        &self,
        visitor: &Visitor,
        head: &mut Parts,
        body: &[u8],
    ) -> Result<(), Refusal> {
        if let (Some(server), Some(principal)) = (&self.0, &visitor.0) {
            server.authorize(principal, &head.headers, body)?;
            head.extensions.insert(oauth::caller(principal));
        }
        head.headers.remove(AUTHORIZATION);
        Ok(())
    }
}

impl Visitor {
    /// How long what they asked for may go on; `None` is for ever.
    pub(super) fn time_left(&self) -> Option<Duration> {
        let expiry = self.0.as_ref()?.expires_at;
        Some(expiry.saturating_since(SystemClock.now()) + LEEWAY)
    }
}

/// As long as the token would be accepted beyond its expiry.
const LEEWAY: Duration = Duration::from_secs(30);
