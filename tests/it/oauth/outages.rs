//! Identity providers that are down, slow, wrong, or change their keys.

use std::{sync::Arc, time::Duration};

use testkit::{
    Endpoint, Failure, IdentityProvider, Personality, Rotation, Tampering, TokenKind, TokenRecipe,
    eventually,
};
use tokio::{task::JoinSet, time::Instant};

use super::{PROVIDER_LIMIT, Protected, Verdict};

#[tokio::test]
async fn the_server_starts_without_its_provider_and_finds_it_when_it_is_up() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    provider.fail(Endpoint::Discovery, Failure::Gone);
    let server = Protected::by(&provider, &[]).await;
    assert_eq!(server.request("GET", "/healthz", "").await.status(), 200);
    let ready = server.request("GET", "/readyz", "").await;
    assert_eq!(ready.status(), 503);
    assert!(ready.body().contains("identity provider"), "{ready:?}");
    // Whether the token is good is not known: a client must not throw it away.
    let token = provider.mint(&user());
    let answer = server.list(&token).await;
    assert_eq!(answer.status(), 503, "{answer:?}");
    let retry_after: u64 = answer.header("Retry-After").parse().expect("seconds");
    assert!(retry_after <= 60, "{retry_after}");
    assert!(answer.headers("WWW-Authenticate").is_empty());
    // No URL is guessed meanwhile.
    assert_eq!(provider.requests(Endpoint::Jwks), 0);
    assert_eq!(provider.requests(Endpoint::Other), 0);

    provider.recover();
    eventually("the provider is found", || async {
        (server.list(&token).await.status() == 200).then_some(())
    })
    .await;
    // Now it is only Kafka that is missing.
    let ready = server.request("GET", "/readyz", "").await;
    assert!(ready.body().contains("Kafka"), "{ready:?}");
}

// RFC 8414 section 3.3: a document of another issuer is used for nothing.
#[tokio::test]
async fn a_provider_that_names_another_issuer_is_never_used() {
    let provider = IdentityProvider::start(Personality::Generic).await;
    provider.fail(Endpoint::Discovery, Failure::WrongIssuer);
    let server = Protected::by(&provider, &[]).await;
    let token = provider.mint(&user());
    assert_eq!(server.verdict(&token).await, Verdict::Later);
    assert_eq!(provider.requests(Endpoint::Jwks), 0);
    let line = server.server().logged("https://issuer.invalid").await;
    assert!(line.contains(&provider.issuer()), "{line}");
}

#[tokio::test]
async fn whatever_a_provider_answers_nobody_gets_in_and_nobody_waits_long() {
    let mut all = JoinSet::new();
    for endpoint in [Endpoint::Discovery, Endpoint::Jwks] {
        for failure in failures() {
            all.spawn(async move {
                let provider = IdentityProvider::start(Personality::Generic).await;
                let failure = match failure {
                    Failure::Redirect(_) => Failure::Redirect(provider.url("/elsewhere")),
                    failure => failure,
                };
                provider.fail(endpoint, failure.clone());
                let server = Protected::by(&provider, &[]).await;
                let begun = Instant::now();
                let answer = server.list(&provider.mint(&user())).await;
                let what = format!("{endpoint:?} {failure:?}: {answer:?}");
                assert!(
                    begun.elapsed() < PROVIDER_LIMIT,
                    "{:?}, {what}",
                    begun.elapsed()
                );
                assert_eq!(answer.status(), 503, "{what}");
                assert!(!answer.header("Retry-After").is_empty());
                // It follows nobody elsewhere.
                assert_eq!(provider.requests(Endpoint::Other), 0, "{what}");
            });
        }
    }
    while let Some(ended) = all.join_next().await {
        ended.expect("no panic");
    }
}

#[tokio::test]
async fn keys_at_hand_outlive_their_provider() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let server = Protected::by(&provider, &[]).await;
    assert_eq!(
        server.verdict(&provider.mint(&user())).await,
        Verdict::Reads
    );
    for failure in failures() {
        provider.fail(Endpoint::Discovery, failure.clone());
        provider.fail(Endpoint::Jwks, failure.clone());
        let begun = Instant::now();
        let fresh = provider.mint(&user().claim("jti", format!("{failure:?}")));
        assert_eq!(server.verdict(&fresh).await, Verdict::Reads, "{failure:?}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{failure:?}");
    }
    let unknown = provider.mint(&user().header("kid", "unknown"));
    assert_eq!(server.verdict(&unknown).await, Verdict::Out);
    let again = provider.mint(&user().claim("jti", "after a bad fetch"));
    assert_eq!(server.verdict(&again).await, Verdict::Reads);
}

#[tokio::test]
async fn after_a_soft_rotation_old_and_new_tokens_pass() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let server = Protected::by(&provider, &[]).await;
    let old = provider.mint(&user());
    assert_eq!(server.verdict(&old).await, Verdict::Reads);
    provider.rotate(Rotation::Soft);
    let new = provider.mint(&user());
    let begun = Instant::now();
    assert_eq!(
        server.verdict(&new).await,
        Verdict::Reads,
        "the first new one passes"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(server.verdict(&old).await, Verdict::Reads);
    assert_eq!(
        provider.requests(Endpoint::Jwks),
        2,
        "it is fetched once for the new key"
    );
}

