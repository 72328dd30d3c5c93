use super::*;

// RFC 7519 section 4.1.3, RFC 8725 section 3.9.
#[test]
fn a_token_is_for_this_server_or_refused() {
    check(&claims_with("aud", AUDIENCE), Ok(()));
    check(&claims_with("aud", json!([AUDIENCE])), Ok(()));
    check(
        &claims_with("aud", json!(["api://other", AUDIENCE])),
        Ok(()),
    );
    check(&claims_without("aud"), Err(Check::Audience));
    for aud in [
        json!([]),
        json!(""),
        json!("api://other"),
        json!(["api://other", "api://third"]),
        json!("API://KAFKA"),
        json!("api://kafka/"),
        json!("api://kafka "),
        json!("api://kafk"),
        json!("api://kafka,api://other"),
        json!("api://other api://kafka"),
        json!("*"),
    ] {
        check(&claims_with("aud", aud), Err(Check::Audience));
    }
}

#[test]
fn an_audience_that_is_no_string_is_refused_even_beside_the_right_one() {
    for aud in [
        json!(5),
        json!(null),
        json!(true),
        json!({ "0": AUDIENCE }),
        json!([5]),
        json!([null]),
        json!([[AUDIENCE]]),
        json!([AUDIENCE, 5]),
        json!([{ "aud": AUDIENCE }]),
    ] {
        check(&claims_with("aud", aud), Err(Check::Syntax));
    }
}

#[test]
fn any_of_several_audiences_will_do() {
    let mut policy = policy([Algorithm::Hs256]);
    policy.accepted[0]
        .audiences
        .push("https://kafka.example/mcp".to_owned());
    let verifier = verifier_with(policy, SetClock::new());
    for aud in [AUDIENCE, "https://kafka.example/mcp"] {
        check_by(&verifier, &signed(&claims_with("aud", aud)), Ok(()));
    }
    let slash = signed(&claims_with("aud", "https://kafka.example/mcp/"));
    check_by(&verifier, &slash, Err(Check::Audience));
}

#[test]
fn a_policy_names_issuers_and_audiences() {
    let check_refused = |change: fn(&mut JwtPolicy)| {
        let mut policy = policy([Algorithm::Hs256]);
        change(&mut policy);
        let secrets = KeySource::Secrets(vec![secret(SECRET, 1)]);
        let verifier = JwtVerifier::new(policy, secrets, Arc::new(NoRules), SetClock::new());
        assert_eq!(verifier.unwrap_err(), InvalidPolicy::NoPair);
    };
    check_refused(|policy| policy.accepted.clear());
    check_refused(|policy| policy.accepted[0].audiences.clear());
    check_refused(|policy| policy.accepted[0].audiences.push(String::new()));
    check_refused(|policy| policy.accepted[0].issuer = ExpectedIssuer::Exact(String::new()));
}

#[test]
fn the_rules_of_an_issuer_may_hint_at_what_to_do() {
    let token = BearerToken::new(signed(&claims_with("aud", "api://\nother"))).unwrap();
    let verifier = verifier();
    let verdict = settled(verifier.validate(&token));
    let message = verdict.unwrap_err().to_string();
    assert_eq!(
        message,
        r#"the check of audience failed: aud is "api://\nother", and not "api://kafka" (set another one)"#
    );
}
