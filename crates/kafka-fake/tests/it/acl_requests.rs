//! Every request that ACLs are about, and the code that is answered for what it asks for.

use kafka_fake::Api;
use kafka_protocol::messages::*;
use kafka_protocol::messages::{
    add_partitions_to_txn_request::AddPartitionsToTxnTopic,
    alter_configs_request,
    create_partitions_request::CreatePartitionsTopic,
    create_topics_request::CreatableTopic,
    describe_configs_request::DescribeConfigsResource,
    describe_producers_request, describe_quorum_request, describe_topic_partitions_request,
    incremental_alter_configs_request,
    join_group_request::JoinGroupRequestProtocol,
    leave_group_request::MemberIdentity,
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
    offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic},
    txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
};

use crate::{
    batch::BatchRecipe,
    requests::{fetch, list_offsets, produce, truncate},
    rights::{ANY, CLUSTER, DESCRIBE, all_of, allow},
    subject::{Subject, unique},
    wire::{Wire, metadata, text},
};

/// What requests name.
pub(crate) struct Names {
    /// A topic of one partition.
    pub(crate) topic: TopicName,
    /// A topic that is not there.
    pub(crate) missing: TopicName,
    /// A group and a producer that are not there.
    pub(crate) group: GroupId,
    pub(crate) transactional_id: TransactionalId,
}

impl Names {
    /// Names that no other test uses.
    pub(crate) async fn new(subject: &mut Subject) -> Self {
        Self::of(&subject.topic(1).await)
    }

    /// Names of which only that of the topic matters.
    pub(crate) fn of(topic: &str) -> Self {
        Self {
            topic: TopicName(text(topic)),
            missing: unique("missing"),
            group: GroupId(unique("group").0),
            transactional_id: TransactionalId(unique("producer").0),
        }
    }

