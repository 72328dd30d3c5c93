//! Faults on command.

use bytes::Bytes;
use kafka_fake::{Api, Cluster, ErrorCode, Fault, FaultRule};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AlterConfigsRequest, ApiVersionsRequest,
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, CreateAclsRequest,
    CreatePartitionsRequest, CreateTopicsRequest, DeleteAclsRequest, DeleteGroupsRequest,
    DeleteRecordsRequest, DeleteTopicsRequest, DescribeAclsRequest, DescribeClusterRequest,
    DescribeConfigsRequest, DescribeGroupsRequest, DescribeLogDirsRequest,
    DescribeProducersRequest, DescribeQuorumRequest, DescribeTopicPartitionsRequest,
    DescribeTransactionsRequest, EndTxnRequest, FetchRequest, FindCoordinatorRequest,
    HeartbeatRequest, IncrementalAlterConfigsRequest, InitProducerIdRequest, JoinGroupRequest,
    LeaveGroupRequest, ListGroupsRequest, ListOffsetsRequest, ListTransactionsRequest,
    MetadataRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
    OffsetForLeaderEpochRequest, ProduceRequest, SaslAuthenticateRequest, SaslHandshakeRequest,
    SyncGroupRequest, TopicName, TxnOffsetCommitRequest,
};
use tokio::time::{Duration, Instant, timeout};

use crate::{
    batch::BatchRecipe,
    requests::{latest, list_offsets, produce, write},
    wire::{Wire, text},
};

#[tokio::test]
async fn an_error_is_in_the_answer_and_nothing_is_done() {
    let (cluster, mut wire, topic) = start().await;
    let refused = Fault::Error(ErrorCode::TOPIC_AUTHORIZATION_FAILED);
    cluster.inject(FaultRule::new(refused).api(Api::Produce).times(1));
    let batch = || BatchRecipe::plain(1).encode();
    assert_eq!(write(&mut wire, &topic, batch()).await, (29, -1));
    assert_eq!(latest(&mut wire, &topic).await, 0);
    assert_eq!(write(&mut wire, &topic, batch()).await, (0, 0));
    assert_eq!(cluster.request_count(Api::Produce), 2);
    cluster.shutdown().await;
}

