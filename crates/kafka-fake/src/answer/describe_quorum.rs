//! DescribeQuorum (KIP-595), of a quorum that all nodes are in.

use kafka_protocol::messages::{
    DescribeQuorumRequest, DescribeQuorumResponse, TopicName,
    describe_quorum_request::TopicData as AskedTopic,
    describe_quorum_response::{Listener, Node, PartitionData, ReplicaState, TopicData},
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, state::State};

impl Answer for DescribeQuorumRequest {
    type Response = DescribeQuorumResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Describe, Resource::Cluster)
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeQuorumResponse> {
        let state = call.state();
        let topics = self.topics.into_iter().map(|topic| describe(&state, topic));
        let mut response = DescribeQuorumResponse::default().with_topics(topics.collect());
        if call.version >= NODES {
            let nodes = state.brokers.iter().map(|(id, broker)| {
                let listener = Listener::default()
                    .with_name(text("CONTROLLER"))
                    .with_host(text(broker.address.ip().to_string()))
                    .with_port(broker.address.port());
                Node::default()
                    .with_node_id((*id).into())
                    .with_listeners(vec![listener])
            });
            response.nodes = nodes.collect();
        }
        Outcome::Reply(response)
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DescribeQuorumResponse {
        DescribeQuorumResponse::default().with_error_code(code.code())
    }
}

fn describe(state: &State, topic: AskedTopic) -> TopicData {
    let is_quorum = &*topic.topic_name.0 == METADATA;
    let partitions = topic.partitions.into_iter().map(|partition| {
        let id = partition.partition_index;
        if !is_quorum || id != 0 {
            return PartitionData::default()
                .with_partition_index(id)
                .with_error_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.code());
        }
        let voters = state.brokers.keys().map(|id| {
            ReplicaState::default()
                .with_replica_id((*id).into())
                .with_log_end_offset(0)
        });
        PartitionData::default()
            .with_partition_index(id)
            .with_leader_id(state.controller().unwrap_or(-1).into())
            .with_leader_epoch(1)
            .with_high_watermark(0)
            .with_current_voters(voters.collect())
    });
    TopicData::default()
        .with_partitions(partitions.collect())
        .with_topic_name(TopicName(topic.topic_name.0))
}

const METADATA: &str = "__cluster_metadata";

/// The first version that tells where the voters listen (KIP-853).
const NODES: i16 = 2;
