//! A login while the clock is set.

use super::*;

const TEN_MINUTES: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_login_of_the_future_is_refused_at_each_stage() {
    let mut away = Away::new().await;
    let path = away.client.authorize_path(&[]);
    let page = away.browser.open(&away.desk, &path).await;
    let consent = transaction(&page);
    let asked = away.desk.calls_of_the_store();
    away.desk.clock.set_back(TEN_MINUTES);
    let form = [("transaction", consent.as_str()), ("decision", "allow")];
    assert_local(&away.browser.submit(&away.desk, &form).await, 400);
    assert_local(&away.back(&[]).await, 400);
    assert!(away.provider.exchanges().is_empty());
    assert_eq!(away.desk.calls_of_the_store(), asked);
    // A login that begins now ends now.
    let mut other = away.beside().await;
    assert!(other.back(&[]).await.sent_along("code").is_some());
}

#[tokio::test]
async fn a_login_that_is_over_by_a_clock_set_forward_is_over() {
    let mut away = Away::new().await;
    away.desk.clock.advance(TEN_MINUTES);
    assert_local(&away.back(&[]).await, 400);
    assert!(away.provider.exchanges().is_empty());
}

// Servers behind one address have clocks of their own.
#[tokio::test]
async fn a_login_may_go_on_where_the_clock_is_half_a_minute_behind() {
    let mut away = Away::new().await;
    away.desk.clock.set_back(Duration::from_secs(30));
    assert!(away.back(&[]).await.sent_along("code").is_some());
}

#[tokio::test]
async fn a_login_that_is_over_is_remembered_until_all_clocks_have_forgotten_it() {
    let mut away = Away::new().await;
    let before = away.browser.clone();
    away.desk.clock.set_back(Duration::from_secs(30));
    assert!(away.back(&[]).await.sent_along("code").is_some());
    away.desk.clock.advance(Duration::from_secs(30 + 599));
    away.browser = before;
    let again = away.back(&[]).await;
    assert_local(&again, 400);
    assert!(again.body.contains("finished before"), "{}", again.body);
    assert_eq!(away.provider.exchanges().len(), 1);
}
