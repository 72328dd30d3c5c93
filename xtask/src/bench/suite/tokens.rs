//! What it costs to validate a token, beside the cryptography in it.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::{Request, Response};
use mcp_oauth_token::{
    Algorithm, BearerToken, CachedValidator, ClaimRules, ExpectedIssuer, FetchLimits, HttpClient,
    HttpError, IssuerAudience, JwksStore, JwtPolicy, JwtVerifier, KeyId, KeySource, Principal,
    PrincipalKind, Rejection, SystemClock, TokenValidator, VerificationKey, VerifiedToken,
};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use ring::{digest, hmac};
use serde_json::json;
use tokio::time::Instant;

use super::effort::Effort;
use super::measure::{Bound, Measure, Unit};
use super::process::{self, Process};
use super::signing_key::SigningKey;

/// Measures validation in turns with the cryptography alone, and what bad tokens leave behind.
///
/// # Errors
///
/// Fails if a good token is refused or a bad one accepted.
pub(super) async fn measure(effort: &Effort) -> Result<Vec<Measure>> {
    eprintln!("measuring the validation of tokens");
    let mut measures = Vec::new();
    for contest in [
        Contest::new("HS256", SigningKey::hs256(SECRET), None)?,
        Contest::new("RS256", SigningKey::rs256(), Some(1.5))?,
        Contest::new("ES256", SigningKey::es256(), Some(1.5))?,
    ] {
        measures.extend(contest.measure(effort).await?);
    }
    measures.extend(cached(effort).await?);
    if process::visible() {
        measures.push(bad_tokens(effort).await?);
    }
    Ok(measures)
}

/// A token that is validated in full, against its signature that is verified alone.
struct Contest {
    name: &'static str,
    /// How many times the raw verification the validation may take.
    at_most: Option<f64>,
    verifier: JwtVerifier,
    token: BearerToken,
    raw: Raw,
}

impl Contest {
    fn new(name: &'static str, key: SigningKey, at_most: Option<f64>) -> Result<Self> {
        let token = key.token(
            &json!({ "alg": key.algorithm(), "kid": "1", "typ": "at+jwt" }).to_string(),
            &claims("alice"),
        );
        Ok(Self {
            name,
            at_most,
            verifier: verifier(&key)?,
            raw: Raw::new(&key, &token)?,
            token: BearerToken::new(token)?,
        })
    }

    async fn measure(&self, effort: &Effort) -> Result<Vec<Measure>> {
        let (mut own, mut raw) = (Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            own.push(microseconds(&self.verifier, &self.token, effort.validations).await?);
            let started = Instant::now();
            for _ in 0..effort.validations {
                ensure!(black_box(&self.raw).is_right(), "the signature is wrong");
            }
            raw.push(per_one(started, effort.validations));
        }
        let own = Measure::new(format!("{}, in full", self.name), Unit::Microseconds, own);
        let raw = Measure::new(
            format!("{}, signature alone", self.name),
            Unit::Microseconds,
            raw,
        );
        let name = format!("{}, in full / signature alone", self.name);
        let quotient = Measure::quotient(name, Unit::Times, &own, &raw);
        let quotient = match self.at_most {
            Some(bound) => quotient.gate(Bound::AtMost(bound)),
            None => quotient,
        };
        Ok(vec![quotient, own, raw])
    }
}

/// A signature, and the key that made it.
enum Raw {
    Ecdsa(UnparsedPublicKey<Vec<u8>>, Vec<u8>, Vec<u8>),
    Hmac(hmac::Key, Vec<u8>, Vec<u8>),
    Rsa(RsaPublicKeyComponents<Vec<u8>>, Vec<u8>, Vec<u8>),
}

impl Raw {
    fn new(key: &SigningKey, token: &str) -> Result<Self> {
        let (input, signature) = token.rsplit_once('.').context("the token has no parts")?;
        let (input, signature) = (input.into(), URL_SAFE_NO_PAD.decode(signature)?);
        if let SigningKey::Hmac(_) = key {
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
            return Ok(Self::Hmac(key, input, signature));
        }
        let jwk = key.jwk("1");
        let member = |name: &str| -> Result<Vec<u8>> {
            let text = jwk.get(name).and_then(|member| member.as_str());
            Ok(URL_SAFE_NO_PAD.decode(text.context("the key lacks a member")?)?)
        };
        Ok(if let SigningKey::Ecdsa(..) = key {
            let point = [vec![4], member("x")?, member("y")?].concat();
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            Self::Ecdsa(key, input, signature)
        } else {
            let (n, e) = (member("n")?, member("e")?);
            Self::Rsa(RsaPublicKeyComponents { n, e }, input, signature)
        })
    }

    fn is_right(&self) -> bool {
        match self {
            Self::Ecdsa(key, input, signature) => key.verify(input, signature).is_ok(),
            Self::Hmac(key, input, signature) => hmac::verify(key, input, signature).is_ok(),
            Self::Rsa(key, input, signature) => key
                .verify(&RSA_PKCS1_2048_8192_SHA256, input, signature)
                .is_ok(),
        }
    }
}

