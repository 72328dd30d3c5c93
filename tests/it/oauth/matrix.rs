//! Each provider's tokens, right and wrong, and what they are good for.

use serde_json::json;
use testkit::{
    AUDIENCE, CLIENT_ID, Endpoint, IdentityProvider, OTHER_TENANT, Personality, SigningKey, TENANT,
    Tampering, TokenKind, TokenRecipe, now,
};

use super::{Protected, Verdict};

/// A token, and what it is good for.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) recipe: TokenRecipe,
    pub(super) tampering: Option<Tampering>,
    pub(super) verdict: Verdict,
}

/// The settings besides the provider's own that the verdicts are for.
pub(super) const SETTINGS: [(Personality, &str, &str); 1] =
    [(Personality::Google, "OAUTH_ALLOWED_DOMAINS", "example.com")];

#[tokio::test]
async fn every_provider_lets_right_tokens_in_and_the_matrix_out() {
    for personality in [
        Personality::EntraMultiTenant,
        Personality::EntraV1,
        Personality::EntraV2,
        Personality::Generic,
        Personality::Google,
        Personality::OktaCustom,
    ] {
        let provider = IdentityProvider::start(personality).await;
        let server = Protected::by(&provider, &settings(personality)).await;
        let mut wrong = Vec::new();
        let cases = cases(personality, &provider.issuer());
        let cases = cases.into_iter().chain(cases_of_own_keys(&provider));
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
    let log = server.server().log();
    assert!(log.contains("custom authorization server"), "{log}");
}

// RFC 8725 section 3.9: such a token is for Graph alone, and no key of Entra verifies it here.
#[tokio::test]
async fn tokens_of_microsoft_graph_are_refused_and_the_log_says_what_to_ask_for() {
    let provider = IdentityProvider::start(Personality::EntraV1).await;
    let server = Protected::by(&provider, &[]).await;
    let recipe = user().claim("aud", GRAPH).header("nonce", "n-1");
    assert_eq!(server.verdict(&provider.mint(&recipe)).await, Verdict::Out);
    let log = server.server().log();
    assert!(log.contains("Graph") && log.contains(AUDIENCE), "{log}");
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

pub(super) fn settings(personality: Personality) -> Vec<(&'static str, &'static str)> {
    let own = SETTINGS.into_iter().filter(|(of, ..)| *of == personality);
    own.map(|(_, name, value)| (name, value)).collect()
}

impl Case {
    /// The token of the case, given one after its recipe.
    pub(super) fn token(&self, minted: String) -> String {
        match &self.tampering {
            Some(tampering) => tampering.of(&minted),
            None => minted,
        }
    }
}

/// The cases that any provider of this kind can make, whoever wrote it.
pub(super) fn cases(personality: Personality, issuer: &str) -> Vec<Case> {
    let issuer = personality.token_issuer(issuer);
    let audience = personality.token_audience();
    let mut cases = rows(of_every_provider(&issuer, audience));
    cases.extend(rows(match personality {
        Personality::EntraMultiTenant => of_entra_with_many_tenants(&issuer),
        Personality::EntraV1 | Personality::EntraV2 => of_entra(personality, &issuer),
        Personality::Generic => of_a_generic_provider(),
        Personality::Google => of_google(&issuer),
        Personality::OktaCustom => of_okta(),
        Personality::OktaOrg => Vec::new(),
    }));
    cases.extend(tampered());
    cases
}

type Row = (&'static str, Verdict, TokenRecipe);

fn rows(rows: Vec<Row>) -> Vec<Case> {
    let cases = rows.into_iter().map(|(name, verdict, recipe)| Case {
        name,
        recipe,
        tampering: None,
        verdict,
    });
    cases.collect()
}

fn user() -> TokenRecipe {
    TokenRecipe::new(TokenKind::User)
}

fn of_every_provider(issuer: &str, audience: &str) -> Vec<Row> {
    use Verdict::{Out, Reads};
    vec![
        ("as the provider makes it", Reads, user()),
        // RFC 7519 section 4.1.4, with a leeway of 30 s.
        ("exp: just passed", Reads, user().claim_in("exp", -15)),
        ("exp: long passed", Out, user().claim_in("exp", -45)),
        ("exp: missing", Out, user().without("exp")),
        (
            "exp: text",
            Out,
            user().claim("exp", (now() + 600).to_string()),
        ),
        ("exp: null", Out, user().claim("exp", json!(null))),
        ("exp: negative", Out, user().claim("exp", -1)),
        ("exp: beyond all time", Out, user().claim("exp", 1e300)),
        (
            "exp: a fraction",
            Reads,
            user().claim("exp", now() as f64 + 600.5),
        ),
        // Sections 4.1.5 and 4.1.6.
        ("nbf: soon", Reads, user().claim_in("nbf", 15)),
        ("nbf: later", Out, user().claim_in("nbf", 60)),
        ("nbf: text", Out, user().claim("nbf", "0")),
        ("iat: in the future", Out, user().claim_in("iat", 60)),
        // Section 4.1.1: compared as a string.
        ("iss: missing", Out, user().without("iss")),
        (
            "iss: another",
            Out,
            user().claim("iss", "https://issuer.invalid"),
        ),
        (
            "iss: in capitals",
            Out,
            user().claim("iss", issuer.to_uppercase()),
        ),
        (
            "iss: with a slash",
            Out,
            user().claim("iss", format!("{issuer}/")),
        ),
        (
            "iss: with a suffix",
            Out,
            user().claim("iss", format!("{issuer}.invalid")),
        ),
        (
            "iss: a prefix",
            Out,
            user().claim("iss", &issuer[..issuer.len() - 2]),
        ),
        ("iss: a list", Out, user().claim("iss", json!([issuer]))),
        ("iss: a number", Out, user().claim("iss", 7)),
        // Section 4.1.3.
        ("aud: missing", Out, user().without("aud")),
        ("aud: another", Out, user().claim("aud", "api://another")),
        ("aud: a number", Out, user().claim("aud", 7)),
        (
            "aud: an object",
            Out,
            user().claim("aud", json!({"a": audience})),
        ),
        ("aud: nobody", Out, user().claim("aud", json!([]))),
        ("aud: a list", Reads, user().claim("aud", json!([audience]))),
        (
            "aud: one of two",
            Reads,
            user().claim("aud", json!(["api://another", audience])),
        ),
        ("sub: missing", Out, user().without("sub")),
        ("sub: empty", Out, user().claim("sub", "")),
        ("sub: too long", Out, user().claim("sub", "s".repeat(256))),
        (
            "sub: with a line break",
            Out,
            user().claim("sub", "alice\nroot"),
        ),
        // RFC 9449 section 7.1, RFC 8705 section 3: never taken as a bearer token instead.
        (
            "cnf: a key",
            Out,
            user().claim(
                "cnf",
                json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}),
            ),
        ),
        (
            "cnf: a certificate",
            Out,
            user().claim(
                "cnf",
                json!({"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}),
            ),
        ),
        // RFC 7515 section 4.1.4.
        (
            "kid: missing, with one key",
            Reads,
            user().without_header("kid"),
        ),
        ("kid: unknown", Out, user().header("kid", "unknown")),
        // RFC 8725 section 3.11.
        ("typ: of a proof", Out, user().header("typ", "dpop+jwt")),
        ("typ: of a logout", Out, user().header("typ", "logout+jwt")),
        ("typ: missing", Reads, user().without_header("typ")),
        ("typ: in capitals", Reads, user().header("typ", "AT+JWT")),
        (
            "header: keys elsewhere",
            Reads,
            user()
                .header("jku", "https://evil.invalid/")
                .header("x5u", "https://evil.invalid/"),
        ),
    ]
}

fn of_okta() -> Vec<Row> {
    use Verdict::{Out, Reads, Writes};
    let service = || TokenRecipe::new(TokenKind::Service);
    vec![
        ("a service", Reads, service()),
        (
            "a service that may write",
            Writes,
            service().claim("scp", json!(["kafka:write"])),
        ),
        (
            "a service of another client",
            Out,
            service().claim("sub", "0oaother"),
        ),
        ("an id token", Out, TokenRecipe::new(TokenKind::IdToken)),
        // RFC 9068 section 4: these are marks of id tokens.
        ("nonce", Out, user().claim("nonce", "n-1")),
        (
            "at_hash",
            Out,
            user().claim("at_hash", "HK6E_P6Dh8Y93mRNtsDB1Q"),
        ),
        (
            "c_hash",
            Out,
            user().claim("c_hash", "HK6E_P6Dh8Y93mRNtsDB1Q"),
        ),
        ("cid: missing", Out, user().without("cid")),
        ("uid: missing", Out, user().without("uid")),
        (
            "scp: write",
            Writes,
            user().claim("scp", json!(["openid", "kafka:write"])),
        ),
        (
            "scp: admin",
            Writes,
            user().claim("scp", json!(["kafka:admin"])),
        ),
        (
            "scp: none of ours",
            Reads,
            user().claim("scp", json!(["openid"])),
        ),
        ("scp: missing", Reads, user().without("scp")),
        (
            "scp: in capitals",
            Reads,
            user().claim("scp", json!(["KAFKA:WRITE"])),
        ),
        ("scp: a number", Out, user().claim("scp", 7)),
    ]
}

fn of_google(issuer: &str) -> Vec<Row> {
    use Verdict::{Out, Reads};
    let bare = issuer.split_once("://").map_or("", |(_, bare)| bare);
    // Anybody with a project can have a token with our client as audience.
    let robot = "104857600000000000001";
    let robot = user()
        .claim("azp", robot)
        .claim("sub", robot)
        .claim("email", "robot@project.iam.gserviceaccount.com")
        .without("hd");
    vec![
        ("an id token", Reads, TokenRecipe::new(TokenKind::IdToken)),
        ("a service account", Out, robot.clone()),
        (
            "a service account that lies about hd",
            Out,
            robot.claim("hd", "example.com"),
        ),
        ("iss: without the scheme", Reads, user().claim("iss", bare)),
        (
            "azp: another",
            Out,
            user().claim("azp", "another.apps.googleusercontent.com"),
        ),
        ("hd: another", Out, user().claim("hd", "example.org")),
        ("hd: a suffix", Out, user().claim("hd", "evil-example.com")),
        // The address alone says nothing: anybody can have an account with it.
        ("hd: missing", Out, user().without("hd")),
        (
            "email: not verified",
            Reads,
            user().claim("email_verified", false),
        ),
    ]
}

fn of_entra(personality: Personality, issuer: &str) -> Vec<Row> {
    use Verdict::{Out, Reads, Writes};
    let other = issuer.replace(TENANT, OTHER_TENANT);
    // Issuers and audiences go together: each version has its own.
    let (crossed, version) = match personality {
        Personality::EntraV1 => (CLIENT_ID, "2.0"),
        _ => (AUDIENCE, "1.0"),
    };
    vec![
        ("an id token", Out, TokenRecipe::new(TokenKind::IdToken)),
        ("an application", Out, TokenRecipe::new(TokenKind::Service)),
        ("nonce", Out, user().claim("nonce", "n-1")),
        (
            "aud: of the other version",
            Out,
            user().claim("aud", crossed),
        ),
        (
            "aud: Graph",
            Out,
            user().claim("aud", GRAPH).header("nonce", "n-1"),
        ),
        ("ver: the other", Out, user().claim("ver", version)),
        ("ver: missing", Out, user().without("ver")),
        (
            "iss: of another tenant",
            Out,
            user().claim("iss", other.clone()),
        ),
        (
            "another tenant",
            Out,
            user().claim("iss", other).claim("tid", OTHER_TENANT),
        ),
        ("oid: missing", Out, user().without("oid")),
        ("tid: missing", Out, user().without("tid")),
        ("scp: missing", Out, user().without("scp")),
        (
            "scp: write",
            Writes,
            user().claim("scp", "access_as_user kafka:write"),
        ),
        (
            "scp: none of ours",
            Reads,
            user().claim("scp", "access_as_user"),
        ),
    ]
}

fn of_entra_with_many_tenants(issuer: &str) -> Vec<Row> {
    use Verdict::Out;
    let other = issuer.replace(TENANT, OTHER_TENANT);
    vec![
        (
            "another tenant",
            Out,
            user()
                .claim("iss", other.clone())
                .claim("tid", OTHER_TENANT),
        ),
        ("iss: of another tenant", Out, user().claim("iss", other)),
        ("tid: another", Out, user().claim("tid", OTHER_TENANT)),
        ("tid: missing", Out, user().without("tid")),
        (
            "iss: the template",
            Out,
            user().claim("iss", issuer.replace(TENANT, "{tenantid}")),
        ),
        ("an id token", Out, TokenRecipe::new(TokenKind::IdToken)),
    ]
}

fn of_a_generic_provider() -> Vec<Row> {
    use Verdict::{Out, Reads, Writes};
    vec![
        ("a service", Reads, TokenRecipe::new(TokenKind::Service)),
        ("an id token", Out, TokenRecipe::new(TokenKind::IdToken)),
        ("typ: a refresh token", Out, user().claim("typ", "Refresh")),
        ("scope: write", Writes, user().claim("scope", "kafka:write")),
        (
            "scope: none of ours",
            Reads,
            user().claim("scope", "openid"),
        ),
    ]
}

/// What an attacker without the key makes of a right token.
fn tampered() -> Vec<Case> {
    let admin = || json!(["kafka:admin"]);
    let all = [
        // RFC 8725 section 3.1.
        ("alg: none", Tampering::Algorithm("none")),
        ("alg: None", Tampering::Algorithm("None")),
        ("alg: nOnE", Tampering::Algorithm("nOnE")),
        ("alg: empty", Tampering::Algorithm("")),
        ("signature: empty", Tampering::EmptySignature),
        ("signature: a bit", Tampering::Signature),
        ("signature: left away", Tampering::TwoParts),
        ("a foreign key", Tampering::ForeignKey),
        // RFC 8725 section 3.10: a token does not bring its own key.
        ("a key in the header", Tampering::KeyInHeader),
        ("more parts", Tampering::MoreParts),
        ("more scopes", Tampering::Claim("scp", admin())),
    ];
    let cases = all.into_iter().map(|(name, tampering)| Case {
        name,
        recipe: user(),
        tampering: Some(tampering),
        verdict: Verdict::Out,
    });
    cases.collect()
}

/// What only a provider whose keys are at hand can be made to do.
fn cases_of_own_keys(provider: &IdentityProvider) -> Vec<Case> {
    let key = provider.signing_key();
    let modulus = key.jwk()["n"].as_str().expect("text").as_bytes().to_vec();
    let confused = [
        ("the public key as a secret", key.public_der()),
        ("its modulus as a secret", modulus),
        ("its JWK as a secret", key.jwk().to_string().into_bytes()),
    ];
    let confused = confused.map(|(name, secret)| Case {
        name,
        recipe: user(),
        tampering: Some(Tampering::PublicKeyAsSecret(secret)),
        verdict: Verdict::Out,
    });
    let critical = rows(vec![
        // RFC 7515 section 4.1.11: none is understood here.
        (
            "crit: exp",
            Verdict::Out,
            user().header("crit", json!(["exp"])),
        ),
        (
            "crit: empty",
            Verdict::Out,
            user().header("crit", json!([])),
        ),
        // Nothing is decompressed.
        ("zip", Verdict::Out, user().header("zip", "DEF")),
        ("b64", Verdict::Out, user().header("b64", false)),
    ]);
    confused.into_iter().chain(critical).collect()
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

/// Microsoft Graph.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
