//! The keys of the authorization server, all derived from one secret.

use std::{fmt, iter};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mcp_oauth_provider::secret_weakness;
use ring::{hkdf, hmac};
use secrecy::{ExposeSecret, SecretString};

/// The keys of an authorization server: one secret that is in use, and earlier ones whose work is
/// still accepted. Every purpose has a key of its own, derived with HKDF-SHA256.
///
/// A secret is replaced in three steps, so that no replica meets the work of a secret that it does
/// not know: the new one joins the earlier ones everywhere, then takes the place of the current
/// one, and the old one leaves when nothing made with it lives any more.
#[derive(Clone, Debug)]
pub struct KeyRing {
    newest: Generation,
    older: Vec<Generation>,
}

impl KeyRing {
    /// The keys that are derived from `current`, which make and accept, and from `previous`, which
    /// only accept.
    ///
    /// # Errors
    ///
    /// If a secret is shorter than 32 bytes, or one that somebody may guess
    /// ([`secret_weakness`]).
    pub fn new(current: &SecretString, previous: &[SecretString]) -> Result<Self, WeakSecret> {
        if let Some(weakness) = iter::once(current)
            .chain(previous)
            .find_map(secret_weakness)
        {
            return Err(WeakSecret { weakness });
        }
        Ok(Self {
            newest: Generation::new(current),
            older: previous.iter().map(Generation::new).collect(),
        })
    }

    /// The key that makes things for `purpose`.
    pub(crate) fn newest(&self, purpose: Purpose) -> DerivedKey {
        self.newest.derive(purpose)
    }

    /// All keys whose work for `purpose` is accepted, the newest first.
    pub(crate) fn all(&self, purpose: Purpose) -> impl Iterator<Item = DerivedKey> {
        self.generations()
            .map(move |generation| generation.derive(purpose))
    }

    /// The key for `purpose` that is called `id`.
    pub(crate) fn find(&self, purpose: Purpose, id: RingKeyId) -> Option<DerivedKey> {
        let mut generations = self.generations();
        let generation = generations.find(|generation| generation.id == id)?;
        Some(generation.derive(purpose))
    }

    fn generations(&self) -> impl Iterator<Item = &Generation> {
        iter::once(&self.newest).chain(&self.older)
    }
}

/// A secret that no keys are derived from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret {weakness}")]
#[non_exhaustive]
pub struct WeakSecret {
    /// What is weak about it.
    pub weakness: &'static str,
}

/// What a key is for. No key serves two purposes, so nothing made for one passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    AccessToken,
    ClientId,
    Csrf,
    RefreshToken,
    StoreKey,
    StoreValue,
    Transaction,
}

impl Purpose {
    /// Goes into keys and seals: what is written here is never changed.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::AccessToken => "access token",
            Self::ClientId => "client id",
            Self::Csrf => "csrf",
            Self::RefreshToken => "refresh token",
            Self::StoreKey => "store key",
            Self::StoreValue => "store value",
            Self::Transaction => "transaction",
        }
    }
}

/// The name of a secret of the ring. It says nothing of the secret, and may be read by anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RingKeyId(pub(crate) [u8; Self::LEN]);

impl RingKeyId {
    pub(crate) const LEN: usize = 6;
}

impl fmt::Display for RingKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// A key for one purpose.
#[derive(Clone)]
pub(crate) struct DerivedKey {
    id: RingKeyId,
    bytes: [u8; 32],
}

impl DerivedKey {
    pub(crate) const fn id(&self) -> RingKeyId {
        self.id
    }

    /// The key in characters, for what takes secrets as text.
    pub(crate) fn to_secret(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.bytes).into()
    }

    /// The authentication code (HMAC-SHA256) of `parts`, which cannot run into each other.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.bytes, parts)
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DerivedKey({}, [redacted])", self.id)
    }
}

/// One secret of the ring.
#[derive(Clone, Debug)]
struct Generation {
    id: RingKeyId,
    root: hkdf::Prk,
}

impl Generation {
    fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(secret);
        let [a, b, c, d, e, f, ..] = expand(&root, "key id");
        Self {
            id: RingKeyId([a, b, c, d, e, f]),
            root,
        }
    }

    fn derive(&self, purpose: Purpose) -> DerivedKey {
        DerivedKey {
            id: self.id,
            bytes: expand(&self.root, purpose.label()),
        }
    }
}

fn expand(root: &hkdf::Prk, label: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    root.expand(&[label.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|key| key.fill(&mut bytes))
        .expect("HKDF-SHA256 gives 32 bytes");
    bytes
}

/// HMAC-SHA256 over `parts`, each with its length before it.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, &framed(parts));
    let tag = tag.as_ref().first_chunk().copied();
    tag.expect("SHA-256 has 32 bytes")
}

fn framed(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

const SALT: &[u8] = b"mcp-oauth authorization server 1";

#[cfg(test)]
mod tests;
