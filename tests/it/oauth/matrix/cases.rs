//! The tokens, and what each is good for.

use serde_json::json;
use testkit::{
    AUDIENCE, CLIENT_ID, IdentityProvider, OTHER_TENANT, Personality, SigningKey, TENANT,
    Tampering, TokenKind, TokenRecipe, now,
};

use crate::oauth::Verdict;

/// A token, and what it is good for.
pub(in crate::oauth) struct Case {
    pub(in crate::oauth) name: &'static str,
    pub(in crate::oauth) recipe: TokenRecipe,
    pub(in crate::oauth) tampering: Option<Tampering>,
    pub(in crate::oauth) verdict: Verdict,
}

impl Case {
    /// The token of the case, given one after its recipe.
    pub(in crate::oauth) fn token(&self, minted: String) -> String {
        match &self.tampering {
            Some(tampering) => tampering.of(&minted),
            None => minted,
        }
    }
}

/// The cases that any provider of this kind can make, whoever wrote it.
pub(in crate::oauth) fn cases(personality: Personality, issuer: &str) -> Vec<Case> {
    let issuer = personality.token_issuer(issuer);
    let audience = personality.token_audience();
    let mut cases = rows(of_every_provider(&issuer, audience));
    if personality != Personality::Hmac {
        cases.extend(rows(of_published_keys()));
    }
    cases.extend(rows(match personality {
        Personality::EntraMultiTenant => of_entra_with_many_tenants(&issuer),
        Personality::EntraV1 | Personality::EntraV2 => of_entra(personality, &issuer),
        Personality::Generic => of_a_generic_provider(),
        Personality::Google => of_google(&issuer),
        Personality::Hmac => of_hmac(),
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

pub(super) fn user() -> TokenRecipe {
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

// RFC 7515 section 4.1.4.
fn of_published_keys() -> Vec<Row> {
    vec![
        (
            "kid: missing, with one key",
            Verdict::Reads,
            user().without_header("kid"),
        ),
        (
            "kid: unknown",
            Verdict::Out,
            user().header("kid", "unknown"),
        ),
    ]
}

/// With keys of our own there is no default: who mints a token says what it is for.
fn of_hmac() -> Vec<Row> {
    use Verdict::{Nothing, Writes};
    vec![
        ("scope: write", Writes, user().claim("scope", "kafka:write")),
        ("scope: admin", Writes, user().claim("scope", "kafka:admin")),
        (
            "scope: none of ours",
            Nothing,
            user().claim("scope", "openid"),
        ),
        ("scope: missing", Nothing, user().without("scope")),
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

/// What a provider that is certified cannot be made to sign.
pub(super) fn cases_in_process(provider: &IdentityProvider) -> Vec<Case> {
    use Verdict::Out;
    let mut cases = rows(vec![
        // RFC 7515 section 4.1.11: none is understood here.
        ("crit: exp", Out, user().header("crit", json!(["exp"]))),
        ("crit: empty", Out, user().header("crit", json!([]))),
        // Nothing is decompressed.
        ("zip", Out, user().header("zip", "DEF")),
        ("b64", Out, user().header("b64", false)),
    ]);
    if provider.personality() != Personality::Hmac {
        cases.extend(confused(&provider.signing_key()));
    }
    cases
}

/// RFC 8725 section 3.1: what everybody knows, taken as a secret.
fn confused(key: &SigningKey) -> [Case; 3] {
    let modulus = key.jwk()["n"].as_str().expect("text").as_bytes().to_vec();
    let secrets = [
        ("the public key as a secret", key.public_der()),
        ("its modulus as a secret", modulus),
        ("its JWK as a secret", key.jwk().to_string().into_bytes()),
    ];
    secrets.map(|(name, secret)| Case {
        name,
        recipe: user(),
        tampering: Some(Tampering::PublicKeyAsSecret(secret)),
        verdict: Verdict::Out,
    })
}

/// Microsoft Graph.
pub(super) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
