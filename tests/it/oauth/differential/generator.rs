//! Tokens by the thousand, right ones and changed ones, the same in each run.

use std::{rc::Rc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use testkit::SigningKey;

/// Makes tokens, the same ones for the same seed.
pub(super) struct Generator {
    random: Random,
    policies: Rc<[Policy]>,
    keys: Vec<SigningKey>,
    secrets: Vec<SigningKey>,
    foreign: SigningKey,
}

/// What a token is judged by.
pub(super) struct Policy {
    pub(super) issuer: &'static str,
    pub(super) audience: &'static str,
    pub(super) algorithms: &'static [&'static str],
    pub(super) leeway: Duration,
    pub(super) secret: Option<&'static str>,
    pub(super) jwks: Value,
}

pub(super) struct Sample {
    pub(super) token: String,
    pub(super) policy: usize,
    /// What was changed about it.
    pub(super) changes: Vec<&'static str>,
}

impl Policy {
    pub(super) fn for_judge(&self) -> Value {
        let mut policy = json!({
            "issuer": self.issuer, "audience": self.audience, "algorithms": self.algorithms,
            "typ": ["at+jwt", "JWT"], "now": NOW, "leeway": self.leeway.as_secs(),
        });
        match self.secret {
            Some(secret) => policy["secret"] = secret.into(),
            None => policy["jwks"] = self.jwks.clone(),
        }
        policy
    }
}

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        let keys = vec![
            SigningKey::rsa(1, "RS256").with_kid("rsa"),
            SigningKey::rsa(2, "PS256").with_kid("pss"),
            SigningKey::generate("ES256").with_kid("p256"),
            SigningKey::generate("ES384").with_kid("p384"),
            SigningKey::generate("EdDSA").with_kid("ed"),
        ];
        let secrets = ["HS256", "HS384", "HS512"];
        let secrets = secrets.map(|algorithm| SigningKey::secret(algorithm, SECRET.as_bytes()));
        let mut published: Vec<Value> = keys.iter().map(SigningKey::jwk).collect();
        // Neither may ever verify anything.
        published.push(
            SigningKey::secret("HS256", SECRET.as_bytes())
                .with_kid("oct")
                .jwk(),
        );
        let mut encryption = SigningKey::rsa(3, "RS256").with_kid("enc").jwk();
        encryption["use"] = "enc".into();
        published.push(encryption);
        let jwks = json!({ "keys": published });
        let policy = |algorithms, leeway, secret| Policy {
            issuer: ISSUER,
            audience: AUDIENCE,
            algorithms,
            leeway: Duration::from_secs(leeway),
            secret,
            jwks: jwks.clone(),
        };
        let all: &[&str] = &["RS256", "PS256", "ES256", "ES384", "EdDSA"];
        let policies = Rc::new([
            policy(all, 30, None),
            policy(all, 0, None),
            policy(&["RS256"], 120, None),
            policy(&["ES256", "EdDSA"], 30, None),
            policy(&["HS256"], 30, Some(SECRET)),
            policy(&["HS256", "HS384", "HS512"], 60, Some(SECRET)),
        ]);
        Self {
            random: Random(seed),
            policies,
            keys,
            secrets: secrets.into(),
            foreign: SigningKey::rsa(3, "RS256").with_kid("rsa"),
        }
    }

    pub(super) fn policies(&self) -> Rc<[Policy]> {
        Rc::clone(&self.policies)
    }

    fn sample(&mut self) -> Sample {
        let policy = self.random.below(self.policies.len());
        let rules = &self.policies[policy];
        let keys = if rules.secret.is_some() {
            &self.secrets
        } else {
            &self.keys
        };
        let usable: Vec<&SigningKey> = keys
            .iter()
            .filter(|key| rules.algorithms.contains(&key.algorithm()))
            .collect();
        let mut key = *self.random.pick(&usable);
        let mut draft = Draft::new(key, &mut self.random);
        let mut changes = Vec::new();
        // Most changed tokens have one change, so that nothing else hides it.
        let count = *self.random.pick(&[0, 0, 1, 1, 1, 1, 1, 2]);
        for _ in 0..count {
            let (name, change) = self.random.pick(CHANGES);
            change(&mut draft, &mut self.random);
            changes.push(*name);
        }
        if count == 0 {
            changes.push(UNCHANGED);
        }
        match draft.signer {
            Signer::Foreign => key = &self.foreign,
            Signer::OfTheOtherFamily => {
                let others = if rules.secret.is_some() {
                    &self.keys
                } else {
                    &self.secrets
                };
                key = self.random.pick(others);
                draft
                    .header
                    .insert("alg".to_owned(), key.algorithm().into());
            }
            Signer::PublishedForNobody => {
                key = self.random.pick(keys);
                draft
                    .header
                    .insert("alg".to_owned(), key.algorithm().into());
                draft.header.insert("kid".to_owned(), key.kid().into());
            }
            Signer::Right => {}
        }
        Sample {
            token: draft.token(key),
            policy,
            changes,
        }
    }
}

