//! Requests of all kinds and versions, as honest clients send them, and with a lie somewhere.

use std::fmt::Debug;

use kafka_protocol::{messages::*, protocol::Request};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::*;
use crate::Api;

/// Has a check of each kind of request.
macro_rules! all_requests {
    ($check:ident, $($argument:expr),*) => {
        all_requests!(@ $check, ($($argument),*),
            ProduceRequest FetchRequest ListOffsetsRequest MetadataRequest OffsetCommitRequest
            OffsetFetchRequest FindCoordinatorRequest JoinGroupRequest HeartbeatRequest
            LeaveGroupRequest SyncGroupRequest DescribeGroupsRequest ListGroupsRequest
            SaslHandshakeRequest ApiVersionsRequest CreateTopicsRequest DeleteTopicsRequest
            DeleteRecordsRequest InitProducerIdRequest OffsetForLeaderEpochRequest
            AddPartitionsToTxnRequest AddOffsetsToTxnRequest EndTxnRequest TxnOffsetCommitRequest
            DescribeAclsRequest CreateAclsRequest DeleteAclsRequest DescribeConfigsRequest
            AlterConfigsRequest DescribeLogDirsRequest SaslAuthenticateRequest
            CreatePartitionsRequest DeleteGroupsRequest IncrementalAlterConfigsRequest
            OffsetDeleteRequest DescribeQuorumRequest DescribeClusterRequest
            DescribeProducersRequest DescribeTransactionsRequest ListTransactionsRequest
            ConsumerGroupHeartbeatRequest ConsumerGroupDescribeRequest
            DescribeTopicPartitionsRequest)
    };
    (@ $check:ident, $arguments:tt, $($request:ident)*) => {
        [$(all_requests!(# $check, $request, $arguments)),*]
    };
    (# $check:ident, $request:ident, ($($argument:expr),*)) => {
        $check::<$request>($($argument),*)
    };
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_honest_request_of_any_kind_and_version_is_read_as_it_is(seed in vec(any::<u8>(), 0..200)) {
        all_requests!(is_read_as_it_is, &seed);
    }

    #[test]
    fn a_lie_anywhere_in_a_request_is_harmless(
        seed in vec(any::<u8>(), 0..200),
        at in any::<Index>(),
        lie in prop_oneof![
            Just(vec![0x7f, 0xff, 0xff, 0xff]),
            Just(vec![0xff, 0xff, 0xff, 0xff, 0x07]),
            vec(any::<u8>(), 1..6),
        ],
    ) {
        all_requests!(harms_nobody, &seed, at, &lie);
    }
}

#[test]
fn no_kind_of_request_is_forgotten_and_most_versions_are_made_of_a_seed() {
    let keys = all_requests!(key,);
    assert_eq!(
        keys.to_vec(),
        Api::ALL.iter().map(|api| api.key()).collect::<Vec<_>>()
    );
    let seed: Vec<u8> = (0..=255).cycle().take(1_000).collect();
    let made = all_requests!(versions_made, &seed);
    for (made, api) in made.into_iter().zip(Api::ALL) {
        assert!(made > api.versions().count() / 2, "{api:?}: {made}");
    }
}

fn key<M: Request>() -> i16 {
    M::KEY
}

fn versions_made<M: Request>(seed: &[u8]) -> usize {
    requests::<M>(seed).count()
}

fn is_read_as_it_is<M: Request + Debug + PartialEq>(seed: &[u8]) {
    for (version, request) in requests::<M>(seed) {
        check_honest(&request, version);
    }
}

/// That this ends at all is what shows it: room for so many elements is not to be had.
fn harms_nobody<M: Request>(seed: &[u8], at: Index, lie: &[u8]) {
    for (version, request) in requests::<M>(seed) {
        let mut bytes = encoded(&request, version).to_vec();
        let at = at.index(bytes.len() + 1);
        let replaced = at..bytes.len().min(at + lie.len());
        bytes.splice(replaced, lie.iter().copied());
        let _ = decode::<M>(&mut bytes.into(), version);
    }
}

/// One for each version in which the seed makes one.
fn requests<M: Request>(seed: &[u8]) -> impl Iterator<Item = (i16, M)> {
    let versions = Api::from_key(M::KEY).unwrap().versions();
    versions.filter_map(|version| {
        let mut honest = Honest(seed.to_vec().into());
        Some((version, M::decode(&mut honest, version).ok()?))
    })
}

/// Bytes of which the codec makes a request, whatever they are: all numbers that could be counts or
/// lengths are small, and there is always more.
struct Honest(Bytes);

impl Honest {
    fn small(&mut self) -> u8 {
        match self.0.try_get_u8().unwrap_or_default() {
            // What may be null.
            255 => 0,
            byte => 1 + byte % 3,
        }
    }
}

impl Buf for Honest {
    fn remaining(&self) -> usize {
        usize::MAX
    }

    fn chunk(&self) -> &[u8] {
        match self.0.chunk() {
            [] => &[b'0'; 64],
            chunk => chunk,
        }
    }

    fn advance(&mut self, count: usize) {
        self.0.advance(count.min(self.0.len()));
    }

    fn try_get_u8(&mut self) -> Result<u8, TryGetError> {
        Ok(self.small())
    }

    fn try_get_i16(&mut self) -> Result<i16, TryGetError> {
        Ok(i16::from(self.small()) - 1)
    }

    fn try_get_i32(&mut self) -> Result<i32, TryGetError> {
        Ok(i32::from(self.small()) - 1)
    }
}

impl ByteBuf for Honest {
    fn peek_bytes(&mut self, _: Range<usize>) -> Bytes {
        unreachable!("requests are read from the front")
    }

    fn get_bytes(&mut self, size: usize) -> Bytes {
        (0..size).map(|_| b'a' + self.small()).collect()
    }
}
