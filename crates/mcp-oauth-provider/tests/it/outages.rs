//! Providers that are down, slow, or not who they say.

use std::{sync::Arc, time::Duration};

use mcp_oauth_provider::Provider;
use mcp_oauth_token::{BearerToken, TokenError};
use serde_json::json;
use tokio::time::{self, Instant};

use crate::{
    fake_provider::{FakeProvider, Page, SigningKey, discovery_url},
    setup::{Running, Setup, Verdict, provider},
};

struct Fixture {
    running: Running,
    token: String,
}

fn fixture() -> Fixture {
    let key = SigningKey::generate("key");
    Fixture {
        running: Running::new(Setup::Okta, &[key.jwk()]),
        token: key.sign(&Setup::Okta.claims()),
    }
}

impl Fixture {
    fn discovery(&self) -> String {
        discovery_url(&Setup::Okta.issuer())
    }

    fn break_discovery(&self, page: Page) {
        self.running.http.put(&self.discovery(), page);
    }

    fn repair(&self) {
        let issuer = Setup::Okta.issuer();
        let document = json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/keys"),
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        self.running.http.publish(&self.discovery(), &document);
    }

    fn attempts(&self) -> usize {
        self.running.http.requests(&self.discovery()).len()
    }
}

async fn unavailable(running: &Running, token: &str) -> (String, Duration) {
    match running.validate(token).await {
        Err(TokenError::Unavailable {
            reason,
            retry_after,
        }) => (reason, retry_after),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_down_at_first_is_found_without_a_restart() {
    let fixture = fixture();
    fixture.break_discovery(Page::Answer(500, String::new()));
    let (reason, retry_after) = unavailable(&fixture.running, &fixture.token).await;
    assert!(reason.contains("500"), "{reason}");
    assert!(!retry_after.is_zero());
    assert!(fixture.running.provider.readiness().is_err());
    assert!(fixture.running.provider.metadata().is_none());

    fixture.repair();
    time::sleep(retry_after).await;
    fixture.running.validate(&fixture.token).await.unwrap();
    fixture.running.provider.readiness().unwrap();
}

#[tokio::test(start_paused = true)]
async fn requests_do_not_try_again_before_the_pause_is_over() {
    let fixture = fixture();
    fixture.break_discovery(Page::Answer(503, String::new()));
    for _ in 0..100 {
        unavailable(&fixture.running, &fixture.token).await;
    }
    assert_eq!(fixture.attempts(), 1);
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(3600) {
        unavailable(&fixture.running, &fixture.token).await;
        time::sleep(Duration::from_millis(500)).await;
    }
    // Pauses grow to 15 to 30 seconds.
    let attempts = fixture.attempts();
    assert!((100..300).contains(&attempts), "{attempts}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_first_requests_cause_one_discovery_and_one_fetch_of_the_keys() {
    let fixture = fixture();
    let validator = fixture.running.provider.validator();
    let tokens = (0..1000).map(|_| BearerToken::new(&fixture.token).unwrap());
    let tokens: Vec<_> = tokens.collect();
    let requests = tokens.iter().map(|token| validator.validate(token));
    for verdict in futures_util::future::join_all(requests).await {
        verdict.unwrap();
    }
    assert_eq!(fixture.attempts(), 1);
    let keys = format!("{}/keys", Setup::Okta.issuer());
    assert_eq!(fixture.running.http.requests(&keys).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_request_waits_longer_than_five_seconds_for_a_provider_that_is_silent() {
    let fixture = fixture();
    fixture.break_discovery(Page::Silence);
    let begin = Instant::now();
    let requests = (0..10).map(|_| unavailable(&fixture.running, &fixture.token));
    futures_util::future::join_all(requests).await;
    assert!(
        begin.elapsed() <= Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(fixture.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_goes_away_does_not_stop_the_others() {
    let fixture = fixture();
    let first = fixture.running.validate(&fixture.token);
    assert!(
        time::timeout(Duration::from_millis(5), first)
            .await
            .is_err()
    );
    // The next one gets what the first one asked for.
    fixture.running.validate(&fixture.token).await.unwrap();
    assert_eq!(fixture.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_everybody_left_ends_and_makes_room_for_the_next() {
    let fixture = fixture();
    fixture.break_discovery(Page::Silence);
    let first = fixture.running.validate(&fixture.token);
    assert!(time::timeout(Duration::from_secs(1), first).await.is_err());
    fixture.repair();
    // It has 4.5 seconds in all, and a pause of at most a second follows.
    let begin = Instant::now();
    while fixture.running.validate(&fixture.token).await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(5), "it never ends");
        time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(fixture.attempts(), 2);
}

// Whoever connects and hangs up would otherwise make the server ask as often as they like.
#[tokio::test(start_paused = true)]
async fn requests_that_go_away_cause_no_more_attempts() {
    let fixture = fixture();
    fixture.break_discovery(Page::Silence);
    for _ in 0..100 {
        let request = fixture.running.validate(&fixture.token);
        assert!(
            time::timeout(Duration::from_millis(5), request)
                .await
                .is_err()
        );
    }
    assert_eq!(fixture.attempts(), 1);
    // The attempt ends as any other, and a pause follows.
    time::advance(Duration::from_secs(5)).await;
    for _ in 0..100 {
        unavailable(&fixture.running, &fixture.token).await;
    }
    assert_eq!(fixture.attempts(), 1);
    assert_eq!(fixture.running.provider.status().discovery_failures, 1);
}

#[tokio::test(start_paused = true)]
async fn maintenance_keeps_trying_and_has_the_keys_before_anybody_asks() {
    let fixture = fixture();
    fixture.break_discovery(Page::Answer(500, String::new()));
    let provider = fixture.running.provider.clone();
    let maintenance = async {
        time::timeout(Duration::from_secs(600), provider.maintain())
            .await
            .ok();
    };
    let recovery = async {
        time::sleep(Duration::from_secs(60)).await;
        assert!(fixture.running.provider.readiness().is_err());
        fixture.repair();
        time::sleep(Duration::from_secs(31)).await;
        fixture.running.provider.readiness().unwrap();
        assert!(fixture.running.provider.jwks().is_some());
    };
    futures_util::future::join(maintenance, recovery).await;
    let status = fixture.running.provider.status();
    assert!(
        status.discovered && status.discovery_failures > 3,
        "{status:?}"
    );
    assert_eq!((status.jwks_keys, &status.last_error), (1, &None));
}

// RFC 8414 section 3.3.
#[tokio::test(start_paused = true)]
async fn a_document_that_names_another_issuer_is_never_used_and_both_are_shown() {
    let key = SigningKey::generate("key");
    let token = key.sign(&Setup::Okta.claims());
    let running = Running::new(Setup::Okta, &[key.jwk()]);
    let issuer = Setup::Okta.issuer();
    for named in [
        "https://company.okta.com",
        "https://company.okta.com/oauth2/default/",
    ] {
        running.http.publish_provider(&issuer, named, &[key.jwk()]);
        let (reason, _) = unavailable(&running, &token).await;
        assert!(reason.contains(&format!("{named:?}")), "{reason}");
        assert!(reason.contains(&format!("{issuer:?}")), "{reason}");
        let not_ready = running.provider.readiness().unwrap_err().to_string();
        assert!(not_ready.contains(named), "{not_ready}");
        time::sleep(Duration::from_secs(30)).await;
    }
    assert!(running.provider.jwks().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_template_of_many_tenants_is_for_many_tenants_only() {
    let key = SigningKey::generate("key");
    let token = key.sign(&Setup::AzureV2.claims());
    let running = Running::new(Setup::AzureV2, &[key.jwk()]);
    let named = "https://login.microsoftonline.com/{tenantid}/v2.0";
    running
        .http
        .publish_provider(&Setup::AzureV2.issuer(), named, &[key.jwk()]);
    unavailable(&running, &token).await;
}

#[tokio::test(start_paused = true)]
async fn documents_and_keys_that_are_none_leave_a_provider_not_ready() {
    for page in [
        Page::Answer(200, "<!doctype html>".into()),
        Page::Answer(200, "{}".into()),
        Page::Answer(302, String::new()),
        Page::Answer(404, String::new()),
        Page::Silence,
    ] {
        let fixture = fixture();
        fixture.break_discovery(page.clone());
        unavailable(&fixture.running, &fixture.token).await;
        assert!(fixture.running.provider.readiness().is_err(), "{page:?}");

        let fixture = self::fixture();
        let keys = format!("{}/keys", Setup::Okta.issuer());
        fixture.running.http.put(&keys, page.clone());
        unavailable(&fixture.running, &fixture.token).await;
        assert!(fixture.running.provider.readiness().is_err(), "{page:?}");
    }
}

#[tokio::test]
async fn what_a_provider_publishes_is_passed_on_unchanged() {
    let fixture = fixture();
    fixture.running.validate(&fixture.token).await.unwrap();
    let provider = &fixture.running.provider;
    let metadata: serde_json::Value =
        serde_json::from_slice(&provider.metadata().unwrap()).unwrap();
    assert_eq!(metadata["issuer"], Setup::Okta.issuer());
    assert!(String::from_utf8_lossy(&provider.jwks().unwrap()).contains("P-256"));
    assert_eq!(provider.authorization_servers(), [Setup::Okta.issuer()]);
}

#[tokio::test]
async fn hmac_needs_nobody_and_publishes_nothing() {
    let http = Arc::new(FakeProvider::default());
    let provider: Provider = provider(Setup::Hmac.config(), http).unwrap();
    provider.readiness().unwrap();
    provider.maintain().await;
    assert_eq!((provider.metadata(), provider.jwks()), (None, None));
    assert!(provider.authorization_servers().is_empty());
}

#[tokio::test]
async fn a_token_that_comes_again_is_counted_as_a_hit() {
    let fixture = fixture();
    for _ in 0..3 {
        let result = fixture.running.validate(&fixture.token).await;
        assert_eq!(Verdict::from(&result), Verdict::User);
    }
    let status = fixture.running.provider.status();
    assert_eq!(
        (status.cache_misses, status.cache_hits, status.cache_entries),
        (1, 2, 1)
    );
}

// What a provider writes ends up in logs.
#[tokio::test(start_paused = true)]
async fn reasons_do_not_quote_documents_at_length() {
    let fixture = fixture();
    let document = json!({ "issuer": Setup::Okta.issuer(), "scopes_supported": "ä".repeat(9000) });
    fixture.break_discovery(Page::Answer(200, document.to_string()));
    let (reason, _) = unavailable(&fixture.running, &fixture.token).await;
    assert!(reason.len() < 1000, "{} bytes", reason.len());
}
