//! What a refresh makes of a login, by what the identity provider says then.

use serde_json::{Value, json};

use super::{callback::Away, desk::Reply, fake_provider::Exchange};

/// A client whose person has logged in.
struct LoggedIn {
    away: Away,
    refresh_token: String,
}

impl LoggedIn {
    async fn new() -> Self {
        Self::out_of(Away::new().await).await
    }

    async fn out_of(mut away: Away) -> Self {
        let back = away.back(&[]).await;
        let code = back.sent_along("code").unwrap();
        let tokens = away.client.redeem(&away.desk, &code).await.json();
        let refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
        Self {
            away,
            refresh_token,
        }
    }

    /// With a role for each scope.
    async fn with_roles(roles: &[&str]) -> Self {
        let map = "role:Reader=kafka:read,role:Writer=kafka:write";
        let away = Away::with_map(map, "kafka:read kafka:write").await;
        let nonce = &away.asked["nonce"];
        let claims = json!({ "nonce": nonce, "roles": roles });
        away.provider.answer(Exchange::Tokens(claims));
        Self::out_of(away).await
    }

    /// Refreshes, while the provider's id tokens have these claims.
    async fn refresh_with(&self, claims: Value) -> Reply {
        self.away.provider.answer(Exchange::Tokens(claims));
        let Away { client, desk, .. } = &self.away;
        client.refresh(desk, &self.refresh_token).await
    }
}

#[track_caller]
fn assert_later(reply: &Reply) {
    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(reply.json()["error"], "temporarily_unavailable");
    assert_ne!(reply.header("retry-after"), "");
}

// OpenID Connect Core section 12.2 has id tokens verified as at the login. What fails by a clock
// that is wrong says nothing about the grant.
#[tokio::test]
async fn an_id_token_of_another_time_ends_no_login() {
    let login = LoggedIn::new().await;
    let now = 1_800_000_000;
    for claims in [
        json!({ "iat": now - 700, "exp": now - 600 }),
        json!({ "iat": now + 600, "exp": now + 900 }),
        json!({ "nbf": now + 600 }),
    ] {
        assert_later(&login.refresh_with(claims).await);
    }
    assert_eq!(login.refresh_with(json!({})).await.status, 200);
}

// OpenID Connect Core section 10.1.1: keys are fetched again, and not more often than that may be.
#[tokio::test]
async fn an_id_token_of_a_key_that_is_not_known_yet_ends_no_login() {
    let login = LoggedIn::new().await;
    login.away.provider.name_key("two");
    assert_later(&login.refresh_with(json!({})).await);
    login.away.provider.name_key("one");
    assert_eq!(login.refresh_with(json!({})).await.status, 200);
}

// OpenID Connect Core section 12.2: "its aud Claim Value MUST include the original aud", "its sub
// Claim Value MUST be the same".
#[tokio::test]
async fn an_id_token_of_somebody_else_ends_the_login() {
    for claims in [
        json!({ "sub": "00umallory" }),
        json!({ "aud": "another-client" }),
        json!({ "groups": ["left"] }),
    ] {
        let login = LoggedIn::new().await;
        for claims in [claims, json!({})] {
            let refused = login.refresh_with(claims).await;
            assert_eq!(refused.status, 400, "{}", refused.body);
            assert_eq!(refused.json()["error"], "invalid_grant");
        }
    }
}

#[tokio::test]
async fn whoever_loses_a_role_keeps_what_is_left_and_gets_nothing_back() {
    let mut login = LoggedIn::with_roles(&["Writer"]).await;
    for (roles, scope) in [
        (json!(["Writer"]), "kafka:read kafka:write"),
        (json!(["Reader"]), "kafka:read"),
        // Only a login gives more.
        (json!(["Writer"]), "kafka:read"),
    ] {
        let refreshed = login.refresh_with(json!({ "roles": roles })).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        let tokens = refreshed.json();
        assert_eq!(tokens["scope"], scope, "{roles}");
        let access_token = tokens["access_token"].as_str().unwrap();
        let seen = login.away.desk.call(access_token).await;
        assert_eq!(seen.body, format!("00ualice {scope}"));
        tokens["refresh_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut login.refresh_token);
    }
    for roles in [json!([]), json!(["Writer"])] {
        let refused = login.refresh_with(json!({ "roles": roles })).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert_eq!(refused.json()["error"], "invalid_grant");
    }
}
