//! Answers in another protocol than Kafka's.

use crate::Error;

/// What is wrong with an answer that `reason` could not be read for. The engines take the first
/// four bytes for a length, whatever they are: those of TLS and HTTP are known.
pub(super) fn unreadable(reason: String) -> Error {
    match length(&reason).map(u32::to_be_bytes) {
        Some([0x15 | 0x16, 0x03, ..]) => Error::Tls {
            reason: "the broker speaks TLS at this port, and TLS is off".to_owned(),
        },
        Some([b'H', b'T', b'T', b'P']) => Error::Protocol {
            reason: "it is HTTP: this port is not one of a Kafka broker".to_owned(),
        },
        _ => Error::Protocol { reason },
    }
}

/// The length that was too much, which an engine knows as a text only.
fn length(reason: &str) -> Option<u32> {
    // krafka, and rskafka.
    let after = ["message size ", "but got "]
        .iter()
        .find_map(|before| Some(reason.split_once(before)?.1));
    let (number, _) = after?.split_once(' ')?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reason: &str, expected: &str) {
        let error = unreadable(reason.to_owned()).to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn tls_and_http_are_called_that_whichever_engine_was_told() {
        check(
            "message size 352518912 exceeds maximum 67108864",
            "TLS is off",
        );
        check(
            "Message too large, limit is 9 bytes but got 369295616 bytes",
            "TLS is off",
        );
        check("message size 1213486160 exceeds maximum 67108864", "HTTP");
    }

    #[test]
    fn other_lengths_stay_what_they_are() {
        for reason in [
            "message size 67108865 exceeds maximum 67108864",
            "message size many exceeds maximum few",
            "a frame of 7 bytes",
        ] {
            check(reason, reason);
        }
    }
}
