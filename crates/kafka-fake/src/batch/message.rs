//! Messages of the formats before record batches, magic 0 and 1, as logs of old clusters hold them.

use bytes::{BufMut, BytesMut};

use super::{APPEND_TIME, Batch, MAGIC};
use crate::{MessageFormat, Record};

impl Batch {
    /// One message. It stands in a log for itself; what it has no place for is left out.
    pub(crate) fn message(format: MessageFormat, record: &Record, now: i64) -> Self {
        let time = record.timestamp.unwrap_or(now);
        let mut checked = BytesMut::new();
        checked.put_i8(format.magic());
        // Neither compressed, nor at the time of the broker.
        checked.put_i8(0);
        if format == MessageFormat::V1 {
            checked.put_i64(time);
        }
        for part in [&record.key, &record.value] {
            match part {
                Some(bytes) => {
                    checked.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
                    checked.put_slice(bytes);
                }
                None => checked.put_i32(-1),
            }
        }
        let mut bytes = BytesMut::new();
        bytes.put_i64(0);
        bytes.put_i32(i32::try_from(checked.len() + CHECKSUM_BYTES).unwrap_or(i32::MAX));
        bytes.put_u32(crc32fast::hash(&checked));
        bytes.put(checked);
        Self {
            bytes: bytes.freeze(),
            base_offset: 0,
            last_offset_delta: 0,
            // One time for all of it, which is not looked for within.
            attributes: APPEND_TIME,
            base_timestamp: time,
            max_timestamp: time,
            leader_epoch: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            count: 1,
        }
    }

    /// Whether it is a message of its own.
    pub(super) fn is_message(&self) -> bool {
        self.bytes.get(MAGIC) != Some(&2)
    }
}

const CHECKSUM_BYTES: usize = 4;
