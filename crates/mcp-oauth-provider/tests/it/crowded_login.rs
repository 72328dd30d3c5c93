//! A provider that takes its time, and many who log in at it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use http::{Request, Response};
use mcp_oauth_provider::LoginError;
use mcp_oauth_token::{FetchLimits, HttpClient, HttpError, ScopeSet};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    login::{exchange, login},
    setup::Setup,
};

/// Answers after so many milliseconds, and remembers how many waited for that at once.
#[derive(Debug)]
struct Slow {
    answers_after: AtomicU64,
    calls: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl Slow {
    fn new(answers_after: Duration) -> Arc<Self> {
        let slow = Self {
            answers_after: AtomicU64::new(0),
            calls: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
        };
        slow.answer_after(answers_after);
        Arc::new(slow)
    }

    fn answer_after(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.answers_after.store(millis, Ordering::SeqCst);
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn most_under_way(&self) -> usize {
        self.most_under_way.load(Ordering::SeqCst)
    }
}

impl HttpClient for Slow {
    fn send(
        &self,
        request: Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        Box::pin(async move {
            if request.uri().path().ends_with("/openid-configuration") {
                let issuer = Setup::Okta.issuer();
                let discovery = json!({
                    "issuer": issuer,
                    "jwks_uri": format!("{issuer}/keys"),
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "revocation_endpoint": format!("{issuer}/revoke"),
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                });
                return Ok(Response::new(discovery.to_string().into()));
            }
            self.calls.fetch_add(1, Ordering::SeqCst);
            let _call = Call::begin(self);
            let time = self.answers_after.load(Ordering::SeqCst);
            sleep(Duration::from_millis(time)).await;
            let refusal = Response::builder().status(400);
            Ok(refusal.body(r#"{"error":"invalid_grant"}"#.into()).unwrap())
        })
    }
}

/// Also ends when nobody waits for its answer any more.
struct Call<'a>(&'a Slow);

impl<'a> Call<'a> {
    fn begin(slow: &'a Slow) -> Self {
        let under_way = slow.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        slow.most_under_way.fetch_max(under_way, Ordering::SeqCst);
        Self(slow)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_gets_through_to_a_quick_provider_32_at_a_time() {
    let provider = Slow::new(Duration::from_secs(1));
    let login = login(Setup::Okta, &provider);
    let began = Instant::now();
    let answers = join_all((0..160).map(|_| exchange(&login))).await;
    for answer in answers {
        assert!(
            matches!(answer, LoginError::InvalidGrant { .. }),
            "{answer:?}"
        );
    }
    assert_eq!(provider.most_under_way(), 32);
    assert_eq!(provider.calls(), 160);
    assert_eq!(began.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn who_finds_no_place_at_a_slow_provider_hears_so_after_five_seconds_and_calls_nobody() {
    let provider = Slow::new(Duration::from_secs(3600));
    let login = login(Setup::Okta, &provider);
    let began = Instant::now();
    let timed = join_all((0..200).map(|_| async {
        let answer = exchange(&login).await;
        (began.elapsed().as_secs(), answer.to_string())
    }));
    let timed = timed.await;
    let waited = |seconds, why: &str| {
        let answers = timed.iter();
        let such = answers.filter(|(time, answer)| *time == seconds && answer.contains(why));
        such.count()
    };
    assert_eq!(waited(5, "too many calls to it are under way"), 168);
    assert_eq!(waited(10, "no complete answer within 10s"), 32);
    assert_eq!(provider.calls(), 32);
    provider.answer_after(Duration::ZERO);
    let answer = exchange(&login).await;
    assert!(
        matches!(answer, LoginError::InvalidGrant { .. }),
        "all places are free again: {answer:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_leaves_the_place_to_others() {
    let provider = Slow::new(Duration::from_secs(3600));
    let login = login(Setup::Okta, &provider);
    let crowd = join_all((0..32).map(|_| exchange(&login)));
    assert!(timeout(Duration::from_secs(1), crowd).await.is_err());
    provider.answer_after(Duration::ZERO);
    let began = Instant::now();
    exchange(&login).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

// A code can be made up by anybody, and a refresh token cannot.
#[tokio::test(start_paused = true)]
async fn who_has_logged_in_waits_behind_no_crowd_of_strangers() {
    let provider = Slow::new(Duration::from_secs(3600));
    let login = login(Setup::Okta, &provider);
    let mut crowd = Box::pin(join_all((0..200).map(|_| exchange(&login))));
    let crowded = timeout(Duration::from_secs(1), &mut crowd).await;
    assert!(crowded.is_err());
    provider.answer_after(Duration::ZERO);
    let (token, scopes) = ("refresh-token".into(), ScopeSet::empty());
    let began = Instant::now();
    let renewed = login.refresh(&token, &scopes, None, Duration::from_secs(30));
    let renewed = renewed.await.unwrap_err();
    assert!(
        matches!(renewed, LoginError::InvalidGrant { .. }),
        "{renewed:?}"
    );
    // It says the same to who gives one back, and was asked at least.
    let _ = login.revoke(&token).await;
    assert_eq!(provider.calls(), 32 + 2);
    assert_eq!(began.elapsed(), Duration::ZERO);
    drop(crowd);
}
