use bytes::BytesMut;
use kafka_protocol::{
    messages::{
        ConsumerProtocolSubscription, FetchRequest, JoinGroupRequest, ListGroupsRequest,
        MetadataRequest, OffsetFetchRequest, ProduceRequest, RequestHeader,
        create_topics_request::{CreatableReplicaAssignment, CreatableTopic},
        fetch_request::{FetchPartition, FetchTopic},
        join_group_request::JoinGroupRequestProtocol,
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
        produce_request::{PartitionProduceData, TopicProduceData},
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
    },
    protocol::{Encodable, StrBytes},
};

use super::*;

mod any_request;

#[test]
fn a_list_that_claims_more_elements_than_bytes_are_left_is_refused_before_room_is_made() {
    check_plain::<ConsumerProtocolSubscription>(0, &[]);
    check_plain::<ConsumerProtocolSubscription>(3, &[]);
    let none_owned: &[&[u8]] = &[&[0; 4], &NULL];
    check_plain::<ConsumerProtocolSubscription>(1, none_owned);
    check_plain::<ConsumerProtocolSubscription>(1, &[&[0; 4], &NULL, &ONE, &[0, 1, b't']]);

    check_plain::<MetadataRequest>(1, &[]);
    check_compact::<MetadataRequest>(12, &[]);

    let acks: &[u8] = &[0xff, 0xff];
    check_plain::<ProduceRequest>(3, &[&[0xff, 0xff], acks, &TIME]);
    check_plain::<ProduceRequest>(3, &[&[0xff, 0xff], acks, &TIME, &ONE, &[0, 1, b't']]);
    check_compact::<ProduceRequest>(9, &[&[0], acks, &TIME]);
    check_compact::<ProduceRequest>(9, &[&[0], acks, &TIME, &[2], &[2, b't']]);
    check_compact::<ProduceRequest>(13, &[&[0], acks, &TIME, &[2], &[7; 16]]);

    // Replica, times and sizes; isolation; session and epoch.
    check_plain::<FetchRequest>(4, &[&NULL, &TIME, &TIME, &TIME, &[0]]);
    let in_session: &[&[u8]] = &[&NULL, &TIME, &TIME, &TIME, &[0], &TIME, &NULL];
    check_plain::<FetchRequest>(7, in_session);
    check_compact::<FetchRequest>(12, in_session);
    check_compact::<FetchRequest>(12, &[&in_session.concat(), &[2], &[2, b't']]);

    check_plain::<JoinGroupRequest>(2, &[&[0, 1, b'g'], &TIME, &TIME, &[0; 2], &[0; 2]]);
    check_compact::<JoinGroupRequest>(9, &[&[2, b'g'], &TIME, &TIME, &[1], &[0], &[1]]);

    check_compact::<OffsetFetchRequest>(9, &[]);
    let group: &[&[u8]] = &[&[2], &[2, b'g'], &[0], &NULL];
    check_compact::<OffsetFetchRequest>(9, group);
    check_compact::<OffsetFetchRequest>(9, &[&group.concat(), &[2], &[2, b't']]);
}

/// Whatever comes before a list, with these bytes it claims too much: far too much, and one more.
#[track_caller]
fn check_plain<M: Decodable>(version: i16, before: &[&[u8]]) {
    for lie in [i32::MAX, REST.len() as i32 + 1] {
        let reason = refusal::<M>(version, before, &lie.to_be_bytes());
        assert!(
            reason.ends_with("negative (-2147483648)"),
            "{lie}: {reason}"
        );
    }
}

/// The same of a compact one, whose count is one more than its elements.
#[track_caller]
fn check_compact<M: Decodable>(version: i16, before: &[&[u8]]) {
    let much: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0x07];
    let much_longer: &[u8] = &[0xff; 8];
    let one_more: &[u8] = &[0x80 | (REST.len() + 2) as u8, 1];
    // As far as it is read before it is too large.
    for (lie, read) in [(much, 16_383), (much_longer, 16_383), (one_more, 202)] {
        let reason = refusal::<M>(version, before, lie);
        let expected = format!("requested {read} but only");
        assert!(reason.contains(&expected), "{lie:?}: {reason}");
    }
}

#[track_caller]
fn refusal<M: Decodable>(version: i16, before: &[&[u8]], lie: &[u8]) -> String {
    let bytes = [&before.concat(), lie, REST].concat();
    let refused = decode::<M>(&mut bytes.into(), version).err();
    refused.expect("it is refused").to_string()
}

