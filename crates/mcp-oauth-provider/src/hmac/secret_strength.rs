use secrecy::{ExposeSecret, SecretString};

/// What is weak about a secret that everything depends on. Its length is not all: what people type
/// is guessed first.
#[must_use]
pub fn secret_weakness(secret: &SecretString) -> Option<&'static str> {
    let secret = secret.expose_secret();
    let bytes = secret.as_bytes();
    let lower = secret.to_ascii_lowercase();
    let letters: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    if bytes.is_empty() {
        Some("is empty")
    } else if PLACEHOLDERS.iter().any(|word| letters.contains(word)) {
        Some("is a placeholder out of some documentation")
    } else if bytes.len() < MIN_BYTES {
        Some("is shorter than 32 bytes, which RFC 7518 section 3.2 asks for")
    } else if (1..=MAX_PERIOD).any(|period| repeats(bytes, period)) {
        Some("is one character or a short pattern, repeated")
    } else if distinct(bytes) < MIN_DISTINCT_BYTES {
        Some("is made of a few characters only")
    } else {
        None
    }
}

/// Whether each byte is the one that stands `period` before it.
fn repeats(bytes: &[u8], period: usize) -> bool {
    let shifted = bytes.get(period..).unwrap_or_default();
    !shifted.is_empty() && bytes.iter().zip(shifted).all(|(a, b)| a == b)
}

fn distinct(bytes: &[u8]) -> usize {
    let mut bytes = bytes.to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}

/// How to get a good one.
pub(super) const FIX: &str = "make one with: openssl rand -hex 32";

/// RFC 7518 section 3.2: as long as the hash of HS256.
const MIN_BYTES: usize = 32;
const MAX_PERIOD: usize = 16;
/// 32 random hexadecimal digits have fewer different ones about never.
const MIN_DISTINCT_BYTES: usize = 6;
/// Without what separates words.
const PLACEHOLDERS: [&str; 9] = [
    "changeit",
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "yourjwtsecret",
    "yoursecret",
    "supersecret",
    "password",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_weak() {
        for secret in [
            "",
            "short",
            "0123456789abcdef0123456789abcde",
            "changeme-changeme-changeme-change",
            "CHANGE_ME_0123456789_0123456789_ab",
            "your-secret-key-of-at-least-32-bytes",
            "my-super-secret-jwt-key-0123456789",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "0123456789abcdef0123456789abcdef",
            "1234567890123456789012345678901234",
            "abcabcabcabcabcabcabcabcabcabcabcabc",
            "aaaabbbbaaabbbbbaabababaaaaaabbbbbbba",
        ] {
            assert!(secret_weakness(&secret.into()).is_some(), "{secret}");
        }
    }

    #[test]
    fn what_machines_make_is_not() {
        for secret in [
            "4f1d2a7b9c3e5f60718293a4b5c6d7e8f9011223344556677889900aabbccdde",
            "hV9oXQ1m3s7Kq2Zt8Lw4Rb6Yc0Nf5Gd+",
        ] {
            assert_eq!(secret_weakness(&secret.into()), None, "{secret}");
        }
    }
}
