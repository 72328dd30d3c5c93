//! Telling clients that they are beyond their quota.

use kafka_protocol::messages::{
    ApiVersionsResponse, ConsumerGroupDescribeResponse, CreateTopicsResponse, DeleteGroupsResponse,
    DeleteRecordsResponse, DeleteTopicsResponse, DescribeClusterResponse, DescribeConfigsResponse,
    DescribeGroupsResponse, DescribeQuorumResponse, FetchResponse, FindCoordinatorResponse,
    InitProducerIdResponse, ListGroupsResponse, ListOffsetsResponse, MetadataResponse,
    OffsetCommitResponse, OffsetDeleteResponse, OffsetFetchResponse, ProduceResponse,
};

/// An answer that may say for how long its client is not listened to.
pub(crate) trait Throttle: Sized {
    /// Says so, if there is room for it. Versions without that field leave it out.
    fn throttle(self, _millis: i32) -> Self {
        self
    }
}

macro_rules! throttle {
    ($($response:ident),* $(,)?) => {
        $(impl Throttle for $response {
            fn throttle(self, millis: i32) -> Self {
                self.with_throttle_time_ms(millis)
            }
        })*
    };
}

throttle! {
    ApiVersionsResponse,
    ConsumerGroupDescribeResponse,
    CreateTopicsResponse,
    DeleteGroupsResponse,
    DeleteRecordsResponse,
    DeleteTopicsResponse,
    DescribeClusterResponse,
    DescribeConfigsResponse,
    DescribeGroupsResponse,
    FetchResponse,
    FindCoordinatorResponse,
    InitProducerIdResponse,
    ListGroupsResponse,
    ListOffsetsResponse,
    MetadataResponse,
    OffsetCommitResponse,
    OffsetDeleteResponse,
    OffsetFetchResponse,
    ProduceResponse,
}

impl Throttle for DescribeQuorumResponse {}
