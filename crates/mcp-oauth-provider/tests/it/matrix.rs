//! Every provider against every kind of token.

use mcp_oauth_provider::ProviderConfig;
use mcp_oauth_token::Check;
use serde_json::{Value, json};

use crate::{
    fake_provider::{SigningKey, hs256},
    setup::{
        API, CLIENT, NOW, OTHER_TENANT, Running,
        Setup::{self, AzureMany, AzureV1, AzureV2, Google, Hmac, Oidc, Okta},
        TENANT,
        Verdict::{self, Refused, Service, User},
        signed,
    },
};

/// What is done to a right token, at which providers, and what becomes of it.
struct Row {
    what: &'static str,
    at: &'static [Setup],
    claims: fn(&mut Value),
    config: fn(&mut ProviderConfig),
    signed_by: Signer,
    verdict: Verdict,
}

#[derive(Clone, Copy)]
enum Signer {
    /// The key that the provider publishes; for HMAC, its secret.
    Current,
    /// One that it publishes for another tenant.
    ForAnotherTenant,
    /// The public key as a secret (RFC 8725 section 2.1).
    PublicKeyAsSecret,
    /// One with the name of the published one; for HMAC, another secret.
    Stranger,
    /// One that nobody publishes.
    Unknown,
}

const ALL: &[Setup] = &Setup::ALL;
const AZURE: &[Setup] = &[AzureMany, AzureV1, AzureV2];
const WITH_KEYS: &[Setup] = &[AzureMany, AzureV1, AzureV2, Google, Oidc, Okta];

const fn row(
    what: &'static str,
    at: &'static [Setup],
    claims: fn(&mut Value),
    verdict: Verdict,
) -> Row {
    Row {
        what,
        at,
        claims,
        config: |_| {},
        signed_by: Signer::Current,
        verdict,
    }
}

impl Row {
    const fn with(self, config: fn(&mut ProviderConfig)) -> Self {
        Self { config, ..self }
    }

    const fn by(self, signed_by: Signer) -> Self {
        Self { signed_by, ..self }
    }
}

fn without(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name).unwrap();
}

