//! AddPartitionsToTxn, as clients ask for it.

use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    add_partitions_to_txn_response::{
        AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
    },
};

use super::{Answer, Call, Outcome, known_since};
use crate::ErrorCode;

impl Answer for AddPartitionsToTxnRequest {
    type Response = AddPartitionsToTxnResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<AddPartitionsToTxnResponse> {
        let mut state = call.state();
        let partitions = self.v3_and_below_topics.iter().flat_map(|topic| {
            let ids = topic.partitions.iter();
            ids.map(|id| (topic.name.to_string(), *id))
        });
        let partitions: Vec<(String, i32)> = partitions.collect();
        let is_missing = |topic: &str, id| state.partition(topic, id).is_err();
        if partitions.iter().any(|(topic, id)| is_missing(topic, *id)) {
            // None of them is added.
            let answer = each(&self, |topic, id| match is_missing(topic, id) {
                true => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                false => ErrorCode::OPERATION_NOT_ATTEMPTED,
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
