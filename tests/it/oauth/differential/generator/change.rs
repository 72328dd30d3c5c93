//! What is changed about tokens.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use testkit::SigningKey;

use self::Change::{After, Claim, Header, Payload, SignedBy, Unsigned};
use super::{
    AUDIENCE, ISSUER, NOW,
    draft::{Draft, Rewrite, Signer},
    random::Random,
};

/// What can be changed.
pub(super) enum Change {
    /// Something about the token after it was signed.
    After(Rewrite),
    /// A claim: replaced, or left away.
    Claim(&'static str, fn(&mut Random) -> Option<Value>),
    /// A member of the header: replaced, or left away.
    Header(&'static str, fn(&mut Random) -> Option<Value>),
    /// All claims, by another text.
    Payload(&'static str),
    /// Who signs.
    SignedBy(Signer),
    /// The algorithm, as with a token that is not signed at all.
    Unsigned(&'static str),
}

impl Change {
    pub(super) fn apply(&self, draft: &mut Draft, random: &mut Random) {
        let (object, name, value) = match self {
            Self::After(after) => {
                draft.after = Some(*after);
                return;
            }
            Self::Claim(name, value) => (&mut draft.claims, *name, value(random)),
            Self::Header(name, value) => (&mut draft.header, *name, value(random)),
            Self::Payload(payload) => {
                draft.payload = Some((*payload).to_owned());
                return;
            }
            Self::SignedBy(signer) => {
                draft.signer = *signer;
                return;
            }
            Self::Unsigned(algorithm) => {
                draft.after = Some(|_, [header, payload, _]| format!("{header}.{payload}."));
                (&mut draft.header, "alg", Some(json!(algorithm)))
            }
        };
        match value {
            Some(value) => object.insert(name.to_owned(), value),
            None => object.remove(name),
        };
    }
}

/// What is changed, only by rules that both sides have. Left out are: members that stand twice,
/// `cnf`, `zip`, `iat` in the future, an empty or strange `sub`, a time beyond any calendar, sloppy
/// base64 and `crit` with `b64`, which only one of them refuses; and the very second of expiry.
pub(super) const CHANGES: &[(&str, Change)] = &[
    ("exp: missing", Claim("exp", |_| None)),
    (
        "exp: past",
        Claim("exp", |random| Some(json!(NOW - 121 - random.small()))),
    ),
    (
        "exp: within any leeway",
        Claim("exp", |_| Some(json!(NOW - 20))),
    ),
    (
        "exp: within a long leeway",
        Claim("exp", |_| Some(json!(NOW - 100))),
    ),
    (
        "exp: a fraction",
        Claim("exp", |_| Some(json!(NOW as f64 + 7.25))),
    ),
    (
        "exp: a past fraction",
        Claim("exp", |_| Some(json!(NOW as f64 - 500.5))),
    ),
    ("exp: negative", Claim("exp", |_| Some(json!(-5)))),
    ("exp: zero", Claim("exp", |_| Some(json!(0)))),
    (
        "exp: text",
        Claim("exp", |_| Some(json!((NOW + 50).to_string()))),
    ),
    ("exp: null", Claim("exp", |_| Some(Value::Null))),
    ("exp: a list", Claim("exp", |_| Some(json!([NOW + 50])))),
    ("exp: true", Claim("exp", |_| Some(json!(true)))),
    (
        "nbf: past",
        Claim("nbf", |random| Some(json!(NOW - random.small()))),
    ),
    ("nbf: now", Claim("nbf", |_| Some(json!(NOW)))),
    (
        "nbf: within any leeway",
        Claim("nbf", |_| Some(json!(NOW + 20))),
    ),
    (
        "nbf: within a long leeway",
        Claim("nbf", |_| Some(json!(NOW + 100))),
    ),
    (
        "nbf: future",
        Claim("nbf", |random| Some(json!(NOW + 121 + random.small()))),
    ),
    ("nbf: text", Claim("nbf", |_| Some(json!(NOW.to_string())))),
    ("nbf: an object", Claim("nbf", |_| Some(json!({})))),
    ("iat: missing", Claim("iat", |_| None)),
    ("iat: text", Claim("iat", |_| Some(json!(NOW.to_string())))),
    ("iss: missing", Claim("iss", |_| None)),
    (
        "iss: another",
        Claim("iss", |_| Some(json!("https://other.example"))),
    ),
    (
        "iss: with a slash",
        Claim("iss", |_| Some(json!(format!("{ISSUER}/")))),
    ),
    (
        "iss: with a suffix",
        Claim("iss", |_| Some(json!(format!("{ISSUER}.evil.example")))),
    ),
    (
        "iss: a prefix",
        Claim("iss", |_| Some(json!(ISSUER[..ISSUER.len() - 1]))),
    ),
    (
        "iss: in capitals",
        Claim("iss", |_| Some(json!(ISSUER.to_uppercase()))),
    ),
    ("iss: empty", Claim("iss", |_| Some(json!("")))),
    ("iss: a list", Claim("iss", |_| Some(json!([ISSUER])))),
    ("iss: null", Claim("iss", |_| Some(Value::Null))),
    ("iss: a number", Claim("iss", |_| Some(json!(7)))),
    ("aud: missing", Claim("aud", |_| None)),
    ("aud: another", Claim("aud", |_| Some(json!("api://other")))),
    (
        "aud: a prefix",
        Claim("aud", |_| Some(json!(AUDIENCE[..AUDIENCE.len() - 1]))),
    ),
    (
        "aud: with a slash",
        Claim("aud", |_| Some(json!(format!("{AUDIENCE}/")))),
    ),
    (
        "aud: in capitals",
        Claim("aud", |_| Some(json!(AUDIENCE.to_uppercase()))),
    ),
    ("aud: a list", Claim("aud", |_| Some(json!([AUDIENCE])))),
    (
        "aud: one of two",
        Claim("aud", |_| Some(json!(["api://other", AUDIENCE]))),
    ),
    (
        "aud: others",
        Claim("aud", |_| Some(json!(["api://other", "x"]))),
    ),
    ("aud: an empty list", Claim("aud", |_| Some(json!([])))),
    (
        "aud: a list in a list",
        Claim("aud", |_| Some(json!([[AUDIENCE]]))),
    ),
    (
        "aud: an object",
        Claim("aud", |_| Some(json!({"0": AUDIENCE}))),
    ),
    ("aud: a number", Claim("aud", |_| Some(json!(7)))),
    ("aud: null", Claim("aud", |_| Some(Value::Null))),
    ("sub: missing", Claim("sub", |_| None)),
    (
        "claims: one more",
        Claim("more", |random| Some(json!("x".repeat(random.below(2000))))),
    ),
    ("payload: a list", Payload("[]")),
    ("payload: text", Payload("\"text\"")),
    ("payload: null", Payload("null")),
    ("payload: no JSON", Payload("{\"iss\":")),
    ("payload: an empty object", Payload("{}")),
    ("typ: missing", Header("typ", |_| None)),
    ("typ: JWT", Header("typ", |_| Some(json!("JWT")))),
    ("typ: jwt", Header("typ", |_| Some(json!("jwt")))),
    ("typ: in capitals", Header("typ", |_| Some(json!("AT+JWT")))),
    (
        "typ: in full",
        Header("typ", |_| Some(json!("application/at+jwt"))),
    ),
    (
        "typ: of another kind",
        Header("typ", |random| Some(json!(random.pick(&OTHER_TYPES)))),
    ),
    ("crit: exp", Header("crit", |_| Some(json!(["exp"])))),
    ("crit: empty", Header("crit", |_| Some(json!([])))),
    ("crit: text", Header("crit", |_| Some(json!("exp")))),
    (
        "crit: unknown",
        Header("crit", |_| Some(json!(["http://example.com/x"]))),
    ),
    ("alg: none", Unsigned("none")),
    ("alg: None", Unsigned("None")),
    ("alg: nOnE", Unsigned("nOnE")),
    ("alg: empty", Unsigned("")),
    (
        "alg: none, and signed",
        Header("alg", |_| Some(json!("none"))),
    ),
    ("alg: missing", Header("alg", |_| None)),
    ("alg: a number", Header("alg", |_| Some(json!(256)))),
    (
        "alg: not one of ours",
        Header("alg", |random| Some(json!(random.pick(&OTHER_ALGORITHMS)))),
    ),
    (
        "kid: unknown",
        Header("kid", |random| {
            Some(json!(format!("unknown-{}", random.small())))
        }),
    ),
    ("kid: missing", Header("kid", |_| None)),
    (
        "kid: of any key",
        Header("kid", |random| Some(json!(random.pick(&KIDS)))),
    ),
    (
        "jwk: a key that fits nothing",
        Header("jwk", |_| Some(SigningKey::rsa(3, "RS256").jwk())),
    ),
    (
        "jku: elsewhere",
        Header("jku", |_| Some(json!("https://evil.example/keys"))),
    ),
    (
        "x5u: elsewhere",
        Header("x5u", |_| Some(json!("https://evil.example/cert"))),
    ),
    ("key: a foreign one", SignedBy(Signer::Foreign)),
    (
        "key: a foreign one, in the header",
        SignedBy(Signer::ForeignInHeader),
    ),
    (
        "key: of the other family",
        SignedBy(Signer::OfTheOtherFamily),
    ),
    ("key: any published one", SignedBy(Signer::AnyPublished)),
    (
        "signature: one bit",
        After(|random, parts| {
            resigned(parts, |signature| {
                let at = random.below(signature.len());
                signature[at] ^= 1 << random.below(8);
            })
        }),
    ),
    (
        "signature: zeros",
        After(|_, parts| resigned(parts, |signature| signature.fill(0))),
    ),
    (
        "signature: a byte less",
        After(|_, parts| resigned(parts, |signature| signature.truncate(signature.len() - 1))),
    ),
    (
        "signature: a byte more",
        After(|_, parts| resigned(parts, |signature| signature.push(0))),
    ),
    (
        "signature: empty",
        After(|_, [header, payload, _]| format!("{header}.{payload}.")),
    ),
    (
        "signature: as DER",
        After(|_, parts| resigned(parts, into_der)),
    ),
    (
        "claims: changed after signing",
        After(|_, [header, payload, signature]| {
            format!("{header}.{}.{signature}", with_member(payload))
        }),
    ),
    (
        "header: changed after signing",
        After(|_, [header, payload, signature]| {
            format!("{}.{payload}.{signature}", with_member(header))
        }),
    ),
    (
        "parts: two",
        After(|_, [header, payload, _]| format!("{header}.{payload}")),
    ),
    (
        "parts: four",
        After(|_, parts| format!("{}.AAAA", parts.join("."))),
    ),
    (
        "parts: five",
        After(|_, parts| format!("{}.AAAA.AAAA", parts.join("."))),
    ),
    (
        "parts: in another order",
        After(|_, [header, payload, signature]| format!("{payload}.{header}.{signature}")),
    ),
    (
        "parts: no header",
        After(|_, [_, payload, signature]| format!(".{payload}.{signature}")),
    ),
    (
        "parts: no payload",
        After(|_, [header, _, signature]| format!("{header}..{signature}")),
    ),
];

const OTHER_TYPES: [&str; 6] = [
    "dpop+jwt",
    "logout+jwt",
    "secevent+jwt",
    "JOSE",
    "at+jwt2",
    "id+jwt",
];
const OTHER_ALGORITHMS: [&str; 8] = [
    "rs256", "es256", "hs256", "eddsa", "RS1", "XS256", "RSA-OAEP", "dir",
];
const KIDS: [&str; 7] = ["rsa", "pss", "p256", "p384", "ed", "oct", "enc"];

fn resigned([header, payload, signature]: [&str; 3], change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    change(&mut signature);
    format!(
        "{header}.{payload}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    )
}

/// ECDSA signatures as other formats have them: with lengths.
fn into_der(signature: &mut Vec<u8>) {
    let (r, s) = signature.split_at(signature.len() / 2);
    let length = u8::try_from(r.len()).unwrap_or(u8::MAX);
    let total = length.wrapping_mul(2).wrapping_add(4);
    *signature = [&[0x30, total, 2, length], r, &[2, length], s].concat();
}

/// A part of a token with one member more.
fn with_member(part: &str) -> String {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
    let mut object: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if let Some(object) = object.as_object_mut() {
        object.insert("scope".to_owned(), "kafka:admin".into());
    }
    BASE64_URL_SAFE_NO_PAD.encode(format!("{object} "))
}
