//! DeleteAcls.

use kafka_protocol::messages::{
    DeleteAclsRequest, DeleteAclsResponse,
    delete_acls_request::DeleteAclsFilter,
    delete_acls_response::{DeleteAclsFilterResult, DeleteAclsMatchingAcl},
};

use super::{Answer, Call, Outcome, text};
use crate::{
    Acl, AclOperation, ErrorCode,
    acl::{AclFilter, Code as _, RawFilter},
    authorizer::Resource,
};

impl Answer for DeleteAclsRequest {
    type Response = DeleteAclsResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Alter, Resource::Cluster)
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<DeleteAclsResponse> {
        let Some(authorizer) = &call.shared.authorizer else {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::SECURITY_DISABLED));
        };
        let filters: Vec<RawFilter<'_>> = self.filters.iter().map(raw).collect();
        if filters.iter().any(RawFilter::is_malformed) {
            return Outcome::Close;
        }
        let results = filters.iter().map(|filter| {
            let Some(filter) = AclFilter::parse(filter) else {
                return refused(ErrorCode::INVALID_REQUEST);
            };
            let removed = authorizer.remove(&filter);
            DeleteAclsFilterResult::default()
                .with_matching_acls(removed.iter().map(describe).collect())
        });
        Outcome::Reply(DeleteAclsResponse::default().with_filter_results(results.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DeleteAclsResponse {
        let filters = self.filters.iter();
        let results = filters.map(|_| refused(code));
        DeleteAclsResponse::default().with_filter_results(results.collect())
    }
}

fn raw(filter: &DeleteAclsFilter) -> RawFilter<'_> {
    RawFilter {
        resource_type: filter.resource_type_filter,
        name: filter.resource_name_filter.as_deref(),
        pattern_type: filter.pattern_type_filter,
        principal: filter.principal_filter.as_deref(),
        host: filter.host_filter.as_deref(),
        operation: filter.operation,
        permission: filter.permission_type,
    }
}

fn refused(code: ErrorCode) -> DeleteAclsFilterResult {
    DeleteAclsFilterResult::default()
        .with_error_code(code.code())
        .with_error_message(Some(text(code.to_string())))
}

fn describe(acl: &Acl) -> DeleteAclsMatchingAcl {
    DeleteAclsMatchingAcl::default()
        .with_resource_type(acl.resource.resource_type.code())
        .with_resource_name(text(&acl.resource.name))
        .with_pattern_type(acl.resource.pattern_type.code())
        .with_principal(text(&acl.principal))
        .with_host(text(&acl.host))
        .with_operation(acl.operation.code())
        .with_permission_type(acl.permission.code())
}
