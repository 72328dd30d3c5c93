//! DescribeLogDirs (KIP-113): one directory, which is in memory.

use kafka_protocol::messages::{
    DescribeLogDirsRequest, DescribeLogDirsResponse, TopicName,
    describe_log_dirs_response::{
        DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
    },
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, partition::Partition};

impl Answer for DescribeLogDirsRequest {
    type Response = DescribeLogDirsResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Describe, Resource::Cluster)
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeLogDirsResponse> {
        let state = call.state();
        let is_wanted = |name: &str, id: i32| {
            let topics = self.topics.as_ref();
            topics.is_none_or(|topics| {
                let mut named = topics.iter().filter(|topic| **topic.topic == *name);
                named.any(|topic| topic.partitions.contains(&id))
            })
        };
        let topics = state.topics().filter_map(|(name, topic)| {
            let here = topic.numbered().filter(|(id, partition)| {
                partition.replicas.contains(&call.node) && is_wanted(name, *id)
            });
            let here: Vec<_> = here
                .map(|(id, partition)| describe(id, partition))
                .collect();
            let described = DescribeLogDirsTopic::default()
                .with_name(TopicName(text(name)))
                .with_partitions(here);
            (!described.partitions.is_empty()).then_some(described)
        });
        let directory = DescribeLogDirsResult::default()
            .with_log_dir(text(DIRECTORY))
            .with_topics(topics.collect())
            .with_total_bytes(bytes(state.max_log_bytes()))
            .with_usable_bytes(bytes(state.room()));
        Outcome::Reply(DescribeLogDirsResponse::default().with_results(vec![directory]))
    }

    fn refuse(self, version: i16, code: ErrorCode) -> DescribeLogDirsResponse {
        let directory = DescribeLogDirsResult::default()
            .with_log_dir(text(DIRECTORY))
            .with_error_code(code.code());
        let response = DescribeLogDirsResponse::default();
        match version {
            ERRORS.. => response.with_error_code(code.code()),
            _ => response.with_results(vec![directory]),
        }
    }
}

fn describe(id: i32, partition: &Partition) -> DescribeLogDirsPartition {
    DescribeLogDirsPartition::default()
        .with_partition_index(id)
        .with_partition_size(bytes(partition.log.size()))
}

fn bytes(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

const DIRECTORY: &str = "/memory";

/// The first version that has an error of its own.
const ERRORS: i16 = 3;
