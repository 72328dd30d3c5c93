//! Id tokens that are not right, and people who may not enter.

use mcp_oauth_provider::{LoggedIn, LoginError};
use mcp_oauth_token::Check;
use serde_json::{Value, json};
use testkit::{CLIENT_ID, OTHER_TENANT, Personality, TokenKind, TokenRecipe};

use super::SignIn;

// OpenID Connect Core section 3.1.3.7.
#[tokio::test]
async fn an_id_token_that_is_not_right_logs_nobody_in() {
    let also_for_another = json!([CLIENT_ID, "another-client"]);
    for personality in Personality::WITH_LOGINS {
        let sign_in = SignIn::at(personality).await;
        for (what, recipe, check) in [
            ("no nonce", recipe().without("nonce"), Check::Nonce),
            (
                "another nonce",
                recipe().claim("nonce", "n-2"),
                Check::Nonce,
            ),
            ("no issuer", recipe().without("iss"), Check::Issuer),
            (
                "another issuer",
                recipe().claim("iss", "https://a.example"),
                Check::Issuer,
            ),
            ("no audience", recipe().without("aud"), Check::Audience),
            (
                "another audience",
                recipe().claim("aud", "another-client"),
                Check::Audience,
            ),
            // Points 3 and 5: whoever else it is for could have handed it on.
            (
                "more audiences",
                recipe().claim("aud", also_for_another.clone()),
                Check::Audience,
            ),
            (
                "another presenter",
                recipe().claim("azp", "another-client"),
                Check::Client,
            ),
            ("expired", recipe().claim_in("exp", -60), Check::Expiry),
            ("no expiry", recipe().without("exp"), Check::Expiry),
            (
                "from the future",
                recipe().claim_in("iat", 600),
                Check::IssuedAt,
            ),
            ("nobody's", recipe().without("sub"), Check::Subject),
            ("unsigned", recipe().header("alg", "none"), Check::Algorithm),
            (
                "of a secret",
                recipe().header("alg", "HS256"),
                Check::Algorithm,
            ),
            (
                "signed by whom",
                recipe().header("kid", "unknown"),
                Check::Key,
            ),
            // Section 3.1.3.8.
            (
                "another access token",
                recipe().claim("at_hash", "x".repeat(22)),
                Check::AccessToken,
            ),
            (
                "a list of hashes",
                recipe().claim("at_hash", json!([])),
                Check::Syntax,
            ),
            // RFC 8725 section 3.11.
            (
                "an access token",
                recipe().header("typ", "at+jwt"),
                Check::TokenType,
            ),
        ] {
            sign_in.provider.spoil_id_tokens(recipe);
            let refused = sign_in.log_in().await.map(|_| ()).unwrap_err();
            let LoginError::Rejected(rejection) = refused else {
                panic!("{personality:?}: {what}: {refused:?}");
            };
            assert_eq!(rejection.check(), check, "{personality:?}: {what}");
        }
        sign_in.provider.spoil_id_tokens(recipe());
        assert!(sign_in.log_in().await.is_ok(), "{personality:?}");
    }
}

#[tokio::test]
async fn a_login_without_an_id_token_logs_nobody_in() {
    let sign_in = SignIn::at(Personality::OktaCustom).await;
    sign_in.provider.omit_id_tokens();
    let refused = sign_in.log_in().await.unwrap_err();
    assert!(matches!(refused, LoginError::Rejected(_)), "{refused:?}");
}

#[tokio::test]
async fn a_signature_of_another_key_with_the_same_name_is_refused() {
    let sign_in = SignIn::at(Personality::Generic).await;
    sign_in.log_in().await.unwrap();
    sign_in.provider.replace_key_in_place();
    let LoginError::Rejected(rejection) = sign_in.log_in().await.unwrap_err() else {
        panic!("the id token was not looked at");
    };
    assert_eq!(rejection.check(), Check::Signature);
}

#[tokio::test]
async fn an_access_token_of_keycloak_is_no_id_token() {
    let sign_in = SignIn::at(Personality::Generic).await;
    let bearer = recipe().claim("typ", "Bearer");
    sign_in.provider.spoil_id_tokens(bearer);
    let refused = sign_in.log_in().await.unwrap_err();
    assert!(matches!(refused, LoginError::Rejected(_)), "{refused:?}");
}

#[tokio::test]
async fn an_account_of_another_domain_tenant_or_group_is_denied() {
    let denied = |what: &'static str, result: Result<LoggedIn, LoginError>, check: Check| {
        let Err(LoginError::Denied(rejection)) = result.map(drop) else {
            panic!("{what} was not denied");
        };
        assert_eq!(rejection.check(), check, "{what}");
    };

    let google = SignIn::with(Personality::Google, |config| {
        config.allowed_domains = vec!["example.com".to_owned()];
    })
    .await;
    assert!(google.log_in().await.is_ok());
    // The address of an account says nothing about its domain.
    for recipe in [recipe().without("hd"), recipe().claim("hd", "evil.example")] {
        google.provider.spoil_id_tokens(recipe);
        denied("a domain", google.log_in().await, Check::Domain);
    }

    let entra = SignIn::at(Personality::EntraMultiTenant).await;
    let issuer = entra.provider.url(&format!("/{OTHER_TENANT}/v2.0"));
    let other = recipe().claim("tid", OTHER_TENANT).claim("iss", issuer);
    entra.provider.spoil_id_tokens(other);
    denied("a tenant", entra.log_in().await, Check::Tenant);

    for personality in [
        Personality::EntraV2,
        Personality::Generic,
        Personality::OktaOrg,
    ] {
        let sign_in = SignIn::with(personality, |config| {
            config.allowed_groups = vec!["kafka-people".to_owned()];
        })
        .await;
        denied("no group", sign_in.log_in().await, Check::Group);
        for groups in [json!(["others"]), json!([])] {
            sign_in
                .provider
                .spoil_id_tokens(recipe().claim("groups", groups));
            denied("a group", sign_in.log_in().await, Check::Group);
        }
        let member = recipe().claim("groups", json!(["others", "kafka-people"]));
        sign_in.provider.spoil_id_tokens(member);
        assert!(sign_in.log_in().await.is_ok(), "{personality:?}");
    }
}

// Groups that are not told are not known, and nobody enters by them.
#[tokio::test]
async fn too_many_groups_for_a_token_are_none() {
    let sign_in = SignIn::with(Personality::EntraV2, |config| {
        config.allowed_groups = vec!["kafka-people".to_owned()];
    })
    .await;
    let elsewhere: Value = json!({"groups": "src1"});
    let overage = recipe()
        .claim("_claim_names", elsewhere)
        .claim("groups", json!(["kafka-people"]));
    sign_in.provider.spoil_id_tokens(overage);
    let refused = sign_in.log_in().await.unwrap_err();
    assert!(matches!(refused, LoginError::Denied(_)), "{refused:?}");
    assert!(
        refused.to_string().contains("app registration"),
        "{refused}"
    );
}

fn recipe() -> TokenRecipe {
    TokenRecipe::new(TokenKind::IdToken)
}
