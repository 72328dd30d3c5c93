use std::collections::HashSet;

use super::*;

const PURPOSES: [Purpose; 7] = [
    Purpose::AccessToken,
    Purpose::ClientId,
    Purpose::Csrf,
    Purpose::RefreshToken,
    Purpose::StoreKey,
    Purpose::StoreValue,
    Purpose::Transaction,
];

fn secret(letter: char) -> SecretString {
    format!("{letter}f1d6c83e0b297a5d8c47b19f2e6053a").into()
}

#[test]
fn every_purpose_of_every_secret_has_a_key_of_its_own() {
    let ring = KeyRing::new(&secret('a'), &[secret('b')]).unwrap();
    let keys = PURPOSES.iter().flat_map(|purpose| ring.all(*purpose));
    let keys: HashSet<_> = keys.map(|key| key.bytes).collect();
    assert_eq!(keys.len(), 2 * PURPOSES.len());
}

#[test]
fn the_keys_are_the_same_in_every_process() {
    let key = Generation::new(&"a".repeat(32).into()).derive(Purpose::AccessToken);
    assert_eq!(key.id().to_string(), "6Ege2T0F");
    assert_eq!(
        key.to_secret().expose_secret(),
        "Gnadspd24URo4O9XoZkG6clPxv2WkfH4BXP2iL8jw1k"
    );
}

#[test]
fn a_key_is_found_by_its_name_after_it_was_replaced() {
    let before = KeyRing::new(&secret('a'), &[]).unwrap();
    let after = KeyRing::new(&secret('b'), &[secret('a')]).unwrap();
    let old = before.newest(Purpose::Csrf);
    let found = after.find(Purpose::Csrf, old.id()).unwrap();
    assert_eq!(found.bytes, old.bytes);
    assert_ne!(after.newest(Purpose::Csrf).bytes, old.bytes);
    assert!(before.find(Purpose::Csrf, after.newest.id).is_none());
}

#[test]
fn a_weak_secret_is_refused_wherever_it_stands() {
    for (weak, weakness) in [
        (
            "f1d6c83e0b297a5d8c47b19f2e6053a",
            "the secret is shorter than 32 bytes, which RFC 7518 section 3.2 asks for",
        ),
        (
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "the secret is one character or a short pattern, repeated",
        ),
    ] {
        let weak: SecretString = weak.into();
        let refused = KeyRing::new(&weak, &[]).unwrap_err();
        assert_eq!(refused.to_string(), weakness);
        assert_eq!(KeyRing::new(&secret('a'), &[weak]).unwrap_err(), refused);
    }
}

#[test]
fn no_key_is_printed() {
    let ring = KeyRing::new(&secret('a'), &[]).unwrap();
    let key = ring.newest(Purpose::Csrf);
    let printed = format!("{ring:?} {key:?}");
    assert!(!printed.contains("f1d6c83e"), "{printed}");
    assert!(!printed.contains(&format!("{:?}", key.bytes)), "{printed}");
    assert!(printed.contains("[redacted]"), "{printed}");
}

#[test]
fn parts_of_a_code_cannot_run_into_each_other() {
    let key = KeyRing::new(&secret('a'), &[]).unwrap();
    let key = key.newest(Purpose::Csrf);
    let tag = key.mac(&[b"ab", b"c"]);
    assert_eq!(key.mac(&[b"ab", b"c"]), tag);
    for other in [
        &[b"a".as_slice(), b"bc"][..],
        &[b"abc"],
        &[b"ab", b"c", b""],
    ] {
        assert_ne!(key.mac(other), tag, "{other:?}");
    }
}
