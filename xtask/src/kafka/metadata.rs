//! The one Kafka request that tells whether a cluster is ready.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};

use super::wire::{Fields, exchange};

/// Asks a broker for the brokers that it knows, as id and address.
///
/// Speaks version 4 of Metadata, which every broker from 0.11 to 4.x understands.
///
/// # Errors
///
/// Fails if the broker is unreachable, slow, or does not speak Kafka.
pub(crate) fn brokers(address: &str) -> Result<BTreeMap<i32, String>> {
    let answer = exchange(address, REQUEST, PATIENCE)?;
    parse(&answer).with_context(|| format!("{address} does not answer a Metadata request"))
}

fn parse(answer: &[u8]) -> Option<BTreeMap<i32, String>> {
    let mut fields = Fields(answer);
    let _correlation_id = fields.int32()?;
    let _throttle_time = fields.int32()?;
    let mut brokers = BTreeMap::new();
    for _ in 0..fields.int32()? {
        let id = fields.int32()?;
        let host = fields.string()?;
        let port = fields.int32()?;
        let _rack = fields.string()?;
        brokers.insert(id, format!("{host}:{port}"));
    }
    Some(brokers)
}

/// Metadata, version 4, about no topic, which also creates none.
const REQUEST: &[u8] = b"\
    \x00\x00\x00\x14\
    \x00\x03\x00\x04\x00\x00\x00\x01\x00\x05xtask\
    \x00\x00\x00\x00\x00";

const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::{REQUEST, parse};

    const ANSWER: &[u8] = b"\
        \x00\x00\x00\x01\x00\x00\x00\x00\
        \x00\x00\x00\x02\
        \x00\x00\x00\x01\x00\x09127.0.0.1\x00\x00\x52\x08\xff\xff\
        \x00\x00\x00\x02\x00\x09localhost\x00\x00\x52\x12\x00\x02r1\
        \xff\xff\x00\x00\x00\x01\x00\x00\x00\x00";

    #[test]
    fn the_length_prefix_of_the_request_is_right() {
        let (length, body) = REQUEST.split_first_chunk().unwrap();
        assert_eq!(
            usize::try_from(u32::from_be_bytes(*length)).unwrap(),
            body.len()
        );
    }

    #[test]
    fn brokers_are_read_with_and_without_a_rack() {
        let brokers = parse(ANSWER).unwrap();

        let expected = [
            (1, "127.0.0.1:21000".to_owned()),
            (2, "localhost:21010".to_owned()),
        ];
        assert_eq!(Vec::from_iter(brokers), expected);
    }

    #[test]
    fn a_truncated_answer_is_no_answer() {
        for end in 0..ANSWER.len() - 10 {
            assert_eq!(parse(&ANSWER[..end]), None, "cut at {end}");
        }
    }
}