#[tokio::test]
async fn every_kind_of_request_can_be_refused_in_every_version() {
    let (cluster, mut wire, _) = start().await;
    cluster.inject(FaultRule::new(Fault::Error(ErrorCode::REQUEST_TIMED_OUT)));
    macro_rules! refuse {
        ($($api:ident: $request:ident),* $(,)?) => {
            vec![$({
                for version in Api::$api.versions() {
                    wire.ask(&$request::default(), version).await;
                }
                Api::$api
            }),*]
        };
    }
    let mut refused = refuse!(
        Fetch: FetchRequest,
        ListOffsets: ListOffsetsRequest,
        Metadata: MetadataRequest,
        OffsetCommit: OffsetCommitRequest,
        OffsetFetch: OffsetFetchRequest,
        FindCoordinator: FindCoordinatorRequest,
        JoinGroup: JoinGroupRequest,
        Heartbeat: HeartbeatRequest,
        LeaveGroup: LeaveGroupRequest,
        SyncGroup: SyncGroupRequest,
        DescribeGroups: DescribeGroupsRequest,
        ListGroups: ListGroupsRequest,
        SaslHandshake: SaslHandshakeRequest,
        SaslAuthenticate: SaslAuthenticateRequest,
        ApiVersions: ApiVersionsRequest,
        CreateTopics: CreateTopicsRequest,
        DeleteTopics: DeleteTopicsRequest,
        DeleteRecords: DeleteRecordsRequest,
        InitProducerId: InitProducerIdRequest,
        DescribeConfigs: DescribeConfigsRequest,
        DeleteGroups: DeleteGroupsRequest,
        OffsetDelete: OffsetDeleteRequest,
        DescribeQuorum: DescribeQuorumRequest,
        DescribeCluster: DescribeClusterRequest,
        ConsumerGroupHeartbeat: ConsumerGroupHeartbeatRequest,
        ConsumerGroupDescribe: ConsumerGroupDescribeRequest,
        AddPartitionsToTxn: AddPartitionsToTxnRequest,
        CreatePartitions: CreatePartitionsRequest,
        DescribeLogDirs: DescribeLogDirsRequest,
        DescribeTopicPartitions: DescribeTopicPartitionsRequest,
        AlterConfigs: AlterConfigsRequest,
        DescribeAcls: DescribeAclsRequest,
        CreateAcls: CreateAclsRequest,
        DeleteAcls: DeleteAclsRequest,
        IncrementalAlterConfigs: IncrementalAlterConfigsRequest,
        OffsetForLeaderEpoch: OffsetForLeaderEpochRequest,
        AddOffsetsToTxn: AddOffsetsToTxnRequest,
        EndTxn: EndTxnRequest,
        TxnOffsetCommit: TxnOffsetCommitRequest,
        DescribeProducers: DescribeProducersRequest,
        DescribeTransactions: DescribeTransactionsRequest,
        ListTransactions: ListTransactionsRequest,
    );
    for version in Api::Produce.versions() {
        wire.ask(&ProduceRequest::default().with_acks(1), version)
            .await;
    }
    refused.push(Api::Produce);
    refused.sort();
    let mut all = Api::ALL.to_vec();
    all.sort();
    assert_eq!(refused, all);
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_connection_breaks_before_or_after_the_work_is_done() {
    for after_doing in [false, true] {
        let (cluster, mut wire, topic) = start().await;
        let rule = FaultRule::new(Fault::Disconnect).api(Api::Produce);
        cluster.inject(if after_doing {
            rule.after_doing()
        } else {
            rule
        });
        let request = produce(&topic, BatchRecipe::plain(1).encode());
        wire.send(&request, 8).await;
        assert_eq!(wire.read().await, None);
        let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
        let end = latest(&mut wire, &topic).await;
        assert_eq!(end, i64::from(after_doing));
        cluster.shutdown().await;
    }
}

#[tokio::test]
async fn an_answer_comes_late_and_no_other_client_waits() {
    let (cluster, mut wire, topic) = start().await;
    let slow = Fault::Delay(Duration::from_millis(300));
    cluster.inject(FaultRule::new(slow).api(Api::ListOffsets).times(1));
    let mut bystander = Wire::connect(&cluster.bootstrap_servers()).await;
    let started = Instant::now();
    wire.send(&list_offsets(&topic, -1), 5).await;
    while cluster.request_count(Api::ListOffsets) == 0 {
        tokio::task::yield_now().await;
    }
    latest(&mut bystander, &topic).await;
    assert!(started.elapsed() < Duration::from_millis(250));
    wire.read().await.expect("an answer");
    assert!(started.elapsed() >= Duration::from_millis(300));
    cluster.shutdown().await;
}

#[tokio::test]
async fn answers_are_spoilt_as_told() {
    let (cluster, mut wire, topic) = start().await;
    let request = list_offsets(&topic, -1);
    wire.send(&request, 5).await;
    let right = wire.read_bytes(8).await;
    let other = 1_000_001_i32.to_be_bytes();
    for (fault, spoilt) in [
        (
            Fault::HugeLength,
            [&i32::MAX.to_be_bytes()[..], &right[4..]].concat(),
        ),
        (
            Fault::WrongCorrelationId,
            [&right[..4], &other[..]].concat(),
        ),
        (
            Fault::Garbage(Bytes::from_static(b"HTTP/1.1")),
            b"HTTP/1.1".to_vec(),
        ),
    ] {
        cluster.inject(FaultRule::new(fault.clone()).times(1));
        let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
        wire.send(&request, 5).await;
        assert_eq!(wire.read_bytes(8).await, spoilt, "{fault:?}");
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn silence_lasts_until_the_client_gives_up_or_the_cluster_ends() {
    let (cluster, mut wire, topic) = start().await;
    cluster.inject(FaultRule::new(Fault::Silence).api(Api::ListOffsets).node(1));
    wire.send(&list_offsets(&topic, -1), 5).await;
    let waited = timeout(Duration::from_millis(200), wire.read()).await;
    assert!(waited.is_err(), "{waited:?}");
    cluster.clear_faults();
    let mut other = Wire::connect(&cluster.bootstrap_servers()).await;
    assert_eq!(latest(&mut other, &topic).await, 0);
    cluster.shutdown().await;
    assert_eq!(wire.read().await, None);
}

async fn start() -> (Cluster, Wire, TopicName) {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let wire = Wire::connect(&cluster.bootstrap_servers()).await;
    (cluster, wire, TopicName(text("orders")))
}
