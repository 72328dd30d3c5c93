//! A record as it lies in the log.

use bytes::Bytes;

use crate::TopicName;

/// A record read from a partition. Null and empty are distinct; nothing is decoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The offset within the partition.
    pub offset: i64,
    /// When the record was created or appended; `None` where the engine or the record format
    /// does not carry it.
    pub timestamp: Option<Timestamp>,
    /// The key; `None` is null.
    pub key: Option<Bytes>,
    /// The value; `None` is null, which is a tombstone in a compacted topic.
    pub value: Option<Bytes>,
    /// The headers in the order of the log, duplicates included.
    pub headers: Vec<Header>,
}

impl Record {
    /// The size of key, value and headers in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let len = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers = self
            .headers
            .iter()
            .map(|header| header.key.len() + len(&header.value));
        len(&self.key) + len(&self.value) + headers.sum::<usize>()
    }
}

/// One header of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The key; keys may repeat within a record.
    pub key: String,
    /// The value; `None` is null.
    pub value: Option<Bytes>,
}

impl Header {
    /// Makes a header.
    #[must_use]
    pub fn new(key: impl Into<String>, value: Option<Bytes>) -> Self {
        Self {
            key: key.into(),
            value,
        }
    }
}

/// The time of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Timestamp {
    /// Milliseconds since the Unix epoch.
    pub millis: i64,
    /// Who set it.
    pub kind: TimestampKind,
}

impl Timestamp {
    pub(crate) fn new(millis: i64, kind: TimestampKind) -> Self {
        Self { millis, kind }
    }
}

/// Who set a record's timestamp (the topic's `message.timestamp.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TimestampKind {
    /// The producer, when the record was created.
    CreateTime,
    /// The broker, when the record was appended.
    LogAppendTime,
}
