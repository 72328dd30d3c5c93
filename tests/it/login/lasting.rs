//! Logins that go on, and that end.

use std::time::Duration;

use mcp_oauth_provider::{LoginError, Refreshed};
use mcp_oauth_token::Check;
use secrecy::{ExposeSecret, SecretString};
use testkit::{Endpoint, Failure, Personality, TokenKind, TokenRecipe};

use super::{SignIn, WITHIN, config, login, scopes};

#[tokio::test]
async fn a_login_goes_on_at_every_provider() {
    for personality in Personality::WITH_LOGINS {
        let sign_in = SignIn::at(personality).await;
        let logged_in = sign_in.log_in().await.unwrap();
        let mut refresh_token = logged_in.refresh_token.unwrap();
        for _ in 0..3 {
            let subject = Some(&*logged_in.principal.subject);
            let refreshed = refresh(&sign_in, &refresh_token, subject).await;
            let refreshed = refreshed.unwrap_or_else(|error| panic!("{personality:?}: {error}"));
            let principal = refreshed.principal.unwrap().expect("an id token");
            assert_eq!(principal.subject, logged_in.principal.subject);
            // Google names no other one: the first stays good.
            let is_google = personality == Personality::Google;
            assert_eq!(
                refreshed.refresh_token.is_none(),
                is_google,
                "{personality:?}"
            );
            refresh_token = refreshed.refresh_token.unwrap_or(refresh_token);
        }
    }
}

