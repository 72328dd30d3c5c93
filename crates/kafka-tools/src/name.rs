//! Names of topics and consumer groups.

use std::{fmt, str::FromStr};

use crate::Error;

/// The name of a topic: 1 to 249 characters of `a-z A-Z 0-9 . _ -`, neither `.` nor `..`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName(String);

impl TopicName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a name that a broker reported.
    pub(crate) fn from_broker(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl FromStr for TopicName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if text.is_empty() || text.len() > MAX_TOPIC_NAME {
            return Err(Error::invalid(
                "topic",
                text,
                "a topic name has 1 to 249 characters",
            ));
        }
        if text == "." || text == ".." || !text.chars().all(allowed) {
            let reason = "a topic name consists of a-z, A-Z, 0-9, '.', '_' and '-'";
            return Err(Error::invalid("topic", text, reason));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a consumer group: any text of 1 to 32,767 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(String);

impl GroupId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes an id that a broker reported.
    #[cfg(feature = "krafka")]
    pub(crate) fn from_broker(id: impl Into<String>) -> Self {
        Self(id.into())
    }
}

impl FromStr for GroupId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() || text.len() > MAX_GROUP_ID {
            return Err(Error::invalid(
                "group_id",
                text,
                "a group id has 1 to 32,767 bytes",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Kafka's own limit: the name is part of a directory name.
const MAX_TOPIC_NAME: usize = 249;

/// The longest string that the protocol can carry.
const MAX_GROUP_ID: usize = 32_767;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_names_follow_kafkas_rules() {
        for name in ["orders", "a.b_c-D9", "__consumer_offsets", &"x".repeat(249)] {
            assert!(name.parse::<TopicName>().is_ok(), "{name}");
        }
        for name in ["", ".", "..", "a b", "ä", "a/b", &"x".repeat(250), "a\0"] {
            assert!(name.parse::<TopicName>().is_err(), "{name}");
        }
    }

    #[test]
    fn group_ids_are_any_text_within_the_protocols_limit() {
        assert!("any thing, even ä".parse::<GroupId>().is_ok());
        assert!("".parse::<GroupId>().is_err());
        assert!("x".repeat(32_768).parse::<GroupId>().is_err());
    }
}
