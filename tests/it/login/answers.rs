//! What providers answer when something is wrong.

use std::time::Duration;

use mcp_oauth_provider::LoginError;
use testkit::{Endpoint, Failure, IdentityProvider, Personality};

use super::{SignIn, config, login};

// RFC 9207 section 2.4.
#[tokio::test]
async fn an_answer_of_another_issuer_is_left_alone() {
    for personality in Personality::WITH_LOGINS {
        let sign_in = SignIn::at(personality).await;
        let back = sign_in.go().await;
        let own = back.get("iss").map(String::as_str);
        let names_itself = [Personality::Generic, Personality::Google].contains(&personality);
        assert_eq!(own.is_some(), names_itself, "{personality:?}");
        let may_answer = |iss| sign_in.login.may_answer_as(iss);
        assert!(may_answer(own).await.unwrap(), "{personality:?}");
        // Who promises to name itself always does.
        assert_eq!(may_answer(None).await.unwrap(), !names_itself);
        let issuer = sign_in.provider.issuer();
        for other in [
            "",
            "https://evil.example",
            &format!("{issuer}/"),
            &issuer.to_uppercase(),
        ] {
            assert!(!may_answer(Some(other)).await.unwrap(), "{other}");
        }
    }
}

// RFC 9207 section 2.4: also by a server that was started again while the browser was away.
#[tokio::test]
async fn whether_the_provider_names_itself_is_found_out_before_an_answer_is_taken() {
    let provider = IdentityProvider::start(Personality::Generic).await;
    let config = config(Personality::Generic, provider.issuer());
    let restarted = login(config.clone());
    assert!(!restarted.may_answer_as(None).await.unwrap());

    provider.fail(Endpoint::Discovery, Failure::Gone);
    let refused = login(config).may_answer_as(None).await.unwrap_err();
    assert!(
        matches!(refused, LoginError::Unavailable { .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_refusal_says_whose_fault_it_is() {
    let sign_in = SignIn::at(Personality::OktaCustom).await;
    for (status, word, class) in [
        (400, "invalid_grant", "InvalidGrant"),
        (400, "interaction_required", "InvalidGrant"),
        (400, "invalid_scope", "Misconfigured"),
        (400, "invalid_request", "Misconfigured"),
        (401, "invalid_client", "Misconfigured"),
        (400, "something new", "Misconfigured"),
        (403, "access_denied", "Denied"),
        (400, "temporarily_unavailable", "Unavailable"),
        (429, "slow_down", "Unavailable"),
        (500, "server_error", "Unavailable"),
        (503, "invalid_grant", "Unavailable"),
    ] {
        let back = sign_in.go().await;
        sign_in.provider.refuse_grants(status, word);
        let refused = sign_in.exchange(&back["code"]).await.unwrap_err();
        assert_eq!(class_of(&refused), class, "{status} {word}: {refused:?}");
    }
}

#[tokio::test]
async fn whatever_a_provider_answers_instead_of_tokens_nobody_is_logged_in() {
    let elsewhere = IdentityProvider::start(Personality::OktaCustom).await;
    let sign_in = SignIn::at(Personality::OktaCustom).await;
    for failure in [
        Failure::Garbage,
        Failure::Gone,
        Failure::Half,
        Failure::Html,
        Failure::Huge,
        Failure::Redirect(elsewhere.url("/token")),
        Failure::Status(400),
        Failure::Status(500),
        Failure::Status(502),
    ] {
        let back = sign_in.go().await;
        sign_in.provider.fail(Endpoint::Token, failure.clone());
        let refused = sign_in.exchange(&back["code"]).await.unwrap_err();
        assert_eq!(
            class_of(&refused),
            "Unavailable",
            "{failure:?}: {refused:?}"
        );
    }
    // Code, verifier and secret are sent to nobody else.
    assert_eq!(elsewhere.requests(Endpoint::Token), 0);
}

#[tokio::test]
async fn an_error_shows_nothing_that_was_sent_or_answered() {
    let sign_in = SignIn::at(Personality::EntraV2).await;
    let mut shown = String::new();
    for (status, word) in [(400, "invalid_grant"), (401, "invalid_client"), (500, "x")] {
        let back = sign_in.go().await;
        sign_in.provider.refuse_grants(status, word);
        let refused = sign_in.exchange(&back["code"]).await.unwrap_err();
        shown.push_str(&format!("{refused} {refused:?}\n"));
    }
    shown.push_str(&format!("{:?}", sign_in.login));
    assert!(!shown.contains("canary"), "{shown}");
    // Entra's documentation goes by the number.
    assert!(
        shown.contains(r#""invalid_grant" (AADSTS70008)"#),
        "{shown}"
    );
}

#[tokio::test]
async fn a_login_waits_for_a_provider_that_comes_late() {
    let sign_in = SignIn::at(Personality::Google).await;
    sign_in.provider.fail(Endpoint::Discovery, Failure::Gone);
    let attempt = super::attempt();
    let refused = sign_in.login.authorize_url("state-1", &attempt).await;
    assert_eq!(class_of(&refused.unwrap_err()), "Unavailable");
    sign_in.provider.recover();
    testkit::eventually("the provider is found", || async {
        sign_in.login.authorize_url("state-1", &attempt).await.ok()
    })
    .await;
    assert!(sign_in.log_in().await.is_ok());
}

#[tokio::test]
async fn without_keys_nobody_is_logged_in() {
    let sign_in = SignIn::at(Personality::Google).await;
    sign_in.provider.fail(Endpoint::Jwks, Failure::Status(500));
    let refused = sign_in.log_in().await.unwrap_err();
    let LoginError::Unavailable { retry_after, .. } = refused else {
        panic!("{refused:?}");
    };
    assert!(retry_after > Duration::ZERO);
}

fn class_of(error: &LoginError) -> &'static str {
    match error {
        LoginError::Denied(_) => "Denied",
        LoginError::InvalidGrant { .. } => "InvalidGrant",
        LoginError::Misconfigured { .. } => "Misconfigured",
        LoginError::Rejected(_) => "Rejected",
        LoginError::Unavailable { .. } => "Unavailable",
        _ => "another",
    }
}
