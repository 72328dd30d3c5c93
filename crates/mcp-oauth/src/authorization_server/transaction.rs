//! A login on its way.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderMap;
use mcp_oauth_provider::LoginAttempt;
use mcp_oauth_token::UnixTime;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::{
    authorize_request::AuthorizeRequest,
    browser_cookie::{BrowserCookie, CookieJar},
    clock_skew::{MAX_SKEW, lives},
    key_ring::{KeyRing, Purpose},
    sealed::{self, NotSealed},
    unguessable::unguessable,
};

/// A login on its way, from the request of the client to the answer for it.
///
/// It is nowhere but in what is sent to the browser, sealed: in the form of the consent page first,
/// and when somebody consented, in the `state` for the identity provider. So strangers who begin
/// logins cost no memory. It goes on only in the browser that has the cookie.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Transaction {
    #[serde(rename = "q")]
    pub(super) request: AuthorizeRequest,
    /// What everything is derived from that only this login has.
    #[serde(rename = "i")]
    seed: String,
    #[serde(rename = "t")]
    began: u64,
    #[serde(rename = "n")]
    cookie: String,
    #[serde(rename = "h")]
    cookie_hash: String,
}

impl Transaction {
    /// How long people have for it.
    pub(super) const LIFE: Duration = Duration::from_secs(600);
    /// How long one that is over is remembered: until no server takes it for one that goes on, even
    /// if it began by another clock.
    pub(super) const MEMORY: Duration = Self::LIFE.saturating_add(MAX_SKEW);

    /// Begins a login in a browser. `None` if the system has no randomness to give.
    pub(super) fn begin(
        request: AuthorizeRequest,
        cookie: &BrowserCookie,
        now: UnixTime,
    ) -> Option<Self> {
        Some(Self {
            request,
            seed: unguessable()?,
            began: now.as_secs(),
            cookie: cookie.name().to_owned(),
            cookie_hash: cookie.hash(),
        })
    }

    /// The same login, bound to another cookie.
    pub(super) fn bound_to(&self, cookie: &BrowserCookie) -> Self {
        Self {
            cookie: cookie.name().to_owned(),
            cookie_hash: cookie.hash(),
            ..self.clone()
        }
    }

    /// Closes it up, to be given to the browser.
    pub(super) fn seal(&self, keys: &KeyRing, stage: Stage) -> String {
        // Nothing in it can fail to be JSON.
        let plaintext = serde_json::to_vec(self).unwrap_or_default();
        sealed::seal(keys, stage.purpose(), &plaintext)
    }

    /// Opens what a browser gave back.
    ///
    /// # Errors
    ///
    /// If it is none of ours at this stage, or too old, or of the future.
    pub(super) fn open(
        keys: &KeyRing,
        stage: Stage,
        sealed: &str,
        now: UnixTime,
    ) -> Result<Self, NoTransaction> {
        let plaintext = sealed::open(keys, stage.purpose(), sealed)?;
        let transaction: Self = serde_json::from_slice(&plaintext).map_err(|_| NotSealed)?;
        let began = UnixTime::from_secs(transaction.began);
        if lives(began, Self::LIFE, now) {
            Ok(transaction)
        } else {
            Err(NoTransaction::OutOfTime)
        }
    }

    /// The cookie that it is bound to, if the browser has it.
    pub(super) fn cookie(&self, jar: CookieJar, request: &HeaderMap) -> Option<BrowserCookie> {
        // Hashes may be compared by `==`: whoever learns how far two of them agree cannot choose
        // secrets by it.
        jar.find(request, &self.cookie)
            .filter(|cookie| cookie.hash() == self.cookie_hash)
    }

    /// What it is remembered by when it is over.
    pub(super) fn id(&self) -> [u8; 32] {
        self.derive("id")
    }

    /// What ties the identity provider's answer to it: a nonce and a PKCE verifier of our own.
    pub(super) fn attempt(&self) -> Option<LoginAttempt> {
        let [nonce, verifier] =
            ["nonce", "code verifier"].map(|what| URL_SAFE_NO_PAD.encode(self.derive(what)));
        LoginAttempt::new(nonce, verifier.into(), self.request.scopes.clone()).ok()
    }

    fn derive(&self, what: &str) -> [u8; 32] {
        let mut hash = Context::new(&SHA256);
        hash.update(self.seed.as_bytes());
        hash.update(what.as_bytes());
        let hash = hash.finish();
        let hash = hash.as_ref().first_chunk().copied();
        hash.expect("SHA-256 has 32 bytes")
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Who knows the seed knows the verifier.
        f.debug_struct("Transaction")
            .field("began", &self.began)
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}

/// How far a login is. What belongs to one stage is nothing at the other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// Somebody is asked.
    Consent,
    /// Somebody consented, and logs in elsewhere.
    Login,
}

impl Stage {
    const fn purpose(self) -> Purpose {
        match self {
            Self::Consent => Purpose::Csrf,
            Self::Login => Purpose::Transaction,
        }
    }
}

/// A text that stands for no login that could go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoTransaction {
    #[error(transparent)]
    NotSealed(#[from] NotSealed),
    #[error("it began more than ten minutes ago, or in the future")]
    OutOfTime,
}
