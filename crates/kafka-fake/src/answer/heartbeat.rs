//! Heartbeat, of members of the classic protocol.

use kafka_protocol::messages::{HeartbeatRequest, HeartbeatResponse};
use tokio::time::Instant;

use super::{Answer, Call, Outcome};
use crate::{AclOperation, ErrorCode, authorizer::Resource};

impl Answer for HeartbeatRequest {
    type Response = HeartbeatResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Read, Resource::Group(&self.group_id))
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<HeartbeatResponse> {
        let code = beat(&self, call).err().unwrap_or(ErrorCode::NONE);
        Outcome::Reply(self.refuse(call.version, code))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> HeartbeatResponse {
        HeartbeatResponse::default().with_error_code(code.code())
    }
}

fn beat(request: &HeartbeatRequest, call: &Call<'_>) -> Result<(), ErrorCode> {
    let mut state = call.groups();
    if request.group_id.is_empty() {
        return Err(ErrorCode::INVALID_GROUP_ID);
    }
    state.check_coordinator(&request.group_id, call.node)?;
    let classic = state.groups.existing_classic(&request.group_id);
    let classic = classic.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
    let instance_id = request.group_instance_id.as_deref();
    let (id, generation) = (&request.member_id, request.generation_id);
    classic.heartbeat(id, instance_id, generation, Instant::now())
}
