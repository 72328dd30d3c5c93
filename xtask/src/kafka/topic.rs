//! Topics that a cluster has from the start.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::wire::{Fields, exchange};

/// A topic to create: `NAME` or `NAME:PARTITIONS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewTopic {
    name: String,
    partitions: i32,
}

impl FromStr for NewTopic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, partitions) = text.split_once(':').unwrap_or((text, "1"));
        // What the broker allows, so that the name fits into the request.
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || name.len() > 249 || !name.chars().all(plain) {
            return Err("a topic's name has 1 to 249 letters, digits, `.`, `_` and `-`".to_owned());
        }
        let partitions = partitions.parse().ok().filter(|count| *count > 0);
        Ok(Self {
            name: name.to_owned(),
            partitions: partitions.ok_or("the number of partitions is not one from 1 on")?,
        })
    }
}

impl fmt::Display for NewTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.partitions)
    }
}

impl NewTopic {
    /// Creates it, with a replica on each of `brokers`; it may be there already.
    ///
    /// # Errors
    ///
    /// Fails if the broker does not answer, or refuses.
    pub(crate) fn create(&self, address: &str, brokers: usize) -> Result<()> {
        let request = self.request(i16::try_from(brokers)?);
        let answer = exchange(address, &request, PATIENCE)?;
        match parse(&answer) {
            Some((NONE | TOPIC_ALREADY_EXISTS, _)) => Ok(()),
            Some((code, message)) => bail!("topic {self}: error {code}: {message}"),
            None => None.with_context(|| format!("{address} does not answer CreateTopics")),
        }
    }

    /// CreateTopics, version 2, which every broker from 1.0 to 4.x understands.
    fn request(&self, replicas: i16) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend(b"\x00\x13\x00\x02\x00\x00\x00\x01\x00\x05xtask");
        body.extend(1_i32.to_be_bytes());
        // Its name has been measured.
        body.extend(i16::try_from(self.name.len()).unwrap_or(0).to_be_bytes());
        body.extend(self.name.as_bytes());
        body.extend(self.partitions.to_be_bytes());
        body.extend(replicas.to_be_bytes());
        let (assignments, configs) = (0_i32, 0_i32);
        body.extend(assignments.to_be_bytes());
        body.extend(configs.to_be_bytes());
        let timeout_ms = i32::try_from(PATIENCE.as_millis()).unwrap_or(i32::MAX);
        body.extend(timeout_ms.to_be_bytes());
        let validate_only = 0;
        body.push(validate_only);
        let length = u32::try_from(body.len()).unwrap_or(0);
        [&length.to_be_bytes()[..], &body].concat()
    }
}

/// The error code of the one topic, and what the broker says of it.
fn parse(answer: &[u8]) -> Option<(i16, &str)> {
    let mut fields = Fields(answer);
    let _correlation_id = fields.int32()?;
    let _throttle_time = fields.int32()?;
    let _count = fields.int32().filter(|count| *count == 1)?;
    let _name = fields.string()?;
    Some((fields.int16()?, fields.string()?))
}

const NONE: i16 = 0;
const TOPIC_ALREADY_EXISTS: i16 = 36;
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::{NewTopic, parse};

    #[test]
    fn a_topic_has_one_partition_unless_it_says_how_many() {
        let topic = |text: &str| text.parse::<NewTopic>().map(|topic| topic.to_string());
        assert_eq!(topic("orders").unwrap(), "orders:1");
        assert_eq!(topic("orders:6").unwrap(), "orders:6");
        for text in [
            "",
            ":6",
            "orders:",
            "orders:0",
            "orders:-1",
            "a b",
            "orders:6:7",
        ] {
            assert!(topic(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_request_is_the_one_of_the_protocol() {
        let request = "orders:6".parse::<NewTopic>().unwrap().request(3);

        let expected = b"\
            \x00\x00\x00\x2e\
            \x00\x13\x00\x02\x00\x00\x00\x01\x00\x05xtask\
            \x00\x00\x00\x01\x00\x06orders\x00\x00\x00\x06\x00\x03\
            \x00\x00\x00\x00\x00\x00\x00\x00\
            \x00\x00\x27\x10\x00";
        assert_eq!(request, expected);
    }

    #[test]
    fn an_answer_has_the_code_and_the_message_of_the_topic() {
        let answer = b"\x00\x00\x00\x01\x00\x00\x00\x00\
            \x00\x00\x00\x01\x00\x01a\x00\x24\x00\x05there";
        assert_eq!(parse(answer), Some((36, "there")));
        for end in 0..answer.len() {
            assert_eq!(parse(&answer[..end]), None, "cut at {end}");
        }
    }
}
