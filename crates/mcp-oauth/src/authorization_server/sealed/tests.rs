use proptest::prelude::*;

use super::*;

fn ring(current: char, previous: &[char]) -> KeyRing {
    let secret = |letter: &char| format!("{letter}f1d6c83e0b297a5d8c47b19f2e6053a").into();
    let previous: Vec<_> = previous.iter().map(secret).collect();
    KeyRing::new(&secret(&current), &previous).unwrap()
}

fn text(opened: Result<Vec<u8>, NotSealed>) -> String {
    String::from_utf8(opened.unwrap()).unwrap()
}

#[test]
fn what_is_sealed_is_opened_and_nobody_reads_it_on_the_way() {
    let keys = ring('a', &[]);
    let sealed = seal(&keys, Purpose::Transaction, b"the state of a client");
    let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
    assert_eq!(bytes.len(), "the state of a client".len() + OVERHEAD);
    assert!(!bytes.windows(5).any(|window| window == b"state"));
    let opened = open(&keys, Purpose::Transaction, &sealed);
    assert_eq!(text(opened), "the state of a client");
}

#[test]
fn a_seal_is_another_each_time_unless_it_is_to_be_the_same() {
    let keys = ring('a', &[]);
    let sealed = || seal(&keys, Purpose::ClientId, b"same");
    assert_ne!(sealed(), sealed());
    let same = || seal_deterministic(&keys, Purpose::ClientId, b"same");
    assert_eq!(same(), same());
    assert_ne!(
        same(),
        seal_deterministic(&keys, Purpose::ClientId, b"sane")
    );
    assert_eq!(text(open(&keys, Purpose::ClientId, &same())), "same");
}

#[test]
fn what_earlier_versions_sealed_is_opened() {
    let sealed = "AV8icp9zpLCxBK3_QOz_4xlAVnt2hO1jmKMIy4DX-Ow-dV-eAd7FKTGYsqYPKI_HMF5KQED3PA";
    let keys = ring('a', &[]);
    assert_eq!(
        seal_deterministic(&keys, Purpose::ClientId, b"a client"),
        sealed
    );
    assert_eq!(text(open(&keys, Purpose::ClientId, sealed)), "a client");
}

#[test]
fn nothing_sealed_for_one_purpose_or_context_is_opened_for_another() {
    let keys = ring('a', &[]);
    let sealed = seal(&keys, Purpose::RefreshToken, b"x");
    assert_eq!(open(&keys, Purpose::Transaction, &sealed), Err(NotSealed));
    let sealed = seal_bytes(&keys, Purpose::StoreValue, b"one key", b"x");
    let open_in = |context| open_bytes(&keys, Purpose::StoreValue, context, &sealed);
    assert!(open_in(b"one key").is_ok());
    assert_eq!(open_in(b"another key"), Err(NotSealed));
}

#[test]
fn a_replaced_secret_opens_until_it_retires() {
    let sealed = seal(&ring('a', &[]), Purpose::RefreshToken, b"x");
    let open_with = |keys: &KeyRing| open(keys, Purpose::RefreshToken, &sealed);
    assert!(open_with(&ring('b', &['c', 'a'])).is_ok());
    assert_eq!(open_with(&ring('b', &['c'])), Err(NotSealed));
}

#[test]
fn every_changed_bit_and_every_missing_byte_is_noticed() {
    let keys = ring('a', &[]);
    let sealed = seal_bytes(&keys, Purpose::StoreValue, b"", b"plaintext");
    let open = |sealed: &[u8]| open_bytes(&keys, Purpose::StoreValue, b"", sealed);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&changed), Err(NotSealed), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert_eq!(open(&sealed[..length]), Err(NotSealed), "{length} bytes");
    }
}

#[test]
fn one_seal_is_written_in_one_way() {
    let keys = ring('a', &[]);
    // So many bytes that the last character has bits to spare.
    let sealed = seal(&keys, Purpose::ClientId, b"xx");
    assert_ne!(sealed.len() % 4, 0);
    let last = sealed.chars().last().unwrap();
    let alphabet = ('a'..='z').chain('A'..='Z').chain('0'..='9');
    let others = alphabet.chain(['-', '_', '=', ' ']).filter(|c| *c != last);
    let accepted = others.filter(|other| {
        let other = format!("{}{other}", &sealed[..sealed.len() - 1]);
        open(&keys, Purpose::ClientId, &other).is_ok()
    });
    assert_eq!(accepted.count(), 0);
    let padded = format!("{sealed}=");
    assert_eq!(open(&keys, Purpose::ClientId, &padded), Err(NotSealed));
}

#[test]
fn what_is_too_long_is_not_even_tried() {
    let keys = ring('a', &[]);
    let sealed = seal(&keys, Purpose::ClientId, &[0; MAX_SEALED_LEN]);
    assert_eq!(open(&keys, Purpose::ClientId, &sealed), Err(NotSealed));
}

proptest! {
    #[test]
    fn anything_can_be_sealed(plaintext: Vec<u8>, context: Vec<u8>) {
        let keys = ring('a', &[]);
        let sealed = seal_bytes(&keys, Purpose::StoreValue, &context, &plaintext);
        let opened = open_bytes(&keys, Purpose::StoreValue, &context, &sealed);
        prop_assert_eq!(opened.unwrap(), plaintext);
    }

    #[test]
    fn nothing_made_elsewhere_is_opened(text: String) {
        prop_assert_eq!(open(&ring('a', &[]), Purpose::ClientId, &text), Err(NotSealed));
    }
}
