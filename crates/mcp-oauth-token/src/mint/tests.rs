use super::*;
use crate::{Check, UnverifiedJwt};

const SECRET: &str = "canary secret of thirty-two bytes";

fn signer() -> HmacSigner {
    HmacSigner::new(&SECRET.into()).unwrap()
}

#[test]
fn a_minted_token_says_what_it_should_and_verifies() {
    let mut new = NewToken::new("https://localhost", "http://localhost:8080/mcp", "alice");
    new.client_id = Some("cli".to_owned());
    new.scopes = "kafka:read kafka:write".parse().unwrap();
    let token = signer().mint(&new, UnixTime::from_secs(1000)).unwrap();
    let jwt = UnverifiedJwt::parse(&token).unwrap();
    let header = jwt.header();
    assert_eq!((header.alg(), header.typ()), ("HS256", Some("at+jwt")));
    for (name, expected) in [
        ("iss", json!("https://localhost")),
        ("aud", json!("http://localhost:8080/mcp")),
        ("sub", json!("alice")),
        ("client_id", json!("cli")),
        ("scope", json!("kafka:read kafka:write")),
        ("iat", json!(1000)),
        ("exp", json!(4600)),
    ] {
        assert_eq!(jwt.claims().value(name), Some(&expected), "{name}");
    }
    let key = VerificationKey::from_secret(&SECRET.into(), KeyId::new(1)).unwrap();
    let verify =
        |key: &VerificationKey| key.verify(Algorithm::Hs256, jwt.signing_input(), jwt.signature());
    verify(&key).unwrap();
    let other = VerificationKey::from_secret(&"x".repeat(32).into(), KeyId::new(1)).unwrap();
    assert_eq!(verify(&other).unwrap_err().check(), Check::Signature);
}

#[test]
fn a_token_names_its_key_if_the_key_has_a_name() {
    let new = NewToken::new("https://localhost", "http://localhost:8080/mcp", "alice");
    for (signer, kid) in [(signer(), None), (signer().with_kid("k1"), Some("k1"))] {
        let token = signer.mint(&new, UnixTime::from_secs(1000)).unwrap();
        assert_eq!(UnverifiedJwt::parse(&token).unwrap().header().kid(), kid);
    }
}

#[test]
fn claims_that_are_not_asked_for_are_left_out() {
    let token = signer()
        .mint(&NewToken::new("i", "a", "s"), UnixTime::from_secs(0))
        .unwrap();
    let jwt = UnverifiedJwt::parse(&token).unwrap();
    assert_eq!(jwt.claims().names().count(), 5);
}

#[test]
fn claims_too_long_for_a_token_are_an_error() {
    let claims = json!({ "sub": "a".repeat(16 * 1024) });
    assert_eq!(signer().sign(&claims).unwrap_err(), MintError::TooLong);
}

#[test]
fn a_weak_secret_signs_nothing() {
    let error = HmacSigner::new(&"short".into()).unwrap_err();
    assert_eq!(error, UnusableKey::ShortSecret { bytes: 5 });
}

#[test]
fn the_secret_of_a_signer_is_not_printed() {
    assert!(!format!("{:?}", signer()).contains("canary"));
}