#[test]
fn a_boolean_that_looks_like_the_start_of_a_number_hides_no_lie() {
    // `allow_auto_topic_creation`, two more, and the number of tags, that of one, and its length.
    let body = |boolean: u8, tags: &[u8]| [&[0][..], &[boolean; 3], tags].concat();
    let read = |bytes: Vec<u8>| decode::<MetadataRequest>(&mut bytes.into(), 9);
    for boolean in [1, 0x80, 0xff] {
        let lies: [&[u8]; 3] = [&[0x7f], &[0xff, 0x7f], &[0xff, 0xff, 0xff, 0xff, 0x07]];
        for lie in lies {
            assert!(read(body(boolean, lie)).is_err(), "{boolean} {lie:?}");
        }
    }
    assert!(read(body(1, &[0])).is_ok());

    // A list right behind a boolean.
    let list: &[u8] = &[0xff, 0xff, 0xff, 0x07];
    for boolean in [0, 1, 0x80, 0x81, 0xff] {
        for booleans in 1..4 {
            let bytes = [&vec![boolean; booleans], list, REST].concat();
            let mut reader = Reader::new(&bytes.into(), true);
            let mut reads = (0..booleans + list.len()).map(|_| reader.try_get_u8().is_ok());
            assert!(!reads.all(|read| read), "{booleans} times {boolean}");
        }
    }
}

#[test]
fn numbers_that_are_no_counts_may_be_as_large_as_they_like() {
    let request = ProduceRequest::default().with_timeout_ms(i32::MAX);
    for version in [3, 9] {
        check_honest(&request, version);
    }
    let request = FetchRequest::default()
        .with_max_wait_ms(i32::MAX)
        .with_min_bytes(i32::MIN)
        .with_max_bytes(i32::MAX);
    for version in [4, 12] {
        check_honest(&request, version);
    }
    let header = RequestHeader::default()
        .with_correlation_id(i32::MAX)
        .with_client_id(None);
    check_honest(&header, 2);
}

#[test]
fn lists_that_are_null_empty_or_as_long_as_their_bytes_allow_are_read() {
    for version in [1, 9] {
        check_honest(&MetadataRequest::default().with_topics(None), version);
        check_honest(
            &MetadataRequest::default().with_topics(Some(vec![])),
            version,
        );
    }
    // One byte each.
    let states = vec![StrBytes::default(); 5_000];
    check_honest(&ListGroupsRequest::default().with_states_filter(states), 4);
}

#[test]
fn elements_of_lists_within_lists_have_the_size_that_is_documented() {
    let largest = [
        size_of::<CreatableTopic>() + size_of::<CreatableReplicaAssignment>() + size_of::<i32>(),
        size_of::<FetchTopic>() + size_of::<FetchPartition>(),
        size_of::<JoinGroupRequestProtocol>(),
        size_of::<OffsetFetchRequestGroup>()
            + size_of::<OffsetFetchRequestTopics>()
            + size_of::<i32>(),
        size_of::<TopicProduceData>() + size_of::<PartitionProduceData>(),
        size_of::<TxnOffsetCommitRequestTopic>() + size_of::<TxnOffsetCommitRequestPartition>(),
    ];
    assert!(largest.iter().all(|size| *size <= 300), "{largest:?}");
}

#[test]
fn what_comes_after_a_message_is_left() {
    let mut bytes = encoded(&RequestHeader::default(), 2);
    bytes.extend_from_slice(&[1, 2]);
    let mut bytes = bytes.freeze();
    decode::<RequestHeader>(&mut bytes, 2).unwrap();
    assert_eq!(*bytes, [1, 2]);
}

#[track_caller]
fn check_honest<M: Decodable + Encodable + PartialEq + std::fmt::Debug>(message: &M, version: i16) {
    let mut bytes = encoded(message, version).freeze();
    assert_eq!(decode::<M>(&mut bytes, version).unwrap(), *message);
    assert!(bytes.is_empty());
}

fn encoded<M: Encodable>(message: &M, version: i16) -> BytesMut {
    let mut bytes = BytesMut::new();
    message.encode(&mut bytes, version).unwrap();
    bytes
}

const NULL: [u8; 4] = [0xff; 4];
const ONE: [u8; 4] = [0, 0, 0, 1];
/// More than there are bytes, and no lie.
const TIME: [u8; 4] = [0x7f, 0xff, 0xff, 0xff];
const REST: &[u8] = &[0; 200];
