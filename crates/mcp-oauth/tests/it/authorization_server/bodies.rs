//! Bodies that take too long, or are too large.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, future::join_all, stream};
use http::{Method, StatusCode};
use http_body::{Body, Frame};
use http_body_util::StreamBody;
use tokio::time::{Instant, sleep};

use super::{
    browser::TestClient,
    desk::{Desk, request},
};

const PATHS: [&str; 5] = [
    "/oauth/token",
    "/oauth/register",
    "/oauth/revoke",
    "/oauth/authorize",
    "/token",
];

/// The status of the answer to a body, and the seconds until it comes.
async fn answer<B>(desk: &Desk, path: &str, body: B) -> (StatusCode, u64)
where
    B: Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let (head, _) = request(Method::POST, path, &headers, "").into_parts();
    let began = Instant::now();
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let reply = desk.server.respond(&head, body, peer).await;
    assert_eq!(reply.headers()["cache-control"], "no-store");
    (reply.status(), began.elapsed().as_secs())
}

fn chunk(bytes: &'static [u8]) -> Result<Frame<Bytes>, Infallible> {
    Ok(Frame::data(Bytes::from_static(bytes)))
}

// RFC 9110 section 15.5.9.
#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_to_its_end_is_given_up_after_ten_seconds() {
    let desk = Desk::new();
    for path in PATHS {
        let never = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        assert_eq!(
            answer(&desk, path, never).await,
            (StatusCode::REQUEST_TIMEOUT, 10)
        );
        let begun = stream::iter([chunk(b"grant_type=")]).chain(stream::pending());
        let begun = StreamBody::new(begun);
        assert_eq!(
            answer(&desk, path, begun).await,
            (StatusCode::REQUEST_TIMEOUT, 10)
        );
        // However lively it is.
        let dripping = stream::repeat(()).then(|()| async {
            sleep(Duration::from_millis(100)).await;
            chunk(b"x")
        });
        let dripping = StreamBody::new(dripping);
        assert_eq!(
            answer(&desk, path, dripping).await,
            (StatusCode::REQUEST_TIMEOUT, 10)
        );
    }
    assert_eq!(desk.calls_of_the_store(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_chunk_that_is_announced_and_does_not_come_is_given_up_too() {
    let desk = Desk::new();
    for path in PATHS {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost:8080\r\ntransfer-encoding: chunked\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\nff\r\ngrant_type="
        );
        let reply = desk.send_bytes(request.as_bytes()).await;
        assert!(reply.starts_with("HTTP/1.1 408 "), "{path}: {reply}");
    }
}

// RFC 9110 section 15.5.14.
#[tokio::test(start_paused = true)]
async fn a_body_beyond_64_kib_is_refused_at_once_announced_or_not() {
    let desk = Desk::new();
    for path in PATHS {
        let announced = http_body_util::Full::<Bytes>::from(vec![b'x'; 64 * 1024 + 1]);
        assert_eq!(
            answer(&desk, path, announced).await,
            (StatusCode::PAYLOAD_TOO_LARGE, 0)
        );
        let endless = StreamBody::new(stream::repeat_with(|| chunk(&[b'x'; 4096])));
        assert_eq!(
            answer(&desk, path, endless).await,
            (StatusCode::PAYLOAD_TOO_LARGE, 0)
        );
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost:8080\r\ncontent-length: 10000000\r\n\r\n"
        );
        let reply = desk.send_bytes(request.as_bytes()).await;
        assert!(reply.starts_with("HTTP/1.1 413 "), "{path}: {reply}");
    }
    assert_eq!(desk.calls_of_the_store(), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_request() {
    let desk = Desk::new();
    for path in PATHS {
        let broken = stream::iter([
            Ok(Frame::data(Bytes::from_static(b"grant_type="))),
            Err(io::Error::other("reset")),
        ]);
        let (status, _) = answer(&desk, path, StreamBody::new(broken)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_slowly_holds_up_nobody_else() {
    let desk = Desk::new();
    let never = || StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
    let slow = join_all((0..200).map(|_| answer(&desk, "/oauth/token", never())));
    let began = Instant::now();
    let quick = async {
        let client = TestClient::register(&desk).await;
        assert_eq!(desk.get(&client.authorize_path(&[])).await.status, 200);
        began.elapsed()
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!(quick, Duration::ZERO);
    for answer in slow {
        assert_eq!(answer, (StatusCode::REQUEST_TIMEOUT, 10));
    }
}
