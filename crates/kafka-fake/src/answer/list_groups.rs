//! ListGroups.

use kafka_protocol::messages::{
    GroupId, ListGroupsRequest, ListGroupsResponse, list_groups_response::ListedGroup,
};

use super::{Answer, Call, Outcome, text};
use crate::ErrorCode;

impl Answer for ListGroupsRequest {
    type Response = ListGroupsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<ListGroupsResponse> {
        let state = call.state();
        let admits = |filter: &[_], word: &str| {
            let is_word =
                |wanted: &kafka_protocol::protocol::StrBytes| wanted.eq_ignore_ascii_case(word);
            filter.is_empty() || filter.iter().any(is_word)
        };
        if !admits(&self.states_filter, EMPTY) || !admits(&self.types_filter, CLASSIC) {
            return Outcome::Reply(ListGroupsResponse::default());
        }
        // Each node knows the groups that it coordinates.
        let ours = state
            .groups
            .ids()
            .filter(|id| state.check_coordinator(id, call.node).is_ok());
        let groups = ours.map(|id| {
            let mut group = ListedGroup::default().with_group_id(GroupId(text(id)));
            if call.version >= STATES {
                group.group_state = text(EMPTY);
            }
            if call.version >= TYPES {
                group.group_type = text(CLASSIC);
            }
            group
        });
        Outcome::Reply(ListGroupsResponse::default().with_groups(groups.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> ListGroupsResponse {
        ListGroupsResponse::default().with_error_code(code.code())
    }
}

/// The state of a group without members.
pub(super) const EMPTY: &str = "Empty";

const CLASSIC: &str = "classic";

/// KIP-518.
const STATES: i16 = 4;
/// KIP-848.
const TYPES: i16 = 5;
