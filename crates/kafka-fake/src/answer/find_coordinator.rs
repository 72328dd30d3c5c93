//! FindCoordinator.

use kafka_protocol::{
    messages::{
        FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator_response::Coordinator,
    },
    protocol::StrBytes,
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource, state::State};

impl Answer for FindCoordinatorRequest {
    type Response = FindCoordinatorResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<FindCoordinatorResponse> {
        let state = call.state();
        let key_type = self.key_type;
        let mut found = keys(self, call.version)
            .into_iter()
            .map(|key| find(&state, call, key_type, key));
        if call.version >= BATCHED {
            let coordinators = found.collect();
            let response = FindCoordinatorResponse::default();
            return Outcome::Reply(response.with_coordinators(coordinators));
        }
        let only = found.next().unwrap_or_default();
        Outcome::Reply(
            FindCoordinatorResponse::default()
                .with_error_code(only.error_code)
                .with_error_message(only.error_message)
                .with_node_id(only.node_id)
                .with_host(only.host)
                .with_port(only.port),
        )
    }

    fn refuse(self, version: i16, code: ErrorCode) -> FindCoordinatorResponse {
        if version < BATCHED {
            return FindCoordinatorResponse::default()
                .with_error_code(code.code())
                .with_node_id((-1).into())
                .with_port(-1);
        }
        let refused = keys(self, version)
            .into_iter()
            .map(|key| refused(key, code));
        FindCoordinatorResponse::default().with_coordinators(refused.collect())
    }
}

/// Up to version 3 there is one.
fn keys(request: FindCoordinatorRequest, version: i16) -> Vec<StrBytes> {
    if version >= BATCHED {
        request.coordinator_keys
    } else {
        vec![request.key]
    }
}

fn find(state: &State, call: &Call<'_>, key_type: i8, key: StrBytes) -> Coordinator {
    let resource = match key_type {
        GROUP => Resource::Group(&key),
        TRANSACTION => Resource::TransactionalId(&key),
        // Clients give up on this code instead of asking again.
        _ => return refused(key, ErrorCode::INVALID_REQUEST),
    };
    if let Err(code) = call.authorize(AclOperation::Describe, resource) {
        return refused(key, code);
    }
    match state.coordinator(&key) {
        Some((node, address)) => Coordinator::default()
            .with_key(key)
            .with_node_id(node.into())
            .with_host(text(address.ip().to_string()))
            .with_port(address.port().into()),
        None => refused(key, ErrorCode::COORDINATOR_NOT_AVAILABLE),
    }
}

fn refused(key: StrBytes, code: ErrorCode) -> Coordinator {
    Coordinator::default()
        .with_key(key)
        .with_error_code(code.code())
        .with_error_message(Some(text(code.to_string())))
        .with_node_id((-1).into())
        .with_port(-1)
}

/// The first version that asks for several (KIP-699).
const BATCHED: i16 = 4;

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
