//! The formats before record batches.

/// A format of messages in which clients before Kafka 0.11 wrote. Brokers of Kafka 4 take no such
/// messages any more, and hand out those that their logs still have (KIP-724).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageFormat {
    /// Magic 0: key and value.
    V0,
    /// Magic 1: key, value and time (KIP-32).
    V1,
}

impl MessageFormat {
    pub(crate) fn magic(self) -> i8 {
        match self {
            Self::V0 => 0,
            Self::V1 => 1,
        }
    }
}
