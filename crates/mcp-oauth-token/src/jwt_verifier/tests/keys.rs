use super::*;

const HEADER: &str = r#"{"alg":"ES256","kid":"a"}"#;

// CVE-2018-0114: a key that comes with the token is the attacker's.
#[tokio::test]
async fn keys_in_the_header_are_not_used_and_links_in_it_not_followed() {
    let attacker = SigningKey::es256();
    let publisher = Publisher::of(&[SigningKey::es256().jwk("a")]);
    let verifier = publisher.verifier(policy([Algorithm::Es256]));
    let url = "https://evil.example/keys";
    for (member, value) in [
        ("jwk", attacker.jwk("a")),
        ("jku", json!(url)),
        ("x5u", json!(url)),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
    ] {
        let mut header = json!({ "alg": "ES256", "kid": "a" });
        header[member] = value;
        let token = attacker.token(&header.to_string(), &good_claims().to_string());
        assert_eq!(
            verdict(&verifier, &token).await.unwrap_err(),
            Check::Signature,
            "{member}"
        );
    }
    assert_eq!(publisher.fetches(), 1);
}

#[tokio::test]
async fn a_header_with_a_key_of_its_own_does_no_harm_to_a_good_token() {
    let signing = SigningKey::es256();
    let publisher = Publisher::of(&[signing.jwk("a")]);
    let verifier = publisher.verifier(policy([Algorithm::Es256]));
    let header =
        json!({ "alg": "ES256", "kid": "a", "jwk": signing.jwk("a"), "jku": "javascript:" });
    let token = signing.token(&header.to_string(), &good_claims().to_string());
    verdict(&verifier, &token).await.unwrap();
}

