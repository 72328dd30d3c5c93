//! The layer around a service.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Either, Full, StreamBody};
use hyper::body::Frame;
use mcp_oauth::OAuthLayer;
use mcp_oauth_token::Principal;
use tower_layer::Layer as _;
use tower_service::Service;

use crate::issuer::{bearer, headers, server};

/// Tells who called, with what.
#[derive(Clone, Debug)]
struct Inner;

impl Service<Request<Full<Bytes>>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let principal = request.extensions().get::<Arc<Principal>>().unwrap();
        let has_token = request.headers().contains_key(header::AUTHORIZATION);
        let seen = format!("{} {has_token}", principal.subject);
        ready(Ok(Response::new(Full::from(seen))))
    }
}

type Reply = Response<Either<Full<Bytes>, Full<Bytes>>>;

async fn ask(method: Method, path: &str, headers: HeaderMap, body: &'static str) -> Reply {
    let mut request = Request::new(Full::<Bytes>::from(body));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    *request.headers_mut() = headers;
    OAuthLayer::new(server())
        .layer(Inner)
        .call(request)
        .await
        .unwrap()
}

async fn text_of(reply: Reply) -> String {
    let body = reply.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().into()).unwrap()
}

const PRODUCE: &str = r#"{"method":"tools/call","params":{"name":"produce_message"}}"#;

#[tokio::test]
async fn the_service_sees_who_calls_and_not_the_token() {
    let reply = ask(Method::POST, "/mcp", bearer("write"), PRODUCE).await;
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(text_of(reply).await, "alice false");
}

// GET opens a stream and DELETE ends a session: neither is for strangers.
#[tokio::test]
async fn every_method_at_every_path_needs_a_token() {
    for method in [
        Method::POST,
        Method::GET,
        Method::DELETE,
        Method::PUT,
        Method::HEAD,
    ] {
        for path in [
            "/mcp",
            "/mcp/",
            "//mcp",
            "/MCP",
            "/",
            "/healthz",
            "/.well-known/mcp",
        ] {
            let session = headers([("mcp-session-id", "somebody's")]);
            let reply = ask(method.clone(), path, session, "{}").await;
            assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
            let reply = ask(method.clone(), path, bearer("read"), "{}").await;
            assert_eq!(reply.status(), StatusCode::OK, "{method} {path}");
        }
    }
}

// RFC 6750 section 2.3, and OAuth 2.1 section 5.1: tokens in a query end up in logs.
#[tokio::test]
async fn tokens_in_query_or_body_are_not_read() {
    let form = headers([("content-type", "application/x-www-form-urlencoded")]);
    let path = "/mcp?access_token=write";
    let reply = ask(Method::POST, path, form, "access_token=write").await;
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
    let challenge = reply.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(!challenge.contains("error"), "{challenge}");
}

#[tokio::test]
async fn a_call_beyond_the_scopes_does_not_reach_the_service() {
    let reply = ask(Method::POST, "/mcp", bearer("read"), PRODUCE).await;
    assert_eq!(reply.status(), StatusCode::FORBIDDEN);
    // Whatever the method, the body counts.
    let reply = ask(Method::PUT, "/mcp", bearer("read"), PRODUCE).await;
    assert_eq!(reply.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn refusals_can_be_read_by_pages_of_admitted_origins() {
    let page = headers([("origin", "https://app.example")]);
    let reply = ask(Method::POST, "/mcp", page, "{}").await;
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
    let allowed = &reply.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN];
    assert_eq!(allowed, "https://app.example");
    let exposed = reply.headers()[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str();
    assert!(exposed.unwrap().contains("WWW-Authenticate"));
}

// CVE-2026-42559: a web page of anybody must not drive a server on the user's machine.
#[tokio::test]
async fn pages_of_other_origins_do_not_reach_the_service() {
    let mut request = bearer("write");
    request.insert("origin", "https://evil.example".parse().unwrap());
    let reply = ask(Method::POST, "/mcp", request, PRODUCE).await;
    assert_eq!(reply.status(), StatusCode::FORBIDDEN);
    assert!(
        !reply
            .headers()
            .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    );
}

#[tokio::test]
async fn metadata_and_preflights_pass_without_a_token() {
    let path = "/.well-known/oauth-protected-resource/mcp";
    let reply = ask(Method::GET, path, HeaderMap::new(), "").await;
    assert_eq!(reply.status(), StatusCode::OK);
    let reply = ask(Method::OPTIONS, "/mcp", HeaderMap::new(), "").await;
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn bodies_are_bounded() {
    let mut service = OAuthLayer::new(server()).max_body_bytes(8).layer(Inner);
    let mut statuses = Vec::new();
    for body in [&b"12345678"[..], b"123456789"] {
        // One that announces its length, and one that does not.
        let chunk = Bytes::from_static(body);
        let frames = [Ok::<_, Infallible>(Frame::data(chunk.clone()))];
        let chunked = StreamBody::new(stream::iter(frames));
        let bodies = [Either::Left(Full::new(chunk)), Either::Right(chunked)];
        for body in bodies {
            let mut request = Request::new(body);
            *request.headers_mut() = bearer("read");
            statuses.push(service.call(request).await.unwrap().status().as_u16());
        }
    }
    assert_eq!(statuses, [200, 200, 413, 413]);
}

#[tokio::test(start_paused = true)]
async fn bodies_that_do_not_arrive_are_not_waited_for() {
    let deadline = Duration::from_secs(5);
    let mut service = OAuthLayer::new(server())
        .body_deadline(deadline)
        .layer(Inner);
    let never = stream::pending::<Result<Frame<Bytes>, Infallible>>();
    let mut request = Request::new(StreamBody::new(never));
    *request.headers_mut() = bearer("read");
    let reply = service.call(request).await.unwrap();
    assert_eq!(reply.status(), StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let frames = [
        Ok(Frame::data(Bytes::from_static(b"{"))),
        Err(std::io::Error::other("reset")),
    ];
    let mut request = Request::new(StreamBody::new(stream::iter(frames)));
    *request.headers_mut() = bearer("read");
    let reply = OAuthLayer::new(server()).layer(Inner).call(request).await;
    assert_eq!(reply.unwrap().status(), StatusCode::BAD_REQUEST);
}

// No body is read for whom nothing will be done.
#[tokio::test]
async fn a_stranger_is_refused_before_the_body_arrives() {
    let never = stream::pending::<Result<Frame<Bytes>, Infallible>>();
    let request = Request::new(StreamBody::new(never));
    let reply = OAuthLayer::new(server()).layer(Inner).call(request).await;
    assert_eq!(reply.unwrap().status(), StatusCode::UNAUTHORIZED);
}
