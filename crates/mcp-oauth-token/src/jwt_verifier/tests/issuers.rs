use super::*;

const TENANT: &str = "7f2d1a90-1c33-4c56-9a5e-0d1f6f2f9b11";
const OTHER_TENANT: &str = "c0ffee00-1c33-4c56-9a5e-0d1f6f2f9b11";
const CLIENT: &str = "11111111-2222-3333-4444-555555555555";

// RFC 7519 section 4.1.1: a string, compared as it is. CVE-2024-53861: not as a prefix.
#[test]
fn the_issuer_is_compared_byte_by_byte() {
    check(&claims_without("iss"), Err(Check::Issuer));
    for iss in [
        "",
        "https://issuer.example",
        "https://issuer.example/",
        "https://issuer.example/defaul",
        "https://issuer.example/default/",
        "https://issuer.example/default.evil.example",
        "https://issuer.example/DEFAULT",
        "https://ISSUER.example/default",
        "http://issuer.example/default",
        "https://issuer.example:443/default",
        "https://issuer.example/./default",
        " https://issuer.example/default",
        "https://evil.example/https://issuer.example/default",
    ] {
        check(&claims_with("iss", iss), Err(Check::Issuer));
    }
}

#[test]
fn an_issuer_that_is_no_string_is_refused() {
    for iss in [
        json!(5),
        json!(null),
        json!([ISSUER]),
        json!({ "iss": ISSUER }),
    ] {
        check(&claims_with("iss", iss), Err(Check::Syntax));
    }
}

/// The two versions of tokens that one tenant issues.
fn entra() -> JwtVerifier {
    let pair = |issuer: &str, version: &str, audience: &str| {
        let issuer = ExpectedIssuer::Exact(issuer.replace("{tenantid}", TENANT));
        let mut pair = IssuerAudience::new(issuer, vec![audience.to_owned()]);
        pair.version = Some(version.to_owned());
        pair
    };
    let pairs = vec![pair(V2, "2.0", CLIENT), pair(V1, "1.0", AUDIENCE)];
    verifier_with(
        JwtPolicy::new(pairs, vec![Algorithm::Hs256]),
        SetClock::new(),
    )
}

fn entra_token(template: &str, version: &str, audience: &str) -> String {
    let mut claims = claims_with("iss", template.replace("{tenantid}", TENANT));
    claims["ver"] = version.into();
    claims["aud"] = audience.into();
    signed(&claims)
}

const V1: &str = "https://sts.windows.net/{tenantid}/";
const V2: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

#[test]
fn issuer_version_and_audience_are_accepted_as_they_belong_together() {
    for (issuer, version, audience, expected) in [
        (V2, "2.0", CLIENT, Ok(())),
        (V1, "1.0", AUDIENCE, Ok(())),
        (V2, "2.0", AUDIENCE, Err(Check::Audience)),
        (V1, "1.0", CLIENT, Err(Check::Audience)),
        (V2, "1.0", CLIENT, Err(Check::Issuer)),
        (V1, "2.0", AUDIENCE, Err(Check::Issuer)),
        (V1, "", AUDIENCE, Err(Check::Issuer)),
    ] {
        check_by(&entra(), &entra_token(issuer, version, audience), expected);
    }
    let no_version = claims_with("iss", V2.replace("{tenantid}", TENANT));
    check_by(&entra(), &signed(&no_version), Err(Check::Issuer));
}

fn many_tenants() -> JwtVerifier {
    let issuer = ExpectedIssuer::Tenant {
        template: V2.to_owned(),
        tenants: vec![TENANT.to_uppercase()],
    };
    let pair = IssuerAudience::new(issuer, vec![AUDIENCE.to_owned()]);
    let policy = JwtPolicy::new(vec![pair], vec![Algorithm::Hs256]);
    verifier_with(policy, SetClock::new())
}

#[test]
fn a_tenant_issues_in_its_own_name_only_and_only_if_it_may_enter() {
    for (issuer, tid, expected) in [
        (TENANT, json!(TENANT), Ok(())),
        (OTHER_TENANT, json!(OTHER_TENANT), Err(Check::Tenant)),
        (OTHER_TENANT, json!(TENANT), Err(Check::Issuer)),
        (TENANT, json!(OTHER_TENANT), Err(Check::Issuer)),
        (TENANT, json!(""), Err(Check::Issuer)),
        (TENANT, json!([TENANT]), Err(Check::Issuer)),
        ("{tenantid}", json!("{tenantid}"), Err(Check::Tenant)),
        ("", json!(""), Err(Check::Issuer)),
    ] {
        let mut claims = claims_with("iss", V2.replace("{tenantid}", issuer));
        claims["tid"] = tid;
        check_by(&many_tenants(), &signed(&claims), expected);
    }
    let no_tenant = claims_with("iss", V2.replace("{tenantid}", TENANT));
    check_by(&many_tenants(), &signed(&no_tenant), Err(Check::Issuer));
}
