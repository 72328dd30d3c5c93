//! The requests that nodes answer.

use std::ops::RangeInclusive;

macro_rules! apis {
    ($($name:ident = $key:literal, $min:literal..=$max:literal;)*) => {
        /// A kind of request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Api {
            $(
                #[doc = concat!(stringify!($name), ", versions ", $min, " to ", $max, ".")]
                $name,
            )*
        }

        impl Api {
            /// Every kind of request that is answered, in the order of their keys.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The number on the wire.
            #[must_use]
            pub const fn key(self) -> i16 {
                match self {
                    $(Self::$name => $key,)*
                }
            }

            /// The versions that are answered.
            #[must_use]
            pub const fn versions(self) -> RangeInclusive<i16> {
                match self {
                    $(Self::$name => $min..=$max,)*
                }
            }
        }
    };
}

// The upper ends are those of the request *and* the answer in kafka-protocol, which differ for
// some, and of what is implemented.
apis! {
    Produce = 0, 3..=13;
    Fetch = 1, 4..=18;
    ListOffsets = 2, 1..=10;
    Metadata = 3, 0..=13;
    OffsetCommit = 8, 2..=9;
    OffsetFetch = 9, 1..=9;
    FindCoordinator = 10, 0..=6;
    JoinGroup = 11, 2..=9;
    Heartbeat = 12, 0..=4;
    LeaveGroup = 13, 0..=5;
    SyncGroup = 14, 0..=5;
    DescribeGroups = 15, 0..=6;
    ListGroups = 16, 0..=5;
    SaslHandshake = 17, 1..=1;
    ApiVersions = 18, 0..=4;
    CreateTopics = 19, 2..=7;
    DeleteTopics = 20, 1..=6;
    DeleteRecords = 21, 0..=2;
    InitProducerId = 22, 0..=5;
    OffsetForLeaderEpoch = 23, 2..=4;
    AddPartitionsToTxn = 24, 0..=3;
    AddOffsetsToTxn = 25, 0..=4;
    EndTxn = 26, 0..=5;
    TxnOffsetCommit = 28, 0..=5;
    DescribeConfigs = 32, 1..=4;
    DescribeLogDirs = 35, 1..=4;
    SaslAuthenticate = 36, 0..=2;
    CreatePartitions = 37, 0..=3;
    DeleteGroups = 42, 0..=2;
    IncrementalAlterConfigs = 44, 0..=1;
    OffsetDelete = 47, 0..=0;
    DescribeQuorum = 55, 0..=2;
    DescribeCluster = 60, 0..=2;
    DescribeProducers = 61, 0..=0;
    DescribeTransactions = 65, 0..=0;
    ListTransactions = 66, 0..=1;
    ConsumerGroupHeartbeat = 68, 0..=1;
    ConsumerGroupDescribe = 69, 0..=1;
    DescribeTopicPartitions = 75, 0..=0;
}

impl Api {
    /// The request that has this number, if it is answered.
    #[must_use]
    pub fn from_key(key: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|api| api.key() == key)
    }
}
