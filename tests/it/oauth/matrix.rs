//! Each provider's tokens, right and wrong, and what they are good for.

mod cases;

use serde_json::json;
use testkit::{
    AUDIENCE, Endpoint, IdentityProvider, OTHER_TENANT, Personality, Rotation, SigningKey,
    Tampering, TokenKind, TokenRecipe, now,
};

pub(super) use self::cases::cases;
use self::cases::{GRAPH, cases_in_process, user};
use super::{Protected, Verdict};

#[tokio::test]
async fn every_provider_lets_right_tokens_in_and_the_matrix_out() {
    for personality in [
        Personality::EntraMultiTenant,
        Personality::EntraV1,
        Personality::EntraV2,
        Personality::Generic,
        Personality::Google,
        Personality::Hmac,
        Personality::OktaCustom,
    ] {
        let provider = IdentityProvider::start(personality).await;
        let server = Protected::by(&provider, &settings(personality)).await;
        let mut wrong = Vec::new();
        let cases = cases(personality, &provider.issuer());
        let cases = cases.into_iter().chain(cases_in_process(&provider));
        for case in cases {
            let token = case.token(provider.mint(&case.recipe));
            let verdict = server.verdict(&token).await;
            if verdict != case.verdict {
                wrong.push((case.name, verdict));
            }
        }
        let log = server.server().log();
        assert!(wrong.is_empty(), "{personality:?}: {wrong:?}\n{log}");
        // RFC 7515 section 4.1: what a header says about keys elsewhere is the sender's word.
        assert_eq!(provider.requests(Endpoint::Other), 0, "{personality:?}");
    }
}

// Okta's org server signs access tokens for itself alone.
#[tokio::test]
async fn tokens_of_oktas_org_server_are_refused_and_the_log_names_the_fix() {
    let provider = IdentityProvider::start(Personality::OktaOrg).await;
    let server = Protected::by(&provider, &[]).await;
    let token = provider.mint(&TokenRecipe::new(TokenKind::User));
    assert_eq!(server.verdict(&token).await, Verdict::Out);
    server.server().logged("request refused: bad token").await;
    server.server().logged("custom authorization server").await;
}

// RFC 8725 section 3.9: such a token is for Graph alone, and no key of Entra verifies it here.
#[tokio::test]
async fn tokens_of_microsoft_graph_are_refused_and_the_log_says_what_to_ask_for() {
    let provider = IdentityProvider::start(Personality::EntraV1).await;
    let server = Protected::by(&provider, &[]).await;
    let recipe = user().claim("aud", GRAPH).header("nonce", "n-1");
    assert_eq!(server.verdict(&provider.mint(&recipe)).await, Verdict::Out);
    let line = server.server().logged("Graph").await;
    assert!(line.contains(AUDIENCE), "{line}");
}

// Google says nothing about them in themselves, and is asked.
#[tokio::test]
async fn opaque_tokens_of_google_pass_only_where_google_is_asked() {
    let provider = IdentityProvider::start(Personality::Google).await;
    let opaque = || TokenRecipe::new(TokenKind::Opaque);
    let strict = Protected::by(&provider, &[]).await;
    assert_eq!(
        strict.verdict(&provider.mint(&opaque())).await,
        Verdict::Out
    );
    assert_eq!(provider.requests(Endpoint::Tokeninfo), 0);

    let asking = Protected::by(&provider, &[("OAUTH_GOOGLE_TOKENINFO", "true")]).await;
    let right = provider.mint(&opaque());
    assert_eq!(asking.verdict(&right).await, Verdict::Reads);
    assert_eq!(asking.verdict(&right).await, Verdict::Reads);
    assert_eq!(
        provider.requests(Endpoint::Tokeninfo),
        1,
        "it is asked once"
    );
    for wrong in [
        opaque().claim("aud", "another.apps.googleusercontent.com"),
        opaque().claim("azp", "another.apps.googleusercontent.com"),
        opaque().claim("exp", (now() - 60).to_string()),
        opaque().without("sub"),
    ] {
        let token = provider.mint(&wrong);
        assert_eq!(asking.verdict(&token).await, Verdict::Out, "{wrong:?}");
    }
    assert_eq!(asking.verdict("ya29.unknown").await, Verdict::Out);
}

