//! What the server hands out and gets back: nobody else can read it, change it or make it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{AeadInOut, Key, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use ring::rand::{SecureRandom, SystemRandom};

use super::key_ring::{DerivedKey, KeyRing, Purpose, RingKeyId, mac};

/// Seals `plaintext`, differently each time.
pub(crate) fn seal(keys: &KeyRing, purpose: Purpose, plaintext: &[u8]) -> String {
    let sealed = Seal::new(&keys.newest(purpose), purpose, &[]).close(&random_salt(), plaintext);
    URL_SAFE_NO_PAD.encode(sealed)
}

/// Seals `plaintext`, to the same text each time: who sees two of them learns whether their
/// contents are equal, and nothing else.
pub(crate) fn seal_deterministic(keys: &KeyRing, purpose: Purpose, plaintext: &[u8]) -> String {
    let sealed = Seal::new(&keys.newest(purpose), purpose, &[]).close(&[], plaintext);
    URL_SAFE_NO_PAD.encode(sealed)
}

/// Opens what was sealed for the same purpose, by any key of the ring.
///
/// # Errors
///
/// If it was not, or is longer than [`MAX_SEALED_LEN`].
pub(crate) fn open(keys: &KeyRing, purpose: Purpose, sealed: &str) -> Result<Vec<u8>, NotSealed> {
    if sealed.len() > MAX_SEALED_LEN {
        return Err(NotSealed);
    }
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| NotSealed)?;
    open_bytes(keys, purpose, &[], &sealed)
}

/// Seals `plaintext` in the `context` that it is to be opened in again, which is not part of it.
pub(super) fn seal_bytes(
    keys: &KeyRing,
    purpose: Purpose,
    context: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    Seal::new(&keys.newest(purpose), purpose, context).close(&random_salt(), plaintext)
}

/// Opens what [`seal_bytes`] sealed for the same purpose and in the same context.
pub(super) fn open_bytes(
    keys: &KeyRing,
    purpose: Purpose,
    context: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, NotSealed> {
    let (version, rest) = sealed.split_first().ok_or(NotSealed)?;
    let (id, rest) = rest.split_first_chunk().ok_or(NotSealed)?;
    if *version != VERSION {
        return Err(NotSealed);
    }
    let key = keys.find(purpose, RingKeyId(*id)).ok_or(NotSealed)?;
    Seal::new(&key, purpose, context).open(rest)
}

/// Something that this server did not seal, or not for this purpose, or with a key that has
/// retired. Which of it nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not sealed by this server for this purpose")]
pub(crate) struct NotSealed;

/// No text longer than this is opened.
pub(crate) const MAX_SEALED_LEN: usize = 8 * 1024;

/// XChaCha20-Poly1305 with the nonce computed from the contents and a salt.
///
/// With a random salt that is as good as a random nonce, and it stays harmless where the salt is
/// not random after all: a nonce comes back only with the same contents.
struct Seal {
    key_id: RingKeyId,
    cipher: XChaCha20Poly1305,
    nonce_key: [u8; 32],
    /// Version, purpose and context: what is authenticated and not carried along.
    associated: Vec<u8>,
}

impl Seal {
    fn new(key: &DerivedKey, purpose: Purpose, context: &[u8]) -> Self {
        let label = purpose.label().as_bytes();
        let mut associated = vec![VERSION];
        associated.extend_from_slice(label);
        associated.push(0);
        associated.extend_from_slice(context);
        Self {
            key_id: key.id(),
            cipher: XChaCha20Poly1305::new(&Key::from(key.mac(&[b"cipher"]))),
            nonce_key: key.mac(&[b"nonce"]),
            associated,
        }
    }

    /// Version, name of the key, nonce, ciphertext, tag.
    fn close(&self, salt: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let nonce = mac(&self.nonce_key, &[salt, &self.associated, plaintext]);
        let nonce: [u8; NONCE_LEN] = *nonce.first_chunk().expect("32 bytes are more than 24");
        let mut sealed = Vec::with_capacity(OVERHEAD + plaintext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.key_id.0);
        sealed.extend_from_slice(&nonce);
        let start = sealed.len();
        sealed.extend_from_slice(plaintext);
        let tag = self
            .cipher
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &self.associated,
                sealed.split_at_mut(start).1.into(),
            )
            .expect("what is sealed is far below 256 GiB");
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Takes what comes after the name of the key.
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, NotSealed> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(NotSealed)?;
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(NotSealed)?;
        let mut plaintext = ciphertext.to_vec();
        self.cipher
            .decrypt_inout_detached(
                &XNonce::from(*nonce),
                &self.associated,
                plaintext.as_mut_slice().into(),
                &Tag::from(*tag),
            )
            .map_err(|_| NotSealed)?;
        Ok(plaintext)
    }
}

/// Random bytes, or zeros where the system has none to give.
fn random_salt() -> [u8; 32] {
    let mut salt = [0; 32];
    match SystemRandom::new().fill(&mut salt) {
        Ok(()) => salt,
        Err(_) => [0; 32],
    }
}

const VERSION: u8 = 1;
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const OVERHEAD: usize = 1 + RingKeyId::LEN + NONCE_LEN + TAG_LEN;

#[cfg(test)]
mod tests;