/// A token that is known already, against the hash that it is known by.
async fn cached(effort: &Effort) -> Result<Vec<Measure>> {
    let key = SigningKey::rs256();
    let token = key.token(
        &json!({ "alg": "RS256", "kid": "1" }).to_string(),
        &claims("alice"),
    );
    let token = BearerToken::new(token)?;
    let validator = CachedValidator::new(verifier(&key)?);
    let count = effort.validations * 50;
    let (mut own, mut hash) = (Vec::new(), Vec::new());
    validator.validate(&token).await?;
    for _ in 0..effort.rounds {
        own.push(microseconds(&validator, &token, count).await?);
        let started = Instant::now();
        for _ in 0..count {
            let bytes = black_box(&token).expose_secret().as_bytes();
            black_box(digest::digest(&digest::SHA256, bytes));
        }
        hash.push(per_one(started, count));
    }
    ensure!(validator.stats().misses == 1, "the token was not cached");
    let own = Measure::new("RS256, cached", Unit::Microseconds, own);
    let hash = Measure::new("SHA-256 of the same token", Unit::Microseconds, hash);
    let quotient = Measure::quotient("cached / SHA-256 of the token", Unit::Times, &own, &hash);
    Ok(vec![quotient.gate(Bound::AtMost(3.0)), own, hash])
}

/// What a million tokens leave behind of which no two are the same and none is good.
async fn bad_tokens(effort: &Effort) -> Result<Measure> {
    let stranger = SigningKey::hs256(b"this secret is not the one of the server");
    let validator = CachedValidator::new(verifier(&SigningKey::hs256(SECRET))?);
    let header = json!({ "alg": "HS256" }).to_string();
    let this = Process::new(std::process::id());
    let mut before = 0.0;
    let total = effort.validations * 500;
    for count in 0..total {
        if count == total / 10 {
            before = this.resident()?;
        }
        let token = stranger.token(&header, &claims(&count.to_string()));
        let verdict = validator.validate(&BearerToken::new(token)?).await;
        ensure!(verdict.is_err(), "a token of a stranger was accepted");
    }
    ensure!(validator.stats().entries == 0, "bad tokens are remembered");
    let name = format!("memory after {total} bad tokens / after a tenth of them");
    let growth = Measure::new(name, Unit::Times, [this.resident()? / before]);
    Ok(growth.gate(Bound::AtMost(1.1)))
}

async fn microseconds(
    validator: &impl TokenValidator,
    token: &BearerToken,
    count: u32,
) -> Result<f64> {
    let started = Instant::now();
    for _ in 0..count {
        black_box(validator.validate(black_box(token)).await?);
    }
    Ok(per_one(started, count))
}

fn per_one(started: Instant, count: u32) -> f64 {
    started.elapsed().as_secs_f64() * 1e6 / f64::from(count)
}

/// Claims of the usual size.
fn claims(subject: &str) -> String {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "cid": "0oa1gjh63g214q0Hq0g4",
        "uid": "00uid4BxXw6I6TV4m0g3",
        "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
        "scp": ["kafka:read", "openid", "offline_access"],
        "iat": 1_700_000_000,
        "exp": 4_102_444_800_u64,
    })
    .to_string()
}

fn verifier(key: &SigningKey) -> Result<JwtVerifier> {
    let (keys, algorithm) = match key {
        SigningKey::Hmac(_) => {
            let secret = String::from_utf8(SECRET.into())?;
            let secret = VerificationKey::from_secret(&secret.into(), KeyId::new(1))?;
            (KeySource::Secrets(vec![secret]), Algorithm::Hs256)
        }
        key => {
            let published = json!({ "keys": [key.jwk("1")] }).to_string();
            let http = Arc::new(Published(published.into()));
            let store = JwksStore::new("https://issuer.example/keys".parse()?, http);
            let algorithm = key.algorithm().parse()?;
            (KeySource::Jwks(Arc::new(store)), algorithm)
        }
    };
    let issuer = ExpectedIssuer::Exact(ISSUER.to_owned());
    let accepted = IssuerAudience::new(issuer, vec![AUDIENCE.to_owned()]);
    let policy = JwtPolicy::new(vec![accepted], vec![algorithm]);
    Ok(JwtVerifier::new(
        policy,
        keys,
        Arc::new(Anybody),
        Arc::new(SystemClock),
    )?)
}

/// Answers with the same key set each time.
#[derive(Debug)]
struct Published(Bytes);

impl HttpClient for Published {
    fn send(
        &self,
        _: Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        let answer = Response::new(self.0.clone());
        async { Ok(answer) }.boxed()
    }
}

/// Takes everybody for a user.
#[derive(Debug)]
struct Anybody;

impl ClaimRules for Anybody {
    fn principal(&self, token: &VerifiedToken<'_>) -> Result<Principal, Rejection> {
        let kind = PrincipalKind::User;
        let (issuer, subject) = (token.issuer(), token.subject());
        Ok(Principal::new(issuer, subject, kind, token.expires_at()))
    }
}

const AUDIENCE: &str = "api://kafka-mcp-server";
const ISSUER: &str = "https://company.okta.com/oauth2/default";
const SECRET: &[u8] = b"4f1d6c83e0b297a5d8c47b19f2e6053a";
