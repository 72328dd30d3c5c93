//! Messages of strangers, decoded without believing the lengths in them.
//!
//! kafka-protocol makes room for as many elements as a list says it has before it looks at the first
//! one: at the word of a few bytes it would ask for hundreds of gigabytes, which ends the process. So
//! each message is decoded twice. The first time is a trial that ends where a list claims more
//! elements than bytes are left, as each takes one at least (Kafka's own decoder has the same rule);
//! what comes of it is thrown away. A message that passed tells the truth where it matters.
//!
//! What is left is a list that claims one element for each byte, and those within it that do so too:
//! a message of N bytes can ask for N times the size of an element in each of the lists that are open
//! at a time, which are three at most, as of partitions in topics in groups. That is 300 times N at
//! worst, of which it can fill what its bytes give, and has it for as long as it is decoded.

use std::ops::Range;

use bytes::{Buf, Bytes, TryGetError};
use kafka_protocol::protocol::{Decodable, buf::ByteBuf};

/// Decodes a message at the start of some bytes, which move on to what comes after it.
///
/// # Errors
///
/// If the bytes are no such message.
pub(crate) fn decode<M: Decodable>(bytes: &mut Bytes, version: i16) -> Result<M, Malformed> {
    let mut trial = Reader::new(bytes, true);
    M::decode(&mut trial, version).map_err(|error| Malformed(format!("{error:#}")))?;
    let mut reader = Reader::new(bytes, false);
    let message =
        M::decode(&mut reader, version).map_err(|error| Malformed(format!("{error:#}")))?;
    *bytes = reader.bytes;
    Ok(message)
}

/// Bytes that are not what they should be.
// The codec reports its errors as `anyhow::Error`, which is not ours to name.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(String);

/// What is left of a message.
#[derive(Debug)]
struct Reader {
    bytes: Bytes,
    is_trial: bool,
    varint: Varint,
}

impl Reader {
    fn new(bytes: &Bytes, is_trial: bool) -> Self {
        Self {
            bytes: bytes.clone(),
            is_trial,
            varint: Varint::default(),
        }
    }
}

impl Buf for Reader {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.varint = Varint::default();
        self.bytes.advance(count);
    }

    /// What the codec takes for the count of a list, and for every other number of this size. In a
    /// trial, one that is too large for a count becomes one that is none; a time or an id may be as
    /// wrong, as nothing depends on it.
    fn try_get_i32(&mut self) -> Result<i32, TryGetError> {
        self.varint = Varint::default();
        let number = self.bytes.try_get_i32()?;
        let is_claim = usize::try_from(number).is_ok_and(|count| count > self.bytes.remaining());
        Ok(match self.is_trial && is_claim {
            true => i32::MIN,
            false => number,
        })
    }

    /// What the codec puts together the counts of compact lists from, which are one more than the
    /// elements, and lengths, tags and booleans. Tags may be larger than what is left, but take one
    /// byte, and a count of one byte asks for little.
    fn try_get_u8(&mut self) -> Result<u8, TryGetError> {
        let byte = self.bytes.try_get_u8()?;
        let available = self.bytes.remaining();
        match self.varint.push(byte) {
            Some(number) if number <= MAX_TAG.max(available as u64 + 1) => Ok(byte),
            number => Err(TryGetError {
                requested: number
                    .and_then(|number| usize::try_from(number).ok())
                    .unwrap_or(usize::MAX),
                available,
            }),
        }
    }
}

impl ByteBuf for Reader {
    fn peek_bytes(&mut self, range: Range<usize>) -> Bytes {
        self.bytes.slice(range)
    }

    fn get_bytes(&mut self, size: usize) -> Bytes {
        self.varint = Varint::default();
        self.bytes.split_to(size)
    }
}

/// A number in groups of 7 bits, least first, as far as it was read.
///
/// Nobody says where one begins. Bytes before it can only be booleans, and one of those that looks
/// like the start of a number makes that larger and longer than it is, never smaller: it ends at the
/// same byte.
#[derive(Debug, Default)]
struct Varint {
    value: u64,
    groups: u32,
}

impl Varint {
    /// Takes the next byte, and tells the number as far as it goes; `None` if it goes on for longer
    /// than the codec reads it.
    fn push(&mut self, byte: u8) -> Option<u64> {
        let value = self.value | u64::from(byte & 0x7f) << (7 * self.groups);
        let groups = self.groups + 1;
        *self = match byte & 0x80 {
            0 => Self::default(),
            _ if groups < MAX_GROUPS => Self { value, groups },
            _ => return None,
        };
        Some(value)
    }
}

/// The largest number of one byte, which is beyond all tags that there are.
const MAX_TAG: u64 = 0x7f;
/// The groups of a number of 32 bits.
const MAX_GROUPS: u32 = 5;

#[cfg(test)]
mod tests;
