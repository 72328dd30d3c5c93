//! AddPartitionsToTxn, as clients ask for it.

use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    add_partitions_to_txn_response::{
        AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
    },
};

use super::{Answer, Call, Outcome, known_since};
use crate::{AclOperation, ErrorCode, authorizer::Resource};

impl Answer for AddPartitionsToTxnRequest {
    type Response = AddPartitionsToTxnResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        let id = &self.v3_and_below_transactional_id;
        call.authorize(AclOperation::Write, Resource::TransactionalId(id))
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<AddPartitionsToTxnResponse> {
        let mut state = call.state();
        let partitions = self.v3_and_below_topics.iter().flat_map(|topic| {
            let ids = topic.partitions.iter();
            ids.map(|id| (topic.name.to_string(), *id))
        });
        let partitions: Vec<(String, i32)> = partitions.collect();
        let check = |topic: &str, id| {
            call.authorize(AclOperation::Write, Resource::Topic(topic))?;
            state.partition(topic, id).map(|_| ())
        };
        if partitions
            .iter()
            .any(|(topic, id)| check(topic, *id).is_err())
        {
            // None of them is added.
            let answer = each(&self, |topic, id| {
                let not_added = ErrorCode::OPERATION_NOT_ATTEMPTED;
                check(topic, id).err().unwrap_or(not_added)
            });
            return Outcome::Reply(answer);
        }
        let name = &self.v3_and_below_transactional_id;
        let producer = (
            self.v3_and_below_producer_id.0,
            self.v3_and_below_producer_epoch,
        );
        let added = state.add_to_transaction(call.node, name, producer, partitions);
        let code = added.err().unwrap_or(ErrorCode::NONE);
        Outcome::Reply(self.refuse(call.version, known_since(2, call.version, code)))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> AddPartitionsToTxnResponse {
        each(&self, |_, _| code)
    }
}

fn each(
    request: &AddPartitionsToTxnRequest,
    judge: impl Fn(&str, i32) -> ErrorCode,
) -> AddPartitionsToTxnResponse {
    let topics = request.v3_and_below_topics.iter().map(|topic| {
        let results = topic.partitions.iter().map(|id| {
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(*id)
                .with_partition_error_code(judge(&topic.name, *id).code())
        });
        AddPartitionsToTxnTopicResult::default()
            .with_name(topic.name.clone())
            .with_results_by_partition(results.collect())
    });
    AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(topics.collect())
}
