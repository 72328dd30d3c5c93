//! Who a token stands for, and what it may be used for.

use mcp_oauth_provider::ProviderConfig;
use mcp_oauth_token::Principal;
use serde_json::{Value, json};

use crate::{
    fake_provider::SigningKey,
    setup::{CLIENT, Running, Setup, TENANT, signed},
};

async fn principal(
    setup: Setup,
    config: impl Fn(&mut ProviderConfig),
    claims: impl Fn(&mut Value),
) -> Principal {
    let key = SigningKey::generate("key");
    let mut changed = setup.config();
    config(&mut changed);
    let running = Running::with_config(setup, &[key.jwk()], changed);
    let mut token = setup.claims();
    claims(&mut token);
    running
        .validate(&signed(setup, &key, &token))
        .await
        .unwrap()
}

async fn scopes(
    setup: Setup,
    config: impl Fn(&mut ProviderConfig),
    claims: impl Fn(&mut Value),
) -> String {
    principal(setup, config, claims).await.scopes.to_string()
}

#[tokio::test]
async fn a_principal_is_named_by_what_stays_the_same() {
    for (setup, subject, client) in [
        (
            Setup::AzureMany,
            format!("{TENANT}:oid-alice"),
            Some(CLIENT),
        ),
        (Setup::AzureV1, format!("{TENANT}:oid-alice"), Some(CLIENT)),
        (Setup::AzureV2, format!("{TENANT}:oid-alice"), Some(CLIENT)),
        (
            Setup::Google,
            "110169484474386276334".to_owned(),
            Some(CLIENT),
        ),
        (Setup::Hmac, "alice".to_owned(), None),
        (Setup::Oidc, "uuid-alice".to_owned(), Some("mcp-client")),
        (Setup::Okta, "00ualice".to_owned(), Some("0oaclient")),
    ] {
        let principal = principal(setup, |_| {}, |_| {}).await;
        assert_eq!(principal.subject, subject, "{setup:?}");
        assert_eq!(principal.client_id.as_deref(), client, "{setup:?}");
    }
}

// Google spells its issuer in two ways; whoever keeps something by issuer and subject must not see
// two accounts.
#[tokio::test]
async fn an_account_of_google_is_one_however_its_token_spells_the_issuer() {
    let spelt = |iss: &'static str| {
        principal(
            Setup::Google,
            |_| {},
            move |c: &mut Value| c["iss"] = iss.into(),
        )
    };
    let (bare, full) = (
        spelt("accounts.google.com"),
        spelt("https://accounts.google.com"),
    );
    assert_eq!(bare.await.issuer, full.await.issuer);
}

#[tokio::test]
async fn an_address_counts_only_if_it_is_verified() {
    for (verified, expected) in [
        (json!(true), Some("alice@example.com")),
        (json!("true"), Some("alice@example.com")),
        (json!(false), None),
        (json!("false"), None),
    ] {
        let principal = principal(
            Setup::Google,
            |_| {},
            |c| {
                c["email_verified"] = verified.clone();
            },
        )
        .await;
        assert_eq!(principal.email.as_deref(), expected, "{verified}");
    }
    let missing = |c: &mut Value| {
        c.as_object_mut().unwrap().remove("email_verified");
    };
    assert_eq!(principal(Setup::Google, |_| {}, missing).await.email, None);
    // Entra's addresses can be set by whoever runs a tenant.
    let with_email = |c: &mut Value| c["email"] = "alice@example.com".into();
    assert_eq!(
        principal(Setup::AzureV2, |_| {}, with_email).await.email,
        None
    );
}

