//! Who may stay while an answer goes on.

use mcp_oauth_token::{BearerToken, Principal};

use crate::issuer::{bearer, server};

async fn holder_of(token: &str) -> Principal {
    let accepted = server().authenticate(&bearer(token)).await.unwrap();
    Principal::clone(&accepted.principal)
}

/// Whether somebody may stay whose token is judged as this one by now.
async fn stays(token: &str, principal: &Principal) -> bool {
    let token = BearerToken::new(token).unwrap();
    server().lets_stay(&token, principal).await
}

#[tokio::test]
async fn a_token_that_is_accepted_anew_lets_its_holder_stay() {
    let holder = holder_of("read").await;
    assert!(stays("read", &holder).await);
    assert!(stays("write", &holder).await, "it is good for more");
}

#[tokio::test]
async fn a_token_that_is_refused_anew_lets_nobody_stay() {
    let holder = holder_of("read").await;
    for refused in ["expired", "forged"] {
        assert!(!stays(refused, &holder).await, "{refused}");
    }
}

// Who cannot be asked has revoked nothing.
#[tokio::test]
async fn what_cannot_be_decided_ends_nothing() {
    assert!(stays("down", &holder_of("read").await).await);
}

#[tokio::test]
async fn a_token_that_stands_for_less_than_before_does_not_let_stay() {
    assert!(!stays("read", &holder_of("write").await).await, "scopes");
    let mut other = holder_of("read").await;
    other.subject = "bob".to_owned();
    assert!(!stays("read", &other).await, "another subject");
}
