//! Who may do what.

use kafka_fake::Api;

use crate::{
    acl_requests::Names,
    rights::{
        ALTER, ALTER_CONFIGS, CLUSTER, CREATE, DELETE, DESCRIBE, DESCRIBE_CONFIGS, GROUP, READ,
        Right, Rights, THE_CLUSTER, TOPIC, TRANSACTIONAL_ID, USER, WRITE,
    },
    subject::Subject,
};

/// A request, what it needs in the order in which that is looked at, and the code for who has it.
type Row = (Api, &'static [(i8, i8)], i16);

const ROWS: &[Row] = &[
    (Api::Produce, &[(WRITE, TOPIC)], 0),
    (Api::Fetch, &[(READ, TOPIC)], 0),
    (Api::ListOffsets, &[(DESCRIBE, TOPIC)], 0),
    (Api::Metadata, &[(DESCRIBE, TOPIC)], 0),
    (Api::DescribeTopicPartitions, &[(DESCRIBE, TOPIC)], 0),
    (Api::OffsetForLeaderEpoch, &[(DESCRIBE, TOPIC)], 0),
    (Api::DeleteRecords, &[(DELETE, TOPIC)], 0),
    (Api::DescribeProducers, &[(READ, TOPIC)], 0),
    (Api::CreatePartitions, &[(ALTER, TOPIC)], 0),
    (Api::DescribeConfigs, &[(DESCRIBE_CONFIGS, TOPIC)], 0),
    (Api::IncrementalAlterConfigs, &[(ALTER_CONFIGS, TOPIC)], 0),
    (Api::AlterConfigs, &[(ALTER_CONFIGS, TOPIC)], 0),
    (Api::FindCoordinator, &[(DESCRIBE, GROUP)], 0),
    (Api::OffsetCommit, &[(READ, GROUP), (READ, TOPIC)], 0),
    (Api::OffsetFetch, &[(DESCRIBE, GROUP), (DESCRIBE, TOPIC)], 0),
    (Api::OffsetDelete, &[(DELETE, GROUP), (READ, TOPIC)], 0),
    (Api::JoinGroup, &[(READ, GROUP)], 79),
    (Api::SyncGroup, &[(READ, GROUP)], 25),
    (Api::Heartbeat, &[(READ, GROUP)], 25),
    (Api::LeaveGroup, &[(READ, GROUP)], 25),
    (
        Api::ConsumerGroupHeartbeat,
        &[(READ, GROUP), (DESCRIBE, TOPIC)],
        69,
    ),
    (Api::DescribeGroups, &[(DESCRIBE, GROUP)], 0),
    (Api::ConsumerGroupDescribe, &[(DESCRIBE, GROUP)], 69),
    (Api::DeleteGroups, &[(DELETE, GROUP)], 0),
    (Api::InitProducerId, &[(WRITE, TRANSACTIONAL_ID)], 50),
    (
        Api::AddPartitionsToTxn,
        &[(WRITE, TRANSACTIONAL_ID), (WRITE, TOPIC)],
        49,
    ),
    (
        Api::AddOffsetsToTxn,
        &[(WRITE, TRANSACTIONAL_ID), (READ, GROUP)],
        49,
    ),
    (
        Api::TxnOffsetCommit,
        &[(WRITE, TRANSACTIONAL_ID), (READ, GROUP), (READ, TOPIC)],
        49,
    ),
    (Api::EndTxn, &[(WRITE, TRANSACTIONAL_ID)], 49),
    (
        Api::DescribeTransactions,
        &[(DESCRIBE, TRANSACTIONAL_ID)],
        105,
    ),
    (Api::DescribeLogDirs, &[(DESCRIBE, CLUSTER)], 0),
    (Api::DescribeQuorum, &[(DESCRIBE, CLUSTER)], 0),
    (Api::DescribeAcls, &[(DESCRIBE, CLUSTER)], 0),
    (Api::CreateAcls, &[(ALTER, CLUSTER)], 42),
    (Api::DeleteAcls, &[(ALTER, CLUSTER)], 0),
    (Api::CreateTopics, &[(CREATE, CLUSTER)], 0),
    (Api::DeleteTopics, &[(DELETE, CLUSTER)], 3),
];

#[tokio::test]
async fn each_request_needs_its_rights_and_no_others() {
    for mut subject in Subject::all_with_acls().await {
        let names = Names::new(&mut subject).await;
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        for (api, needed, code) in ROWS {
            let named: Vec<Right<'_>> = needed
                .iter()
                .map(|(operation, kind)| (*operation, *kind, name(&names, *kind)))
                .collect();
            for missing in 0..named.len() {
                let mut others = named.clone();
                let (_, kind, _) = others.remove(missing);
                rights.grant(&others).await;
                let found = names.ask(&mut wire, *api).await;
                let what = format!("{}: {api:?} with {others:?} only", subject.name);
                assert_eq!(found, refusal(*api, kind), "{what}");
                rights.revoke().await;
            }
            rights.grant(&named).await;
            let found = names.ask(&mut wire, *api).await;
            assert_eq!(found, *code, "{}: {api:?}", subject.name);
            rights.revoke().await;
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[test]
fn every_request_that_asks_for_something_is_among_the_rows() {
    for api in Api::ALL {
        let is_asked = ROWS.iter().any(|(asked, ..)| asked == api);
        assert!(is_asked != ELSEWHERE.contains(api), "{api:?}");
    }
}

/// Requests that anybody may send, some of which leave out what is not for everybody.
const ELSEWHERE: &[Api] = &[
    Api::ApiVersions,
    Api::DescribeCluster,
    Api::ListGroups,
    Api::ListTransactions,
    Api::SaslAuthenticate,
    Api::SaslHandshake,
];

fn name(names: &Names, kind: i8) -> &str {
    match kind {
        TOPIC => &names.topic,
        GROUP => &names.group,
        TRANSACTIONAL_ID => &names.transactional_id,
        _ => THE_CLUSTER,
    }
}

/// The code for who lacks a right.
fn refusal(api: Api, kind: i8) -> i16 {
    match (api, kind) {
        // Topics can be created and deleted by who may do so to each of them, too.
        (Api::CreateTopics | Api::DeleteTopics, _) | (_, TOPIC) => 29,
        (_, GROUP) => 30,
        (_, TRANSACTIONAL_ID) => 53,
        _ => 31,
    }
}