#[tokio::test]
async fn scopes_are_read_as_each_provider_writes_them() {
    for setup in [
        Setup::AzureV1,
        Setup::AzureV2,
        Setup::Hmac,
        Setup::Oidc,
        Setup::Okta,
    ] {
        assert_eq!(
            scopes(setup, |_| {}, |_| {}).await,
            "kafka:read",
            "{setup:?}"
        );
    }
    for claims in [
        json!("openid kafka:write"),
        json!(["openid", "kafka:write"]),
    ] {
        let found = scopes(Setup::Oidc, |_| {}, |c| c["scope"] = claims.clone()).await;
        assert_eq!(found, "kafka:read kafka:write");
    }
    let as_scp = |c: &mut Value| {
        c.as_object_mut().unwrap().remove("scope");
        c["scp"] = json!(["kafka:write"]);
    };
    for setup in [Setup::Hmac, Setup::Oidc] {
        assert_eq!(
            scopes(setup, |_| {}, as_scp).await,
            "kafka:read kafka:write"
        );
    }
}

#[tokio::test]
async fn a_provider_that_knows_none_of_our_scopes_gets_the_default() {
    let default = |c: &mut ProviderConfig| c.scopes.default = "kafka:read".parse().unwrap();
    assert_eq!(scopes(Setup::Google, default, |_| {}).await, "kafka:read");
    let openid = |c: &mut Value| c["scp"] = json!(["openid"]);
    assert_eq!(scopes(Setup::Okta, default, openid).await, "kafka:read");
    // Whoever makes HMAC tokens can put the scope into them.
    let none = |c: &mut Value| c["scope"] = "".into();
    assert_eq!(scopes(Setup::Hmac, default, none).await, "");
}

#[tokio::test]
async fn with_a_map_a_token_has_what_is_mapped_and_no_default() {
    let mapped = |c: &mut ProviderConfig| {
        c.scopes.default = "kafka:read".parse().unwrap();
        let map = "reader=kafka:read,role:Kafka.Admin=kafka:admin,group:ops=kafka:write";
        c.scopes.map = Some(map.parse().unwrap());
    };
    let all = "kafka:admin kafka:read kafka:write";
    for (claims, expected) in [
        (json!({ "scp": "other" }), ""),
        (json!({ "scp": "reader" }), "kafka:read"),
        (json!({ "scp": "other", "roles": ["Kafka.Admin"] }), all),
        (
            json!({ "scp": "other", "groups": ["ops"] }),
            "kafka:read kafka:write",
        ),
        (
            json!({ "scp": "other", "groups": ["ops"], "_claim_names": {} }),
            "",
        ),
        // The role of a user does not widen what the client asked for, unless it is mapped.
        (
            json!({ "scp": "reader", "roles": ["kafka:admin"] }),
            "kafka:read",
        ),
    ] {
        let found = scopes(Setup::AzureV2, mapped, |c| {
            let claims = claims.as_object().unwrap().clone();
            c.as_object_mut().unwrap().extend(claims);
        })
        .await;
        assert_eq!(found, expected, "{claims}");
    }
}

#[tokio::test]
async fn an_application_has_its_roles_as_scopes() {
    let allowed = |c: &mut ProviderConfig| c.allow_app_tokens = true;
    let app = |c: &mut Value| {
        c.as_object_mut().unwrap().remove("scp");
        c["roles"] = json!(["kafka:write"]);
    };
    let found = scopes(Setup::AzureV2, allowed, app).await;
    assert_eq!(found, "kafka:read kafka:write");
}

#[tokio::test]
async fn clients_are_told_names_that_the_provider_knows() {
    let key = SigningKey::generate("key");
    let read = "kafka:read".parse().unwrap();
    let advertised = |setup: Setup, map: Option<&str>| {
        let mut config = setup.config();
        config.scopes.map = map.map(|map| map.parse().unwrap());
        let running = Running::with_config(setup, &[key.jwk()], config);
        running.provider.advertised(&read).to_string()
    };
    let map = Some("reader=kafka:read,role:x=kafka:read");
    assert_eq!(advertised(Setup::Okta, None), "");
    assert_eq!(advertised(Setup::Okta, map), "reader");
    assert_eq!(
        advertised(Setup::AzureV2, map),
        "api://11111111-2222-4333-8444-555555555555/reader"
    );
    let full = Some("api://other/reader=kafka:read");
    assert_eq!(advertised(Setup::AzureV2, full), "api://other/reader");
    assert_eq!(advertised(Setup::Google, None), "email openid");
    assert_eq!(advertised(Setup::Hmac, None), "kafka:read");
}
