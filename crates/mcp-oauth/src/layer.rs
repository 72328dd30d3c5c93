//! The resource server as a tower layer.

use std::{
    error::Error,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    Request, Response,
    header::{AUTHORIZATION, ORIGIN},
    request::Parts,
};
use http_body::Body;
use http_body_util::{Either, Full};
use mcp_oauth_token::Principal;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Refusal, ResourceServer, body_limits::BodyLimits, refusal::Reply};

/// Protects a service: whatever it serves, at whatever path, it serves to holders of a token that
/// is good for it.
///
/// The service finds who calls as `Arc<Principal>` in the extensions of the request, and the body
/// whole, for it had to be read to know what it asks for. It does not see the token.
#[derive(Clone, Debug)]
pub struct OAuthLayer {
    server: ResourceServer,
    limits: BodyLimits,
}

impl OAuthLayer {
    /// A layer that takes bodies of 4 MiB, within 30 s.
    #[must_use]
    pub const fn new(server: ResourceServer) -> Self {
        let limits = BodyLimits {
            max_bytes: 4 * 1024 * 1024,
            deadline: Duration::from_secs(30),
        };
        Self { server, limits }
    }

    /// Sets how large bodies may be.
    #[must_use]
    pub const fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_bytes = bytes;
        self
    }

    /// Sets how long a body may take to arrive.
    #[must_use]
    pub const fn body_deadline(mut self, deadline: Duration) -> Self {
        self.limits.deadline = deadline;
        self
    }
}

impl<S> Layer<S> for OAuthLayer {
    type Service = OAuthService<S>;

    fn layer(&self, inner: S) -> OAuthService<S> {
        OAuthService {
            inner,
            server: self.server.clone(),
            limits: self.limits,
        }
    }
}

/// A service that [`OAuthLayer`] protects.
#[derive(Clone, Debug)]
pub struct OAuthService<S> {
    inner: S,
    server: ResourceServer,
    limits: BodyLimits,
}

impl<S, B, R> Service<Request<B>> for OAuthService<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Response = Response<Either<R, Full<Bytes>>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready is this one, and not its clone.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let (server, limits) = (self.server.clone(), self.limits);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            if let Some(reply) = server.respond(&head.method, head.uri.path(), &head.headers) {
                return Ok(reply.map(Either::Right));
            }
            let origin = head.headers.get(ORIGIN).cloned();
            let mut reply = match admit(&server, head, body, limits).await {
                Ok(request) => inner.call(request).await?.map(Either::Left),
                Err(refusal) => Reply::map(refusal.into_response(), Either::Right),
            };
            server.share(origin.as_ref(), reply.headers_mut());
            Ok(reply)
        })
    }
}

/// The request as the protected service gets it.
async fn admit<B>(
    server: &ResourceServer,
    mut head: Parts,
    body: B,
    limits: BodyLimits,
) -> Result<Request<Full<Bytes>>, Refusal>
where
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    server.check_origin(&head.headers)?;
    let principal: Arc<Principal> = server.authenticate(&head.headers).await?.principal;
    let body = limits.read(body).await?;
    server.authorize(&principal, &head.headers, &body)?;
    head.headers.remove(AUTHORIZATION);
    head.extensions.insert(principal);
    Ok(Request::from_parts(head, Full::new(body)))
}
