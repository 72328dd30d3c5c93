use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use mcp_oauth_token::{FetchLimits, HttpClient, HttpError};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

/// What stands at an address.
#[derive(Clone, Debug)]
pub(crate) enum Page {
    /// This status and body.
    Answer(u16, String),
    /// Nothing, ever.
    Silence,
}

/// Answers requests without a network.
#[derive(Debug, Default)]
pub(crate) struct FakeProvider {
    pages: Mutex<HashMap<String, Page>>,
    requests: Mutex<Vec<(String, Bytes)>>,
}

impl FakeProvider {
    /// Puts a page at an address.
    pub(crate) fn put(&self, url: &str, page: Page) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.insert(url.to_owned(), page);
    }

    /// Puts a document at an address.
    pub(crate) fn publish(&self, url: &str, document: &Value) {
        self.put(url, Page::Answer(200, document.to_string()));
    }

    /// Publishes a provider: its discovery document, and its keys.
    pub(crate) fn publish_provider(&self, issuer: &str, named: &str, keys: &[Value]) {
        let jwks_uri = format!("{issuer}/keys");
        let discovery = json!({
            "issuer": named,
            "jwks_uri": jwks_uri,
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        });
        self.publish(&discovery_url(issuer), &discovery);
        self.publish(&jwks_uri, &json!({ "keys": keys }));
    }

    /// The requests for an address so far, by their bodies.
    pub(crate) fn requests(&self, url: &str) -> Vec<Bytes> {
        let requests = self.requests.lock().unwrap();
        let requests = requests.iter().filter(|(asked, _)| asked == url);
        requests.map(|(_, body)| body.clone()).collect()
    }
}

impl HttpClient for FakeProvider {
    fn send(
        &self,
        request: Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        let url = request.uri().to_string();
        let page = self.pages.lock().unwrap().get(&url).cloned();
        self.requests
            .lock()
            .unwrap()
            .push((url, request.into_body()));
        Box::pin(async move {
            // As on a network, others get their turn meanwhile.
            tokio::time::sleep(Duration::from_millis(10)).await;
            let (status, body) = match page {
                None => (404, String::new()),
                Some(Page::Answer(status, body)) => (status, body),
                Some(Page::Silence) => std::future::pending().await,
            };
            Ok(Response::builder()
                .status(status)
                .body(body.into())
                .unwrap())
        })
    }
}

pub(crate) fn discovery_url(issuer: &str) -> String {
    format!("{issuer}/.well-known/openid-configuration")
}

/// Signs tokens with ES256.
pub(crate) struct SigningKey {
    kid: &'static str,
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl SigningKey {
    pub(crate) fn generate(kid: &'static str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        Self { kid, pair, random }
    }

    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": "JWT" });
        compact(&header, claims, |input| {
            self.pair
                .sign(&self.random, input)
                .unwrap()
                .as_ref()
                .to_vec()
        })
    }

    /// Signs with the public key as if that were a secret for HMAC.
    pub(crate) fn sign_with_public_key(&self, claims: &Value) -> String {
        let header = json!({ "alg": "HS256", "kid": self.kid, "typ": "JWT" });
        hs256(&header, self.pair.public_key().as_ref(), claims)
    }
}

/// A token signed with a secret.
pub(crate) fn hs256(header: &Value, secret: &[u8], claims: &Value) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    compact(header, claims, |input| {
        hmac::sign(&key, input).as_ref().to_vec()
    })
}

fn compact(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(sign(input.as_bytes()));
    format!("{input}.{signature}")
}