fn iss(claims: &mut Value, change: impl Fn(&str) -> String) {
    claims["iss"] = change(claims["iss"].as_str().unwrap()).into();
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("a right token", ALL, |_| {}, User),

    // RFC 7519 section 4.1.4, with 30 seconds of leeway.
    row("without exp", ALL, |c| without(c, "exp"), Refused(Check::Expiry)),
    row("expired within the leeway", ALL, |c| c["exp"] = (NOW - 30).into(), User),
    row("expired", ALL, |c| c["exp"] = (NOW - 31).into(), Refused(Check::Expiry)),
    row("exp as text", ALL, |c| c["exp"] = (NOW + 60).to_string().into(), Refused(Check::Syntax)),
    row("exp null", ALL, |c| c["exp"] = Value::Null, Refused(Check::Syntax)),
    row("nbf ahead", ALL, |c| c["nbf"] = (NOW + 31).into(), Refused(Check::NotBefore)),
    row("nbf ahead within the leeway", ALL, |c| c["nbf"] = (NOW + 30).into(), User),
    row("iat ahead", ALL, |c| c["iat"] = (NOW + 31).into(), Refused(Check::IssuedAt)),

    // RFC 7519 section 4.1.3.
    row("without aud", ALL, |c| without(c, "aud"), Refused(Check::Audience)),
    row("another aud", ALL, |c| c["aud"] = "another".into(), Refused(Check::Audience)),
    row("no aud in the list", ALL, |c| c["aud"] = json!([]), Refused(Check::Audience)),
    row("aud as a number", ALL, |c| c["aud"] = 1.into(), Refused(Check::Syntax)),
    row("aud as an object", ALL, |c| c["aud"] = json!({}), Refused(Check::Syntax)),
    row("aud in a list", &[AzureV1, Hmac, Oidc, Okta], |c| c["aud"] = json!([API]), User),
    row("aud among others", &[AzureV2, Google], |c| c["aud"] = json!(["other", CLIENT]), User),

    // RFC 7519 section 4.1.1; issuers are compared as strings, in full.
    row("without iss", ALL, |c| without(c, "iss"), Refused(Check::Issuer)),
    row("iss with a slash more", ALL, |c| iss(c, |i| format!("{i}/")), Refused(Check::Issuer)),
    row("iss with a suffix", ALL, |c| iss(c, |i| format!("{i}.evil.example")), Refused(Check::Issuer)),
    row("the beginning of iss", ALL, |c| iss(c, |i| i[..i.len() - 1].into()), Refused(Check::Issuer)),
    row("iss in capitals", ALL, |c| iss(c, str::to_uppercase), Refused(Check::Issuer)),
    row("iss in a list", ALL, |c| c["iss"] = json!([c["iss"]]), Refused(Check::Syntax)),

    row("without sub", ALL, |c| without(c, "sub"), Refused(Check::Subject)),
    row("an empty sub", ALL, |c| c["sub"] = "".into(), Refused(Check::Subject)),
    row("a line break in sub", ALL, |c| c["sub"] = "a\nb".into(), Refused(Check::Subject)),

    // RFC 9449 section 7.1: never taken as a bearer token instead.
    row("bound to a key", ALL, |c| c["cnf"] = json!({ "jkt": "x" }), Refused(Check::Confirmation)),

    row("of a stranger's key", ALL, |_| {}, Refused(Check::Signature)).by(Signer::Stranger),
    row("of an unknown key", WITH_KEYS, |_| {}, Refused(Check::Key)).by(Signer::Unknown),
    // RFC 8725 section 3.1.
    row("HMAC by the public key", WITH_KEYS, |_| {}, Refused(Check::Algorithm)).by(Signer::PublicKeyAsSecret),
    row("a public key's algorithm", &[Hmac], |_| {}, Refused(Check::Algorithm)).by(Signer::Unknown),

    // RFC 9068 section 4, RFC 8725 section 3.11: an id token is for the client alone.
    row("nonce", &[AzureV1, AzureV2, Oidc, Okta], |c| c["nonce"] = "n".into(), Refused(Check::TokenType)),
    row("at_hash", &[AzureV1, AzureV2, Oidc, Okta], |c| c["at_hash"] = "h".into(), Refused(Check::TokenType)),
    row("c_hash", &[AzureV1, AzureV2, Oidc, Okta], |c| c["c_hash"] = "h".into(), Refused(Check::TokenType)),
    row("without cid", &[Okta], |c| without(c, "cid"), Refused(Check::TokenType)),
    row("without azp", &[AzureV2], |c| without(c, "azp"), Refused(Check::TokenType)),
    row("without appid", &[AzureV1], |c| without(c, "appid"), Refused(Check::TokenType)),
    row("without scp and roles", AZURE, |c| without(c, "scp"), Refused(Check::TokenType)),
    row("typ ID", &[Oidc], |c| c["typ"] = "ID".into(), Refused(Check::TokenType)),
    row("typ Refresh", &[Oidc], |c| c["typ"] = "Refresh".into(), Refused(Check::TokenType)),
    row("no typ", &[Oidc], |c| without(c, "typ"), User),

    // Who it is.
    row("without uid", &[Okta], |c| without(c, "uid"), Refused(Check::Subject)),
    row("a service", &[Okta], |c| { without(c, "uid"); c["sub"] = c["cid"].take(); c["cid"] = c["sub"].clone() }, Service),
    row("a service", &[Oidc], |c| c["azp"] = c["sub"].clone(), Service),
    row("a service by client_id", &[Hmac, Oidc], |c| c["client_id"] = c["sub"].clone(), Service),
    row("without oid", AZURE, |c| without(c, "oid"), Refused(Check::Subject)),
    row("an empty oid", AZURE, |c| c["oid"] = "".into(), Refused(Check::Subject)),

    // Which client it was issued to.
    row("an allowed client", &[Okta], |_| {}, User).with(|c| c.allowed_clients = vec!["0oaclient".into()]),
    row("another client", &[AzureV1, AzureV2, Oidc, Okta], |_| {}, Refused(Check::Client)).with(|c| c.allowed_clients = vec!["0oaother".into()]),
    row("no client", &[Oidc], |c| without(c, "azp"), Refused(Check::Client)).with(|c| c.allowed_clients = vec!["mcp-client".into()]),

    // Groups.
    row("in an allowed group", &[AzureV2, Hmac, Oidc, Okta], |c| c["groups"] = json!(["dev", "ops"]), User).with(|c| c.allowed_groups = vec!["ops".into()]),
    row("in another group", &[AzureV2, Hmac, Oidc, Okta], |c| c["groups"] = json!(["dev"]), Refused(Check::Group)).with(|c| c.allowed_groups = vec!["ops".into()]),
    row("in no group", &[AzureV2, Hmac, Oidc, Okta], |_| {}, Refused(Check::Group)).with(|c| c.allowed_groups = vec!["ops".into()]),
    row("groups that are none", &[AzureV2, Hmac, Oidc, Okta], |c| c["groups"] = json!([{}]), Refused(Check::Syntax)),
    row("groups by another name", &[Okta], |c| c["teams"] = "ops".into(), User).with(|c| { c.allowed_groups = vec!["ops".into()]; c.groups_claim = "teams".into() }),
    row("too many groups", AZURE, |c| c["_claim_names"] = json!({ "groups": "src1" }), Refused(Check::Group)).with(|c| c.allowed_groups = vec!["ops".into()]),
    row("too many groups, and a list", AZURE, |c| { c["groups"] = json!(["ops"]); c["hasgroups"] = true.into() }, Refused(Check::Group)).with(|c| c.allowed_groups = vec!["ops".into()]),

    // Google: a service account can get a token with any aud; hd counts, and addresses do not.
    row("iss without a scheme", &[Google], |c| c["iss"] = "accounts.google.com".into(), User),
    row("without azp", &[Google], |c| without(c, "azp"), User),
    row("another client", &[Google], |c| c["azp"] = "another".into(), Refused(Check::Client)),
    row("a service account", &[Google], |c| { c["azp"] = "1048".into(); c["sub"] = "1048".into() }, Refused(Check::Client)),
    row("a service account without hd", &[Google], |c| { c["azp"] = "1048".into(); c["sub"] = "1048".into(); without(c, "hd") }, Refused(Check::Domain)),
    row("an allowed service account", &[Google], |c| { c["azp"] = "1048".into(); c["sub"] = "1048".into(); without(c, "hd") }, Service).with(|c| c.allowed_clients = vec!["1048".into()]),
    row("another domain", &[Google], |c| c["hd"] = "example.org".into(), Refused(Check::Domain)),
    row("an address of the domain, but no hd", &[Google], |c| without(c, "hd"), Refused(Check::Domain)),
    row("no hd, where any may enter", &[Google], |c| without(c, "hd"), User).with(|c| c.allowed_domains = vec!["*".into()]),
    row("no hd, where no domain is configured", &[Google], |c| without(c, "hd"), User).with(|c| c.allowed_domains.clear()),

    // Entra: issuer and audience go together, and so do tenant and key.
    row("the audience of version 1.0", &[AzureMany, AzureV2], |c| c["aud"] = API.into(), Refused(Check::Audience)),
    row("the audience of version 2.0", &[AzureV1], |c| c["aud"] = CLIENT.into(), Refused(Check::Audience)),
    row("the issuer of version 1.0", &[AzureMany, AzureV2], |c| c["iss"] = format!("https://sts.windows.net/{TENANT}/").into(), Refused(Check::Issuer)),
    row("ver 1.0", &[AzureMany, AzureV2], |c| c["ver"] = "1.0".into(), Refused(Check::Issuer)),
    row("without ver", AZURE, |c| without(c, "ver"), Refused(Check::Issuer)),
    row("the tid of another tenant", &[AzureV1, AzureV2], |c| c["tid"] = OTHER_TENANT.into(), Refused(Check::Tenant)),
    row("the tid of another tenant", &[AzureMany], |c| c["tid"] = OTHER_TENANT.into(), Refused(Check::Issuer)),
    row("without tid", &[AzureV1, AzureV2], |c| without(c, "tid"), Refused(Check::Tenant)),
    row("a tenant that is not allowed", &[AzureMany], |c| { c["tid"] = OTHER_TENANT.into(); iss(c, |i| i.replace(TENANT, OTHER_TENANT)) }, Refused(Check::Tenant)),
    row("another tenant", &[AzureV1, AzureV2], |c| { c["tid"] = OTHER_TENANT.into(); iss(c, |i| i.replace(TENANT, OTHER_TENANT)) }, Refused(Check::Issuer)),
    row("the key of another tenant", AZURE, |_| {}, Refused(Check::Key)).by(Signer::ForAnotherTenant),
    row("a token for Graph", AZURE, |c| c["aud"] = "00000003-0000-0000-c000-000000000000".into(), Refused(Check::Audience)),
    row("an application", AZURE, |c| { without(c, "scp"); c["roles"] = json!(["kafka:read"]) }, Refused(Check::TokenType)),
    row("an application by idtyp", AZURE, |c| { c["idtyp"] = "app".into(); c["roles"] = json!(["kafka:read"]) }, Refused(Check::TokenType)),
    row("an allowed application", AZURE, |c| { without(c, "scp"); c["roles"] = json!(["kafka:read"]) }, Service).with(|c| c.allow_app_tokens = true),
    row("a user with roles", AZURE, |c| c["roles"] = json!(["Kafka.Admin"]), User),
];

