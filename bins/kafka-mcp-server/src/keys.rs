//! `keys`: makes a secret for JWT_SECRET, or for KAFKA_MCP_STATE_KEY.

use std::io::{self, Write};

use ring::rand::{SecureRandom, SystemRandom};
use secrecy::SecretString;

/// Makes a secret, and tells people how it takes the place of another. That goes to standard error:
/// `JWT_SECRET=$(kafka-mcp-server keys)` gets the secret alone.
///
/// # Errors
///
/// If the system has no randomness to give.
pub(crate) fn make() -> Result<SecretString, NoRandomness> {
    let secret = random()?;
    // There is nobody to tell if this fails.
    let _ = io::stderr().write_all(HOW_TO_ROTATE.as_bytes());
    Ok(secret)
}

/// A secret that nobody has seen before.
///
/// # Errors
///
/// If the system has no randomness to give.
pub(crate) fn random() -> Result<SecretString, NoRandomness> {
    let mut bytes = [0; 32];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| NoRandomness)?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(hex.into())
}

/// The system has no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system has no randomness to give")]
pub(crate) struct NoRandomness;

const HOW_TO_ROTATE: &str = "\
A new secret for JWT_SECRET, in place of an old one without logging anybody out:
  1. add the new one to JWT_SECRET_PREVIOUS of all replicas, and restart them;
  2. make it JWT_SECRET, and the old one JWT_SECRET_PREVIOUS, and restart them;
  3. after 90 days, when no login made with the old one lives, remove that: clients that have
     registered with it then register again, and their people log in.
With one replica, begin with step 2. If the old one may be known to others, remove it at once.
KAFKA_MCP_STATE_KEY takes a secret of its own, from another run of this command; the same one on all
replicas. A new one in its place ends cursors, and nothing else.
";

#[cfg(test)]
mod tests {
    use mcp_oauth_provider::secret_weakness;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_is_new_each_time_and_strong() {
        let [one, other] = [(); 2].map(|()| make().unwrap());
        assert_eq!(secret_weakness(&one), None);
        assert_eq!(one.expose_secret().len(), 64);
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
