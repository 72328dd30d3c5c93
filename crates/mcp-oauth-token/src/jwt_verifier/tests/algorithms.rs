use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::*;

fn unsigned(alg: &str, signature: &str) -> String {
    let header = json!({ "alg": alg, "typ": "JWT" }).to_string();
    let [header, claims] =
        [header, good_claims().to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{signature}")
}

// RFC 8725 section 3.2, CVE-2015-9235.
#[tokio::test]
async fn a_token_without_a_signature_is_refused_whatever_it_calls_that() {
    let publisher = Publisher::of(&[SigningKey::rs256().jwk("a")]);
    let public = publisher.verifier(policy([Algorithm::Rs256]));
    let secret = verifier();
    for alg in ["none", "None", "NONE", "nOnE", "none ", "", "null"] {
        let token = unsigned(alg, "c2ln");
        assert_eq!(
            verdict(&public, &token).await.unwrap_err(),
            Check::Algorithm
        );
        assert_eq!(
            verdict(&secret, &token).await.unwrap_err(),
            Check::Algorithm
        );
        let token = unsigned(alg, "");
        assert_eq!(verdict(&public, &token).await.unwrap_err(), Check::Syntax);
        assert_eq!(verdict(&secret, &token).await.unwrap_err(), Check::Syntax);
    }
    for alg in ["RS256", "HS256"] {
        let token = unsigned(alg, "");
        assert_eq!(verdict(&public, &token).await.unwrap_err(), Check::Syntax);
        assert_eq!(verdict(&secret, &token).await.unwrap_err(), Check::Syntax);
    }
    assert_eq!(publisher.fetches(), 0);
}

// RFC 7515 section 4.1.1.
#[test]
fn names_of_algorithms_have_a_case() {
    let signing = SigningKey::hs256(SECRET.as_bytes());
    for alg in ["hs256", "Hs256", "HS256 ", "HS-256", "HMACSHA256"] {
        let header = json!({ "alg": alg }).to_string();
        let token = signing.token(&header, &good_claims().to_string());
        check_by(&verifier(), &token, Err(Check::Algorithm));
    }
}

// RFC 8725 section 2.1: everybody has the public key, and could sign with it.
#[tokio::test]
async fn a_public_key_is_no_secret_in_any_form() {
    let jwk = SigningKey::rs256().jwk("a");
    let publisher = Publisher::of(std::slice::from_ref(&jwk));
    let verifier = publisher.verifier(policy([Algorithm::Rs256]));
    let n = jwk["n"].as_str().unwrap();
    let modulus = URL_SAFE_NO_PAD.decode(n).unwrap();
    let der = rsa_der(&modulus);
    let pem = pem(&der);
    for secret in [
        n.as_bytes(),
        &modulus,
        &der,
        pem.as_bytes(),
        pem.trim_end().as_bytes(),
        jwk.to_string().as_bytes(),
        publisher.document.as_ref(),
        b"",
    ] {
        let header = json!({ "alg": "HS256", "kid": "a" }).to_string();
        let token = SigningKey::hs256(secret).token(&header, &good_claims().to_string());
        assert_eq!(
            verdict(&verifier, &token).await.unwrap_err(),
            Check::Algorithm
        );
        // The same under the name of the right algorithm.
        let header = json!({ "alg": "RS256", "kid": "a" }).to_string();
        let token = SigningKey::hs256(secret).token(&header, &good_claims().to_string());
        assert_eq!(
            verdict(&verifier, &token).await.unwrap_err(),
            Check::Signature
        );
    }
}

/// The SubjectPublicKeyInfo of an RSA key with 2048 bits and the exponent 65537.
fn rsa_der(modulus: &[u8]) -> Vec<u8> {
    const BEFORE: [u8; 33] = [
        0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
        0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82,
        0x01, 0x01, 0x00,
    ];
    const AFTER: [u8; 5] = [0x02, 0x03, 0x01, 0x00, 0x01];
    [&BEFORE, modulus, &AFTER].concat()
}

fn pem(der: &[u8]) -> String {
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

// RFC 8725 section 3.1: one verifier takes secrets or public keys, and not what a token prefers.
#[test]
fn algorithms_of_the_other_kind_are_no_policy() {
    use Algorithm::{Es256, Hs256, Hs512, Rs256};
    let publisher = Publisher::of(&[]);
    let store = JwksStore::new(ProviderUrl::new(KEY_SET).unwrap(), publisher);
    let public = KeySource::Jwks(Arc::new(store));
    let secrets = KeySource::Secrets(vec![secret(SECRET, 1)]);
    let check = |keys: &KeySource, algorithms: &[Algorithm], expected: InvalidPolicy| {
        let verifier = JwtVerifier::new(
            policy(algorithms),
            keys.clone(),
            Arc::new(NoRules),
            SetClock::new(),
        );
        assert_eq!(verifier.unwrap_err(), expected);
    };
    let other_kind = |algorithm| InvalidPolicy::KeysOfAnotherKind { algorithm };
    check(&public, &[Hs256], other_kind(Hs256));
    check(&public, &[Rs256, Hs256], other_kind(Hs256));
    check(&secrets, &[Rs256], other_kind(Rs256));
    check(&secrets, &[Hs256, Es256], other_kind(Es256));
    check(&public, &[], InvalidPolicy::NoAlgorithm);
    // RFC 7518 section 3.2: the secret is too short for it.
    check(
        &secrets,
        &[Hs256, Hs512],
        InvalidPolicy::NoSecret { algorithm: Hs512 },
    );
    check(
        &KeySource::Secrets(Vec::new()),
        &[Hs256],
        InvalidPolicy::NoSecret { algorithm: Hs256 },
    );
}

#[tokio::test]
async fn every_algorithm_verifies_its_own_tokens_and_no_other_ones() {
    let keys = [
        SigningKey::es256(),
        SigningKey::es384(),
        SigningKey::ed25519(),
        SigningKey::ps256(),
        SigningKey::rs256(),
    ];
    let published: Vec<_> = keys.iter().map(|key| key.jwk(key.algorithm())).collect();
    let publisher = Publisher::of(&published);
    let verifier = publisher.verifier(policy(Algorithm::ASYMMETRIC));
    for signing in &keys {
        for claimed in &keys {
            let (alg, kid) = (claimed.algorithm(), signing.algorithm());
            let header = json!({ "alg": alg, "kid": kid }).to_string();
            let token = signing.token(&header, &good_claims().to_string());
            let verdict = verdict(&verifier, &token).await.map(|_| ());
            let expected = if alg == kid { Ok(()) } else { Err(Check::Key) };
            assert_eq!(verdict, expected, "{alg} with the key of {kid}");
        }
    }
}

#[tokio::test]
async fn an_algorithm_that_is_not_configured_is_refused_with_the_right_signature() {
    let signing = SigningKey::ps256();
    let publisher = Publisher::of(&[signing.jwk("a")]);
    let verifier = publisher.verifier(policy([Algorithm::Rs256, Algorithm::Es256]));
    let token = signing.token(r#"{"alg":"PS256","kid":"a"}"#, &good_claims().to_string());
    assert_eq!(
        verdict(&verifier, &token).await.unwrap_err(),
        Check::Algorithm
    );
    assert_eq!(publisher.fetches(), 0);
}