#[tokio::test(start_paused = true)]
async fn every_provider_refuses_what_it_should_and_nothing_else() {
    let current = SigningKey::generate("current");
    let stranger = SigningKey::generate("current");
    let unknown = SigningKey::generate("unknown");
    let foreign = SigningKey::generate("foreign");
    let mut wrong = Vec::new();
    for (row, &setup) in ROWS
        .iter()
        .flat_map(|row| row.at.iter().map(move |at| (row, at)))
    {
        let mut config = setup.config();
        (row.config)(&mut config);
        let mut foreign_jwk = foreign.jwk();
        let other = format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0");
        foreign_jwk["issuer"] = other.into();
        let mut current_jwk = current.jwk();
        if AZURE.contains(&setup) {
            current_jwk["issuer"] = setup.named().into();
        }
        let running = Running::with_config(setup, &[current_jwk, foreign_jwk], config);

        let mut claims = setup.claims();
        (row.claims)(&mut claims);
        let token = match row.signed_by {
            Signer::Current => signed(setup, &current, &claims),
            Signer::ForAnotherTenant => foreign.sign(&claims),
            Signer::PublicKeyAsSecret => current.sign_with_public_key(&claims),
            Signer::Stranger if setup == Hmac => {
                hs256(&json!({ "alg": "HS256" }), &[7; 32], &claims)
            }
            Signer::Stranger => stranger.sign(&claims),
            Signer::Unknown => unknown.sign(&claims),
        };
        let result = running.validate(&token).await;
        let found = Verdict::from(&result);
        if found != row.verdict {
            wrong.push(format!(
                "{setup:?}, {}: expected {:?}, found {found:?}: {result:?}",
                row.what, row.verdict
            ));
        }
        // The same verdict from the cache.
        let again = Verdict::from(&running.validate(&token).await);
        assert_eq!(again, found, "{setup:?}, {}, again", row.what);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