#[tokio::test]
async fn after_a_hard_rotation_old_tokens_fall_even_when_they_are_cached() {
    let provider = IdentityProvider::start(Personality::EntraV2).await;
    let server = Protected::by(&provider, &[]).await;
    let cached = provider.mint(&user());
    let unseen = provider.mint(&user().claim("uti", "u-2"));
    assert_eq!(server.verdict(&cached).await, Verdict::Reads);
    provider.rotate(Rotation::Hard);
    let new = provider.mint(&user());
    assert_eq!(server.verdict(&new).await, Verdict::Reads);
    assert_eq!(server.verdict(&cached).await, Verdict::Out);
    assert_eq!(server.verdict(&unseen).await, Verdict::Out);
    assert_eq!(server.verdict(&new).await, Verdict::Reads);
    assert_eq!(provider.requests(Endpoint::Jwks), 2);
}

// The name is the same, and the key is not.
#[tokio::test]
async fn a_key_that_is_replaced_under_its_name_takes_its_tokens_with_it() {
    let provider = IdentityProvider::start(Personality::Generic).await;
    let server = Protected::by(&provider, &[]).await;
    let cached = provider.mint(&user());
    assert_eq!(server.verdict(&cached).await, Verdict::Reads);
    provider.replace_key_in_place();
    let impostor = provider.mint(&user().header("kid", "unknown"));
    assert_eq!(
        server.verdict(&impostor).await,
        Verdict::Out,
        "and the keys are fetched"
    );
    assert_eq!(server.verdict(&cached).await, Verdict::Out);
    assert_eq!(
        server.verdict(&provider.mint(&user())).await,
        Verdict::Reads
    );
}

#[tokio::test]
async fn a_thousand_first_requests_at_once_cause_one_fetch() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    // All of them arrive before the keys do.
    provider.fail(
        Endpoint::Discovery,
        Failure::Delay(Duration::from_millis(500)),
    );
    provider.fail(Endpoint::Jwks, Failure::Delay(Duration::from_secs(1)));
    let calls = [("MCP_HTTP_MAX_CONCURRENT_CALLS", "1000")];
    let server = Arc::new(Protected::by(&provider, &calls).await);
    let mut all = JoinSet::new();
    for number in 0..1000 {
        // Some come twice.
        let recipe = user().claim("jti", number % 500);
        let (server, token) = (Arc::clone(&server), provider.mint(&recipe));
        all.spawn(async move { server.list(&token).await.status() });
    }
    let mut statuses = all.join_all().await;
    statuses.dedup();
    assert_eq!(statuses, [200]);
    assert_eq!(provider.requests(Endpoint::Discovery), 1);
    assert_eq!(provider.requests(Endpoint::Jwks), 1);
}

// Who sends tokens with made-up keys must not make the server ask its provider for each.
#[tokio::test]
async fn tokens_of_unknown_keys_cause_few_fetches_and_slow_nobody() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let server = Arc::new(Protected::by(&provider, &[]).await);
    let good = provider.mint(&user());
    assert_eq!(server.verdict(&good).await, Verdict::Reads);
    provider.fail(Endpoint::Jwks, Failure::Delay(Duration::from_secs(4)));
    let begun = Instant::now();
    let mut strangers = JoinSet::new();
    for stranger in 0..STRANGERS {
        let (server, good) = (Arc::clone(&server), good.clone());
        strangers.spawn(async move {
            for number in 0..TOKENS / STRANGERS {
                let token = Tampering::KeyName(format!("{stranger}-{number}")).of(&good);
                assert_eq!(server.list(&token).await.status(), 401);
            }
        });
    }
    let mut slowest = Duration::ZERO;
    while !strangers.is_empty() {
        while let Some(ended) = strangers.try_join_next() {
            ended.expect("no panic");
        }
        let sent = Instant::now();
        assert_eq!(server.list(&good).await.status(), 200);
        slowest = slowest.max(sent.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    let periods = begun.elapsed().as_secs() / 30 + 1;
    let fetches = provider.requests(Endpoint::Jwks) as u64;
    assert!(
        fetches <= 1 + periods,
        "{fetches} fetches in {:?}",
        begun.elapsed()
    );
}

fn user() -> TokenRecipe {
    TokenRecipe::new(TokenKind::User)
}

fn failures() -> [Failure; 10] {
    [
        Failure::Delay(Duration::from_secs(30)),
        Failure::Drip(Duration::from_millis(100)),
        Failure::Garbage,
        Failure::Gone,
        Failure::Half,
        Failure::Html,
        Failure::Huge,
        Failure::Redirect("https://elsewhere.invalid".to_owned()),
        Failure::Status(404),
        Failure::Status(500),
    ]
}

const STRANGERS: usize = 50;
const TOKENS: usize = 10_000;