// RFC 6749 section 5.2.
#[tokio::test]
async fn a_login_that_the_provider_ended_is_over() {
    for personality in Personality::WITH_LOGINS {
        let sign_in = SignIn::at(personality).await;
        let refresh_token = sign_in.log_in().await.unwrap().refresh_token.unwrap();
        sign_in.provider.end_sign_ins();
        let refused = refresh(&sign_in, &refresh_token, None).await.unwrap_err();
        assert!(
            matches!(refused, LoginError::InvalidGrant { .. }),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_login_outlives_an_outage_of_the_provider() {
    let sign_in = SignIn::at(Personality::Google).await;
    let refresh_token = sign_in.log_in().await.unwrap().refresh_token.unwrap();
    for failure in [
        Failure::Gone,
        Failure::Status(503),
        Failure::Status(429),
        Failure::Html,
    ] {
        sign_in.provider.fail(Endpoint::Token, failure);
        let refused = refresh(&sign_in, &refresh_token, None).await.unwrap_err();
        assert!(
            matches!(refused, LoginError::Unavailable { .. }),
            "{refused:?}"
        );
    }
    sign_in.provider.recover();
    assert!(refresh(&sign_in, &refresh_token, None).await.is_ok());
}

// OpenID Connect Core section 12.2.
#[tokio::test]
async fn a_login_stays_that_of_the_same_account() {
    let sign_in = SignIn::at(Personality::OktaCustom).await;
    let logged_in = sign_in.log_in().await.unwrap();
    let refresh_token = logged_in.refresh_token.unwrap();
    sign_in
        .provider
        .spoil_id_tokens(recipe().claim("sub", "00umallory"));
    let refused = refresh(&sign_in, &refresh_token, Some("00ualice"))
        .await
        .unwrap_err();
    let LoginError::Rejected(rejection) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(rejection.check(), Check::Subject);
}

#[tokio::test]
async fn whoever_left_the_group_does_not_stay_logged_in() {
    let sign_in = SignIn::with(Personality::Generic, |config| {
        config.allowed_groups = vec!["kafka-people".to_owned()];
    })
    .await;
    let member = recipe().claim("groups", vec!["kafka-people"]);
    sign_in.provider.spoil_id_tokens(member);
    let refresh_token = sign_in.log_in().await.unwrap().refresh_token.unwrap();
    sign_in
        .provider
        .spoil_id_tokens(recipe().claim("groups", vec!["others"]));
    let refused = refresh(&sign_in, &refresh_token, None).await.unwrap_err();
    assert!(matches!(refused, LoginError::Denied(_)), "{refused:?}");
}

// OpenID Connect Core section 12.2. The provider has taken the old one back by then.
#[tokio::test]
async fn a_new_refresh_token_is_not_lost_with_the_id_token_that_came_with_it() {
    let sign_in = SignIn::at(Personality::OktaCustom).await;
    let refresh_token = sign_in.log_in().await.unwrap().refresh_token.unwrap();
    let unknown = recipe().header("kid", "unknown");
    sign_in.provider.spoil_id_tokens(unknown);
    let (login, wanted) = (&sign_in.login, scopes("kafka:read"));
    let refreshed = login.refresh(&refresh_token, &wanted, None, WITHIN);
    let refreshed = refreshed.await.unwrap();
    let LoginError::Rejected(rejection) = refreshed.principal.unwrap_err() else {
        panic!("the id token was not looked at");
    };
    assert_eq!(rejection.check(), Check::Key);

    sign_in.provider.spoil_id_tokens(recipe());
    let refresh_token = refreshed.refresh_token.expect("a new one");
    assert!(refresh(&sign_in, &refresh_token, None).await.is_ok());
}

#[tokio::test]
async fn a_new_refresh_token_is_not_lost_when_the_keys_are_late() {
    let sign_in = SignIn::at(Personality::OktaCustom).await;
    let refresh_token = sign_in.log_in().await.unwrap().refresh_token.unwrap();
    // A server that has just started knows no keys.
    let restarted = login(config(Personality::OktaCustom, sign_in.provider.issuer()));
    sign_in
        .provider
        .fail(Endpoint::Jwks, Failure::Delay(WITHIN));
    let (wanted, within) = (scopes("kafka:read"), Duration::from_secs(2));
    let refreshed = restarted.refresh(&refresh_token, &wanted, None, within);
    let refreshed = refreshed.await.unwrap();
    let late = refreshed.principal.unwrap_err();
    assert!(matches!(late, LoginError::Unavailable { .. }), "{late:?}");

    sign_in.provider.recover();
    let refresh_token = refreshed.refresh_token.expect("a new one");
    assert!(refresh(&sign_in, &refresh_token, None).await.is_ok());
}

#[tokio::test]
async fn a_refresh_without_an_id_token_says_nothing_about_the_account() {
    let sign_in = SignIn::at(Personality::OktaCustom).await;
    let refresh_token = sign_in.log_in().await.unwrap().refresh_token.unwrap();
    sign_in.provider.omit_id_tokens();
    let refreshed = refresh(&sign_in, &refresh_token, Some("00ualice")).await;
    assert!(refreshed.unwrap().principal.unwrap().is_none());
}

// RFC 7009 section 2.1.
#[tokio::test]
async fn the_provider_is_told_which_of_its_tokens_is_no_longer_used() {
    for personality in Personality::WITH_LOGINS {
        let sign_in = SignIn::at(personality).await;
        let refresh_token = sign_in.log_in().await.unwrap().refresh_token.unwrap();
        sign_in.login.revoke(&refresh_token).await.unwrap();
        if personality.provider() == "azure" {
            // It has no place to be told so.
            assert!(sign_in.provider.revoked().is_empty());
            assert_eq!(sign_in.provider.requests(Endpoint::Other), 0);
            continue;
        }
        assert_eq!(sign_in.provider.revoked(), [refresh_token.expose_secret()]);
        let refused = refresh(&sign_in, &refresh_token, None).await.unwrap_err();
        assert!(
            matches!(refused, LoginError::InvalidGrant { .. }),
            "{refused:?}"
        );
        // RFC 7009 section 2.2: a token that is unknown is revoked. Google says so otherwise.
        let again = sign_in.login.revoke(&refresh_token).await;
        assert!(again.is_ok(), "{personality:?}: {again:?}");
    }
}

async fn refresh(
    sign_in: &SignIn,
    refresh_token: &SecretString,
    subject: Option<&str>,
) -> Result<Refreshed, LoginError> {
    let wanted = scopes("kafka:read");
    let login = &sign_in.login;
    let refreshed = login.refresh(refresh_token, &wanted, subject, WITHIN);
    let refreshed = refreshed.await?;
    match refreshed.principal {
        Ok(_) => Ok(refreshed),
        Err(error) => Err(error),
    }
}

fn recipe() -> TokenRecipe {
    TokenRecipe::new(TokenKind::IdToken)
}
