//! An identity provider on loopback, which behaves as told.

mod failure;
mod listener;
mod pages;
mod personality;
mod sign_in;
mod signing_key;
mod tampering;
mod token_recipe;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

pub use failure::Failure;
pub use personality::{AUDIENCE, CLIENT_ID, HMAC_SECRET, OTHER_TENANT, Personality, TENANT};
pub use sign_in::CLIENT_SECRET;
use sign_in::SignIns;
pub use signing_key::SigningKey;
pub use tampering::Tampering;
pub use token_recipe::{TokenKind, TokenRecipe, now};

/// An identity provider on loopback: discovery, keys, tokeninfo, and tokens of every kind, right
/// and wrong. What it answers can be changed at any time. Dropping it closes everything.
#[derive(Debug)]
pub struct IdentityProvider {
    shared: Arc<Shared>,
    _serving: AbortOnDropHandle<()>,
}

/// What it publishes, or is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Where people sign in.
    Authorization,
    /// `…/.well-known/openid-configuration`.
    Discovery,
    /// The public keys.
    Jwks,
    /// Anything else: nobody has business there.
    Other,
    /// Where tokens are revoked.
    Revocation,
    /// Where codes and refresh tokens are exchanged.
    Token,
    /// Google's way to ask about an access token.
    Tokeninfo,
}

/// How the signing key is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The old key is withdrawn at once.
    Hard,
    /// The old key stays published beside the new one.
    Soft,
}

impl IdentityProvider {
    /// Starts one on a free port.
    ///
    /// # Panics
    ///
    /// If no port can be had.
    pub async fn start(personality: Personality) -> Self {
        Self::with_key(personality, Arc::new(personality.first_key())).await
    }

