use serde_json::json;

use super::*;
use crate::signing_key::SigningKey;

const INPUT: &[u8] = b"header.claims";

fn key(jwk: &Value) -> Result<VerificationKey, UnusableKey> {
    VerificationKey::from_jwk(jwk, KeyId::new(1))
}

fn with(mut jwk: Value, member: &str, value: impl Into<Value>) -> Value {
    jwk[member] = value.into();
    jwk
}

fn signing_keys() -> [SigningKey; 5] {
    [
        SigningKey::es256(),
        SigningKey::es384(),
        SigningKey::ed25519(),
        SigningKey::ps256(),
        SigningKey::rs256(),
    ]
}

#[track_caller]
fn check_refused(key: &VerificationKey, algorithm: Algorithm, signature: &[u8], check: Check) {
    let rejection = key.verify(algorithm, INPUT, signature).unwrap_err();
    assert_eq!(rejection.check(), check);
}

#[test]
fn a_published_key_verifies_what_it_signed_and_nothing_else() {
    for signing in signing_keys() {
        let key = key(&signing.jwk("a")).unwrap();
        let algorithm = signing.algorithm().parse().unwrap();
        let signature = signing.signature(INPUT);
        key.verify(algorithm, INPUT, &signature).unwrap();
        let other_input = key.verify(algorithm, b"header.other", &signature);
        assert_eq!(other_input.unwrap_err().check(), Check::Signature);
        check_refused(&key, algorithm, &[], Check::Signature);
        check_refused(
            &key,
            algorithm,
            &[&*signature, &[0]].concat(),
            Check::Signature,
        );
    }
}

// RFC 8725 section 3.1: a key is for one algorithm, or one family of them, and not for the other
// kind at all.
#[test]
fn a_key_fits_no_algorithm_of_another_kind() {
    for signing in signing_keys() {
        let key = key(&signing.jwk("a")).unwrap();
        let own = signing.algorithm();
        for algorithm in Algorithm::ASYMMETRIC {
            assert_eq!(
                key.fits(algorithm),
                algorithm.as_str() == own,
                "{own} {algorithm}"
            );
        }
        for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
            check_refused(&key, algorithm, &signing.signature(INPUT), Check::Algorithm);
        }
    }
    let secret = "s".repeat(64).into();
    let secret = VerificationKey::from_secret(&secret, KeyId::new(1)).unwrap();
    for algorithm in Algorithm::ASYMMETRIC {
        check_refused(&secret, algorithm, &[0; 64], Check::Algorithm);
    }
}

#[test]
fn an_rsa_key_without_alg_is_for_both_paddings() {
    let mut jwk = SigningKey::rs256().jwk("a");
    jwk.as_object_mut().unwrap().remove("alg");
    let key = key(&jwk).unwrap();
    for signing in [SigningKey::rs256(), SigningKey::ps256()] {
        let algorithm = signing.algorithm().parse().unwrap();
        key.verify(algorithm, INPUT, &signing.signature(INPUT))
            .unwrap();
    }
    check_refused(
        &key,
        Algorithm::Ps256,
        &SigningKey::rs256().signature(INPUT),
        Check::Signature,
    );
}

#[test]
fn keys_for_algorithms_that_are_not_accepted_are_unusable() {
    let rsa = SigningKey::rs256().jwk("a");
    let p256 = SigningKey::es256().jwk("a");
    for (jwk, alg) in [
        (&rsa, "RS512"),
        (&rsa, "RSA-OAEP"),
        (&rsa, "ES256"),
        (&rsa, "HS256"),
        (&rsa, "none"),
        (&p256, "ES384"),
        (&p256, "ECDH-ES"),
    ] {
        let jwk = with(jwk.clone(), "alg", alg);
        assert_eq!(
            key(&jwk).unwrap_err(),
            UnusableKey::Algorithm { alg: alg.into() }
        );
    }
}

// RFC 7517 section 9.2: secrets are not published, so what is published is no secret.
#[test]
fn secret_and_private_keys_of_a_key_set_are_unusable() {
    let oct = json!({ "kty": "oct", "alg": "HS256", "kid": "a", "k": "c2VjcmV0" });
    assert_eq!(
        key(&oct).unwrap_err(),
        UnusableKey::NotPublic { member: "k" }
    );
    let oct = json!({ "kty": "oct", "alg": "HS256", "kid": "a" });
    assert!(matches!(key(&oct).unwrap_err(), UnusableKey::Kind { .. }));
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let jwk = with(SigningKey::rs256().jwk("a"), member, "AQAB");
        assert_eq!(key(&jwk).unwrap_err(), UnusableKey::NotPublic { member });
    }
}

