//! Tokens judged by the verifier and by an independent library: on what both check, they agree.

mod generator;

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mcp_oauth_token::{
    BearerToken, ClaimRules, Clock, ExpectedIssuer, FetchLimits, HttpClient, HttpError,
    IssuerAudience, JwksStore, JwtPolicy, JwtVerifier, KeyId, KeySource, Principal, PrincipalKind,
    ProviderUrl, Rejection, TokenValidator, UnixTime, VerificationKey, VerifiedToken,
};
use serde_json::{Value, json};
use testkit::NodeProgram;

use self::generator::{Generator, NOW, Policy};

#[tokio::test]
async fn ten_thousand_tokens_get_the_verdict_of_an_independent_library() {
    let Some(mut judge) = NodeProgram::start("judge.mjs") else {
        return;
    };
    let generator = Generator::new(SEED);
    let policies: Vec<Value> = generator.policies().iter().map(Policy::for_judge).collect();
    judge.ask(&json!(policies)).await;
    let verifiers: Vec<JwtVerifier> = generator.policies().iter().map(verifier).collect();

    let mut disagreements = Vec::new();
    let mut seen: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for sample in generator.take(SAMPLES) {
        let question = json!({"token": sample.token, "policy": sample.policy});
        let theirs = judge.ask(&question).await;
        let ours = match BearerToken::new(&*sample.token) {
            Ok(token) => verifiers[sample.policy].validate(&token).await,
            // What is no bearer token does not get as far as a verifier.
            Err(_) => Err(Rejection::new(mcp_oauth_token::Check::Syntax).into()),
        };
        let accepted = theirs["accepted"] == true;
        for change in &sample.changes {
            seen.entry(change).or_default()[usize::from(accepted)] += 1;
        }
        if ours.is_ok() != accepted {
            let ours = ours.err().map(|error| error.to_string());
            disagreements.push(format!(
                "{:?}\n  we: {ours:?}\n  they: {theirs}\n  {}",
                sample.changes, sample.token
            ));
        }
    }

    assert!(
        disagreements.is_empty(),
        "{} disagreements, such as\n{}",
        disagreements.len(),
        disagreements[..disagreements.len().min(5)].join("\n")
    );
    // A generator that only makes good or only bad tokens compares nothing.
    let [refused, accepted] = seen[generator::UNCHANGED];
    assert!(refused == 0 && accepted > SAMPLES / 10, "{seen:?}");
    assert!(seen.len() > 60, "{} kinds of change", seen.len());
    let always_accepted = seen.values().filter(|[refused, _]| *refused == 0).count();
    assert!(always_accepted < seen.len() / 2, "{seen:?}");
}

fn verifier(policy: &Policy) -> JwtVerifier {
    let pair = IssuerAudience::new(
        ExpectedIssuer::Exact(policy.issuer.to_owned()),
        vec![policy.audience.to_owned()],
    );
    let algorithms = policy
        .algorithms
        .iter()
        .map(|name| name.parse().expect("known"));
    let mut rules = JwtPolicy::new(vec![pair], algorithms.collect());
    rules.leeway = policy.leeway;
    let keys = match &policy.secret {
        Some(secret) => {
            let key = VerificationKey::from_secret(&(**secret).into(), KeyId::new(1));
            KeySource::Secrets(vec![key.expect("long enough")])
        }
        None => {
            let url = ProviderUrl::new("https://issuer.example/keys").expect("a URL");
            let published = Published(policy.jwks.to_string().into());
            KeySource::Jwks(Arc::new(JwksStore::new(url, Arc::new(published))))
        }
    };
    let verifier = JwtVerifier::new(rules, keys, Arc::new(AnyClaims), Arc::new(Stopped));
    verifier.expect("a policy that accepts something")
}

/// The clock stands still, so that both see the same time.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(NOW)
    }
}

/// What a provider adds is not compared.
#[derive(Debug)]
struct AnyClaims;

impl ClaimRules for AnyClaims {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let _ = token;
        let expires_at = UnixTime::from_secs(NOW);
        Ok(Principal::new(
            "issuer",
            "subject",
            PrincipalKind::User,
            expires_at,
        ))
    }
}

#[derive(Debug)]
struct Published(Bytes);

impl HttpClient for Published {
    fn send(
        &self,
        _: http::Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, HttpError>> {
        Box::pin(async { Ok(http::Response::new(self.0.clone())) })
    }
}

const SEED: u64 = 0x6b61_666b_615f_6d63;
const SAMPLES: usize = 10_000;
