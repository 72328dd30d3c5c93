//! Making batches, for records that no client sends.

use bytes::{BufMut, Bytes, BytesMut};

use super::{Batch, CONTROL, TRANSACTIONAL};
use crate::{ErrorCode, Record};

/// Who writes a batch, and where it is in what they write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
    pub(crate) sequence: i32,
    pub(crate) is_transactional: bool,
}

impl Writer {
    /// A producer that does not count.
    pub(crate) const NOBODY: Self = Self {
        id: -1,
        epoch: -1,
        sequence: -1,
        is_transactional: false,
    };

    fn attributes(self) -> i16 {
        if self.is_transactional {
            TRANSACTIONAL
        } else {
            0
        }
    }
}

/// How a transaction ends (KIP-98).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Abort = 0,
    Commit = 1,
}

impl Batch {
    /// One batch of these records; those without a time get `now`.
    pub(crate) fn of(records: &[Record], now: i64, writer: Writer) -> Result<Self, ErrorCode> {
        encode(records, now, writer, writer.attributes())
    }

    /// The control record that ends a transaction of a producer.
    pub(crate) fn marker(
        ending: Ending,
        now: i64,
        (id, epoch): (i64, i16),
    ) -> Result<Self, ErrorCode> {
        let writer = Writer {
            id,
            epoch,
            ..Writer::NOBODY
        };
        // Version and kind; version and the epoch of the coordinator, which does not change.
        let key = [0, 0, 0, ending as u8];
        let record = Record::new(&[0; 6][..]).key(Bytes::copy_from_slice(&key));
        encode(&[record], now, writer, TRANSACTIONAL | CONTROL)
    }
}

fn encode(
    records: &[Record],
    now: i64,
    writer: Writer,
    attributes: i16,
) -> Result<Batch, ErrorCode> {
    let time = |record: &Record| record.timestamp.unwrap_or(now);
    let base = records.first().map_or(now, time);
    let count = i32::try_from(records.len()).map_err(|_| ErrorCode::MESSAGE_TOO_LARGE)?;
    let mut checked = BytesMut::new();
    checked.put_i16(attributes);
    checked.put_i32(count - 1);
    checked.put_i64(base);
    checked.put_i64(records.iter().map(time).max().unwrap_or(now));
    checked.put_i64(writer.id);
    checked.put_i16(writer.epoch);
    checked.put_i32(writer.sequence);
    checked.put_i32(count);
    for (offset, record) in (0..).zip(records) {
        // Java's numbers wrap as well.
        checked.put(record.encode(offset, time(record).wrapping_sub(base)));
    }
    let length = i32::try_from(checked.len() + AFTER_LENGTH);
    let mut batch = BytesMut::new();
    batch.put_i64(0);
    batch.put_i32(length.map_err(|_| ErrorCode::MESSAGE_TOO_LARGE)?);
    batch.put_i32(-1);
    batch.put_i8(2);
    batch.put_u32(crc32c::crc32c(&checked));
    batch.put(checked);
    Batch::parse(batch.freeze())
}

/// The bytes between the length of a batch and what its checksum is of.
const AFTER_LENGTH: usize = 9;

/// How long the batch of a marker is: a header, and one record.
pub(crate) const MARKER_BYTES: usize = 78;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_markers_are_as_long_as_room_is_kept_for() {
        for (ending, now, producer) in [
            (Ending::Abort, 0, (1, 0)),
            (Ending::Commit, i64::MAX, (i64::MAX, i16::MAX)),
        ] {
            let marker = Batch::marker(ending, now, producer).unwrap();
            assert_eq!(marker.bytes().len(), MARKER_BYTES);
        }
    }
}
