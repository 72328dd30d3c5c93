//! Identity providers and stores that do not do their part.

use http::Method;
use tokio::time::{Instant, timeout};
use tracing::Level;

use super::*;
use crate::{authorization_server::desk::request, log::listen};

// RFC 6749 section 4.1.2.1: one of its words, and none of the provider's.
#[tokio::test(start_paused = true)]
async fn of_an_answer_without_tokens_the_client_hears_a_word_and_the_log_no_part() {
    let (lines, _guard) = listen(Level::TRACE);
    let html = "<html>canary-body</html>".to_owned();
    // Were it read, it would be understood.
    let large = format!(
        r#"{{"access_token":"canary-body","token_type":"Bearer","x":"{}"}}"#,
        "canary-body ".repeat(1 << 17)
    );
    let no_id_token = r#"{"access_token":"canary-body","token_type":"Bearer"}"#.to_owned();
    for (status, body, told) in [
        (200, html.clone(), "temporarily_unavailable"),
        (200, String::new(), "temporarily_unavailable"),
        (
            200,
            r#"{"x":"canary-body"}"#.to_owned(),
            "temporarily_unavailable",
        ),
        (200, large.clone(), "temporarily_unavailable"),
        (200, no_id_token, "server_error"),
        (302, html.clone(), "temporarily_unavailable"),
        (400, html.clone(), "temporarily_unavailable"),
        (400, large.clone(), "temporarily_unavailable"),
        (500, html.clone(), "temporarily_unavailable"),
        (500, large, "temporarily_unavailable"),
        (503, html, "temporarily_unavailable"),
    ] {
        let mut away = Away::new().await;
        away.provider.answer(Exchange::Refusal(status, body));
        let reply = away.back(&[]).await;
        assert_error(&reply, told);
        for shown in [reply.location(), &reply.body] {
            assert!(!shown.contains("canary-body"), "{shown}");
        }
        assert_eq!(away.ends(), ["failed"], "{status}");
        assert!(away.desk.store_is_untouched());
    }
    let log = lines.text();
    assert!(log.contains("login failed at the identity provider"));
    assert!(!log.contains("canary-body"), "{log}");
}

// RFC 9700 sections 4.2.4 and 4.12: the URL has a code in it, of the provider or of ours.
#[tokio::test]
async fn no_answer_to_who_comes_back_is_kept_or_tells_others_where_it_was() {
    let mut replies = Vec::new();
    let mut away = Away::new().await;
    replies.push(away.back(&[("state", "x")]).await);
    replies.push(away.back(&[("iss", "https://evil.example")]).await);
    replies.push(away.back(&[("error", "access_denied")]).await);
    replies.push(away.back(&[]).await);
    replies.push(away.back(&[]).await);
    let mut away = Away::new().await;
    replies.push(away.back(&[("code", ""), ("error", "access_denied")]).await);
    let mut away = Away::new().await;
    away.provider
        .answer(Exchange::Refusal(400, "{}".to_owned()));
    replies.push(away.back(&[]).await);
    for (method, accepted) in [
        (Method::GET, "application/json"),
        (Method::PUT, "application/json"),
        (Method::PUT, "text/html"),
    ] {
        let path = format!("/oauth/callback?code=c&state={}", away.asked["state"]);
        let request = request(method, &path, &[("accept", accepted)], "");
        let reply = away.desk.send(request).await;
        let is_json = reply.header("content-type") == "application/json";
        assert_eq!(is_json, accepted == "application/json");
        replies.push(reply);
    }
    let limited = Desk::with(|config| {
        config.ceiling = Some(mcp_oauth::Ceiling {
            per_minute: 1,
            burst: 1,
        });
    });
    limited.get("/oauth/callback?code=c").await;
    replies.push(limited.get("/oauth/callback?code=c").await);

    let statuses: Vec<_> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    let expected = [400, 400, 400, 302, 403, 302, 302, 403, 405, 405, 429];
    assert_eq!(statuses, expected);
    for reply in replies {
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{reply:?}");
        assert_eq!(reply.header("cache-control"), "no-store", "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_provider_is_silent_everything_goes_on_that_does_not_need_it() {
    let mut first = Away::new().await;
    let code = first.back(&[]).await.sent_along("code").unwrap();
    let mut crowd = Vec::new();
    for _ in 0..80 {
        crowd.push(first.beside().await);
    }
    let (desk, client) = (&first.desk, &first.client);
    first.provider.answer(Exchange::Silence);
    let mut waiting = Box::pin(futures_util::future::join_all(
        crowd.iter_mut().map(|away| away.back(&[])),
    ));
    let answered = timeout(Duration::from_millis(1), &mut waiting).await;
    assert!(answered.is_err());
    // The one before, and as many as may ask at once.
    assert_eq!(first.provider.exchanges().len(), 1 + 32);

    let began = Instant::now();
    let tokens = client.redeem(desk, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let access_token = tokens.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(desk.call(&access_token).await.status, 200);
    let other = TestClient::register(desk).await;
    let page = desk.get(&other.authorize_path(&[])).await;
    assert_eq!(page.status, 200);
    let metadata = desk.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata.status, 200);
    assert_eq!(client.revoke(desk, &access_token).await.status, 200);
    assert_eq!(desk.call(&access_token).await.status, 401);
    assert_eq!(began.elapsed(), Duration::ZERO);

    for reply in waiting.await {
        assert_error(&reply, "temporarily_unavailable");
    }
    assert!(began.elapsed() <= Duration::from_secs(10));
}

// Nothing is given out that could not be remembered.
#[tokio::test]
async fn while_the_store_is_full_nobody_new_gets_in_and_nobody_is_thrown_out() {
    let mut first = Away::new().await;
    let code = first.back(&[]).await.sent_along("code").unwrap();
    let tokens = first.client.redeem(&first.desk, &code).await.json();
    let access_token = tokens["access_token"].as_str().unwrap();
    let mut second = first.beside().await;
    first.desk.fill_the_store(true);
    assert_error(&second.back(&[]).await, "temporarily_unavailable");
    assert_eq!(first.desk.call(access_token).await.status, 200);
    first.desk.fill_the_store(false);
    let mut third = first.beside().await;
    assert!(third.back(&[]).await.sent_along("code").is_some());
    assert_eq!(first.ends(), ["allowed", "failed", "allowed"]);
}
