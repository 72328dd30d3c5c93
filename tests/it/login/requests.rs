//! What providers are asked, and who is said to have logged in.

use mcp_oauth_provider::{LoginAttempt, LoginError, ProviderConfig};
use mcp_oauth_token::PrincipalKind;
use testkit::{AUDIENCE, CLIENT_ID, Endpoint, IdentityProvider, Personality, TENANT};

use super::{
    REDIRECT_URI, SignIn, WITHIN, attempt, attempt_for, config, login, parameters, scopes,
};

#[tokio::test]
async fn people_log_in_at_every_provider() {
    for personality in Personality::WITH_LOGINS {
        let sign_in = SignIn::at(personality).await;
        let logged_in = sign_in.log_in().await;
        let logged_in = logged_in.unwrap_or_else(|error| panic!("{personality:?}: {error}"));
        let principal = &logged_in.principal;
        let subject = match personality {
            Personality::EntraMultiTenant | Personality::EntraV1 | Personality::EntraV2 => {
                format!("{TENANT}:00000000-0000-4000-8000-00000000a11c")
            }
            Personality::Google => "110169484474386276334".to_owned(),
            Personality::OktaCustom | Personality::OktaOrg => "00ualice".to_owned(),
            _ => "alice".to_owned(),
        };
        assert_eq!(principal.subject, subject, "{personality:?}");
        assert_eq!(principal.kind, PrincipalKind::User, "{personality:?}");
        assert_eq!(principal.client_id.as_deref(), Some(CLIENT_ID));
        // Nobody said what the provider's names mean, so that the default counts.
        assert_eq!(
            principal.scopes.to_string(),
            "kafka:read",
            "{personality:?}"
        );
        assert!(logged_in.refresh_token.is_some(), "{personality:?}");
    }
}

#[tokio::test]
async fn each_provider_is_asked_in_its_own_way() {
    for (personality, scope, more) in [
        (
            Personality::Google,
            "openid email profile".to_owned(),
            vec![("access_type", "offline"), ("prompt", "consent")],
        ),
        (
            Personality::OktaCustom,
            "openid profile email offline_access".to_owned(),
            vec![],
        ),
        // OpenID Connect Core section 11.
        (
            Personality::Generic,
            "openid profile email offline_access".to_owned(),
            vec![("prompt", "consent")],
        ),
        (
            Personality::EntraV2,
            format!("openid profile offline_access {AUDIENCE}/.default"),
            vec![],
        ),
    ] {
        let provider = IdentityProvider::start(personality).await;
        let login = login(config(personality, provider.issuer()));
        let url = login.authorize_url("state-1", &attempt()).await.unwrap();
        let sent = parameters(url.as_str());
        let mut expected = vec![
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("state", "state-1"),
            ("nonce", "nonce-of-this-login"),
            // RFC 7636 section 4.2.
            ("code_challenge_method", "S256"),
            ("code_challenge", CHALLENGE),
            ("scope", &scope),
        ];
        expected.extend(more);
        for (name, value) in &expected {
            assert_eq!(sent[*name], *value, "{personality:?}: {name}");
        }
        // In particular no `resource`, which Entra refuses (AADSTS9010010).
        assert_eq!(sent.len(), expected.len(), "{personality:?}: {sent:?}");
    }
}

#[tokio::test]
async fn scopes_are_asked_for_and_understood_in_the_names_of_the_provider() {
    for (personality, named) in [
        (Personality::EntraV2, format!("{AUDIENCE}/kafka.admin")),
        (Personality::Generic, "kafka.admin".to_owned()),
        (Personality::OktaCustom, "kafka.admin".to_owned()),
    ] {
        let map = "kafka.read=kafka:read,kafka.admin=kafka:admin";
        let set_map = |config: &mut ProviderConfig| {
            config.scopes.map = Some(map.parse().expect("a map"));
        };
        let sign_in = SignIn::with(personality, set_map).await;
        let attempt = attempt_for("kafka:admin");
        let url = sign_in.login.authorize_url("state-1", &attempt).await;
        let url = url.unwrap();
        let scope = parameters(url.as_str()).remove("scope").unwrap();
        assert!(scope.split(' ').any(|name| name == named), "{scope}");
        assert!(!scope.contains("kafka.read"), "{scope}");

        let code = &parameters(&sign_in.provider.sign_in(url.as_str()))["code"];
        let logged_in = sign_in.exchange_for(code, &attempt).await.unwrap();
        assert_eq!(
            logged_in.principal.scopes.to_string(),
            "kafka:admin kafka:read kafka:write",
            "{personality:?}"
        );
    }
}

// Entra answers with a token for itself where the scopes are not repeated; elsewhere they could
// only make less of what was granted.
#[tokio::test]
async fn only_entra_is_told_the_scopes_again_and_nobody_a_resource() {
    for personality in Personality::WITH_LOGINS {
        let sign_in = SignIn::at(personality).await;
        let refresh_token = sign_in.log_in().await.unwrap().refresh_token.unwrap();
        let wanted = scopes("kafka:read");
        let login = &sign_in.login;
        let refreshed = login.refresh(&refresh_token, &wanted, None, WITHIN);
        refreshed
            .await
            .unwrap_or_else(|error| panic!("{personality:?}: {error}"));
        let requests = sign_in.provider.token_requests();
        assert_eq!(requests.len(), 2, "{personality:?}");
        for request in requests {
            assert!(!request.contains("resource="), "{personality:?}: {request}");
            let is_entra = personality.provider() == "azure";
            assert_eq!(request.contains("scope="), is_entra, "{request}");
            if is_entra {
                assert!(request.contains("%2F.default"), "{request}");
            }
        }
        assert_eq!(sign_in.provider.requests(Endpoint::Other), 0);
    }
}

// RFC 7636 section 4.6, as the provider checks it.
#[tokio::test]
async fn the_verifier_goes_with_the_challenge() {
    let sign_in = SignIn::at(Personality::Generic).await;
    let code = &sign_in.go().await["code"];
    let other = "another-VERIFIER-another-VERIFIER-another-VERIFIER";
    let nonce = "nonce-of-this-login";
    let other = LoginAttempt::new(nonce, other.into(), scopes("")).unwrap();
    let refused = sign_in.exchange_for(code, &other).await.unwrap_err();
    assert!(
        matches!(refused, LoginError::InvalidGrant { .. }),
        "{refused:?}"
    );
}

/// SHA-256 of the verifier of these tests, by another implementation.
const CHALLENGE: &str = "IK0VI05ygsv0eizsopcP_ErMp-DR306l7_bJ5bZZsbs";
