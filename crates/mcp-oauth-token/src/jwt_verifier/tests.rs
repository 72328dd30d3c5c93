//! Each rule of RFC 7519 and RFC 8725 against tokens that break it, and it alone.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http::{Request, Response};
use serde_json::{Value, json};

use super::*;
use crate::{
    CachedValidator, ExpectedIssuer, FetchLimits, HttpClient, HttpError, IssuerAudience, JwksStore,
    JwtHeader, KeyId, Principal, PrincipalKind, ProviderUrl, signing_key::SigningKey,
};

mod algorithms;
mod audiences;
mod claims;
mod issuers;
mod keys;
mod strangers;
mod times;

const NOW: u64 = 1_700_000_000;
const ISSUER: &str = "https://issuer.example/default";
const AUDIENCE: &str = "api://kafka";
const SECRET: &str = "an example secret of forty-eight bytes in total..";

/// A clock that stands still until it is set.
#[derive(Debug)]
struct SetClock(Mutex<UnixTime>);

impl SetClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(UnixTime::from_secs(NOW))))
    }

    fn set(&self, seconds: u64) {
        self.set_to(UnixTime::from_secs(seconds));
    }

    fn set_to(&self, time: UnixTime) {
        *self.0.lock().unwrap() = time;
    }
}

impl Clock for SetClock {
    fn now(&self) -> UnixTime {
        *self.0.lock().unwrap()
    }
}

/// Rules that find nothing to object to.
#[derive(Debug)]
struct NoRules;

impl ClaimRules for NoRules {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let kind = PrincipalKind::User;
        // An expiry that is not the token's, to show that it does not matter.
        let never = UnixTime::from_secs(u64::MAX);
        Ok(Principal::new(token.issuer(), token.subject(), kind, never))
    }

    fn hint(&self, check: Check, _: &JwtHeader, claims: &Claims) -> Option<String> {
        (check == Check::Audience && claims.contains("sub")).then(|| "set another one".to_owned())
    }
}

fn policy(algorithms: impl Into<Vec<Algorithm>>) -> JwtPolicy {
    let issuer = ExpectedIssuer::Exact(ISSUER.to_owned());
    let pair = IssuerAudience::new(issuer, vec![AUDIENCE.to_owned()]);
    JwtPolicy::new(vec![pair], algorithms.into())
}

fn secret(text: &str, id: u64) -> VerificationKey {
    VerificationKey::from_secret(&text.into(), KeyId::new(id)).unwrap()
}

fn verifier_with(policy: JwtPolicy, clock: Arc<SetClock>) -> JwtVerifier {
    let secrets = KeySource::Secrets(vec![secret(SECRET, 1)]);
    JwtVerifier::new(policy, secrets, Arc::new(NoRules), clock).unwrap()
}

fn verifier() -> JwtVerifier {
    verifier_with(policy([Algorithm::Hs256]), SetClock::new())
}

fn good_claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 60, "iat": NOW })
}

/// The claims of a good token, but for one. `null` removes it.
fn claims_with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = good_claims();
    claims[name] = value.into();
    claims
}

fn claims_without(name: &str) -> Value {
    let mut claims = good_claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn signed(claims: &Value) -> String {
    signed_text(&claims.to_string())
}

fn signed_text(claims: &str) -> String {
    SigningKey::hs256(SECRET.as_bytes()).token(r#"{"alg":"HS256"}"#, claims)
}

async fn verdict(verifier: &dyn TokenValidator, token: &str) -> Result<Accepted, Check> {
    let token = BearerToken::new(token).unwrap();
    let verdict = verifier.validate(&token).await;
    verdict.map_err(|error| match error {
        TokenError::Rejected(rejection) => rejection.check(),
        TokenError::Unavailable { reason, .. } => panic!("{reason}"),
    })
}

#[track_caller]
fn check(claims: &Value, expected: Result<(), Check>) {
    check_by(&verifier(), &signed(claims), expected);
}

#[track_caller]
fn check_by(verifier: &JwtVerifier, token: &str, expected: Result<(), Check>) {
    let verdict = settled(verdict(verifier, token));
    assert_eq!(verdict.map(|_| ()), expected, "{token}");
}

/// What comes of a future that has nothing to wait for, such as of a verifier with secrets.
fn settled<F: Future>(future: F) -> F::Output {
    future.now_or_never().unwrap()
}

/// An issuer that publishes a key set, and counts who asks for what.
#[derive(Debug)]
struct Publisher {
    document: Bytes,
    fetches: AtomicU64,
    others: AtomicU64,
}

impl Publisher {
    fn of(keys: &[Value]) -> Arc<Self> {
        Arc::new(Self {
            document: json!({ "keys": keys }).to_string().into(),
            fetches: AtomicU64::new(0),
            others: AtomicU64::new(0),
        })
    }

    fn verifier(self: &Arc<Self>, policy: JwtPolicy) -> JwtVerifier {
        let url = ProviderUrl::new(KEY_SET).unwrap();
        let store = JwksStore::new(url, Arc::<Self>::clone(self));
        let keys = KeySource::Jwks(Arc::new(store));
        JwtVerifier::new(policy, keys, Arc::new(NoRules), SetClock::new()).unwrap()
    }

    fn fetches(&self) -> u64 {
        assert_eq!(
            self.others.load(Ordering::Relaxed),
            0,
            "only the key set is fetched"
        );
        self.fetches.load(Ordering::Relaxed)
    }
}

impl HttpClient for Publisher {
    fn send(
        &self,
        request: Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        let is_key_set = *request.uri() == KEY_SET;
        let counter = if is_key_set {
            &self.fetches
        } else {
            &self.others
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let response = Response::new(self.document.clone());
        Box::pin(async move { Ok(response) })
    }
}

const KEY_SET: &str = "https://issuer.example/keys";
