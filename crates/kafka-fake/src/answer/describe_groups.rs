//! DescribeGroups, of groups of the classic protocol.

use kafka_protocol::messages::{
    DescribeGroupsRequest, DescribeGroupsResponse, GroupId,
    describe_groups_response::{DescribedGroup, DescribedGroupMember},
};

use super::{Answer, Call, Outcome, text};
use crate::{
    AclOperation, ErrorCode,
    authorizer::Resource,
    groups::{ClassicGroup, ClassicState, Members},
};

impl Answer for DescribeGroupsRequest {
    type Response = DescribeGroupsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeGroupsResponse> {
        let state = call.groups();
        let operations = self.include_authorized_operations;
        let described = self.groups.into_iter().map(|id| {
            let authorized = call.authorize(AclOperation::Describe, Resource::Group(&id));
            let is_ours = authorized.and_then(|()| state.check_coordinator(&id, call.node));
            if let Err(code) = is_ours {
                return refused(id, code, call.version);
            }
            let members = state.groups.find(&id).map(|group| &group.members);
            let Some(Members::Classic(classic)) = members else {
                // Before KIP-1043 a group that does not exist was described as a dead one.
                return match call.version {
                    NOT_FOUND.. => refused(id, ErrorCode::GROUP_ID_NOT_FOUND, call.version),
                    _ => DescribedGroup::default()
                        .with_group_id(id)
                        .with_group_state(text(DEAD)),
                };
            };
            let mut group = describe(classic);
            if operations {
                group.authorized_operations = call.authorized_operations(Resource::Group(&id));
            }
            group.with_group_id(id)
        });
        Outcome::Reply(DescribeGroupsResponse::default().with_groups(described.collect()))
    }

    fn refuse(self, version: i16, code: ErrorCode) -> DescribeGroupsResponse {
        let groups = self.groups.into_iter().map(|id| refused(id, code, version));
        DescribeGroupsResponse::default().with_groups(groups.collect())
    }
}

/// What members know and have is told of a stable group only.
fn describe(group: &ClassicGroup) -> DescribedGroup {
    let protocol = match group.state {
        ClassicState::Stable => group.protocol.as_deref(),
        _ => None,
    };
    let members = group.members.iter().map(|(id, member)| {
        let mut described = DescribedGroupMember::default()
            .with_member_id(text(id))
            .with_group_instance_id(member.instance_id.clone().map(text))
            .with_client_id(text(&member.client_id))
            .with_client_host(text(&member.client_host));
        if protocol.is_some() {
            described.member_metadata = member.metadata(protocol);
            described.member_assignment = member.assignment.clone();
        }
        described
    });
    DescribedGroup::default()
        .with_group_state(text(group.state.name()))
        .with_protocol_type(text(&group.protocol_type))
        .with_protocol_data(text(protocol.unwrap_or_default()))
        .with_members(members.collect())
}

fn refused(id: GroupId, code: ErrorCode, version: i16) -> DescribedGroup {
    let mut group = DescribedGroup::default()
        .with_group_id(id)
        .with_error_code(code.code());
    if version >= NOT_FOUND {
        group.group_state = text(DEAD);
        group.error_message = Some(text(code.to_string()));
    }
    group
}

const DEAD: &str = "Dead";

/// The first version that tells that a group does not exist.
const NOT_FOUND: i16 = 6;
