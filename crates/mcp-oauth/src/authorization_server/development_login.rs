//! The login for development: whoever can read what the server printed at start may be anybody.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use ring::{
    hmac::{self, HMAC_SHA256, Key, Tag},
    rand::{SecureRandom, SystemRandom},
};
use secrecy::SecretString;
use tokio::time::{Duration, Instant};

/// A login without accounts, for a server on loopback. It asks for a code, which the server printed
/// when it started, and for any name.
pub struct DevelopmentLogin {
    /// Random: what is kept of the code is its authentication code, compared in constant time.
    key: Key,
    tag: Tag,
    attempts: Mutex<Attempts>,
}

impl DevelopmentLogin {
    /// A login, and the code that it asks for. `None` if the system has no randomness to give.
    #[must_use]
    pub fn new() -> Option<(Self, SecretString)> {
        let random = SystemRandom::new();
        let key = Key::generate(HMAC_SHA256, &random).ok()?;
        let mut bytes = [0; CODE_LEN];
        random.fill(&mut bytes).ok()?;
        let code = bytes.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]);
        let tag = hmac::sign(&key, &code);
        let login = Self {
            key,
            tag,
            attempts: Mutex::new(Attempts::none()),
        };
        let (head, tail) = code.split_at(CODE_LEN / 2);
        let [head, tail] = [head, tail].map(String::from_utf8_lossy);
        Some((login, format!("{head}-{tail}").into()))
    }

    /// Checks the code that somebody typed.
    pub(super) fn check(&self, typed: &str) -> Result<(), WrongCode> {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.admit(Instant::now())?;
        if hmac::verify(&self.key, &as_printed(typed), self.tag.as_ref()).is_ok() {
            Ok(())
        } else {
            attempts.failed += 1;
            Err(WrongCode::Wrong)
        }
    }
}

impl fmt::Debug for DevelopmentLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DevelopmentLogin([redacted])")
    }
}

/// Why a code is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrongCode {
    /// Too many were wrong lately, so that none is looked at.
    TooMany {
        /// When the next one is.
        retry_after: Duration,
    },
    /// It is another one.
    Wrong,
}

/// The name that somebody logs in by: one short line of letters, digits and plain punctuation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LoginName(String);

impl LoginName {
    pub(super) fn new(typed: &str) -> Option<Self> {
        let name = typed.trim();
        let is_plain = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ';
        let is_short = name.chars().nth(MAX_NAME_CHARS).is_none();
        let is_name = !name.is_empty() && is_short && name.chars().all(is_plain);
        is_name.then(|| Self(name.to_owned()))
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// How many codes were wrong lately.
#[derive(Debug)]
struct Attempts {
    failed: u32,
    since: Instant,
}

impl Attempts {
    fn none() -> Self {
        Self {
            failed: 0,
            since: Instant::now(),
        }
    }

    fn admit(&mut self, now: Instant) -> Result<(), WrongCode> {
        let end = self.since + WINDOW;
        if now >= end {
            *self = Self {
                failed: 0,
                since: now,
            };
        }
        if self.failed < MAX_FAILED {
            Ok(())
        } else {
            let retry_after = end.saturating_duration_since(now);
            Err(WrongCode::TooMany { retry_after })
        }
    }
}

/// A code as it was made: people may type it in small letters, and without the dash.
fn as_printed(typed: &str) -> Vec<u8> {
    let bytes = typed.bytes().take(MAX_TYPED_BYTES);
    let relevant = bytes.filter(|byte| !matches!(byte, b'-' | b' '));
    relevant.map(|byte| byte.to_ascii_uppercase()).collect()
}

/// Without the letters that look like digits. 32 of them: every byte stands for each as often.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// 40 bits: at ten attempts a minute, a year finds it once in 200 000.
const CODE_LEN: usize = 8;
const MAX_TYPED_BYTES: usize = 64;
const MAX_NAME_CHARS: usize = 64;
const MAX_FAILED: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_code_is_taken_however_it_is_typed() {
        let (login, code) = DevelopmentLogin::new().unwrap();
        let code = code.expose_secret();
        assert_eq!(code.len(), 9);
        for typed in [
            code.to_owned(),
            code.to_lowercase(),
            code.replace('-', ""),
            format!(" {} ", code.replace('-', " ")),
        ] {
            assert_eq!(login.check(&typed), Ok(()), "{typed}");
        }
        for wrong in ["", "-", &code[..8], &format!("{code}2"), "😀"] {
            assert_eq!(login.check(wrong), Err(WrongCode::Wrong), "{wrong}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_ten_wrong_codes_none_is_looked_at_for_a_minute() {
        let (login, code) = DevelopmentLogin::new().unwrap();
        advance(Duration::from_secs(15)).await;
        for _ in 0..MAX_FAILED {
            assert_eq!(login.check("wrong"), Err(WrongCode::Wrong));
        }
        let retry_after = Duration::from_secs(45);
        let refused = Err(WrongCode::TooMany { retry_after });
        assert_eq!(login.check(code.expose_secret()), refused);
        advance(retry_after).await;
        assert_eq!(login.check(code.expose_secret()), Ok(()));
    }

    #[tokio::test]
    async fn each_server_has_its_own_code_and_prints_it_nowhere_else() {
        let [(one, code), (_, other)] = [(); 2].map(|()| DevelopmentLogin::new().unwrap());
        assert_ne!(code.expose_secret(), other.expose_secret());
        assert!(!format!("{one:?}").contains(code.expose_secret()));
    }

    #[test]
    fn a_name_is_one_short_plain_line() {
        for good in ["alice", "Ångström O'Neil", "a@b.example", " alice "] {
            assert!(LoginName::new(good).is_some(), "{good:?}");
        }
        let long = "x".repeat(MAX_NAME_CHARS + 1);
        for bad in ["", "  ", "a\nb", "a\u{202e}b", "a\u{0}", &long] {
            assert!(LoginName::new(bad).is_none(), "{bad:?}");
        }
    }
}