// RFC 7517 sections 4.2 and 4.3.
#[test]
fn keys_that_are_not_for_signatures_are_unusable() {
    let jwk = SigningKey::es256().jwk("a");
    for (member, value) in [
        ("use", json!("enc")),
        ("use", json!(["sig"])),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!([])),
        ("key_ops", json!("verify")),
    ] {
        let jwk = with(jwk.clone(), member, value);
        assert_eq!(
            key(&jwk).unwrap_err(),
            UnusableKey::NotForSignatures,
            "{jwk}"
        );
    }
    key(&with(jwk, "key_ops", json!(["verify"]))).unwrap();
}

#[test]
fn keys_of_unknown_kinds_are_unusable() {
    let point = "A".repeat(43);
    for (kty, crv) in [
        ("EC", "P-521"),
        ("EC", "secp256k1"),
        ("EC", "Ed25519"),
        ("OKP", "Ed448"),
        ("OKP", "X25519"),
        ("OKP", "P-256"),
        ("rsa", ""),
        ("", ""),
    ] {
        let jwk = json!({ "kty": kty, "crv": crv, "x": point, "y": point });
        let unusable = UnusableKey::Kind {
            kty: kty.into(),
            crv: crv.into(),
        };
        assert_eq!(key(&jwk).unwrap_err(), unusable);
    }
    for jwk in [json!({}), json!([]), json!("key"), json!(null)] {
        assert!(key(&jwk).is_err(), "{jwk}");
    }
}

#[test]
fn malformed_keys_are_unusable() {
    let (rsa, ec) = (SigningKey::rs256().jwk("a"), SigningKey::es256().jwk("a"));
    let n = rsa["n"].as_str().unwrap();
    let even = URL_SAFE_NO_PAD.encode([0xff; 255].into_iter().chain([0xfe]).collect::<Vec<u8>>());
    for (jwk, member, value) in [
        (&rsa, "n", json!(null)),
        (&rsa, "n", json!(5)),
        (&rsa, "n", json!(format!("{n}=="))),
        (&rsa, "n", json!(n.replace(['-', '_'], "+"))),
        (&rsa, "n", json!(even)),
        (&rsa, "e", json!("")),
        (&rsa, "e", json!("AQ")),
        (&rsa, "e", json!("Ag")),
        (&rsa, "e", json!("AQAAAAE")),
        (&ec, "x", json!("A".repeat(42))),
        (&ec, "x", json!("A".repeat(44))),
        (&ec, "y", json!("")),
        (&ec, "kid", json!(7)),
        (&ec, "alg", json!(["ES256"])),
        (&ec, "kty", json!(true)),
    ] {
        let jwk = with(jwk.clone(), member, value);
        assert_eq!(
            key(&jwk).unwrap_err(),
            UnusableKey::Malformed { member },
            "{jwk}"
        );
    }
}

// RFC 7518 section 3.3 asks for 2048 bits; more than 8192 only cost time.
#[test]
fn rsa_keys_of_unusual_sizes_are_unusable() {
    for (bytes, bits) in [(128, 1024), (255, 2040), (1025, 8200), (0, 0)] {
        let n = URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
        let jwk = with(SigningKey::rs256().jwk("a"), "n", n);
        assert_eq!(key(&jwk).unwrap_err(), UnusableKey::Size { bits });
    }
}

#[test]
fn leading_zeros_of_a_modulus_do_no_harm() {
    let signing = SigningKey::rs256();
    let jwk = signing.jwk("a");
    let n = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    let jwk = with(jwk, "n", URL_SAFE_NO_PAD.encode([&[0, 0], &*n].concat()));
    let key = key(&jwk).unwrap();
    key.verify(Algorithm::Rs256, INPUT, &signing.signature(INPUT))
        .unwrap();
}

