//! Proof Key for Code Exchange: that who redeems a code is who asked for it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest::{SHA256, digest},
    hmac,
};
use serde::{Deserialize, Serialize};

/// The hash of a secret that a client made for one login (RFC 7636, method S256).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads the `code_challenge` of a request whose `code_challenge_method` is `S256`. `None` if
    /// it cannot be the SHA-256 of anything.
    pub(crate) fn new(challenge: &str) -> Option<Self> {
        let hash = URL_SAFE_NO_PAD.decode(challenge).ok()?;
        (hash.len() == 32).then(|| Self(challenge.to_owned()))
    }

    /// Whether `verifier` is the secret (RFC 7636 section 4.6).
    pub(crate) fn is_met_by(&self, verifier: &str) -> bool {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(is_allowed) {
            return false;
        }
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        // Authentication codes, since these are compared in constant time.
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[]);
        let tag = hmac::sign(&key, self.0.as_bytes());
        hmac::verify(&key, challenge.as_bytes(), tag.as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc_is_met() {
        assert!(CodeChallenge::new(CHALLENGE).unwrap().is_met_by(VERIFIER));
    }

    // RFC 7636 section 4.1 (43 to 128 characters) and section 4.6.
    #[test]
    fn no_other_verifier_meets_a_challenge() {
        let challenge = CodeChallenge::new(CHALLENGE).unwrap();
        for bad in [
            "",
            CHALLENGE,
            VERIFIER.split_at(42).0,
            &VERIFIER.to_lowercase(),
            &format!("{VERIFIER}="),
        ] {
            assert!(!challenge.is_met_by(bad), "{bad}");
        }
        for length in [42, 129] {
            let verifier = "a".repeat(length);
            let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
            let met = CodeChallenge::new(&hash).unwrap().is_met_by(&verifier);
            assert!(!met, "{length}");
        }
    }

    // RFC 7636 section 4.2.
    #[test]
    fn what_is_no_hash_is_no_challenge() {
        for bad in ["", VERIFIER.split_at(42).0, "a b", &format!("{CHALLENGE}=")] {
            assert_eq!(CodeChallenge::new(bad), None, "{bad}");
        }
    }
}
