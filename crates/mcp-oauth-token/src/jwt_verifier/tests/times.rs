use super::*;

// RFC 7519 section 4.1.4, with a leeway of 30 s for clocks that differ.
#[test]
fn a_token_is_accepted_until_its_leeway_is_over() {
    let clock = SetClock::new();
    let verifier = verifier_with(policy([Algorithm::Hs256]), Arc::clone(&clock));
    let token = signed(&claims_with("exp", NOW));
    for (now, expected) in [
        (NOW - 1, Ok(())),
        (NOW, Ok(())),
        (NOW + 30, Ok(())),
        (NOW + 31, Err(Check::Expiry)),
        (NOW + 60, Err(Check::Expiry)),
        (NOW * 2, Err(Check::Expiry)),
    ] {
        clock.set(now);
        check_by(&verifier, &token, expected);
    }
    clock.set_to(UnixTime::from_numeric_date(1_700_000_030.5).unwrap());
    check_by(&verifier, &token, Err(Check::Expiry));
}

#[tokio::test]
async fn the_verdict_on_an_expired_token_is_the_same_from_the_cache() {
    let clock = SetClock::new();
    let plain = verifier_with(policy([Algorithm::Hs256]), Arc::clone(&clock));
    let cached = CachedValidator::new(verifier_with(
        policy([Algorithm::Hs256]),
        Arc::clone(&clock),
    ));
    for exp in [json!(NOW + 10), json!(1_700_000_010.5)] {
        let token = signed(&claims_with("exp", exp));
        for now in [NOW, NOW + 10, NOW + 40, NOW + 41, NOW + 40, NOW + 600, NOW] {
            clock.set(now);
            let verdicts = [
                verdict(&plain, &token)
                    .await
                    .map(|accepted| accepted.principal),
                verdict(&cached, &token)
                    .await
                    .map(|accepted| accepted.principal),
            ];
            assert_eq!(verdicts[0], verdicts[1], "{now}");
            assert_eq!(verdicts[0].is_ok(), now <= NOW + 40, "{now}");
        }
    }
    assert!(cached.stats().hits > 0);
}

#[test]
fn an_accepted_token_is_rechecked_by_its_own_expiry() {
    let clock = SetClock::new();
    let verifier = verifier_with(policy([Algorithm::Hs256]), Arc::clone(&clock));
    let token = signed(&claims_with("exp", NOW));
    let accepted = settled(verdict(&verifier, &token)).unwrap();
    assert_eq!(accepted.principal.expires_at, UnixTime::from_secs(NOW));
    clock.set(NOW + 30);
    assert_eq!(verifier.recheck(&accepted), Ok(()));
    clock.set(NOW + 31);
    assert_eq!(
        verifier.recheck(&accepted).unwrap_err().check(),
        Check::Expiry
    );
}

// RFC 7519 section 4.1.4 leaves it optional; a token that never expires is none for a bearer.
#[test]
fn a_token_without_expiry_is_refused() {
    check(&claims_without("exp"), Err(Check::Expiry));
}

// CVE-2026-25537: a claim of the wrong type must not count as absent, and so as right.
#[test]
fn times_that_are_no_numbers_are_refused() {
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!(NOW.to_string()),
            json!(-1),
            json!(-0.5),
            json!(1e300),
            json!(null),
            json!(true),
            json!([NOW]),
            json!({}),
        ] {
            check(&claims_with(name, value), Err(Check::Syntax));
        }
        let twice = format!(r#"{{"{name}":{NOW},{}"#, &good_claims().to_string()[1..]);
        let expected = if name == "nbf" {
            Ok(())
        } else {
            Err(Check::Syntax)
        };
        check_by(&verifier(), &signed_text(&twice), expected);
    }
}

// RFC 7519 section 2: a NumericDate may have a fraction.
#[test]
fn times_with_a_fraction_are_fine() {
    for name in ["exp", "nbf", "iat"] {
        check(&claims_with(name, json!(1_700_000_000.75)), Ok(()));
        let exponent = signed_text(
            &claims_without(name)
                .to_string()
                .replace('{', &format!(r#"{{"{name}":17e8,"#)),
        );
        check_by(&verifier(), &exponent, Ok(()));
    }
}

#[test]
fn an_expiry_in_the_far_future_is_an_expiry() {
    for exp in [json!(u64::MAX), json!(9.9e18), json!(253_402_300_800_u64)] {
        check(&claims_with("exp", exp), Ok(()));
    }
}

// RFC 7519 section 4.1.5.
#[test]
fn a_token_is_refused_before_it_is_valid() {
    check(&claims_with("nbf", NOW - 1), Ok(()));
    check(&claims_with("nbf", NOW + 30), Ok(()));
    check(&claims_with("nbf", NOW + 31), Err(Check::NotBefore));
    check(&claims_with("nbf", u64::MAX), Err(Check::NotBefore));
}

// RFC 7519 section 4.1.6: a token cannot have been issued later than now.
#[test]
fn a_token_from_the_future_is_refused() {
    check(&claims_without("iat"), Ok(()));
    check(&claims_with("iat", NOW + 30), Ok(()));
    check(&claims_with("iat", NOW + 31), Err(Check::IssuedAt));
    check(&claims_with("iat", u64::MAX), Err(Check::IssuedAt));
}

#[test]
fn a_leeway_beyond_two_minutes_is_no_policy() {
    let policy_with = |leeway| JwtPolicy {
        leeway: Duration::from_secs(leeway),
        ..policy([Algorithm::Hs256])
    };
    let clock = SetClock::new();
    let verifier = verifier_with(policy_with(120), Arc::clone(&clock));
    let token = signed(&claims_with("exp", NOW));
    clock.set(NOW + 120);
    check_by(&verifier, &token, Ok(()));
    clock.set(NOW + 121);
    check_by(&verifier, &token, Err(Check::Expiry));

    let secrets = KeySource::Secrets(vec![secret(SECRET, 1)]);
    let verifier = JwtVerifier::new(policy_with(121), secrets, Arc::new(NoRules), clock);
    assert!(matches!(
        verifier.unwrap_err(),
        InvalidPolicy::Leeway { .. }
    ));
}

#[test]
fn a_clock_that_jumps_lets_no_expired_token_in() {
    let clock = SetClock::new();
    let verifier = verifier_with(policy([Algorithm::Hs256]), Arc::clone(&clock));
    let token = signed(&good_claims());
    for (now, expected) in [
        (NOW, Ok(())),
        (NOW + 600, Err(Check::Expiry)),
        (NOW, Ok(())),
        // Issued in what is the future now.
        (NOW - 600, Err(Check::IssuedAt)),
        (0, Err(Check::IssuedAt)),
        (u64::MAX, Err(Check::Expiry)),
        (NOW + 90, Ok(())),
        (NOW + 91, Err(Check::Expiry)),
    ] {
        clock.set(now);
        check_by(&verifier, &token, expected);
    }
}
