use proptest::prelude::*;

use super::*;

#[test]
fn a_token_with_any_character_changed_is_refused() {
    let token = signed(&good_claims());
    let verifier = verifier();
    for position in 0..token.len() {
        for other in ["A", "B", "_", "."] {
            let mut changed = token.clone();
            changed.replace_range(position..=position, other);
            if changed != token {
                let token = BearerToken::new(changed).unwrap();
                let verdict = settled(verifier.validate(&token));
                assert!(verdict.is_err(), "{position} {other}");
            }
        }
    }
}

#[test]
fn a_token_that_is_cut_or_continued_is_refused() {
    let token = signed(&good_claims());
    let verifier = verifier();
    let cut = (1..token.len()).map(|length| token[..length].to_owned());
    let continued = ["A", "=", "==", ".", "AAAA", ".AAAA"].map(|more| format!("{token}{more}"));
    for changed in cut.chain(continued) {
        let token = BearerToken::new(changed).unwrap();
        let verdict = settled(verifier.validate(&token));
        assert!(verdict.is_err(), "{token:?}");
    }
}

#[test]
fn the_signature_of_one_token_does_not_serve_another() {
    let (alice, bob) = (signed(&good_claims()), signed(&claims_with("sub", "bob")));
    let (input, _) = bob.rsplit_once('.').unwrap();
    let (_, signature) = alice.rsplit_once('.').unwrap();
    check_by(
        &verifier(),
        &format!("{input}.{signature}"),
        Err(Check::Signature),
    );
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (NOW - 100..NOW + 100).prop_map(Value::from),
        prop_oneof![Just(ISSUER), Just(AUDIENCE), Just("alice")].prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn claim_name() -> impl Strategy<Value = &'static str> {
    let names = [
        "iss", "aud", "sub", "exp", "nbf", "iat", "cnf", "nonce", "ver", "tid", "scope",
    ];
    prop::sample::select(names.to_vec())
}

proptest! {
    #[test]
    fn no_text_breaks_the_verifier(text in "[A-Za-z0-9._~+/-]{1,200}={0,2}") {
        let token = BearerToken::new(text).unwrap();
        let verdict = settled(verifier().validate(&token));
        prop_assert!(verdict.is_err());
    }

    #[test]
    fn no_header_and_claims_break_the_verifier(header in any::<String>(), claims in any::<String>()) {
        let token = SigningKey::hs256(SECRET.as_bytes()).token(&header, &claims);
        if let Ok(token) = BearerToken::new(token) {
            let verdict = settled(verifier().validate(&token));
            prop_assert!(verdict.is_err());
        }
    }

    // Signed by the right key, so that nothing but the claims decides.
    #[test]
    fn what_is_accepted_says_what_it_must(
        changes in prop::collection::vec((claim_name(), json_value()), 1..4),
    ) {
        let mut claims = good_claims();
        for (name, value) in changes {
            claims[name] = value;
        }
        let Ok(token) = BearerToken::new(signed(&claims)) else { return Ok(()) };
        if let Ok(accepted) = settled(verifier().validate(&token)) {
            let aud = &claims["aud"];
            prop_assert_eq!(&claims["iss"], ISSUER);
            prop_assert!(aud == AUDIENCE || aud.as_array().unwrap().contains(&AUDIENCE.into()));
            prop_assert_eq!(&claims["sub"], &*accepted.principal.subject);
            prop_assert!(claims["exp"].as_f64().unwrap() >= (NOW - 30) as f64);
            for name in ["nbf", "iat"] {
                let time = claims.get(name).map_or(0.0, |time| time.as_f64().unwrap());
                prop_assert!((0.0..=(NOW + 30) as f64).contains(&time));
            }
            prop_assert!(claims.get("cnf").is_none() && claims.get("nonce").is_none());
        }
    }
}
