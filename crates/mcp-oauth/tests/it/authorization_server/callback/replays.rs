//! Answers of the identity provider that come again.

use tokio::time::timeout;

use super::*;

impl Away {
    /// The same answer, once more, in a browser that still has its cookie.
    async fn back_again(&mut self) -> Reply {
        let before = self.browser.clone();
        let reply = self.back(&[]).await;
        self.browser = before;
        reply
    }
}

// RFC 9700 section 2.1.1 has codes used once; this bounds what trying costs the provider.
#[tokio::test]
async fn an_answer_that_failed_is_tried_once_more_and_then_no_more() {
    let mut away = Away::new().await;
    let tokens = Exchange::Tokens(json!({ "nonce": away.asked["nonce"] }));
    away.provider
        .answer(Exchange::Refusal(500, "{}".to_owned()));
    for _ in 0..2 {
        assert_error(&away.back_again().await, "temporarily_unavailable");
    }
    away.provider.answer(tokens);
    for _ in 0..20 {
        assert_local(&away.back_again().await, 400);
    }
    assert_eq!(away.provider.exchanges().len(), 2);
    assert_eq!(away.ends(), ["failed"; 2]);
    assert!(away.desk.store_is_untouched());
    // Others are not held up.
    let mut other = away.beside().await;
    assert!(other.back(&[]).await.sent_along("code").is_some());
}

#[tokio::test]
async fn of_answers_that_come_at_once_two_at_most_reach_the_provider() {
    for is_up in [true, false] {
        let away = Away::new().await;
        if !is_up {
            away.provider
                .answer(Exchange::Refusal(500, "{}".to_owned()));
        }
        let mut comings: Vec<_> = (0..20)
            .map(|_| Away {
                desk: away.desk.clone(),
                client: away.client.clone(),
                provider: Arc::clone(&away.provider),
                browser: away.browser.clone(),
                consent: away.consent.clone(),
                asked: away.asked.clone(),
                ends: Arc::clone(&away.ends),
            })
            .collect();
        let replies = comings.iter_mut().map(|coming| coming.back(&[]));
        let replies = futures_util::future::join_all(replies).await;
        let sent_back = replies.iter().filter(|reply| reply.status == 302);
        let codes = sent_back.filter(|reply| reply.sent_along("code").is_some());
        assert_eq!(codes.count(), usize::from(is_up));
        assert!((1..=2).contains(&away.provider.exchanges().len()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_loses_its_connection_can_load_the_page_again() {
    let mut away = Away::new().await;
    let tokens = Exchange::Tokens(json!({ "nonce": away.asked["nonce"] }));
    away.provider.answer(Exchange::Silence);
    let lost = timeout(Duration::from_secs(1), away.back(&[])).await;
    assert!(lost.is_err());
    away.provider.answer(tokens);
    assert!(away.back(&[]).await.sent_along("code").is_some());
}

// Nobody can finish it again: that it was finished is to be known at least.
#[tokio::test(start_paused = true)]
async fn a_login_that_is_being_finished_is_when_the_browser_goes_away() {
    for written in [0, 1] {
        let mut away = Away::new().await;
        away.desk.store.slow_down();
        let patience = Duration::from_millis(500 + 1000 * written);
        let lost = timeout(patience, away.back_again()).await;
        assert!(lost.is_err());
        assert!(away.ends().is_empty());
        away.desk.server.drain().await;
        assert_eq!(away.ends(), ["allowed"]);
        let again = away.back(&[]).await;
        assert_local(&again, 400);
        assert!(again.body.contains("finished before"), "{}", again.body);
    }
}

#[tokio::test]
async fn who_has_no_login_under_way_reaches_neither_store_nor_provider() {
    let mut away = Away::new().await;
    let asked = (away.provider.asked(), away.desk.calls_of_the_store());
    let own = away.browser.clone();
    away.browser = Browser::default();
    assert_local(&away.back(&[]).await, 403);
    let path = away.client.authorize_path(&[]);
    away.browser.open(&away.desk, &path).await;
    assert_local(&away.back(&[]).await, 403);
    away.browser = own;
    let consent = away.consent.clone();
    for state in ["", "x", &"x".repeat(1536), &consent] {
        assert_local(&away.back(&[("state", state)]).await, 400);
    }
    assert_local(&away.back(&[("error", "access_denied")]).await, 400);
    assert_local(&away.back(&[("iss", "https://evil.example")]).await, 400);
    let still = (away.provider.asked(), away.desk.calls_of_the_store());
    assert_eq!(still, asked);
}

// Anybody gets a state and a cookie for it: consent costs nothing.
#[tokio::test]
async fn who_consents_and_never_logs_in_takes_no_room() {
    let away = Away::new().await;
    let refusal = r#"{"error":"invalid_grant"}"#;
    for _ in 0..20 {
        let mut stranger = away.beside().await;
        let refusal = Exchange::Refusal(400, refusal.to_owned());
        away.provider.answer(refusal);
        assert_error(&stranger.back_again().await, "server_error");
        assert_error(&stranger.back_again().await, "server_error");
        assert_local(&stranger.back_again().await, 400);
    }
    assert!(away.desk.store_is_untouched());
}
