//! What one login leaves in different hands: nothing of it passes for another part of it.

use super::*;

#[track_caller]
fn assert_no_grant(reply: &Reply) {
    assert_eq!(reply.status, 400, "{}", reply.body);
    assert_eq!(reply.json()["error"], "invalid_grant");
}

// RFC 8725 section 3.12: what is made for one use is refused at every other.
#[tokio::test]
async fn the_state_at_the_provider_is_good_for_nothing_but_coming_back() {
    let mut away = Away::new().await;
    let state = away.asked["state"].clone();
    let (desk, client) = (&away.desk, &away.client);
    assert_eq!(desk.call(&state).await.status, 401);
    assert_no_grant(&client.redeem(desk, &state).await);
    assert_no_grant(&client.refresh(desk, &state).await);
    let as_client = TestClient { id: state.clone() };
    let refused = desk.get(&as_client.authorize_path(&[])).await;
    assert_local(&refused, 400);
    let refused = as_client.redeem(desk, "code").await;
    assert_eq!(refused.json()["error"], "invalid_client");
    let form = [("transaction", state.as_str()), ("decision", "allow")];
    assert_local(&away.browser.submit(desk, &form).await, 400);
    assert_eq!(client.revoke(desk, &state).await.status, 200);
    // And there it is good.
    assert!(away.back(&[]).await.sent_along("code").is_some());
}

#[tokio::test]
async fn nothing_passes_for_the_state_at_the_provider() {
    let mut away = Away::new().await;
    let code = away.back(&[]).await.sent_along("code").unwrap();
    let tokens = away.client.redeem(&away.desk, &code).await.json();
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let mut other = away.beside().await;
    let before = away.provider.asked();
    let unused = ["nonce", "code_challenge", "client_id"].map(|name| other.asked[name].clone());
    let used = [
        code,
        text("access_token"),
        text("refresh_token"),
        other.consent.clone(),
        other.client.id.clone(),
    ];
    for value in used.iter().chain(&unused) {
        assert_local(&other.back(&[("state", value)]).await, 400);
    }
    assert_eq!(away.provider.asked(), before);
    assert!(other.back(&[]).await.sent_along("code").is_some());
}
