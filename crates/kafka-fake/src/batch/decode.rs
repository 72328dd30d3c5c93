//! What is in batches, for those who look at a cluster without a client.

use bytes::{Buf, Bytes};

use super::{APPEND_TIME, Batch, COMPRESSION, rewrite::RawRecord, rewrite::read_nullable};
use crate::{Record, varint};

impl Batch {
    /// The records with their offsets; `None` if they are compressed or malformed.
    pub(crate) fn decode(&self) -> Option<Vec<(i64, Record)>> {
        if self.is_message() {
            let record = decode_message(self.bytes.clone())?;
            return Some(vec![(self.base_offset, record)]);
        }
        let records = self.records().map(|raw| {
            let mut record = decode_record(&raw)?;
            if self.attributes & APPEND_TIME != 0 {
                record.timestamp = Some(self.max_timestamp);
            }
            Some((raw.offset, record))
        });
        let records: Vec<_> = records.collect::<Option<_>>()?;
        let is_whole = i32::try_from(records.len()) == Ok(self.count);
        (self.attributes & COMPRESSION == 0 && is_whole).then_some(records)
    }
}

fn decode_record(raw: &RawRecord<'_>) -> Option<Record> {
    let mut rest = raw.rest;
    let value = read_nullable(&mut rest)?;
    let mut headers = Vec::new();
    for _ in 0..varint::read(&mut rest)? {
        let name = String::from_utf8(read_nullable(&mut rest)??.to_vec()).ok()?;
        headers.push((name, read_nullable(&mut rest)?.map(Bytes::copy_from_slice)));
    }
    Some(Record {
        key: raw.key.map(Bytes::copy_from_slice),
        value: value.map(Bytes::copy_from_slice),
        headers,
        timestamp: Some(raw.time),
    })
}

/// A message of magic 0 or 1, which stands for itself.
fn decode_message(mut bytes: Bytes) -> Option<Record> {
    bytes.advance(BEFORE_MAGIC.min(bytes.len()));
    let magic = bytes.try_get_i8().ok()?;
    bytes.try_get_i8().ok()?;
    let timestamp = match magic {
        0 => None,
        _ => Some(bytes.try_get_i64().ok()?),
    };
    let mut next = || {
        let length = bytes.try_get_i32().ok()?;
        let Ok(length) = usize::try_from(length) else {
            return Some(None);
        };
        (length <= bytes.len()).then(|| Some(bytes.split_to(length)))
    };
    Some(Record {
        key: next()?,
        value: next()?,
        headers: Vec::new(),
        timestamp,
    })
}

/// Offset, length and checksum.
const BEFORE_MAGIC: usize = 16;