impl Iterator for Generator {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        Some(self.sample())
    }
}

/// A token before it is signed, and what happens to it then.
struct Draft {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    /// Instead of the claims.
    payload: Option<String>,
    signer: Signer,
    after: Option<fn(&mut Random, [&str; 3]) -> String>,
    random: Random,
}

#[derive(Clone, Copy)]
enum Signer {
    /// Another key than the published one, under its name.
    Foreign,
    /// A secret where public keys are expected, or the reverse.
    OfTheOtherFamily,
    /// Any published key, whether or not its algorithm is accepted.
    PublishedForNobody,
    /// The one that the header names.
    Right,
}

impl Draft {
    fn new(key: &SigningKey, random: &mut Random) -> Self {
        let header = json!({"alg": key.algorithm(), "kid": key.kid(), "typ": "at+jwt"});
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": format!("user-{}", random.below(1000)),
            "exp": NOW + 1 + random.below(100_000) as u64,
            "iat": NOW - random.below(1000) as u64,
            "scope": "kafka:read ✓", "nested": {"a": [1, 2.5, null, "\u{1f600}\""]},
        });
        let object = |value: Value| value.as_object().expect("an object").clone();
        Self {
            header: object(header),
            claims: object(claims),
            payload: None,
            signer: Signer::Right,
            after: None,
            random: Random(random.next()),
        }
    }

    fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims.insert(name.to_owned(), value.into());
    }

    fn header(&mut self, name: &str, value: impl Into<Value>) {
        self.header.insert(name.to_owned(), value.into());
    }

    fn token(mut self, key: &SigningKey) -> String {
        let header = Value::from(self.header).to_string();
        let payload = self
            .payload
            .unwrap_or_else(|| Value::from(self.claims).to_string());
        let token = key.compact(&header, &payload);
        let Some(after) = self.after else {
            return token;
        };
        let mut parts = token.split('.');
        let parts = [(); 3].map(|()| parts.next().expect("three parts"));
        after(&mut self.random, parts)
    }
}