    /// Asks for something, and tells the code for it.
    pub(crate) async fn ask(&self, wire: &mut Wire, api: Api) -> i16 {
        let (topic, group, id) = (&self.topic, &self.group, &self.transactional_id);
        match api {
            Api::Produce => {
                let request = produce(topic, BatchRecipe::plain(1).encode());
                let answer = wire.ask(&request, 8).await;
                answer.responses[0].partition_responses[0].error_code
            }
            Api::Fetch => {
                let answer = wire.ask(&fetch(topic, 0), 11).await;
                answer.responses[0].partitions[0].error_code
            }
            Api::ListOffsets => {
                let answer = wire.ask(&list_offsets(topic, -1), 5).await;
                answer.topics[0].partitions[0].error_code
            }
            Api::Metadata => wire.ask(&metadata(&[topic]), 12).await.topics[0].error_code,
            Api::DescribeTopicPartitions => {
                let asked = describe_topic_partitions_request::TopicRequest::default()
                    .with_name(topic.clone());
                let request = DescribeTopicPartitionsRequest::default()
                    .with_topics(vec![asked])
                    .with_response_partition_limit(10);
                wire.ask(&request, 0).await.topics[0].error_code
            }
            Api::OffsetForLeaderEpoch => {
                let asked = OffsetForLeaderTopic::default()
                    .with_topic(topic.clone())
                    .with_partitions(vec![
                        OffsetForLeaderPartition::default().with_current_leader_epoch(-1),
                    ]);
                let request = OffsetForLeaderEpochRequest::default()
                    .with_replica_id((-1).into())
                    .with_topics(vec![asked]);
                wire.ask(&request, 4).await.topics[0].partitions[0].error_code
            }
            Api::DeleteRecords => truncate(wire, topic, 0).await.0,
            Api::DescribeProducers => {
                let asked = describe_producers_request::TopicRequest::default()
                    .with_name(topic.clone())
                    .with_partition_indexes(vec![0]);
                let request = DescribeProducersRequest::default().with_topics(vec![asked]);
                wire.ask(&request, 0).await.topics[0].partitions[0].error_code
            }
            Api::CreateTopics => {
                let asked = CreatableTopic::default()
                    .with_name(self.missing.clone())
                    .with_num_partitions(1)
                    .with_replication_factor(1);
                let request = CreateTopicsRequest::default()
                    .with_topics(vec![asked])
                    .with_timeout_ms(10_000)
                    .with_validate_only(true);
                wire.ask(&request, 7).await.topics[0].error_code
            }
            Api::DeleteTopics => {
                let request = DeleteTopicsRequest::default()
                    .with_topic_names(vec![self.missing.clone()])
                    .with_timeout_ms(10_000);
                wire.ask(&request, 5).await.responses[0].error_code
            }
            Api::CreatePartitions => {
                let asked = CreatePartitionsTopic::default()
                    .with_name(topic.clone())
                    .with_count(2)
                    .with_assignments(None);
                let request = CreatePartitionsRequest::default()
                    .with_topics(vec![asked])
                    .with_timeout_ms(10_000)
                    .with_validate_only(true);
                wire.ask(&request, 3).await.results[0].error_code
            }
            Api::DescribeConfigs => {
                let asked = DescribeConfigsResource::default()
                    .with_resource_type(2)
                    .with_resource_name(topic.0.clone())
                    .with_configuration_keys(None);
                let request = DescribeConfigsRequest::default().with_resources(vec![asked]);
                wire.ask(&request, 4).await.results[0].error_code
            }
            Api::IncrementalAlterConfigs => {
                let asked = incremental_alter_configs_request::AlterConfigsResource::default()
                    .with_resource_type(2)
                    .with_resource_name(topic.0.clone());
                let request = IncrementalAlterConfigsRequest::default()
                    .with_resources(vec![asked])
                    .with_validate_only(true);
                wire.ask(&request, 1).await.responses[0].error_code
            }
            Api::AlterConfigs => {
                let asked = alter_configs_request::AlterConfigsResource::default()
                    .with_resource_type(2)
                    .with_resource_name(topic.0.clone());
                let request = AlterConfigsRequest::default()
                    .with_resources(vec![asked])
                    .with_validate_only(true);
                wire.ask(&request, 2).await.responses[0].error_code
            }
            Api::FindCoordinator => {
                let request =
                    FindCoordinatorRequest::default().with_coordinator_keys(vec![group.0.clone()]);
                wire.ask(&request, 4).await.coordinators[0].error_code
            }
            Api::OffsetCommit => {
                let partition =
                    OffsetCommitRequestPartition::default().with_committed_metadata(Some(text("")));
                let asked = OffsetCommitRequestTopic::default()
                    .with_name(topic.clone())
                    .with_partitions(vec![partition]);
                let request = OffsetCommitRequest::default()
                    .with_group_id(group.clone())
                    .with_generation_id_or_member_epoch(-1)
                    .with_topics(vec![asked]);
                wire.ask(&request, 8).await.topics[0].partitions[0].error_code
            }
            Api::OffsetFetch => {
                let asked = OffsetFetchRequestTopics::default()
                    .with_name(topic.clone())
                    .with_partition_indexes(vec![0]);
                let asked = OffsetFetchRequestGroup::default()
                    .with_group_id(group.clone())
                    .with_topics(Some(vec![asked]));
                let request = OffsetFetchRequest::default().with_groups(vec![asked]);
                let found = wire.ask(&request, 8).await.groups.remove(0);
                match found.error_code {
                    0 => found.topics[0].partitions[0].error_code,
                    code => code,
                }
            }
            Api::OffsetDelete => {
                let asked = OffsetDeleteRequestTopic::default()
                    .with_name(topic.clone())
                    .with_partitions(vec![OffsetDeleteRequestPartition::default()]);
                let request = OffsetDeleteRequest::default()
                    .with_group_id(group.clone())
                    .with_topics(vec![asked]);
                let answer = wire.ask(&request, 0).await;
                match answer.error_code {
                    0 => answer.topics[0].partitions[0].error_code,
                    code => code,
                }
            }
            Api::JoinGroup => {
                let protocol = JoinGroupRequestProtocol::default().with_name(text("range"));
                let request = JoinGroupRequest::default()
                    .with_group_id(group.clone())
                    .with_session_timeout_ms(30_000)
                    .with_rebalance_timeout_ms(30_000)
                    .with_protocol_type(text("consumer"))
                    .with_protocols(vec![protocol]);
                wire.ask(&request, 5).await.error_code
            }
            Api::SyncGroup => {
                let request = SyncGroupRequest::default()
                    .with_group_id(group.clone())
                    .with_member_id(text("nobody"));
                wire.ask(&request, 3).await.error_code
            }
            Api::Heartbeat => {
                let request = HeartbeatRequest::default()
                    .with_group_id(group.clone())
                    .with_member_id(text("nobody"));
                wire.ask(&request, 3).await.error_code
            }
            Api::LeaveGroup => {
                let member = MemberIdentity::default().with_member_id(text("nobody"));
                let request = LeaveGroupRequest::default()
                    .with_group_id(group.clone())
                    .with_members(vec![member]);
                let answer = wire.ask(&request, 3).await;
                match answer.error_code {
                    0 => answer.members[0].error_code,
                    code => code,
                }
            }
            Api::ConsumerGroupHeartbeat => {
                let request = ConsumerGroupHeartbeatRequest::default()
                    .with_group_id(group.clone())
                    .with_member_id(text("nobody"))
                    .with_member_epoch(5)
                    .with_topic_partitions(None)
                    .with_subscribed_topic_names(Some(vec![topic.clone()]))
                    .with_rebalance_timeout_ms(-1);
                wire.ask(&request, 1).await.error_code
            }
            Api::DescribeGroups => {
                let request = DescribeGroupsRequest::default().with_groups(vec![group.clone()]);
                wire.ask(&request, 5).await.groups[0].error_code
            }
            Api::ConsumerGroupDescribe => {
                let request =
                    ConsumerGroupDescribeRequest::default().with_group_ids(vec![group.clone()]);
                wire.ask(&request, 1).await.groups[0].error_code
            }
            Api::DeleteGroups => {
                let request = DeleteGroupsRequest::default().with_groups_names(vec![group.clone()]);
                wire.ask(&request, 2).await.results[0].error_code
            }
            Api::InitProducerId => {
                let request = InitProducerIdRequest::default()
                    .with_transactional_id(Some(id.clone()))
                    // Which nobody may have.
                    .with_transaction_timeout_ms(-5);
                wire.ask(&request, 4).await.error_code
            }
            Api::AddPartitionsToTxn => {
                let asked = AddPartitionsToTxnTopic::default()
                    .with_name(topic.clone())
                    .with_partitions(vec![0]);
                let request = AddPartitionsToTxnRequest::default()
                    .with_v3_and_below_transactional_id(id.clone())
                    .with_v3_and_below_producer_id(5.into())
                    .with_v3_and_below_topics(vec![asked]);
                let answer = wire.ask(&request, 3).await;
                let found = &answer.results_by_topic_v3_and_below[0];
                found.results_by_partition[0].partition_error_code
            }
            Api::AddOffsetsToTxn => {
                let request = AddOffsetsToTxnRequest::default()
                    .with_transactional_id(id.clone())
                    .with_producer_id(5.into())
                    .with_group_id(group.clone());
                wire.ask(&request, 3).await.error_code
            }
            Api::TxnOffsetCommit => {
                let partition = TxnOffsetCommitRequestPartition::default()
                    .with_committed_metadata(Some(text("")));
                let asked = TxnOffsetCommitRequestTopic::default()
                    .with_name(topic.clone())
                    .with_partitions(vec![partition]);
                let request = TxnOffsetCommitRequest::default()
                    .with_transactional_id(id.clone())
                    .with_group_id(group.clone())
                    .with_producer_id(5.into())
                    .with_generation_id(-1)
                    .with_topics(vec![asked]);
                wire.ask(&request, 3).await.topics[0].partitions[0].error_code
            }
            Api::EndTxn => {
                let request = EndTxnRequest::default()
                    .with_transactional_id(id.clone())
                    .with_producer_id(5.into());
                wire.ask(&request, 3).await.error_code
            }
            Api::DescribeTransactions => {
                let request =
                    DescribeTransactionsRequest::default().with_transactional_ids(vec![id.clone()]);
                wire.ask(&request, 0).await.transaction_states[0].error_code
            }
            Api::DescribeLogDirs => {
                let request = DescribeLogDirsRequest::default().with_topics(Some(Vec::new()));
                wire.ask(&request, 4).await.error_code
            }
            Api::DescribeQuorum => {
                let asked = describe_quorum_request::TopicData::default()
                    .with_topic_name(TopicName(text("__cluster_metadata")))
                    .with_partitions(vec![Default::default()]);
                let request = DescribeQuorumRequest::default().with_topics(vec![asked]);
                wire.ask(&request, 2).await.error_code
            }
            Api::DescribeAcls => wire.ask(&all_of("User:nobody"), 3).await.error_code,
            Api::CreateAcls => {
                // Which no cluster is called.
                let acl = allow((DESCRIBE, CLUSTER, "another"));
                let request = CreateAclsRequest::default().with_creations(vec![acl]);
                wire.ask(&request, 3).await.results[0].error_code
            }
            Api::DeleteAcls => {
                let filter = delete_acls_request::DeleteAclsFilter::default()
                    .with_resource_type_filter(ANY)
                    .with_resource_name_filter(None)
                    .with_pattern_type_filter(ANY)
                    .with_principal_filter(Some(text("User:nobody")))
                    .with_host_filter(None)
                    .with_operation(ANY)
                    .with_permission_type(ANY);
                let request = DeleteAclsRequest::default().with_filters(vec![filter]);
                wire.ask(&request, 3).await.filter_results[0].error_code
            }
            _ => panic!("{api:?} is not among those that name something"),
        }
    }
}
