//! DescribeGroups.

use kafka_protocol::messages::{
    DescribeGroupsRequest, DescribeGroupsResponse, GroupId,
    describe_groups_response::DescribedGroup,
};

use super::{Answer, Call, Outcome, list_groups::EMPTY, text};
use crate::ErrorCode;

impl Answer for DescribeGroupsRequest {
    type Response = DescribeGroupsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeGroupsResponse> {
        let state = call.state();
        let operations = self.include_authorized_operations;
        let described = self.groups.into_iter().map(|id| {
            if let Err(code) = state.check_coordinator(&id, call.node) {
                return refused(id, code, call.version);
            }
            if state.groups.find(&id).is_none() {
                // Before KIP-1043 a group that does not exist was described as a dead one.
                return match call.version {
                    NOT_FOUND.. => refused(id, ErrorCode::GROUP_ID_NOT_FOUND, call.version),
                    _ => DescribedGroup::default()
                        .with_group_id(id)
                        .with_group_state(text(DEAD)),
                };
            }
            let mut group = DescribedGroup::default()
                .with_group_id(id)
                .with_group_state(text(EMPTY));
            if operations {
                group.authorized_operations = GROUP_OPERATIONS;
            }
            group
        });
        Outcome::Reply(DescribeGroupsResponse::default().with_groups(described.collect()))
    }

    fn refuse(self, version: i16, code: ErrorCode) -> DescribeGroupsResponse {
        let groups = self.groups.into_iter().map(|id| refused(id, code, version));
        DescribeGroupsResponse::default().with_groups(groups.collect())
    }
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

/// All that can be done with a group: READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS.
const GROUP_OPERATIONS: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;
