//! SyncGroup.

use kafka_protocol::messages::{SyncGroupRequest, SyncGroupResponse};
use tokio::time::Instant;

use super::{Answer, Call, Outcome, text};
use crate::{
    AclOperation, ErrorCode,
    authorizer::Resource,
    groups::{Sync, SyncOutcome},
};

impl Answer for SyncGroupRequest {
    type Response = SyncGroupResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Read, Resource::Group(&self.group_id))
    }

    /// Waits until the leader has assigned.
    async fn answer(self, call: &Call<'_>) -> Outcome<SyncGroupResponse> {
        let group = self.group_id.to_string();
        let outcome = match sync(self, call) {
            Ok(SyncOutcome::Now(answer)) => Ok(answer),
            Ok(SyncOutcome::Later(receiver)) => {
                let answer = call.wait(&group, receiver).await;
                answer.unwrap_or_else(Err)
            }
            Err(code) => Err(code),
        };
        Outcome::Reply(match outcome {
            Ok(answer) => SyncGroupResponse::default()
                .with_protocol_type(Some(text(answer.protocol_type)))
                .with_protocol_name(Some(text(answer.protocol)))
                .with_assignment(answer.assignment),
            Err(code) => refused(code),
        })
    }

    fn refuse(self, _: i16, code: ErrorCode) -> SyncGroupResponse {
        refused(code)
    }
}

fn sync(request: SyncGroupRequest, call: &Call<'_>) -> Result<SyncOutcome, ErrorCode> {
    let mut state = call.groups();
    if request.group_id.is_empty() {
        return Err(ErrorCode::INVALID_GROUP_ID);
    }
    state.check_coordinator(&request.group_id, call.node)?;
    let classic = state.groups.existing_classic(&request.group_id);
    let classic = classic.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
    let assignments = request.assignments.into_iter();
    let sync = Sync {
        member_id: request.member_id.to_string(),
        instance_id: request.group_instance_id.map(|id| id.to_string()),
        generation: request.generation_id,
        protocol_type: request.protocol_type.map(|name| name.to_string()),
        protocol: request.protocol_name.map(|name| name.to_string()),
        assignments: assignments
            .map(|part| (part.member_id.to_string(), part.assignment))
            .collect(),
    };
    classic.sync(sync, Instant::now())
}

fn refused(code: ErrorCode) -> SyncGroupResponse {
    SyncGroupResponse::default().with_error_code(code.code())
}