type Change = (&'static str, fn(&mut Draft, &mut Random));

/// What is changed, only by rules that both sides have. Left out are: members that stand twice,
/// `cnf`, `zip`, `iat` in the future, an empty or strange `sub`, a time beyond any calendar, sloppy
/// base64 and `crit` with `b64`, which only one of them refuses; and the very second of expiry.
const CHANGES: &[Change] = &[
    ("exp: missing", |draft, _| drop(draft.claims.remove("exp"))),
    ("exp: past", |draft, random| {
        draft.claim("exp", NOW - 121 - random.small())
    }),
    ("exp: within any leeway", |draft, _| {
        draft.claim("exp", NOW - 20)
    }),
    ("exp: within a long leeway", |draft, _| {
        draft.claim("exp", NOW - 100)
    }),
    ("exp: a fraction", |draft, _| {
        draft.claim("exp", NOW as f64 + 7.25)
    }),
    ("exp: a past fraction", |draft, _| {
        draft.claim("exp", NOW as f64 - 500.5)
    }),
    ("exp: negative", |draft, _| draft.claim("exp", -5)),
    ("exp: zero", |draft, _| draft.claim("exp", 0)),
    ("exp: text", |draft, _| {
        draft.claim("exp", (NOW + 50).to_string())
    }),
    ("exp: null", |draft, _| draft.claim("exp", Value::Null)),
    ("exp: a list", |draft, _| {
        draft.claim("exp", json!([NOW + 50]))
    }),
    ("exp: true", |draft, _| draft.claim("exp", true)),
    ("nbf: past", |draft, random| {
        draft.claim("nbf", NOW - random.small())
    }),
    ("nbf: now", |draft, _| draft.claim("nbf", NOW)),
    ("nbf: within any leeway", |draft, _| {
        draft.claim("nbf", NOW + 20)
    }),
    ("nbf: within a long leeway", |draft, _| {
        draft.claim("nbf", NOW + 100)
    }),
    ("nbf: future", |draft, random| {
        draft.claim("nbf", NOW + 121 + random.small())
    }),
    ("nbf: text", |draft, _| draft.claim("nbf", NOW.to_string())),
    ("nbf: an object", |draft, _| draft.claim("nbf", json!({}))),
    ("iat: missing", |draft, _| drop(draft.claims.remove("iat"))),
    ("iat: text", |draft, _| draft.claim("iat", NOW.to_string())),
    ("iss: missing", |draft, _| drop(draft.claims.remove("iss"))),
    ("iss: another", |draft, _| {
        draft.claim("iss", "https://other.example")
    }),
    ("iss: with a slash", |draft, _| {
        draft.claim("iss", format!("{ISSUER}/"))
    }),
    ("iss: with a suffix", |draft, _| {
        draft.claim("iss", format!("{ISSUER}.evil.example"))
    }),
    ("iss: a prefix", |draft, _| {
        draft.claim("iss", &ISSUER[..ISSUER.len() - 1])
    }),
    ("iss: in capitals", |draft, _| {
        draft.claim("iss", ISSUER.to_uppercase())
    }),
    ("iss: empty", |draft, _| draft.claim("iss", "")),
    ("iss: a list", |draft, _| {
        draft.claim("iss", json!([ISSUER]))
    }),
    ("iss: null", |draft, _| draft.claim("iss", Value::Null)),
    ("iss: a number", |draft, _| draft.claim("iss", 7)),
    ("aud: missing", |draft, _| drop(draft.claims.remove("aud"))),
    ("aud: another", |draft, _| draft.claim("aud", "api://other")),
    ("aud: a prefix", |draft, _| {
        draft.claim("aud", &AUDIENCE[..AUDIENCE.len() - 1])
    }),
    ("aud: with a slash", |draft, _| {
        draft.claim("aud", format!("{AUDIENCE}/"))
    }),
    ("aud: in capitals", |draft, _| {
        draft.claim("aud", AUDIENCE.to_uppercase())
    }),
    ("aud: a list", |draft, _| {
        draft.claim("aud", json!([AUDIENCE]))
    }),
    ("aud: one of two", |draft, _| {
        draft.claim("aud", json!(["api://other", AUDIENCE]))
    }),
    ("aud: others", |draft, _| {
        draft.claim("aud", json!(["api://other", "x"]))
    }),
    ("aud: an empty list", |draft, _| {
        draft.claim("aud", json!([]))
    }),
    ("aud: a list in a list", |draft, _| {
        draft.claim("aud", json!([[AUDIENCE]]))
    }),
    ("aud: an object", |draft, _| {
        draft.claim("aud", json!({"0": AUDIENCE}))
    }),
    ("aud: a number", |draft, _| draft.claim("aud", 7)),
    ("aud: null", |draft, _| draft.claim("aud", Value::Null)),
    ("sub: missing", |draft, _| drop(draft.claims.remove("sub"))),
    ("claims: more of them", |draft, random| {
        draft.claim(
            &format!("more-{}", random.small()),
            "x".repeat(random.below(2000)),
        );
    }),
    ("payload: a list", |draft, _| {
        draft.payload = Some("[]".to_owned())
    }),
    ("payload: text", |draft, _| {
        draft.payload = Some("\"text\"".to_owned())
    }),
    ("payload: null", |draft, _| {
        draft.payload = Some("null".to_owned())
    }),
    ("payload: no JSON", |draft, _| {
        draft.payload = Some("{\"iss\":".to_owned())
    }),
    ("payload: empty object", |draft, _| {
        draft.payload = Some("{}".to_owned())
    }),
    ("typ: missing", |draft, _| drop(draft.header.remove("typ"))),
    ("typ: JWT", |draft, _| draft.header("typ", "JWT")),
    ("typ: jwt", |draft, _| draft.header("typ", "jwt")),
    ("typ: in capitals", |draft, _| draft.header("typ", "AT+JWT")),
    ("typ: in full", |draft, _| {
        draft.header("typ", "application/at+jwt")
    }),
    ("typ: of another kind", |draft, random| {
        let kinds = [
            "dpop+jwt",
            "logout+jwt",
            "secevent+jwt",
            "JOSE",
            "at+jwt2",
            "id+jwt",
        ];
        draft.header("typ", *random.pick(&kinds));
    }),
    ("crit: exp", |draft, _| draft.header("crit", json!(["exp"]))),
    ("crit: empty", |draft, _| draft.header("crit", json!([]))),
    ("crit: text", |draft, _| draft.header("crit", "exp")),
    ("crit: unknown and there", |draft, _| {
        draft.header("crit", json!(["http://example.com/x"]));
        draft.header("http://example.com/x", true);
    }),
    ("alg: none", |draft, random| {
        draft.header("alg", *random.pick(&["none", "None", "NONE", "nOnE", ""]));
        draft.after = Some(|_, [header, payload, _]| format!("{header}.{payload}."));
    }),
    ("alg: none, signed", |draft, _| draft.header("alg", "none")),
    ("alg: missing", |draft, _| drop(draft.header.remove("alg"))),
    ("alg: a number", |draft, _| draft.header("alg", 256)),
    ("alg: in the wrong case", |draft, random| {
        draft.header("alg", *random.pick(&["rs256", "es256", "hs256", "eddsa"]));
    }),
    ("alg: one that is not supported", |draft, random| {
        draft.header("alg", *random.pick(&["RS1", "XS256", "RSA-OAEP", "dir"]));
    }),
    ("kid: unknown", |draft, random| {
        draft.header("kid", format!("unknown-{}", random.small()));
    }),
    ("kid: missing", |draft, _| drop(draft.header.remove("kid"))),
    ("kid: of another key", |draft, random| {
        draft.header(
            "kid",
            *random.pick(&["rsa", "pss", "p256", "p384", "ed", "oct", "enc"]),
        );
    }),
    ("header: brings a key", |draft, _| {
        draft.header("jwk", SigningKey::rsa(3, "RS256").jwk());
        draft.signer = Signer::Foreign;
    }),
    ("header: names keys elsewhere", |draft, _| {
        draft.header("jku", "https://evil.example/keys");
        draft.header("x5u", "https://evil.example/cert");
    }),
    ("key: a foreign one", |draft, _| {
        draft.signer = Signer::Foreign
    }),
    ("key: of the other family", |draft, _| {
        draft.signer = Signer::OfTheOtherFamily
    }),
    ("key: any published one", |draft, _| {
        draft.signer = Signer::PublishedForNobody
    }),
    ("signature: one bit", |draft, _| {
        draft.after = Some(|random, parts| {
            resigned(parts, |signature| {
                let at = random.below(signature.len());
                signature[at] ^= 1 << random.below(8);
            })
        });
    }),
    ("signature: zeros", |draft, _| {
        draft.after = Some(|_, parts| resigned(parts, |signature| signature.fill(0)));
    }),
    ("signature: a byte less", |draft, _| {
        draft.after =
            Some(|_, parts| resigned(parts, |signature| signature.truncate(signature.len() - 1)));
    }),
    ("signature: a byte more", |draft, _| {
        draft.after = Some(|_, parts| resigned(parts, |signature| signature.push(0)));
    }),
    ("signature: empty", |draft, _| {
        draft.after = Some(|_, [header, payload, _]| format!("{header}.{payload}."));
    }),
    ("signature: as DER", |draft, _| {
        draft.after = Some(|_, parts| {
            resigned(parts, |signature| {
                let half = u8::try_from(signature.len() / 2).unwrap_or(127);
                let (r, s) = signature.split_at(signature.len() / 2);
                let (r, s) = (r.to_vec(), s.to_vec());
                *signature = [
                    &[0x30, half.wrapping_mul(2).wrapping_add(4), 2, half][..],
                    &r,
                ]
                .concat();
                signature.extend([2, half]);
                signature.extend(s);
            })
        });
    }),
    ("claims: changed after signing", |draft, _| {
        draft.after = Some(|random, [header, payload, signature]| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
            let mut claims: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            if let Some(claims) = claims.as_object_mut() {
                claims.insert(
                    "scope".to_owned(),
                    format!("admin-{}", random.small()).into(),
                );
            }
            let payload = BASE64_URL_SAFE_NO_PAD.encode(format!("{claims} "));
            format!("{header}.{payload}.{signature}")
        });
    }),
    ("header: changed after signing", |draft, _| {
        draft.after = Some(|_, [header, payload, signature]| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(header).expect("base64url");
            let mut header: Value = serde_json::from_slice(&bytes).expect("JSON");
            header["x"] = 1.into();
            let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
            format!("{header}.{payload}.{signature}")
        });
    }),
    ("parts: two", |draft, _| {
        draft.after = Some(|_, [header, payload, _]| format!("{header}.{payload}"));
    }),
    ("parts: four", |draft, _| {
        draft.after =
            Some(|_, [header, payload, signature]| format!("{header}.{payload}.{signature}.AAAA"));
    }),
    ("parts: five", |draft, _| {
        draft.after = Some(|_, [header, payload, signature]| {
            format!("{header}.{payload}.{signature}.AAAA.AAAA")
        });
    }),
    ("parts: in another order", |draft, _| {
        draft.after =
            Some(|_, [header, payload, signature]| format!("{payload}.{header}.{signature}"));
    }),
    ("parts: no header", |draft, _| {
        draft.after = Some(|_, [_, payload, signature]| format!(".{payload}.{signature}"));
    }),
    ("parts: no payload", |draft, _| {
        draft.after = Some(|_, [header, _, signature]| format!("{header}..{signature}"));
    }),
];

pub(super) const UNCHANGED: &str = "nothing";

fn resigned([header, payload, signature]: [&str; 3], change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    change(&mut signature);
    format!(
        "{header}.{payload}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    )
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below a usize")
    }

    fn small(&mut self) -> u64 {
        self.next() % 1_000_000
    }

    fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }
}

pub(super) const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://issuer.example/oauth2/default";
const AUDIENCE: &str = "api://kafka";
/// Long enough for HS512.
const SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
