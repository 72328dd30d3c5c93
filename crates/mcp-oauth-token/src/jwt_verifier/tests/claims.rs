use super::*;

#[test]
fn a_good_token_is_accepted() {
    let accepted = settled(verdict(&verifier(), &signed(&good_claims()))).unwrap();
    let principal = &accepted.principal;
    assert_eq!((&*principal.issuer, &*principal.subject), (ISSUER, "alice"));
    assert_eq!(principal.expires_at, UnixTime::from_secs(NOW + 60));
    assert_eq!(accepted.key, Some(KeyId::new(1)));
    assert!(!accepted.from_cache);
}

// RFC 7519 section 4.1.2; OpenID Connect Core section 2 for the length.
#[test]
fn a_subject_is_a_short_printable_string() {
    check(&claims_without("sub"), Err(Check::Subject));
    for (sub, expected) in [
        (json!("a".repeat(255)), Ok(())),
        (json!("renée@example.com"), Ok(())),
        (json!("a".repeat(256)), Err(Check::Subject)),
        (json!(""), Err(Check::Subject)),
        (json!("a\nb"), Err(Check::Subject)),
        (json!("a\u{0}"), Err(Check::Subject)),
        (json!("\u{7f}"), Err(Check::Subject)),
        (json!("\u{85}"), Err(Check::Subject)),
        (json!(7), Err(Check::Syntax)),
        (json!(null), Err(Check::Syntax)),
        (json!(["alice"]), Err(Check::Syntax)),
    ] {
        check(&claims_with("sub", sub), expected);
    }
}

// RFC 9449 section 7.1, RFC 8705 section 3: whoever stole it could use it.
#[test]
fn a_token_that_is_bound_to_a_key_is_no_bearer_token() {
    for cnf in [
        json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
        json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }),
        json!({}),
        json!(null),
        json!(false),
    ] {
        check(&claims_with("cnf", cnf), Err(Check::Confirmation));
    }
}

// RFC 8725 section 3.11, RFC 9068 section 4: media types are compared without case, and many
// issuers name none.
#[test]
fn tokens_that_say_they_are_something_else_are_refused() {
    for (typ, expected) in [
        ("JWT", Ok(())),
        ("jwt", Ok(())),
        ("at+jwt", Ok(())),
        ("AT+JWT", Ok(())),
        ("application/at+jwt", Ok(())),
        ("Application/At+Jwt", Ok(())),
        ("", Err(Check::TokenType)),
        ("id+jwt", Err(Check::TokenType)),
        ("logout+jwt", Err(Check::TokenType)),
        ("dpop+jwt", Err(Check::TokenType)),
        ("rt+jwt", Err(Check::TokenType)),
        ("secevent+jwt", Err(Check::TokenType)),
        ("JWT ", Err(Check::TokenType)),
        ("application/jwt", Err(Check::TokenType)),
        ("at+jwt; charset=utf-8", Err(Check::TokenType)),
    ] {
        let header = json!({ "alg": "HS256", "typ": typ }).to_string();
        let signing = SigningKey::hs256(SECRET.as_bytes());
        let token = signing.token(&header, &good_claims().to_string());
        check_by(&verifier(), &token, expected);
    }
}

// RFC 9068 section 5: an id token says who logged in somewhere, and opens nothing.
#[test]
fn an_id_token_is_no_access_token() {
    for mark in ["nonce", "at_hash", "c_hash"] {
        for value in [json!("x"), json!(""), json!(null)] {
            check(&claims_with(mark, value), Err(Check::TokenType));
        }
    }
}

#[test]
fn an_id_token_is_accepted_where_the_policy_says_so() {
    let mut policy = policy([Algorithm::Hs256]);
    policy.takes_id_tokens = true;
    let verifier = verifier_with(policy, SetClock::new());
    for mark in ["nonce", "at_hash", "c_hash"] {
        check_by(&verifier, &signed(&claims_with(mark, "x")), Ok(()));
        let foreign = claims_with(mark, "x")
            .to_string()
            .replace(AUDIENCE, "api://other");
        check_by(&verifier, &signed_text(&foreign), Err(Check::Audience));
    }
}

#[test]
fn what_no_rule_asks_for_is_left_alone() {
    let mut claims = good_claims();
    for (name, value) in [
        ("scope", json!("kafka:read")),
        ("jti", json!(5)),
        (
            "realm_access",
            json!({ "roles": ["admin"], "nested": [[[{}]]] }),
        ),
        ("", json!("")),
        ("__proto__", json!({ "sub": "bob" })),
    ] {
        claims[name] = value;
    }
    check(&claims, Ok(()));
}
