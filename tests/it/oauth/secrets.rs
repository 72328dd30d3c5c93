//! Whatever happens, and however much is logged, no secret is written anywhere.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use testkit::{
    HMAC_SECRET, IdentityProvider, Personality, Rotation, SigningKey, Tampering, TokenKind,
    TokenRecipe,
};

use super::{Protected, bearer, message};

#[tokio::test]
async fn no_token_is_logged_or_answered_at_the_highest_log_level() {
    for (personality, format) in [
        (Personality::EntraMultiTenant, "text"),
        (Personality::EntraV1, "json"),
        (Personality::EntraV2, "text"),
        (Personality::Generic, "json"),
        (Personality::Google, "text"),
        (Personality::OktaCustom, "json"),
        (Personality::OktaOrg, "text"),
    ] {
        let provider = IdentityProvider::start(personality).await;
        let mut settings = vec![
            ("LOG_LEVEL", "trace"),
            ("LOG_FORMAT", format),
            ("OIDC_CLIENT_SECRET", CLIENT_SECRET),
        ];
        if personality == Personality::Google {
            settings.push(("OAUTH_GOOGLE_TOKENINFO", "true"));
        }
        let server = Protected::by(&provider, &settings).await;
        let user = || TokenRecipe::new(TokenKind::User);
        let right = provider.mint(&user());
        let mut tokens = vec![
            provider.mint(&user().claim_in("exp", -3600)),
            provider.mint(&user().claim("aud", "api://another")),
            provider.mint(&user().header("kid", "unknown")),
            provider.mint(&TokenRecipe::new(TokenKind::IdToken)),
            provider.mint(&TokenRecipe::new(TokenKind::Service)),
            provider.mint(&TokenRecipe::new(TokenKind::Opaque)),
            provider.mint_with(&user(), &SigningKey::rsa(3, "RS256")),
            Tampering::Signature.of(&right),
            "canary-6d0b7c8e4f.not-a-token".to_owned(),
        ];
        provider.rotate(Rotation::Soft);
        tokens.push(provider.mint(&user()));
        tokens.push(right);
        let mut said = String::new();
        for token in &tokens {
            for answer in [server.list(token).await, server.write(token).await] {
                said.push_str(&format!("{answer:?}"));
            }
        }
        for path in well_known() {
            said.push_str(&format!("{:?}", server.request("GET", path, "").await));
        }
        said.push_str(&server.whole_log().await);
        assert!(said.len() > 1000, "nothing was logged");
        assert_silent(&said, &tokens);
        assert_silent(&said, &[CLIENT_SECRET.to_owned()]);
    }
}

#[tokio::test]
async fn no_secret_of_the_configuration_is_logged_or_answered() {
    for format in ["text", "json"] {
        let previous = "canary-2b8d10aa41f54f86-JWT-SECRET-PREVIOUS";
        let provider = IdentityProvider::start(Personality::Hmac).await;
        let token = |scope: &str| {
            let recipe = TokenRecipe::new(TokenKind::User).claim("scope", scope);
            provider.mint(&recipe)
        };
        let settings = [
            ("LOG_LEVEL", "trace"),
            ("LOG_FORMAT", format),
            ("OIDC_CLIENT_SECRET", CLIENT_SECRET),
            ("JWT_SECRET_PREVIOUS", previous),
        ];
        let server = Protected::by(&provider, &settings).await;
        let tokens = [token("kafka:read"), Tampering::Signature.of(&token("x"))];
        let mut said = String::new();
        for token in &tokens {
            said.push_str(&format!("{:?}", server.list(token).await));
        }
        // Tokens where they do not belong.
        let lost = token("kafka:write");
        let queries = [format!("/mcp?access_token={lost}"), format!("/{lost}")];
        for path in &queries {
            said.push_str(&format!("{:?}", server.request("GET", path, "").await));
        }
        let headers = [
            format!("Authorization: Basic {lost}\r\n"),
            format!("Authorization: Bearer {lost} {lost}\r\n"),
            format!("{}Cookie: token={lost}\r\n", bearer("x")),
        ];
        for headers in &headers {
            let list = message("tools/list", json!({"token": lost}));
            said.push_str(&format!("{:?}", server.post(headers, &list).await));
        }
        for path in well_known() {
            said.push_str(&format!("{:?}", server.request("GET", path, "").await));
        }
        said.push_str(&server.whole_log().await);
        assert!(said.len() > 1000, "nothing was logged");
        assert_silent(&said, &tokens);
        assert_silent(&said, &[lost]);
        let secrets = [HMAC_SECRET, CLIENT_SECRET, previous];
        assert_silent(&said, &secrets.map(str::to_owned));
        assert_silent(&said, &secrets.map(|secret| BASE64_STANDARD.encode(secret)));
    }
}

/// Asserts that no secret, and of a token neither claims nor signature, is anywhere in `said`.
#[track_caller]
pub(crate) fn assert_silent(said: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!said.contains(secret.as_str()), "{secret} in\n{said}");
        // The header of a token is no secret, and the same in many.
        for part in secret.split('.').skip(1).filter(|part| part.len() > 20) {
            assert!(!said.contains(part), "{part} in\n{said}");
        }
    }
}

fn well_known() -> [&'static str; 4] {
    [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
        "/metrics",
    ]
}

const CLIENT_SECRET: &str = "canary-91c5e0d27b6f-CLIENT-SECRET";