// CVE-2022-21449: zeros once verified anything. RFC 7518 section 3.4: r and s, as they are.
#[test]
fn ecdsa_signatures_are_two_numbers_in_range_of_fixed_length() {
    for (signing, bytes) in [(SigningKey::es256(), 32), (SigningKey::es384(), 48)] {
        let key = key(&signing.jwk("a")).unwrap();
        let algorithm = signing.algorithm().parse().unwrap();
        let signature = signing.signature(INPUT);
        let (r, s) = signature.split_at(bytes);
        let zero = vec![0; bytes];
        let ones = vec![0xff; bytes];
        for bad in [
            [&*zero, &*zero].concat(),
            [r, &*zero].concat(),
            [&*zero, s].concat(),
            [&*ones, &*ones].concat(),
            [s, r].concat(),
            [&[0], r, &[0], s].concat(),
            signature[..signature.len() - 1].to_vec(),
            der(r, s),
        ] {
            check_refused(&key, algorithm, &bad, Check::Signature);
        }
    }
}

/// The form of X.509 and TLS, which is not that of JWS.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let positive = [&[0], number].concat();
        [&[2, u8::try_from(positive.len()).unwrap()], &*positive].concat()
    };
    let body = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(body.len()).unwrap()], &*body].concat()
}

#[test]
fn a_point_that_is_not_on_the_curve_verifies_nothing() {
    let signing = SigningKey::es256();
    let jwk = signing.jwk("a");
    let key = key(&with(jwk.clone(), "x", jwk["y"].clone())).unwrap();
    check_refused(
        &key,
        Algorithm::Es256,
        &signing.signature(INPUT),
        Check::Signature,
    );
}

// RFC 7518 section 3.2: a secret is as long as the hash, or longer.
#[test]
fn a_secret_serves_algorithms_no_stronger_than_itself() {
    use Algorithm::{Hs256, Hs384, Hs512};
    for (bytes, expected) in [
        (32, vec![Hs256]),
        (47, vec![Hs256]),
        (48, vec![Hs256, Hs384]),
        (64, vec![Hs256, Hs384, Hs512]),
    ] {
        let key = VerificationKey::from_secret(&"s".repeat(bytes).into(), KeyId::new(1)).unwrap();
        let fits = [Hs256, Hs384, Hs512]
            .into_iter()
            .filter(|name| key.fits(*name));
        assert_eq!(fits.collect::<Vec<_>>(), expected);
    }
    let short = VerificationKey::from_secret(&"s".repeat(31).into(), KeyId::new(1));
    assert_eq!(short.unwrap_err(), UnusableKey::ShortSecret { bytes: 31 });
}

// RFC 8725 section 3.1: the public key of an RSA pair must not become an HMAC secret.
#[test]
fn a_key_in_text_form_is_no_secret() {
    for secret in [
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n",
        "  -----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7",
    ] {
        let key = VerificationKey::from_secret(&secret.into(), KeyId::new(1));
        assert_eq!(key.unwrap_err(), UnusableKey::KeyAsSecret);
    }
}

#[test]
fn a_key_is_the_same_only_with_name_use_and_material() {
    let signing = SigningKey::rs256();
    let jwk = signing.jwk("a");
    let original = key(&jwk).unwrap();
    let again = VerificationKey::from_jwk(&jwk, KeyId::new(2)).unwrap();
    assert!(original.is_same_as(&again));
    assert_eq!(again.with_id(original.id()).id(), original.id());
    for other in [
        signing.jwk("b"),
        SigningKey::ps256().jwk("a"),
        SigningKey::es256().jwk("a"),
        with(jwk.clone(), "e", "Aw"),
        with(jwk, "issuer", "https://issuer.example"),
    ] {
        assert!(!original.is_same_as(&key(&other).unwrap()), "{other}");
    }
    let ec = [SigningKey::es256(), SigningKey::es256()].map(|one| key(&one.jwk("a")).unwrap());
    assert!(!ec[0].is_same_as(&ec[1]));
}

#[test]
fn a_secret_is_not_printed() {
    let secret = "canary-canary-canary-canary-canary".to_owned();
    let bytes = format!("{:?}", secret.as_bytes());
    let key = VerificationKey::from_secret(&secret.into(), KeyId::new(1)).unwrap();
    let printed = format!("{key:?} {key:#?}");
    assert!(!printed.contains("canary") && !printed.contains(&bytes));
}