    /// Starts one that signs with `key`.
    ///
    /// # Panics
    ///
    /// If no port can be had.
    pub async fn with_key(personality: Personality, key: Arc<SigningKey>) -> Self {
        let (listener, address) = listener::bind().await;
        let shared = Arc::new(Shared {
            personality,
            address,
            state: Mutex::new(State {
                signing: Arc::clone(&key),
                published: vec![key],
                strange_keys: Vec::new(),
                rotations: 1,
                cache_control: None,
                failures: HashMap::new(),
                opaque: HashMap::new(),
                requests: HashMap::new(),
                received: String::new(),
                sign_ins: SignIns::default(),
            }),
        });
        let serving = listener::serve(listener, Arc::clone(&shared));
        #[expect(
            clippy::disallowed_methods,
            reason = "the handle ends the task when dropped"
        )]
        let serving = AbortOnDropHandle::new(tokio::spawn(serving));
        Self {
            shared,
            _serving: serving,
        }
    }

    /// Which provider it plays.
    #[must_use]
    pub fn personality(&self) -> Personality {
        self.shared.personality
    }

    /// Its issuer, as an operator configures it.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.shared.personality.issuer(&self.shared.origin())
    }

    /// A URL on it.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.shared.origin())
    }

    /// The environment of a server that trusts it.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        self.shared.personality.settings(&self.issuer())
    }

    /// The claims that a right token of this kind has now.
    #[must_use]
    pub fn claims(&self, kind: TokenKind) -> Value {
        self.shared
            .personality
            .claims(&self.shared.origin(), kind, now())
    }

    /// A token after `recipe`, signed with the current key.
    #[must_use]
    pub fn mint(&self, recipe: &TokenRecipe) -> String {
        self.mint_with(recipe, &self.signing_key())
    }

    /// A token after `recipe`, signed with a key that may have nothing to do with this provider.
    #[must_use]
    pub fn mint_with(&self, recipe: &TokenRecipe, key: &SigningKey) -> String {
        if recipe.kind() == TokenKind::Opaque {
            return self.mint_opaque(recipe);
        }
        let mut header = json!({"alg": key.algorithm(), "kid": key.kid()});
        if let Some(typ) = self.shared.personality.typ(recipe.kind()) {
            header["typ"] = typ.into();
        }
        let mut claims = self.claims(recipe.kind());
        recipe.apply(&mut header, &mut claims);
        key.compact(&header.to_string(), &claims.to_string())
    }

    fn mint_opaque(&self, recipe: &TokenRecipe) -> String {
        let mut answer = pages::tokeninfo(&self.claims(recipe.kind()));
        recipe.apply(&mut json!({}), &mut answer);
        let mut state = self.shared.state();
        let token = format!("ya29.opaque-{}-{}", state.opaque.len(), now());
        state.opaque.insert(token.clone(), answer);
        token
    }

    /// The key that signs now.
    #[must_use]
    pub fn signing_key(&self) -> Arc<SigningKey> {
        Arc::clone(&self.shared.state().signing)
    }

    /// Replaces the signing key by another one with a `kid` of its own.
    pub fn rotate(&self, rotation: Rotation) {
        let mut state = self.shared.state();
        state.rotations += 1;
        let kid = format!("key-{}", state.rotations);
        let key = SigningKey::rsa(state.rotations, state.signing.algorithm());
        let key = Arc::new(key.with_kid(&kid));
        if rotation == Rotation::Hard {
            state.published.clear();
        }
        state.published.push(Arc::clone(&key));
        state.signing = key;
    }

    /// Replaces the signing key by another one with the same `kid`.
    pub fn replace_key_in_place(&self) {
        let mut state = self.shared.state();
        let kid = state.signing.kid().to_owned();
        state.rotations += 1;
        let key = SigningKey::rsa(state.rotations, state.signing.algorithm());
        let key = Arc::new(key.with_kid(&kid));
        state.published = vec![Arc::clone(&key)];
        state.signing = key;
    }

    /// Publishes one more member of `keys`, whatever it is.
    pub fn publish(&self, key: Value) {
        self.shared.state().strange_keys.push(key);
    }

    /// Sends this `Cache-Control` with its keys.
    pub fn cache_keys(&self, cache_control: &str) {
        self.shared.state().cache_control = Some(cache_control.to_owned());
    }

    /// Fails at an endpoint from now on.
    pub fn fail(&self, endpoint: Endpoint, failure: Failure) {
        self.shared.state().failures.insert(endpoint, failure);
    }

    /// Fails no longer.
    pub fn recover(&self) {
        self.shared.state().failures.clear();
    }

    /// Where the browser of somebody who signs in at this address is sent.
    ///
    /// # Panics
    ///
    /// If it is sent nowhere.
    #[must_use]
    pub fn sign_in(&self, authorize_url: &str) -> String {
        let (_, query) = authorize_url.split_once('?').unwrap_or_default();
        let page = sign_in::authorize(&self.shared, &mut self.shared.state(), query);
        let mut headers = page.headers.into_iter();
        let location = headers.find(|(name, _)| *name == "Location");
        location.expect("nobody can sign in there").1
    }

    /// From now on, sends people back with this error.
    pub fn refuse_sign_ins(&self, error: &str) {
        self.shared.state().sign_ins.refusal = Some(error.to_owned());
    }

    /// From now on, answers codes and refresh tokens with this status and error.
    pub fn refuse_grants(&self, status: u16, error: &str) {
        self.shared.state().sign_ins.token_refusal = Some((status, error.to_owned()));
    }

    /// From now on, makes id tokens of those who sign in after `recipe`.
    pub fn spoil_id_tokens(&self, recipe: TokenRecipe) {
        self.shared.state().sign_ins.id_token = Some(recipe);
    }

    /// From now on, answers without id tokens.
    pub fn omit_id_tokens(&self) {
        self.shared.state().sign_ins.has_no_id_token = true;
    }

    /// Knows no refresh token any more.
    pub fn end_sign_ins(&self) {
        self.shared.state().sign_ins.end();
    }

    /// Vouches for no opaque token any more that it has made so far.
    pub fn disown_opaque_tokens(&self) {
        self.shared.state().opaque.clear();
    }

    /// The forms that were sent to exchange codes and refresh tokens.
    #[must_use]
    pub fn token_requests(&self) -> Vec<String> {
        self.shared.state().sign_ins.token_requests.clone()
    }

    /// Every code and token that it has given out.
    #[must_use]
    pub fn issued(&self) -> Vec<String> {
        self.shared.state().sign_ins.issued.clone()
    }

    /// The requests that it has had, with head and body, up to the first mebibyte of them.
    ///
    /// # Panics
    ///
    /// If there were more.
    #[must_use]
    pub fn received(&self) -> String {
        let received = self.shared.state().received.clone();
        assert!(received.len() < MAX_RECEIVED, "there was more");
        received
    }

    /// The tokens that it was told to revoke.
    #[must_use]
    pub fn revoked(&self) -> Vec<String> {
        self.shared.state().sign_ins.revoked.clone()
    }

    /// How many requests an endpoint has had.
    #[must_use]
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        let state = self.shared.state();
        state.requests.get(&endpoint).copied().unwrap_or_default()
    }
}

/// What the listener answers from.
#[derive(Debug)]
struct Shared {
    personality: Personality,
    address: SocketAddr,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    signing: Arc<SigningKey>,
    published: Vec<Arc<SigningKey>>,
    strange_keys: Vec<Value>,
    rotations: usize,
    cache_control: Option<String>,
    failures: HashMap<Endpoint, Failure>,
    opaque: HashMap<String, Value>,
    requests: HashMap<Endpoint, usize>,
    received: String,
    sign_ins: SignIns,
}

impl Shared {
    fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("unpoisoned")
    }
}

const MAX_RECEIVED: usize = 1024 * 1024;