// RFC 7517 section 9.2: a published secret is known to all.
#[tokio::test]
async fn a_secret_in_the_key_set_verifies_nothing() {
    let oct = json!({ "kty": "oct", "alg": "HS256", "kid": "a", "k": "c2VjcmV0" });
    let publisher = Publisher::of(&[oct, SigningKey::es256().jwk("b")]);
    let verifier = publisher.verifier(policy([Algorithm::Es256]));
    let claims = good_claims().to_string();
    let hmac = SigningKey::hs256(b"secret");
    let token = hmac.token(r#"{"alg":"HS256","kid":"a"}"#, &claims);
    assert_eq!(
        verdict(&verifier, &token).await.unwrap_err(),
        Check::Algorithm
    );
    let token = hmac.token(HEADER, &claims);
    assert_eq!(verdict(&verifier, &token).await.unwrap_err(), Check::Key);
}

#[tokio::test]
async fn a_token_without_a_kid_has_one_key_or_none() {
    let (signing, other) = (SigningKey::es256(), SigningKey::es256());
    let token = signing.token(r#"{"alg":"ES256"}"#, &good_claims().to_string());
    for (keys, expected) in [
        (vec![signing.jwk("a")], Ok(())),
        (vec![signing.jwk("a"), SigningKey::es384().jwk("b")], Ok(())),
        (vec![signing.jwk("a"), other.jwk("b")], Err(Check::Key)),
        (vec![other.jwk("b")], Err(Check::Signature)),
        (vec![SigningKey::es384().jwk("b")], Err(Check::Key)),
    ] {
        let verifier = Publisher::of(&keys).verifier(policy([Algorithm::Es256]));
        assert_eq!(verdict(&verifier, &token).await.map(|_| ()), expected);
    }
}

// The order of the checks is the defence: what costs a fetch or a computation comes last.
#[tokio::test]
async fn no_key_is_fetched_for_a_token_that_is_wrong_without_it() {
    let signing = SigningKey::es256();
    let publisher = Publisher::of(&[signing.jwk("a")]);
    let verifier = publisher.verifier(policy([Algorithm::Es256]));
    for (claims, expected) in [
        (claims_with("exp", NOW - 31), Check::Expiry),
        (claims_with("nbf", NOW + 31), Check::NotBefore),
        (claims_with("iat", NOW + 31), Check::IssuedAt),
        (claims_with("iss", "https://evil.example"), Check::Issuer),
        (claims_with("aud", "api://other"), Check::Audience),
        (claims_with("sub", ""), Check::Subject),
        (claims_with("cnf", json!({})), Check::Confirmation),
        (claims_with("nonce", "x"), Check::TokenType),
        (json!([]), Check::Syntax),
    ] {
        let token = signing.token(HEADER, &claims.to_string());
        assert_eq!(verdict(&verifier, &token).await.unwrap_err(), expected);
    }
    let token = signing.token(
        r#"{"alg":"ES256","typ":"id+jwt"}"#,
        &good_claims().to_string(),
    );
    assert_eq!(
        verdict(&verifier, &token).await.unwrap_err(),
        Check::TokenType
    );
    assert_eq!(publisher.fetches(), 0);
    verdict(
        &verifier,
        &signing.token(HEADER, &good_claims().to_string()),
    )
    .await
    .unwrap();
    assert_eq!(publisher.fetches(), 1);
}

#[tokio::test]
async fn a_token_falls_with_its_key() {
    let signing = SigningKey::es256();
    let (with_key, without) = (
        Publisher::of(&[signing.jwk("a")]).verifier(policy([Algorithm::Es256])),
        Publisher::of(&[]).verifier(policy([Algorithm::Es256])),
    );
    let token = signing.token(HEADER, &good_claims().to_string());
    let mut accepted = verdict(&with_key, &token).await.unwrap();
    assert_eq!(with_key.recheck(&accepted), Ok(()));
    assert_eq!(without.recheck(&accepted).unwrap_err().check(), Check::Key);
    accepted.key = None;
    assert_eq!(with_key.recheck(&accepted).unwrap_err().check(), Check::Key);
}

fn with_secrets(secrets: Vec<VerificationKey>) -> JwtVerifier {
    let keys = KeySource::Secrets(secrets);
    let policy = policy([Algorithm::Hs256]);
    JwtVerifier::new(policy, keys, Arc::new(NoRules), SetClock::new()).unwrap()
}

#[test]
fn a_token_of_a_previous_secret_is_accepted_until_that_is_gone() {
    let previous = "the secret before this one, 48 bytes long, too.....";
    let token = SigningKey::hs256(previous.as_bytes())
        .token(r#"{"alg":"HS256"}"#, &good_claims().to_string());
    let both = with_secrets(vec![secret(SECRET, 1), secret(previous, 2)]);
    check_by(&both, &token, Ok(()));
    check_by(&both, &signed(&good_claims()), Ok(()));
    check_by(
        &with_secrets(vec![secret(SECRET, 1)]),
        &token,
        Err(Check::Signature),
    );

    let accepted = settled(verdict(&both, &token)).unwrap();
    assert_eq!(accepted.key, Some(KeyId::new(2)));
    assert_eq!(both.recheck(&accepted), Ok(()));
    let rotated = with_secrets(vec![secret(SECRET, 1)]);
    assert_eq!(rotated.recheck(&accepted).unwrap_err().check(), Check::Key);
}

#[test]
fn a_token_that_names_a_secret_means_that_one() {
    let verifier = with_secrets(vec![secret(SECRET, 1).with_kid("a")]);
    let signing = SigningKey::hs256(SECRET.as_bytes());
    for (header, expected) in [
        (r#"{"alg":"HS256","kid":"a"}"#, Ok(())),
        (r#"{"alg":"HS256"}"#, Ok(())),
        (r#"{"alg":"HS256","kid":"b"}"#, Err(Check::Key)),
        (r#"{"alg":"HS256","kid":""}"#, Err(Check::Key)),
    ] {
        check_by(
            &verifier,
            &signing.token(header, &good_claims().to_string()),
            expected,
        );
    }
}
