//! Tokens by the thousand, right ones and changed ones, the same in each run.

mod change;
mod draft;
mod random;

use std::{rc::Rc, time::Duration};

use serde_json::{Value, json};
use testkit::SigningKey;

use self::{
    change::CHANGES,
    draft::{
        Draft,
        Signer::{AnyPublished, Foreign, ForeignInHeader, OfTheOtherFamily, Right},
    },
    random::Random,
};

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
            change.apply(&mut draft, &mut self.random);
            changes.push(*name);
        }
        if count == 0 {
            changes.push(UNCHANGED);
        }
        match draft.signer {
            AnyPublished => {
                key = self.random.pick(keys);
                draft.header("alg", key.algorithm());
                draft.header("kid", key.kid());
            }
            Foreign => key = &self.foreign,
            ForeignInHeader => {
                key = &self.foreign;
                draft.header("jwk", key.jwk());
            }
            OfTheOtherFamily => {
                let others = if rules.secret.is_some() {
                    &self.keys
                } else {
                    &self.secrets
                };
                key = self.random.pick(others);
                draft.header("alg", key.algorithm());
            }
            Right => {}
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

pub(super) const UNCHANGED: &str = "nothing";
pub(super) const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://issuer.example/oauth2/default";
const AUDIENCE: &str = "api://kafka";
/// Long enough for HS512.
const SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
