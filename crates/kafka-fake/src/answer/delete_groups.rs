//! DeleteGroups.

use kafka_protocol::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, delete_groups_response::DeletableGroupResult,
};

use super::{Answer, Call, Outcome};
use crate::{AclOperation, ErrorCode, authorizer::Resource};

impl Answer for DeleteGroupsRequest {
    type Response = DeleteGroupsResponse;

    async fn answer(self, call: &Call<'_>) -> Outcome<DeleteGroupsResponse> {
        let mut state = call.groups();
        Outcome::Reply(each(self, |id| {
            call.authorize(AclOperation::Delete, Resource::Group(id))?;
            state.check_coordinator(id, call.node)?;
            state.groups.remove(id)?;
            state.transactions.forget(|group, _, _| group == id);
            Ok(())
        }))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DeleteGroupsResponse {
        each(self, |_| Err(code))
    }
}

fn each(
    request: DeleteGroupsRequest,
    mut delete: impl FnMut(&str) -> Result<(), ErrorCode>,
) -> DeleteGroupsResponse {
    let results = request.groups_names.into_iter().map(|id| {
        let code = delete(&id).err().unwrap_or(ErrorCode::NONE);
        DeletableGroupResult::default()
            .with_group_id(id)
            .with_error_code(code.code())
    });
    DeleteGroupsResponse::default().with_results(results.collect())
}
