//! DescribeCluster (KIP-700).

use kafka_protocol::messages::{
    DescribeClusterRequest, DescribeClusterResponse,
    describe_cluster_response::DescribeClusterBroker,
};

use super::{Answer, Call, Outcome, text};
use crate::ErrorCode;

impl Answer for DescribeClusterRequest {
    type Response = DescribeClusterResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeClusterResponse> {
        // KIP-919: controllers are asked at an endpoint of their own, which this is not.
        if call.version >= 1 && self.endpoint_type != BROKERS {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::MISMATCHED_ENDPOINT_TYPE));
        }
        let state = call.state();
        let brokers = state.live().map(|(id, address)| {
            DescribeClusterBroker::default()
                .with_broker_id(id.into())
                .with_host(text(address.ip().to_string()))
                .with_port(address.port().into())
        });
        let mut response = DescribeClusterResponse::default()
            .with_cluster_id(text(&state.cluster_id))
            .with_controller_id(state.controller().unwrap_or(-1).into())
            .with_brokers(brokers.collect());
        if self.include_cluster_authorized_operations {
            response.cluster_authorized_operations = call.cluster_operations();
        }
        Outcome::Reply(response)
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DescribeClusterResponse {
        DescribeClusterResponse::default()
            .with_error_code(code.code())
            .with_error_message(Some(text(code.to_string())))
            .with_controller_id((-1).into())
    }
}

const BROKERS: i8 = 1;
