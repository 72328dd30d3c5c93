//! What an operator is told about a token.

use mcp_oauth_provider::{Explanation, ProviderConfig};
use mcp_oauth_token::BearerToken;
use serde_json::{Value, json};

use crate::{
    fake_provider::SigningKey,
    setup::{Running, Setup, signed},
};

async fn explanation(
    setup: Setup,
    config: impl Fn(&mut ProviderConfig),
    claims: impl Fn(&mut Value),
) -> Explanation {
    let key = SigningKey::generate("key");
    let mut changed = setup.config();
    config(&mut changed);
    let running = Running::with_config(setup, &[key.jwk()], changed);
    let mut token = setup.claims();
    claims(&mut token);
    let token = signed(setup, &key, &token);
    let explanation = running
        .provider
        .explain(&BearerToken::new(&token).unwrap())
        .await;
    let signature = token.rsplit('.').next().unwrap();
    assert!(!format!("{explanation} {explanation:?}").contains(signature));
    explanation
}

#[tokio::test]
async fn a_right_token_is_shown_claim_by_claim_with_who_it_stands_for() {
    for setup in Setup::ALL {
        let text = explanation(setup, |_| {}, |_| {}).await.to_string();
        assert!(text.contains("\naccepted: the user "), "{text}");
        for claim in ["alg (header): ", "iss: ", "aud: ", "exp: ", "nbf: missing"] {
            assert!(text.contains(claim), "{claim} in {text}");
        }
    }
}

#[tokio::test]
async fn a_refusal_names_the_check_what_was_found_and_what_was_expected() {
    let explanation = explanation(Setup::Okta, |_| {}, |c| c["aud"] = "api://other".into()).await;
    let text = explanation.to_string();
    assert!(text.contains(r#"aud: "api://other""#), "{text}");
    assert!(
        text.contains("refused: the check of audience failed"),
        "{text}"
    );
    assert!(text.contains(&Setup::Okta.config().audiences[0]), "{text}");
}

#[tokio::test]
async fn other_claims_are_named_and_not_shown() {
    let add = |c: &mut Value| c["salary"] = json!("canary");
    let explanation = explanation(Setup::Oidc, |_| {}, add).await;
    assert!(explanation.other_claims.contains(&r#""salary""#.to_owned()));
    assert!(!format!("{explanation} {explanation:?}").contains("canary"));
}

// Tokens of Graph cannot be verified by anybody else, and are the first thing that people get.
#[tokio::test]
async fn a_token_for_graph_is_explained() {
    for aud in [
        "00000003-0000-0000-c000-000000000000",
        "https://graph.microsoft.com",
    ] {
        let graph = |c: &mut Value| c["aud"] = aud.into();
        let text = explanation(Setup::AzureV1, |_| {}, graph).await.to_string();
        assert!(text.contains("Microsoft Graph"), "{text}");
        assert!(
            text.contains("api://11111111-2222-4333-8444-555555555555/<scope>"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn every_refusal_with_the_org_server_of_okta_names_the_way_out() {
    let issuer = "https://company.okta.com";
    let org = |c: &mut ProviderConfig| c.issuer = issuer.into();
    let key = SigningKey::generate("key");
    let mut config = Setup::Okta.config();
    org(&mut config);
    let running = Running::with_config(Setup::Okta, &[], config);
    running.http.publish_provider(issuer, issuer, &[key.jwk()]);
    let mut claims = Setup::Okta.claims();
    claims["iss"] = issuer.into();
    claims["aud"] = issuer.into();
    let error = running.validate(&key.sign(&claims)).await.unwrap_err();
    assert!(error.to_string().contains("/oauth2/default"), "{error}");
}

#[tokio::test]
async fn a_token_of_the_org_server_at_a_custom_one_is_explained() {
    let org = |c: &mut Value| c["iss"] = "https://company.okta.com".into();
    let text = explanation(Setup::Okta, |_| {}, org).await.to_string();
    assert!(text.contains("org authorization server"), "{text}");
}

#[tokio::test]
async fn too_many_groups_are_explained() {
    let limited = |c: &mut ProviderConfig| c.allowed_groups = vec!["ops".into()];
    let overage = |c: &mut Value| c["_claim_names"] = json!({ "groups": "src1" });
    let text = explanation(Setup::AzureV2, limited, overage)
        .await
        .to_string();
    assert!(text.contains("too many groups"), "{text}");
}

#[tokio::test]
async fn what_is_no_jwt_is_said_to_be_none() {
    let running = Running::new(Setup::Okta, &[]);
    let explanation = running
        .provider
        .explain(&BearerToken::new("canary").unwrap())
        .await;
    let text = explanation.to_string();
    assert!(text.starts_with("The token is not a JWT."), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
