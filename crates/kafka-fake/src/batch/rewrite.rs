//! Batches that are changed after they have arrived, which only brokers may do.

use bytes::{BufMut, BytesMut};

use super::{APPEND_TIME, Batch, CHECKED, COMPRESSION, RECORDS};
use crate::varint;

/// A record within a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawRecord<'a> {
    pub(crate) offset: i64,
    pub(crate) time: i64,
    pub(crate) key: Option<&'a [u8]>,
    /// Value and headers.
    pub(super) rest: &'a [u8],
    /// All of it, with its length.
    bytes: &'a [u8],
}

impl Batch {
    /// The records of a batch that is not compressed; fewer if they are malformed.
    pub(crate) fn records(&self) -> impl Iterator<Item = RawRecord<'_>> {
        let all = self.bytes.get(RECORDS..).unwrap_or_default();
        let mut rest = match self.attributes & COMPRESSION {
            0 => all,
            _ => &[],
        };
        std::iter::from_fn(move || {
            let start = rest;
            let length = usize::try_from(varint::read(&mut rest)?).ok()?;
            let mut record = rest.get(..length)?;
            rest = rest.get(length..)?;
            record = record.get(1..)?;
            let time = self
                .base_timestamp
                .checked_add(varint::read(&mut record)?)?;
            let offset = self.base_offset.checked_add(varint::read(&mut record)?)?;
            let key = read_nullable(&mut record)?;
            let bytes = start.get(..start.len() - rest.len())?;
            Some(RawRecord {
                offset,
                time,
                key,
                rest: record,
                bytes,
            })
        })
    }

    /// The batch with those records only that are to be kept, by offset and key; `None` if there
    /// are none. A batch that cannot be looked into stays as it is.
    pub(crate) fn retaining(&self, keep: impl Fn(i64, Option<&[u8]>) -> bool) -> Option<Self> {
        let all: Vec<RawRecord<'_>> = self.records().collect();
        if i32::try_from(all.len()) != Ok(self.count) {
            return Some(self.clone());
        }
        let kept: Vec<_> = all
            .iter()
            .filter(|record| keep(record.offset, record.key))
            .collect();
        if kept.is_empty() {
            return None;
        }
        if kept.len() == all.len() {
            return Some(self.clone());
        }
        let mut bytes = BytesMut::from(self.bytes.get(..RECORDS)?);
        for record in &kept {
            bytes.put(record.bytes);
        }
        let mut batch = self.clone();
        batch.count = i32::try_from(kept.len()).ok()?;
        if self.attributes & APPEND_TIME == 0 {
            batch.max_timestamp = kept.iter().map(|record| record.time).max()?;
        }
        batch.seal(bytes);
        Some(batch)
    }

    /// The batch with the time at which it is appended, which is that of all of its records.
    pub(crate) fn stamped(&self, now: i64) -> Self {
        let mut batch = self.clone();
        if batch.is_message() {
            return batch;
        }
        batch.attributes |= APPEND_TIME;
        batch.max_timestamp = now;
        batch.seal(BytesMut::from(&self.bytes[..]));
        batch
    }

    /// Takes these bytes, with what has changed in the header written into them.
    fn seal(&mut self, mut bytes: BytesMut) {
        let length = i32::try_from(bytes.len() - BEFORE_LENGTH_ENDS).unwrap_or(i32::MAX);
        write(&mut bytes, LENGTH, &length.to_be_bytes());
        write(&mut bytes, CHECKED, &self.attributes.to_be_bytes());
        write(&mut bytes, MAX_TIMESTAMP, &self.max_timestamp.to_be_bytes());
        write(&mut bytes, COUNT, &self.count.to_be_bytes());
        let checksum = crc32c::crc32c(bytes.get(CHECKED..).unwrap_or_default());
        write(&mut bytes, CHECKSUM, &checksum.to_be_bytes());
        self.bytes = bytes.freeze();
    }

    /// Reads a batch of which records may be missing.
    #[cfg(test)]
    pub(crate) fn parse_part(bytes: bytes::Bytes) -> Result<Self, crate::ErrorCode> {
        let (batch, checksum) = Self::header(&bytes)?;
        match crc32c::crc32c(&bytes[CHECKED..]) == checksum {
            true => Ok(batch),
            false => Err(crate::ErrorCode::CORRUPT_MESSAGE),
        }
    }
}

/// Reads bytes behind their length, which is -1 if there are none; `None` if they are not all there.
pub(super) fn read_nullable<'a>(record: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = match varint::read(record)? {
        -1 => return Some(None),
        length => usize::try_from(length).ok()?,
    };
    let (bytes, rest) = record.split_at_checked(length)?;
    *record = rest;
    Some(Some(bytes))
}

fn write(bytes: &mut BytesMut, at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}

/// Where the parts of the header are.
const LENGTH: usize = 8;
const BEFORE_LENGTH_ENDS: usize = 12;
const CHECKSUM: usize = 17;
const MAX_TIMESTAMP: usize = 35;
const COUNT: usize = 57;
