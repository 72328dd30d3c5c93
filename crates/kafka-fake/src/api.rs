//! The requests that nodes answer.

use std::ops::RangeInclusive;

use bytes::Bytes;
use kafka_protocol::messages;

use crate::{
    ErrorCode,
    answer::{self, Call, Outcome, Unanswerable},
    request::Request,
};

macro_rules! apis {
    ($($name:ident($request:ident) = $key:literal, $min:literal..=$max:literal $(, $mark:ident)?;)*) => {
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

            /// Answers a request of this kind.
            pub(crate) async fn answer(
                self,
                request: Request,
                call: &Call<'_>,
                refusal: Option<ErrorCode>,
            ) -> Result<Outcome<Bytes>, Unanswerable> {
                match self {
                    $(Self::$name => {
                        let run = answer::run::<messages::$request>;
                        run(request, call, refusal, throttle!($($mark)?)).await
                    })*
                }
            }
        }
    };
}

/// How an answer says for how long its client is not listened to. Versions without that field leave
/// it out.
macro_rules! throttle {
    () => {
        |response, millis| response.with_throttle_time_ms(millis)
    };
    (unthrottled) => {
        |response, _| response
    };
}

// The upper ends are those of the request *and* the answer in kafka-protocol, which differ for
// some, and of what is implemented. No version of what is `unthrottled` has room for that.
apis! {
    Produce(ProduceRequest) = 0, 3..=13;
    Fetch(FetchRequest) = 1, 4..=18;
    ListOffsets(ListOffsetsRequest) = 2, 1..=10;
    Metadata(MetadataRequest) = 3, 0..=13;
    OffsetCommit(OffsetCommitRequest) = 8, 2..=9;
    OffsetFetch(OffsetFetchRequest) = 9, 1..=9;
    FindCoordinator(FindCoordinatorRequest) = 10, 0..=6;
    JoinGroup(JoinGroupRequest) = 11, 2..=9;
    Heartbeat(HeartbeatRequest) = 12, 0..=4;
    LeaveGroup(LeaveGroupRequest) = 13, 0..=5;
    SyncGroup(SyncGroupRequest) = 14, 0..=5;
    DescribeGroups(DescribeGroupsRequest) = 15, 0..=6;
    ListGroups(ListGroupsRequest) = 16, 0..=5;
    SaslHandshake(SaslHandshakeRequest) = 17, 1..=1, unthrottled;
    ApiVersions(ApiVersionsRequest) = 18, 0..=4;
    CreateTopics(CreateTopicsRequest) = 19, 2..=7;
    DeleteTopics(DeleteTopicsRequest) = 20, 1..=6;
    DeleteRecords(DeleteRecordsRequest) = 21, 0..=2;
    InitProducerId(InitProducerIdRequest) = 22, 0..=5;
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest) = 23, 2..=4;
    AddPartitionsToTxn(AddPartitionsToTxnRequest) = 24, 0..=3;
    AddOffsetsToTxn(AddOffsetsToTxnRequest) = 25, 0..=4;
    EndTxn(EndTxnRequest) = 26, 0..=5;
    TxnOffsetCommit(TxnOffsetCommitRequest) = 28, 0..=5;
    DescribeAcls(DescribeAclsRequest) = 29, 1..=3;
    CreateAcls(CreateAclsRequest) = 30, 1..=3;
    DeleteAcls(DeleteAclsRequest) = 31, 1..=3;
    DescribeConfigs(DescribeConfigsRequest) = 32, 1..=4;
    AlterConfigs(AlterConfigsRequest) = 33, 0..=2;
    DescribeLogDirs(DescribeLogDirsRequest) = 35, 1..=4;
    SaslAuthenticate(SaslAuthenticateRequest) = 36, 0..=2, unthrottled;
    CreatePartitions(CreatePartitionsRequest) = 37, 0..=3;
    DeleteGroups(DeleteGroupsRequest) = 42, 0..=2;
    IncrementalAlterConfigs(IncrementalAlterConfigsRequest) = 44, 0..=1;
    OffsetDelete(OffsetDeleteRequest) = 47, 0..=0;
    DescribeQuorum(DescribeQuorumRequest) = 55, 0..=2, unthrottled;
    DescribeCluster(DescribeClusterRequest) = 60, 0..=2;
    DescribeProducers(DescribeProducersRequest) = 61, 0..=0;
    DescribeTransactions(DescribeTransactionsRequest) = 65, 0..=0;
    ListTransactions(ListTransactionsRequest) = 66, 0..=1;
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest) = 68, 0..=1;
    ConsumerGroupDescribe(ConsumerGroupDescribeRequest) = 69, 0..=1;
    DescribeTopicPartitions(DescribeTopicPartitionsRequest) = 75, 0..=0;
}

impl Api {
    /// The request that has this number, if it is answered.
    #[must_use]
    pub fn from_key(key: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|api| api.key() == key)
    }
}
