//! What the provider may answer, and what must not replace a good key set.

use http::{
    StatusCode,
    header::{CACHE_CONTROL, CONTENT_ENCODING, LOCATION},
};

use super::*;

#[track_caller]
fn assert_chain_says(store: &JwksStore, expected: &str, answer: &str) {
    let error = store.status().last_error.expect(answer);
    assert!(error.contains(expected), "{answer}: {error}");
    assert!(error.len() <= 500, "{answer}: {} bytes", error.len());
}

// A first fetch that fails leaves no keys, and a later one leaves the keys that there are.
async fn check_refused(name: &str, answer: Answer, says: &str) {
    let (store, provider) = store_of(&[]);
    provider.answer(answer.clone());
    assert_unavailable(store.id("a").await);
    assert_chain_says(&store, says, name);

    let (store, provider) = store_of(&[key("a", 1)]);
    let id = store.id("a").await.unwrap();
    let document = store.document();
    provider.answer(answer);
    assert_eq!(store.id("b").await, Err(KeyError::Unknown), "{name}");
    assert_chain_says(&store, says, name);
    assert_eq!(store.id("a").await, Ok(id), "{name}");
    assert!(store.holds(id), "{name}");
    assert_eq!(store.document(), document, "{name}");
    assert_eq!(store.status().fetches_failed, 1, "{name}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_usable_key_set_replaces_none() {
    let good = Answer::keys(&[key("b", 2)]);
    let secret = json!({ "kty": "oct", "kid": "b", "k": "c2VjcmV0" });
    let long_text = format!(r#"{{"keys":"{}"}}"#, "é".repeat(100_000));
    let deep = format!(r#"{{"keys":[{}]}}"#, "[".repeat(100_000));
    let gzip = Answer::body(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0][..]);
    for (name, answer, says) in [
        ("an error page", Answer::body("<html>502</html>"), "JSON"),
        ("nothing", Answer::body(""), "JSON"),
        ("no object", Answer::body("[]"), "JSON"),
        ("no list of keys", Answer::body("{}"), "JSON"),
        ("a long text instead", Answer::body(long_text), "JSON"),
        ("deep nesting", Answer::body(deep), "JSON"),
        (
            "two lists",
            Answer::body(r#"{"keys":[],"keys":[]}"#),
            "JSON",
        ),
        ("no key", Answer::keys(&[]), "0 keys"),
        ("only secrets", Answer::keys(&[secret]), "1 keys, and none"),
        ("compressed", gzip.clone(), "JSON"),
        (
            "said to be compressed",
            gzip.with_header(CONTENT_ENCODING, "gzip"),
            "compressed",
        ),
        (
            "half of it",
            good.clone().with_status(StatusCode::PARTIAL_CONTENT),
            "206",
        ),
        (
            "not found",
            good.clone().with_status(StatusCode::NOT_FOUND),
            "404",
        ),
        (
            "broken",
            good.with_status(StatusCode::INTERNAL_SERVER_ERROR),
            "500",
        ),
        (
            "no connection",
            Answer::error(),
            "the connection failed: connection refused",
        ),
        ("a panic", Answer::panic(), "broken off"),
    ] {
        check_refused(name, answer, says).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_set_beyond_the_limits_is_refused() {
    let many: Vec<_> = (0..101)
        .map(|number| key(&number.to_string(), number))
        .collect();
    let padding = json!({ "keys": [key("b", 2)], "padding": "x".repeat(256 * 1024) });
    let huge = Answer::body("x".repeat(5 * 1024 * 1024));
    for (name, answer, says) in [
        ("101 keys", Answer::keys(&many), "101 keys"),
        (
            "256 KiB and more",
            Answer::body(padding.to_string()),
            "262144 bytes",
        ),
        ("5 MiB", huge, "262144 bytes"),
        ("no end", Answer::never(), "no complete answer within"),
    ] {
        check_refused(name, answer, says).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_keys_are_accepted() {
    let keys: Vec<_> = (0..100)
        .map(|number| key(&number.to_string(), number))
        .collect();
    let (store, _) = store_of(&keys);
    assert!(store.id("99").await.is_ok());
    assert_eq!(store.status().keys, 100);
}

#[tokio::test(start_paused = true)]
async fn redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer::keys(&[key("b", 2)]).with_status(status);
        let answer = answer.with_header(LOCATION, "https://elsewhere.example/keys");
        let (store, provider) = store_of(&[key("a", 1)]);
        store.id("a").await.unwrap();
        provider.answer(answer);
        assert_eq!(store.id("b").await, Err(KeyError::Unknown));
        assert_eq!(provider.fetches(), 2);
        let (request, _) = provider.last_request();
        assert_eq!(request.uri(), "https://idp.example.com/keys");
    }
}

#[tokio::test(start_paused = true)]
async fn the_client_is_told_the_limits_and_to_expect_no_compression() {
    let (store, provider) = store_of(&[key("a", 1)]);
    store.id("a").await.unwrap();
    let (request, limits) = provider.last_request();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.headers()["accept-encoding"], "identity");
    assert!(limits.timeout <= Duration::from_secs(5));
    assert_eq!(limits.max_body_bytes, 256 * 1024);
}

// RFC 7517 section 5: keys that are not understood are ignored, and do not spoil the others.
#[tokio::test(start_paused = true)]
async fn keys_that_cannot_be_used_are_left_out() {
    let secret = json!({ "kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256" });
    let unknown = json!({ "kty": "PQC", "kid": "new" });
    let (store, _) = store_of(&[secret, unknown, json!(7), key("a", 1)]);
    assert!(store.id("a").await.is_ok());
    assert_eq!(store.status().keys, 1);
    let hmac = store.key(Some("secret"), Algorithm::Hs256).await;
    assert_eq!(hmac.unwrap_err(), KeyError::Unknown);
}

#[tokio::test(start_paused = true)]
async fn the_document_is_passed_on_as_it_was_published() {
    let body = format!(r#"{{ "keys" : [{}], "more":1}}"#, key("a", 1));
    let (store, provider) = store_of(&[]);
    provider.answer(Answer::body(body.clone()));
    assert_eq!(store.document(), None);
    store.id("a").await.unwrap();
    assert_eq!(store.document(), Some(Bytes::from(body)));
}

#[tokio::test(start_paused = true)]
async fn the_provider_says_how_long_its_keys_live() {
    let answer = Answer::keys(&[key("a", 1)]).with_header(CACHE_CONTROL, "max-age=600");
    let (store, provider) = store_of(&[]);
    provider.answer(answer);
    store.id("a").await.unwrap();
    time::sleep(MINUTE * 8 - Duration::from_millis(1)).await;
    store.id("a").await.unwrap();
    time::sleep(Duration::from_millis(1)).await;
    assert_eq!(provider.fetches(), 1);
    store.id("a").await.unwrap();
    time::sleep(Duration::from_millis(1)).await;
    assert_eq!(
        provider.fetches(),
        2,
        "in time to have new ones after ten minutes"
    );
}
