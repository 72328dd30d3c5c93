//! Who is let in to `/mcp`.

use std::{pin::Pin, sync::Arc, time::Duration};

use http::{Request, header::AUTHORIZATION, request::Parts};
use http_body_util::BodyExt as _;
use mcp_oauth::{Refusal, ResourceServer};
use mcp_oauth_token::{BearerToken, Clock, Principal, SystemClock};
use tokio::time::sleep;

use super::reply::Reply;
use crate::oauth;

/// Lets in who has a token that is good for what they ask for. Without OAuth, everybody.
#[derive(Clone, Debug)]
pub(super) struct Gate(Option<ResourceServer>);

/// Who was let in; nobody in particular without OAuth.
#[derive(Debug)]
pub(super) struct Visitor(Option<Pass>);

/// What somebody was let in with. Who goes on for long is looked at again, which takes the token; it
/// is dropped with the answer.
#[derive(Debug)]
struct Pass {
    principal: Arc<Principal>,
    token: BearerToken,
}

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
        let token = server.token(&head.headers)?;
        let principal = server.validate(&token).await?.principal;
        Ok(Visitor(Some(Pass { principal, token })))
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
        if let (Some(server), Some(pass)) = (&self.0, &visitor.0) {
            server.authorize(&pass.principal, &head.headers, body)?;
            head.extensions.insert(oauth::caller(&pass.principal));
        }
        head.headers.remove(AUTHORIZATION);
        Ok(())
    }
}

impl Gate {
    /// Waits until a visitor may not stay any longer: the token has expired, or is not accepted any
    /// more. `None` is for ever.
    pub(super) fn end_of_stay(&self, visitor: Visitor) -> Option<EndOfStay> {
        let (server, pass) = (self.0.clone()?, visitor.0?);
        let expiry = pass.principal.expires_at;
        let left = expiry.saturating_since(SystemClock.now()) + LEEWAY;
        Some(Box::pin(async move {
            let revoked = async {
                loop {
                    sleep(LOOK_EVERY).await;
                    if !server.lets_stay(&pass.token, &pass.principal).await {
                        return;
                    }
                }
            };
            tokio::select! {
                () = sleep(left) => {}
                () = revoked => {}
            }
        }))
    }
}

/// Ends when somebody may not stay any longer.
pub(super) type EndOfStay = Pin<Box<dyn Future<Output = ()> + Send>>;

/// As long as the token would be accepted beyond its expiry.
const LEEWAY: Duration = Duration::from_secs(30);

/// Who is locked out is to be out within a minute, and a look may take some seconds.
const LOOK_EVERY: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests;
