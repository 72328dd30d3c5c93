//! What the server gave out to have it back: nothing that it did not give out for the same place,
//! byte for byte, is good for anything there.

#![no_main]

use std::sync::OnceLock;

use fuzz::{Desk, Place};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    static DESK: OnceLock<Desk> = OnceLock::new();
    let desk = DESK.get_or_init(|| {
        for place in Place::ALL {
            let desk = Desk::open();
            let issued = desk.issued(place)[0];
            assert!(desk.accepts(place, issued), "{place:?}: it is good itself");
        }
        Desk::open()
    });
    let [place, how, rest @ ..] = input else {
        return;
    };
    let pick = |number: u8| Place::ALL[usize::from(number) % Place::ALL.len()];
    let place = pick(*place);
    let text = match (how % 4, rest) {
        (0, raw) => String::from_utf8_lossy(raw).into_owned(),
        // What is good at one place is not at another.
        (1, [other, edit @ ..]) => edited(desk.issued(pick(*other))[0], edit),
        // Encodings that are read generously have several texts for the same bytes.
        (2, [from_end, bits, ..]) => respelled(desk.issued(place)[0], *from_end, *bits),
        _ => edited(desk.issued(place)[0], rest),
    };
    if !desk.issued(place).contains(&text.as_str()) {
        assert!(!desk.accepts(place, &text), "{place:?}: {text:?}");
    }
});

/// A text with something else in the place of some of it.
fn edited(text: &str, edit: &[u8]) -> String {
    let [high, low, taken, put @ ..] = edit else {
        return text.to_owned();
    };
    let mut bytes = text.as_bytes().to_vec();
    let start = usize::from(u16::from_be_bytes([*high, *low])) % (bytes.len() + 1);
    let end = bytes.len().min(start + usize::from(*taken));
    bytes.splice(start..end, put.iter().copied());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text with other bits in one character of base64.
fn respelled(text: &str, from_end: u8, bits: u8) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = text.as_bytes().to_vec();
    let at = bytes.len().saturating_sub(1 + usize::from(from_end));
    let Some(byte) = bytes.get_mut(at) else {
        return text.to_owned();
    };
    if let Some(value) = ALPHABET.iter().position(|letter| letter == byte) {
        *byte = ALPHABET[value ^ usize::from(bits % 64)];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
