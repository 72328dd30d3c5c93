//! A whole login: a client that knows nothing but the URL of the endpoint.

use super::{
    browser::{Browser, STATE, TestClient},
    desk::{Desk, ORIGIN, RESOURCE},
};

#[tokio::test]
async fn a_client_that_knows_the_endpoint_gets_in_stays_in_and_is_locked_out() {
    let desk = Desk::new();

    let stranger = desk.call("no-token").await;
    assert_eq!(stranger.status, 401);
    let challenge = stranger.header("www-authenticate");
    let at = "/.well-known/oauth-protected-resource/mcp";
    assert!(challenge.contains(&format!("{ORIGIN}{at}")), "{challenge}");
    let resource = desk.get(at).await.json();
    assert_eq!(resource["resource"], RESOURCE);
    assert_eq!(resource["authorization_servers"][0], ORIGIN);
    let metadata = desk.get("/.well-known/oauth-authorization-server").await;
    let metadata = metadata.json();
    assert_eq!(metadata["issuer"], ORIGIN);
    assert_eq!(metadata["token_endpoint"], format!("{ORIGIN}/oauth/token"));

    let client = TestClient::register(&desk).await;
    let mut browser = Browser::default();
    let reply = client.log_in(&desk, &mut browser).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert_eq!(reply.sent_along("state").as_deref(), Some(STATE));
    assert_eq!(reply.sent_along("iss").as_deref(), Some(ORIGIN));
    let code = reply.sent_along("code").unwrap();

    let tokens = client.redeem(&desk, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let tokens = tokens.json();
    let access_token = tokens["access_token"].as_str().unwrap();
    let greeting = desk.call(access_token).await;
    assert_eq!(greeting.status, 200, "{}", greeting.body);
    assert_eq!(greeting.body, "alice kafka:read");

    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let refreshed = client.refresh(&desk, refresh_token).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let refreshed = refreshed.json();
    let second = refreshed["access_token"].as_str().unwrap();
    assert_eq!(desk.call(second).await.status, 200);

    let newest = refreshed["refresh_token"].as_str().unwrap();
    assert_eq!(client.revoke(&desk, newest).await.status, 200);
    for token in [access_token, second] {
        assert_eq!(desk.call(token).await.status, 401);
    }
    assert_eq!(client.refresh(&desk, newest).await.status, 400);
}
