//! A token in the making.

use serde_json::{Map, Value, json};
use testkit::SigningKey;

use super::{AUDIENCE, ISSUER, NOW, random::Random};

/// A token before it is signed, and what happens to it then.
pub(super) struct Draft {
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    /// Instead of the claims.
    pub(super) payload: Option<String>,
    pub(super) signer: Signer,
    pub(super) after: Option<Rewrite>,
    random: Random,
}

#[derive(Clone, Copy)]
pub(super) enum Signer {
    /// Any published key, whether or not its algorithm is accepted.
    AnyPublished,
    /// Another key than the published one, under its name.
    Foreign,
    /// The same, and the token brings it along.
    ForeignInHeader,
    /// A secret where public keys are expected, or the reverse.
    OfTheOtherFamily,
    /// The one that the header names.
    Right,
}

impl Draft {
    pub(super) fn new(key: &SigningKey, random: &mut Random) -> Self {
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

    pub(super) fn header(&mut self, name: &str, value: impl Into<Value>) {
        self.header.insert(name.to_owned(), value.into());
    }

    pub(super) fn token(mut self, key: &SigningKey) -> String {
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

pub(super) type Rewrite = fn(&mut Random, [&str; 3]) -> String;
