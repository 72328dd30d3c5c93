use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://login.example.com/tenant";

fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "jwks_uri": "https://keys.example.com/jwks",
        "authorization_endpoint": "https://login.example.com/authorize",
        "token_endpoint": "https://login.example.com/token",
        "id_token_signing_alg_values_supported": ["HS256", "ES256", "RS256", "none", "RS512"],
    })
}

fn read(text: &str, issuer: &str) -> Result<DiscoveryDocument, InvalidDocument> {
    let site = DiscoverySite::new(ProviderUrl::new(issuer).unwrap());
    DiscoveryDocument::new(text.to_owned().into(), &site)
}

fn read_with(member: &str, value: Value) -> Result<DiscoveryDocument, InvalidDocument> {
    let mut document = document();
    document[member] = value;
    read(&document.to_string(), ISSUER)
}

#[test]
fn a_document_is_read_and_kept_as_it_is() {
    let text = document().to_string();
    let document = read(&text, ISSUER).unwrap();
    assert_eq!(document.published, text);
    assert_eq!(document.jwks_uri.as_str(), "https://keys.example.com/jwks");
}

// RFC 8725 section 3.1: neither HMAC nor `none` is for tokens of a provider, whatever it lists.
#[test]
fn only_public_key_algorithms_are_taken_from_the_list() {
    let found = read(&document().to_string(), ISSUER).unwrap().algorithms;
    assert_eq!(found, [Algorithm::Rs256, Algorithm::Es256]);
    let none = read_with("id_token_signing_alg_values_supported", json!(["HS256"]));
    assert!(matches!(none, Err(InvalidDocument::NoAlgorithm { .. })));
}

#[test]
fn without_a_list_the_one_that_every_provider_has_is_accepted() {
    let mut document = document();
    document
        .as_object_mut()
        .unwrap()
        .remove("id_token_signing_alg_values_supported");
    let document = read(&document.to_string(), ISSUER).unwrap();
    assert_eq!(document.algorithms, [Algorithm::Rs256]);
}

// RFC 8414 section 3.3, OpenID Connect Discovery section 4.3.
#[test]
fn a_document_of_another_issuer_is_not_believed_and_both_are_named() {
    for issuer in [
        "https://login.example.com/tenant/",
        "https://login.example.com/Tenant",
        "https://LOGIN.example.com/tenant",
        "https://login.example.com:443/tenant",
        "https://login.example.com",
        "https://login.example.com/{tenantid}",
        "https://evil.example",
        "",
    ] {
        let error = read_with("issuer", json!(issuer)).unwrap_err().to_string();
        assert!(error.contains(&format!("{issuer:?}")), "{error}");
        assert!(error.contains(&format!("{ISSUER:?}")), "{error}");
    }
}

#[test]
fn addresses_in_plain_text_or_of_this_machine_or_of_a_cloud_are_refused() {
    for member in ["jwks_uri", "token_endpoint", "authorization_endpoint"] {
        for address in [
            "http://keys.example.com/jwks",
            "https://169.254.169.254/latest",
            "https://[fe80::1]/",
            "https://127.0.0.1/jwks",
            "http://localhost:8080/jwks",
            "file:///etc/passwd",
            "jwks",
            "",
        ] {
            let result = read_with(member, json!(address));
            let is_refused = matches!(result, Err(InvalidDocument::Address { .. }));
            assert!(is_refused, "{member} {address}");
        }
    }
}

#[test]
fn private_networks_are_normal_and_loopback_is_for_issuers_there() {
    assert!(read_with("jwks_uri", json!("https://10.0.0.1/jwks")).is_ok());
    let mut document = document();
    document["issuer"] = "http://127.0.0.1:1".into();
    document["jwks_uri"] = "http://127.0.0.1:1/jwks".into();
    assert!(read(&document.to_string(), "http://127.0.0.1:1").is_ok());
}

#[test]
fn what_is_no_document_is_refused() {
    let twice =
        format!(r#"{{"issuer":"{ISSUER}","issuer":"{ISSUER}","jwks_uri":"https://a.example/"}}"#);
    let no_keys = format!(r#"{{"issuer":"{ISSUER}"}}"#);
    let number = r#"{"issuer":1,"jwks_uri":"https://a.example/"}"#;
    for text in [
        "",
        "<!doctype html>",
        "[]",
        "{}",
        "null",
        number,
        &twice,
        &no_keys,
    ] {
        let result = read(text, ISSUER);
        assert!(
            matches!(result, Err(InvalidDocument::Syntax { .. })),
            "{text}"
        );
    }
}

#[test]
fn what_logins_need_is_read_and_has_defaults() {
    let plain = read(&document().to_string(), ISSUER).unwrap().endpoints;
    assert!(plain.token.is_some() && plain.authorization.is_some());
    assert!(plain.revocation.is_none() && plain.scopes.is_none());
    assert!(!plain.names_itself);
    // OpenID Connect Discovery section 3.
    assert_eq!(plain.auth_methods, ["client_secret_basic"]);

    let mut document = document();
    document["revocation_endpoint"] = "https://login.example.com/revoke".into();
    document["scopes_supported"] = json!(["openid"]);
    document["authorization_response_iss_parameter_supported"] = true.into();
    document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
    let full = read(&document.to_string(), ISSUER).unwrap().endpoints;
    assert!(full.revocation.is_some() && full.names_itself);
    assert_eq!(full.scopes.unwrap(), ["openid"]);
    assert_eq!(full.auth_methods, ["client_secret_post"]);
}