// RFC 7517: what a provider publishes by mistake must not become a key that anybody can sign with.
#[tokio::test]
async fn a_published_secret_is_never_a_key() {
    let provider = IdentityProvider::start(Personality::Generic).await;
    let secret = SigningKey::secret("HS256", &[7; 32]).with_kid("oct");
    provider.publish(secret.jwk());
    let server = Protected::by(&provider, &[]).await;
    let forged = provider.mint_with(&user(), &secret);
    assert_eq!(server.verdict(&forged).await, Verdict::Out);
    let right = provider.mint(&user());
    assert_eq!(server.verdict(&right).await, Verdict::Reads);
}

// RFC 8725 section 3.1: the algorithms are the issuer's, as far as they are sound.
#[tokio::test]
async fn tokens_are_signed_as_the_provider_announces() {
    for algorithm in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let key = match algorithm {
            "RS256" | "PS256" => SigningKey::rsa(1, algorithm),
            _ => SigningKey::generate(algorithm),
        };
        let provider = IdentityProvider::with_key(Personality::Generic, key.into()).await;
        let server = Protected::by(&provider, &[]).await;
        let token = provider.mint(&user());
        assert_eq!(server.verdict(&token).await, Verdict::Reads, "{algorithm}");
        let flipped = Tampering::Signature.of(&token);
        assert_eq!(server.verdict(&flipped).await, Verdict::Out, "{algorithm}");
    }
    // This provider announces RS256 alone.
    let key = SigningKey::generate("ES256").into();
    let provider = IdentityProvider::with_key(Personality::OktaCustom, key).await;
    let server = Protected::by(&provider, &[]).await;
    assert_eq!(server.verdict(&provider.mint(&user())).await, Verdict::Out);
}

// Entra publishes keys of all tenants together, and says whose each is.
#[tokio::test]
async fn a_key_of_another_tenant_signs_for_that_one_alone() {
    let provider = IdentityProvider::start(Personality::EntraMultiTenant).await;
    let foreign = SigningKey::rsa(2, "RS256").with_kid("another-tenants");
    let mut jwk = foreign.jwk();
    jwk["issuer"] = json!(provider.url(&format!("/{OTHER_TENANT}/v2.0")));
    provider.publish(jwk);
    let server = Protected::by(&provider, &[]).await;
    let forged = provider.mint_with(&user(), &foreign);
    assert_eq!(server.verdict(&forged).await, Verdict::Out);
    let right = provider.mint(&user());
    assert_eq!(server.verdict(&right).await, Verdict::Reads);
}

#[tokio::test]
async fn a_token_that_names_no_key_is_refused_where_there_are_two() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    provider.rotate(Rotation::Soft);
    let server = Protected::by(&provider, &[]).await;
    let nameless = provider.mint(&user().without_header("kid"));
    assert_eq!(server.verdict(&nameless).await, Verdict::Out);
    assert_eq!(
        server.verdict(&provider.mint(&user())).await,
        Verdict::Reads
    );
}

#[tokio::test]
async fn a_previous_secret_verifies_and_any_other_does_not() {
    let provider = IdentityProvider::start(Personality::Hmac).await;
    let previous = "9f0c4b7e21d8a65339b1e07c5d42f8ab";
    let server = Protected::by(&provider, &[("JWT_SECRET_PREVIOUS", previous)]).await;
    let by = |secret: &str| {
        let key = SigningKey::secret("HS256", secret.as_bytes());
        provider.mint_with(&user(), &key)
    };
    assert_eq!(server.verdict(&by(previous)).await, Verdict::Reads);
    for other in ["", "changeme", "9f0c4b7e21d8a65339b1e07c5d42f8aa"] {
        assert_eq!(server.verdict(&by(other)).await, Verdict::Out, "{other}");
    }
}

pub(super) fn settings(personality: Personality) -> Vec<(&'static str, &'static str)> {
    let own = SETTINGS.into_iter().filter(|(of, ..)| *of == personality);
    own.map(|(_, name, value)| (name, value)).collect()
}

/// The settings besides the provider's own that the verdicts are for.
const SETTINGS: [(Personality, &str, &str); 1] =
    [(Personality::Google, "OAUTH_ALLOWED_DOMAINS", "example.com")];
