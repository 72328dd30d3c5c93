//! LeaveGroup.

use kafka_protocol::messages::{
    LeaveGroupRequest, LeaveGroupResponse, leave_group_request::MemberIdentity,
    leave_group_response::MemberResponse,
};
use tokio::time::Instant;

use super::{Answer, Call, Outcome};
use crate::{AclOperation, ErrorCode, authorizer::Resource};

impl Answer for LeaveGroupRequest {
    type Response = LeaveGroupResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Read, Resource::Group(&self.group_id))
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<LeaveGroupResponse> {
        let mut state = call.groups();
        let is_ours = match self.group_id.is_empty() {
            true => Err(ErrorCode::INVALID_GROUP_ID),
            false => state.check_coordinator(&self.group_id, call.node),
        };
        if let Err(code) = is_ours {
            return Outcome::Reply(self.refuse(call.version, code));
        }
        let mut group = state.groups.find_mut(&self.group_id);
        let members = leavers(self, call.version).into_iter().map(|member| {
            let instance_id = member.group_instance_id.as_deref();
            let left = match &mut group {
                Some(group) => group.leave(&member.member_id, instance_id, Instant::now()),
                None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
            };
            MemberResponse::default()
                .with_error_code(left.err().unwrap_or(ErrorCode::NONE).code())
                .with_member_id(member.member_id)
                .with_group_instance_id(member.group_instance_id)
        });
        let members: Vec<MemberResponse> = members.collect();
        call.shared.changed.notify_waiters();
        let response = LeaveGroupResponse::default();
        Outcome::Reply(match members.first() {
            Some(only) if call.version < BATCHED => response.with_error_code(only.error_code),
            _ => response.with_members(members),
        })
    }

    fn refuse(self, _: i16, code: ErrorCode) -> LeaveGroupResponse {
        LeaveGroupResponse::default().with_error_code(code.code())
    }
}

/// Up to version 2 there is one.
fn leavers(request: LeaveGroupRequest, version: i16) -> Vec<MemberIdentity> {
    match version {
        BATCHED.. => request.members,
        _ => vec![MemberIdentity::default().with_member_id(request.member_id)],
    }
}

/// The first version in which several leave (KIP-345).
const BATCHED: i16 = 3;
