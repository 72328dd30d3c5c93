//! Faults, and the requests that they happen to.

mod happening;
mod rule;

use std::time::Duration;

use bytes::Bytes;

pub(crate) use self::happening::{Faults, Happening};
pub use self::rule::FaultRule;
use crate::ErrorCode;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The answer breaks off after so many bytes, with the connection.
    Cut(usize),
    /// The request is answered as ever, but later. What the same client asks next waits behind it.
    Delay(Duration),
    /// The connection is closed instead of an answer.
    Disconnect,
    /// Nothing is done, and the answer carries this code wherever it has room for one.
    Error(ErrorCode),
    /// These bytes are sent instead of the answer; they include the length of the frame, if there
    /// is to be one.
    Garbage(Bytes),
    /// The answer claims to be 2 GiB long.
    HugeLength,
    /// Nothing is done for this partition, and it has this code in the answer; the others are
    /// answered as ever. Only requests to read, write, find or delete records, and for metadata,
    /// look at it.
    PartitionError {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// What is wrong with it.
        code: ErrorCode,
    },
    /// There is no answer, and the connection stays open. What the same client asks next is not
    /// read any more.
    Silence,
    /// The answer stops after so many bytes, and the connection stays open. What the same client
    /// asks next is not read any more.
    Stall(usize),
    /// The client is told that it has used up its quota for so long, and what it asks next is not
    /// read before the time is over (KIP-219).
    Throttle(Duration),
    /// The answer comes a few bytes at a time.
    Trickle {
        /// How many bytes.
        bytes: usize,
        /// How long it takes to the next ones.
        every: Duration,
    },
    /// The answer belongs to another request.
    WrongCorrelationId,
}
