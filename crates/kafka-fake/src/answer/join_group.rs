//! JoinGroup.

use std::time::Duration;

use kafka_protocol::messages::{
    JoinGroupRequest, JoinGroupResponse, join_group_response::JoinGroupResponseMember,
};
use tokio::time::Instant;

use super::{Answer, Call, Outcome, text};
use crate::{
    AclOperation, ErrorCode,
    authorizer::Resource,
    groups::{Join, JoinAnswer, JoinOutcome, JoinRefusal},
};

impl Answer for JoinGroupRequest {
    type Response = JoinGroupResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Read, Resource::Group(&self.group_id))
    }

    /// Waits until all members have joined.
    async fn answer(self, call: &Call<'_>) -> Outcome<JoinGroupResponse> {
        let group = self.group_id.to_string();
        let given = self.member_id.to_string();
        let outcome = match join(self, call) {
            Ok(JoinOutcome::Now(answer)) => Ok(answer),
            Ok(JoinOutcome::Later(receiver)) => {
                let answer = call.wait(&group, receiver).await;
                answer.unwrap_or_else(|code| Err((code, given)))
            }
            Err(refusal) => Err(refusal),
        };
        Outcome::Reply(match outcome {
            Ok(answer) => joined(answer),
            Err((code, id)) => refused(code).with_member_id(text(id)),
        })
    }

    fn refuse(self, _: i16, code: ErrorCode) -> JoinGroupResponse {
        refused(code).with_member_id(self.member_id)
    }
}

fn join(request: JoinGroupRequest, call: &Call<'_>) -> Result<JoinOutcome, JoinRefusal> {
    let id = request.member_id.to_string();
    let failed = |code| (code, id.clone());
    let group = request.group_id.to_string();
    let mut state = call.groups();
    if group.is_empty() {
        return Err(failed(ErrorCode::INVALID_GROUP_ID));
    }
    state.check_coordinator(&group, call.node).map_err(failed)?;
    if !SESSION_TIMEOUTS.contains(&request.session_timeout_ms) {
        return Err(failed(ErrorCode::INVALID_SESSION_TIMEOUT));
    }
    if !id.is_empty() && state.groups.find(&group).is_none() {
        return Err(failed(ErrorCode::UNKNOWN_MEMBER_ID));
    }
    let instance_id = request.group_instance_id.map(|id| id.to_string());
    let name = instance_id.as_deref().unwrap_or(call.client_id);
    let protocols = request.protocols.into_iter();
    let join = Join {
        new_member_id: state.groups.new_member_id(name),
        member_id: id.clone(),
        must_know_id: call.version >= KNOWN_IDS,
        can_skip_assignment: call.version >= SKIPPED_ASSIGNMENTS,
        client_id: call.client_id.to_owned(),
        client_host: format!("/{}", call.host),
        instance_id,
        protocol_type: request.protocol_type.to_string(),
        protocols: protocols
            .map(|protocol| (protocol.name.to_string(), protocol.metadata))
            .collect(),
        session_timeout: milliseconds(request.session_timeout_ms),
        rebalance_timeout: milliseconds(request.rebalance_timeout_ms),
    };
    let classic = state.groups.classic(&group).map_err(failed)?;
    let outcome = classic.join(join, Instant::now());
    call.shared.changed.notify_waiters();
    outcome
}

fn joined(answer: JoinAnswer) -> JoinGroupResponse {
    let members = answer
        .members
        .into_iter()
        .map(|(id, instance_id, metadata)| {
            JoinGroupResponseMember::default()
                .with_member_id(text(id))
                .with_group_instance_id(instance_id.map(text))
                .with_metadata(metadata)
        });
    JoinGroupResponse::default()
        .with_generation_id(answer.generation)
        .with_protocol_type(Some(text(answer.protocol_type)))
        .with_protocol_name(Some(text(answer.protocol)))
        .with_leader(text(answer.leader))
        .with_skip_assignment(answer.skip_assignment)
        .with_member_id(text(answer.member_id))
        .with_members(members.collect())
}

fn refused(code: ErrorCode) -> JoinGroupResponse {
    JoinGroupResponse::default()
        .with_error_code(code.code())
        .with_generation_id(-1)
        .with_protocol_name(Some(text("")))
}

fn milliseconds(count: i32) -> Duration {
    Duration::from_millis(u64::try_from(count).unwrap_or_default())
}

/// What `group.min.session.timeout.ms` and `group.max.session.timeout.ms` are by default.
const SESSION_TIMEOUTS: std::ops::RangeInclusive<i32> = 6_000..=1_800_000;

/// The first version whose clients come back with the id that they are given (KIP-394).
const KNOWN_IDS: i16 = 4;
/// KIP-814.
const SKIPPED_ASSIGNMENTS: i16 = 9;
