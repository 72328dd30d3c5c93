//! Records, as those who fill a cluster without a client describe them.

use bytes::{BufMut, Bytes, BytesMut};

use crate::varint;

/// A record that is to be appended. Key and value are null unless they are given.
///
/// ```
/// use kafka_fake::Record;
///
/// let order = Record::new("four apples").key("order-1").header("origin", "web");
/// let deleted = Record::tombstone("order-1").timestamp(1_700_000_000_000);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// What the record is about.
    pub key: Option<Bytes>,
    /// What it says.
    pub value: Option<Bytes>,
    /// Names may be there more than once.
    pub headers: Vec<(String, Option<Bytes>)>,
    /// Milliseconds since 1970; the time at which it is appended, if there is none.
    pub timestamp: Option<i64>,
}

impl Record {
    /// A record with a value.
    #[must_use]
    pub fn new(value: impl Into<Bytes>) -> Self {
        Self {
            value: Some(value.into()),
            ..Self::default()
        }
    }

    /// A record that says that there is nothing under this key any more.
    #[must_use]
    pub fn tombstone(key: impl Into<Bytes>) -> Self {
        Self::default().key(key)
    }

    /// With this key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Bytes>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Self {
        self.headers.push((name.into(), Some(value.into())));
        self
    }

    /// At this time, in milliseconds since 1970.
    #[must_use]
    pub fn timestamp(mut self, milliseconds: i64) -> Self {
        self.timestamp = Some(milliseconds);
        self
    }

    /// The record within a batch of magic 2, with its length.
    pub(crate) fn encode(&self, offset_delta: i64, time_delta: i64) -> Bytes {
        let mut body = BytesMut::new();
        // Records have no attributes yet.
        body.put_i8(0);
        varint::write(&mut body, time_delta);
        varint::write(&mut body, offset_delta);
        write_nullable(&mut body, self.key.as_deref());
        write_nullable(&mut body, self.value.as_deref());
        varint::write_length(&mut body, self.headers.len());
        for (name, value) in &self.headers {
            write_nullable(&mut body, Some(name.as_bytes()));
            write_nullable(&mut body, value.as_deref());
        }
        let mut record = BytesMut::new();
        varint::write_length(&mut record, body.len());
        record.put(body);
        record.freeze()
    }
}

fn write_nullable(record: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            varint::write_length(record, bytes.len());
            record.put_slice(bytes);
        }
        None => varint::write(record, -1),
    }
}
