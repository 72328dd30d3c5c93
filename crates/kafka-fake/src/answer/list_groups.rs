//! ListGroups.

use kafka_protocol::{
    messages::{GroupId, ListGroupsRequest, ListGroupsResponse, list_groups_response::ListedGroup},
    protocol::StrBytes,
};

use super::{Answer, Call, Outcome, text};
use crate::{AclOperation, ErrorCode, authorizer::Resource};

impl Answer for ListGroupsRequest {
    type Response = ListGroupsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<ListGroupsResponse> {
        let state = call.groups();
        // Each node knows the groups that it coordinates.
        let sees_all = call.may(AclOperation::Describe, Resource::Cluster);
        let ours = state.groups.all().filter(|(id, group)| {
            (sees_all || call.may(AclOperation::Describe, Resource::Group(id)))
                && state.check_coordinator(id, call.node).is_ok()
                && admits(&self.states_filter, group.state())
                && admits(&self.types_filter, group.kind())
        });
        let groups = ours.map(|(id, group)| {
            let mut listed = ListedGroup::default()
                .with_group_id(GroupId(text(id)))
                .with_protocol_type(text(group.protocol_type()));
            if call.version >= STATES {
                listed.group_state = text(group.state());
            }
            if call.version >= TYPES {
                listed.group_type = text(group.kind());
            }
            listed
        });
        Outcome::Reply(ListGroupsResponse::default().with_groups(groups.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> ListGroupsResponse {
        ListGroupsResponse::default().with_error_code(code.code())
    }
}

/// An empty filter admits everything.
fn admits(filter: &[StrBytes], word: &str) -> bool {
    let is_word = |wanted: &StrBytes| wanted.eq_ignore_ascii_case(word);
    filter.is_empty() || filter.iter().any(is_word)
}

/// KIP-518.
const STATES: i16 = 4;
/// KIP-848.
const TYPES: i16 = 5;
