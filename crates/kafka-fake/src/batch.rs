//! Record batches of magic 2, kept as the bytes that arrived, and messages that are older.
//!
//! The format is described in Kafka's documentation under "Record Batch".

mod decode;
mod encode;
mod message;
mod rewrite;

use std::cmp::Ordering;

use bytes::{Buf, Bytes, BytesMut};

use crate::ErrorCode;

pub(crate) use encode::{Ending, MARKER_BYTES, Writer};

/// A batch whose header makes sense and whose checksum is right. What is inside is not looked
/// into, but for times, and never changed.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    bytes: Bytes,
    base_offset: i64,
    last_offset_delta: i32,
    attributes: i16,
    base_timestamp: i64,
    pub(crate) max_timestamp: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
    pub(crate) base_sequence: i32,
    count: i32,
}

impl Batch {
    /// Reads what a producer sends for a partition, which is exactly one batch (KIP-98).
    pub(crate) fn parse(bytes: Bytes) -> Result<Self, ErrorCode> {
        // The magic byte is at the same place in all formats.
        match bytes.get(MAGIC) {
            Some(2) => {}
            _ => return Err(ErrorCode::INVALID_RECORD),
        }
        let (batch, checksum) = Self::header(&bytes)?;
        let checked = bytes.get(CHECKED..).unwrap_or_default();
        if crc32c::crc32c(checked) != checksum {
            return Err(ErrorCode::CORRUPT_MESSAGE);
        }
        if batch.count < 1 || batch.last_offset_delta != batch.count - 1 {
            return Err(ErrorCode::INVALID_RECORD);
        }
        Ok(batch)
    }

    /// Takes the header apart; the checksum comes with it.
    fn header(bytes: &Bytes) -> Result<(Self, u32), ErrorCode> {
        let corrupt = |_| ErrorCode::CORRUPT_MESSAGE;
        let mut header = bytes.clone();
        let base_offset = header.try_get_i64().map_err(corrupt)?;
        let length = header.try_get_i32().map_err(corrupt)?;
        match i64::from(length).cmp(&i64::try_from(header.remaining()).unwrap_or(i64::MAX)) {
            Ordering::Equal => {}
            Ordering::Greater => return Err(ErrorCode::CORRUPT_MESSAGE),
            // Something comes after the batch.
            Ordering::Less => return Err(ErrorCode::INVALID_RECORD),
        }
        let leader_epoch = header.try_get_i32().map_err(corrupt)?;
        header.try_get_i8().map_err(corrupt)?;
        let checksum = header.try_get_u32().map_err(corrupt)?;
        let batch = Self {
            bytes: bytes.clone(),
            base_offset,
            leader_epoch,
            attributes: header.try_get_i16().map_err(corrupt)?,
            last_offset_delta: header.try_get_i32().map_err(corrupt)?,
            base_timestamp: header.try_get_i64().map_err(corrupt)?,
            max_timestamp: header.try_get_i64().map_err(corrupt)?,
            producer_id: header.try_get_i64().map_err(corrupt)?,
            producer_epoch: header.try_get_i16().map_err(corrupt)?,
            base_sequence: header.try_get_i32().map_err(corrupt)?,
            count: header.try_get_i32().map_err(corrupt)?,
        };
        Ok((batch, checksum))
    }

    /// The batch at its place in a log. Offset and epoch are outside of the checksum for this.
    pub(crate) fn placed(&self, base_offset: i64, leader_epoch: i32) -> Self {
        // A copy, as a slice would keep the whole request in memory.
        let mut bytes = BytesMut::from(&self.bytes[..]);
        if let Some(offset) = bytes.get_mut(..8) {
            offset.copy_from_slice(&base_offset.to_be_bytes());
        }
        if !self.is_message()
            && let Some(epoch) = bytes.get_mut(12..16)
        {
            epoch.copy_from_slice(&leader_epoch.to_be_bytes());
        }
        Self {
            bytes: bytes.freeze(),
            base_offset,
            leader_epoch,
            ..self.clone()
        }
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(crate) fn base_offset(&self) -> i64 {
        self.base_offset
    }

    pub(crate) fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    /// The sequence number of the last record; numbers begin again after the largest.
    pub(crate) fn last_sequence(&self) -> i32 {
        let last = i64::from(self.base_sequence) + i64::from(self.last_offset_delta);
        let sequences = i64::from(i32::MAX) + 1;
        i32::try_from(last % sequences).unwrap_or_default()
    }

    pub(crate) fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// Whether bytes look like a batch of a transaction, before they are looked at closely.
    pub(crate) fn claims_transaction(bytes: &[u8]) -> bool {
        let mut attributes = bytes.get(CHECKED..).unwrap_or_default();
        let attributes = attributes.try_get_i16();
        attributes.is_ok_and(|attributes| attributes & TRANSACTIONAL != 0)
    }

    pub(crate) fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// The offset and the time of the first record from `offset` on that is as late as `time`.
    pub(crate) fn first_since(&self, time: i64, offset: i64) -> Option<(i64, i64)> {
        if self.max_timestamp < time {
            return None;
        }
        if self.attributes & APPEND_TIME != 0 {
            return Some((self.base_offset.max(offset), self.max_timestamp));
        }
        if self.attributes & COMPRESSION != 0 {
            // Decompressing would take four more libraries: the batch begins early enough.
            return Some((self.base_offset.max(offset), self.base_timestamp.max(time)));
        }
        self.records()
            .map(|record| (record.offset, record.time))
            .find(|(found, at)| *found >= offset && *at >= time)
    }
}

const MAGIC: usize = 16;
/// Where the bytes begin that the checksum is of.
const CHECKED: usize = 21;
const RECORDS: usize = 61;

const COMPRESSION: i16 = 0x07;
const APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;

#[cfg(test)]
pub(crate) mod tests;
