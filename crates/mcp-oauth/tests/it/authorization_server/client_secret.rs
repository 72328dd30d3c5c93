//! The secret that this server has at its identity provider: nobody else gets anything by it.

use super::{
    browser::{REDIRECT_URI, VERIFIER},
    callback::Away,
    fake_provider::UPSTREAM_TOKENS,
};

// RFC 6749 section 4.4 is for a client that speaks for itself. A server that forwards such a request
// with its own secret gives its own rights to anybody.
#[tokio::test]
async fn no_request_of_a_client_reaches_the_provider_with_the_secret_of_this_server() {
    let away = Away::new().await;
    let before = away.provider.asked();
    let own = away.client.id.as_str();
    // What the provider knows this server as.
    let upstream = away.asked["client_id"].as_str();
    for (client, grant, status, error) in [
        (own, "client_credentials", 400, "unsupported_grant_type"),
        (
            upstream,
            "client_credentials",
            400,
            "unsupported_grant_type",
        ),
        ("", "client_credentials", 400, "unsupported_grant_type"),
        (own, "password", 400, "unsupported_grant_type"),
        (
            own,
            "urn:ietf:params:oauth:grant-type:token-exchange",
            400,
            "unsupported_grant_type",
        ),
        (upstream, "authorization_code", 400, "invalid_client"),
        (upstream, "refresh_token", 400, "invalid_client"),
        (own, "authorization_code", 400, "invalid_grant"),
        (own, "refresh_token", 400, "invalid_grant"),
    ] {
        let form = [
            ("grant_type", grant),
            ("client_id", client),
            ("client_secret", ""),
            ("username", "alice"),
            ("password", "x"),
            ("scope", "kafka:write"),
            ("code", "upstream-code"),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
            ("refresh_token", UPSTREAM_TOKENS[1]),
        ];
        let reply = away.desk.post_form("/oauth/token", &form).await;
        assert_eq!(
            reply.status, status,
            "{grant} by {client:?}: {}",
            reply.body
        );
        assert_eq!(reply.json()["error"], error, "{grant} by {client:?}");
        let told = [&away.asked["client_id"], "upstream-client-secret"];
        for secret in told.into_iter().chain(UPSTREAM_TOKENS) {
            assert!(!reply.body.contains(secret), "{}", reply.body);
        }
    }
    assert_eq!(away.provider.asked(), before);
}
