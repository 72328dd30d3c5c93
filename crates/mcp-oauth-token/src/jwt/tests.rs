use super::*;
use crate::UnixTime;

const HEADER: &str = r#"{"alg":"RS256"}"#;
const CLAIMS: &str = r#"{"sub":"alice"}"#;

fn encoded(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

#[track_caller]
fn check_refused(token: &str) {
    let token = BearerToken::new(token).unwrap();
    let rejection = UnverifiedJwt::parse(&token).unwrap_err();
    assert_eq!(rejection.check(), Check::Syntax, "{token:?}");
    assert!(!rejection.to_string().contains("canary"), "{rejection}");
}

#[track_caller]
fn check_parts_refused(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) {
    check_refused(&format!("{}.{}.c2ln", encoded(header), encoded(claims)));
}

fn claims(claims: &str) -> Claims {
    let token = format!("{}.{}.c2ln", encoded(HEADER), encoded(claims));
    let token = BearerToken::new(token).unwrap();
    UnverifiedJwt::parse(&token).unwrap().claims
}

#[test]
fn a_token_is_taken_apart() {
    let header = r#" {"alg":"ES256","kid":"a","typ":"at+jwt","nonce":"n"} "#;
    let token = format!("{}.{}.c2ln", encoded(header), encoded(CLAIMS));
    let token = BearerToken::new(token).unwrap();
    let jwt = UnverifiedJwt::parse(&token).unwrap();
    let header = jwt.header();
    assert_eq!(header.alg(), "ES256");
    assert_eq!((header.kid(), header.typ()), (Some("a"), Some("at+jwt")));
    assert!(header.contains("nonce") && !header.contains("jku"));
    assert_eq!(jwt.claims().text("sub"), Ok(Some("alice")));
    assert_eq!(jwt.claims().names().collect::<Vec<_>>(), ["sub"]);
    assert_eq!(jwt.signature(), b"sig");
    assert!(
        token
            .expose_secret()
            .as_bytes()
            .starts_with(jwt.signing_input())
    );
}

// RFC 7515 section 7.1. A JWE (RFC 7516) has five parts.
#[test]
fn a_token_has_three_parts() {
    let (header, claims) = (encoded(HEADER), encoded(CLAIMS));
    for token in [
        header.clone(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!(".{claims}.c2ln"),
        format!("{header}..c2ln"),
        format!("{header}.{claims}.c2ln."),
        format!("{header}.{claims}.c2ln.c2ln"),
        format!("{header}.{claims}.c2ln.c2ln.c2ln"),
        format!(".{header}.{claims}.c2ln"),
        ".".to_owned(),
        "..".to_owned(),
        "....".to_owned(),
    ] {
        check_refused(&token);
    }
}

// RFC 7515 section 7.2 is for other protocols.
#[test]
fn a_token_in_json_form_is_no_bearer_token() {
    let (header, claims) = (encoded(HEADER), encoded(CLAIMS));
    let flat = format!(r#"{{"protected":"{header}","payload":"{claims}","signature":"c2ln"}}"#);
    assert!(BearerToken::new(flat).is_err());
}

// RFC 7515 section 2: base64url without padding. One token must not have several spellings.
#[test]
fn base64_is_read_strictly() {
    let (header, claims) = (encoded(HEADER), encoded(CLAIMS));
    for token in [
        format!("{header}.{claims}.c2lnAA=="),
        format!("{header}.{claims}.c2ln+/"),
        format!("{header}.{claims}.c2l~"),
        // One character codes no octet.
        format!("{header}.{claims}.c2lnA"),
        // Bits that are left over must be zero.
        format!("{header}.{claims}.c2lnAB"),
        format!("{header}.{claims}~.c2ln"),
        format!("{header}+.{claims}.c2ln"),
    ] {
        check_refused(&token);
    }
}

#[test]
fn header_and_claims_are_json_objects() {
    for json in [
        "",
        "null",
        "[]",
        "5",
        "true",
        "\"canary\"",
        "{",
        "{}x",
        "{} {}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":}",
        "{a:1}",
        "\u{feff}{}",
        "{\"a\":NaN}",
        "{\"a\":1e999}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\n\"}",
        "[{\"canary\":1}]",
        "{\"canary\":1",
    ] {
        check_parts_refused(HEADER, json);
        check_parts_refused(json, CLAIMS);
    }
    check_parts_refused(HEADER, b"{\"a\":\"\xff\"}");
    check_parts_refused(HEADER, [0x1f, 0x8b, 8, 0, 0]);
}

// RFC 7519 section 4: each claim once. Else two readers read two tokens.
#[test]
fn a_member_twice_is_refused() {
    check_parts_refused(HEADER, r#"{"sub":"alice","sub":"bob"}"#);
    check_parts_refused(HEADER, r#"{"exp":1,"exp":1}"#);
    check_parts_refused(HEADER, r#"{"exp":1,"e\u0078p":2}"#);
    check_parts_refused(r#"{"alg":"RS256","alg":"HS256"}"#, CLAIMS);
    check_parts_refused(r#"{"alg":"RS256","kid":"a","kid":"b"}"#, CLAIMS);
}

// RFC 7515 section 4.1.11: what is critical and not understood makes a token invalid. RFC 7516
// section 4.1.3: nothing is decompressed, so nothing can be a bomb. RFC 7797 for `b64`.
#[test]
fn headers_that_change_how_the_rest_is_read_are_refused() {
    for member in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":["b64"],"b64":false"#,
        r#""b64":true"#,
        r#""zip":"DEF""#,
        r#""zip":null"#,
        r#""enc":"A256GCM""#,
        r#""cty":"JWT""#,
        r#""cty":"jwt""#,
    ] {
        check_parts_refused(format!(r#"{{"alg":"RS256",{member}}}"#), CLAIMS);
    }
}

// RFC 7519 section 5.2: the claims of a nested token are a token.
#[test]
fn a_token_inside_a_token_is_refused() {
    let inner = format!("{}.{}.c2ln", encoded(HEADER), encoded(CLAIMS));
    check_parts_refused(HEADER, inner);
}

#[test]
fn members_of_the_header_are_strings() {
    for member in [
        r#""kid":7"#,
        r#""kid":null"#,
        r#""typ":["JWT"]"#,
        r#""cty":{}"#,
    ] {
        check_parts_refused(format!(r#"{{"alg":"RS256",{member}}}"#), CLAIMS);
    }
    check_parts_refused(r#"{"alg":null}"#, CLAIMS);
    check_parts_refused(r#"{"alg":["RS256"]}"#, CLAIMS);
}

#[test]
fn a_header_without_alg_names_no_algorithm() {
    let token = format!("{}.{}.c2ln", encoded("{}"), encoded(CLAIMS));
    let token = BearerToken::new(token).unwrap();
    let rejection = UnverifiedJwt::parse(&token).unwrap_err();
    assert_eq!(rejection.check(), Check::Algorithm);
}

#[test]
fn deep_json_is_refused_before_it_takes_the_stack() {
    for depth in [200, 3000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        check_parts_refused(HEADER, format!(r#"{{"a":{open}{close}}}"#));
        check_parts_refused(HEADER, format!(r#"{{"a":{open}"#));
        let objects = r#"{"a":"#.repeat(depth.min(1500));
        check_parts_refused(HEADER, objects);
    }
}

#[test]
fn long_headers_and_signatures_are_refused_unread() {
    let (header, claims) = (encoded(HEADER), encoded(CLAIMS));
    check_refused(&format!(
        "{}.{claims}.c2ln",
        "A".repeat(MAX_HEADER_CHARS + 1)
    ));
    let signature = "A".repeat(MAX_SIGNATURE_CHARS + 2);
    check_refused(&format!("{header}.{claims}.{signature}"));
    let longest = format!("{header}.{claims}.{}", encoded([0; 1024]));
    UnverifiedJwt::parse(&BearerToken::new(longest).unwrap()).unwrap();
}

// RFC 7519 section 2, CVE-2026-25537: a NumericDate is a JSON number, and nothing like one.
#[test]
fn times_are_numbers() {
    let claims = claims(
        r#"{"whole":1700000000,"fraction":1700000000.25,"exponent":17e8,"zero":0,
            "text":"1700000000","negative":-1,"huge":1e300,"null":null,"bool":true,"list":[1]}"#,
    );
    let time = |name| claims.time(name).unwrap().map(UnixTime::as_secs);
    assert_eq!(time("whole"), Some(1_700_000_000));
    assert_eq!(time("fraction"), Some(1_700_000_000));
    assert_eq!(time("exponent"), Some(1_700_000_000));
    assert_eq!(time("zero"), Some(0));
    assert_eq!(time("absent"), None);
    for name in ["text", "negative", "huge", "null", "bool", "list"] {
        assert_eq!(
            claims.time(name).unwrap_err().check(),
            Check::Syntax,
            "{name}"
        );
    }
}

#[test]
fn a_claim_of_another_type_is_not_as_good_as_absent() {
    let claims = claims(
        r#"{"text":"a","list":["a","b"],"mixed":["a",1],"nested":[["a"]],"empty":[],
            "true":true,"true_text":"true","null":null,"number":1,"object":{}}"#,
    );
    assert_eq!(claims.text("text"), Ok(Some("a")));
    assert_eq!(claims.text("absent"), Ok(None));
    for name in ["list", "true", "null", "number", "object"] {
        assert_eq!(
            claims.text(name).unwrap_err().check(),
            Check::Syntax,
            "{name}"
        );
    }
    assert_eq!(claims.list("text"), Ok(vec!["a"]));
    assert_eq!(claims.list("list"), Ok(vec!["a", "b"]));
    assert_eq!(claims.list("empty"), Ok(vec![]));
    assert_eq!(claims.list("absent"), Ok(vec![]));
    for name in ["mixed", "nested", "true", "null", "number", "object"] {
        assert_eq!(
            claims.list(name).unwrap_err().check(),
            Check::Syntax,
            "{name}"
        );
    }
    assert_eq!(claims.flag("true"), Ok(Some(true)));
    assert_eq!(claims.flag("true_text"), Ok(Some(true)));
    for name in ["text", "list", "null", "number", "object"] {
        assert_eq!(
            claims.flag(name).unwrap_err().check(),
            Check::Syntax,
            "{name}"
        );
    }
    assert!(claims.contains("null") && !claims.contains("absent"));
}

#[test]
fn a_header_is_read_whatever_is_behind_it() {
    let header = encoded(r#"{"alg":"HS256","kid":"one"}"#);
    for rest in ["", ".", ".x.y", ".-", ".e30.AA"] {
        let token = BearerToken::new(format!("{header}{rest}")).unwrap();
        let read = UnverifiedJwt::header_of(&token).unwrap();
        assert_eq!(read.kid(), Some("one"), "{rest}");
    }
    for malformed in [
        "e30.e30.AA",
        "abc",
        &encoded(r#"{"alg":"HS256","alg":"none"}"#),
    ] {
        let token = BearerToken::new(malformed).unwrap();
        assert!(UnverifiedJwt::header_of(&token).is_err(), "{malformed}");
    }
}

#[test]
fn neither_a_token_nor_what_it_claims_is_printed() {
    let token = format!(
        "{}.{}.{}",
        encoded(r#"{"alg":"RS256","x":"canary"}"#),
        encoded(r#"{"email":"canary"}"#),
        encoded("canary"),
    );
    let token = BearerToken::new(token).unwrap();
    let jwt = UnverifiedJwt::parse(&token).unwrap();
    let printed = format!("{jwt:?}");
    assert!(printed.contains("email") && printed.contains("RS256"));
    assert!(!printed.contains("canary") && !printed.contains(&encoded("canary")));
    assert!(!printed.contains(&format!("{:?}", b"canary")));
}
