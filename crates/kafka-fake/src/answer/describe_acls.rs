//! DescribeAcls.

use kafka_protocol::messages::{
    DescribeAclsRequest, DescribeAclsResponse,
    describe_acls_response::{AclDescription, DescribeAclsResource},
};

use super::{Answer, Call, Outcome, text};
use crate::{
    Acl, AclOperation, ErrorCode,
    acl::{AclFilter, Code as _, RawFilter},
    authorizer::Resource,
};

impl Answer for DescribeAclsRequest {
    type Response = DescribeAclsResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Describe, Resource::Cluster)
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<DescribeAclsResponse> {
        let Some(authorizer) = &call.shared.authorizer else {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::SECURITY_DISABLED));
        };
        let filter = raw(&self);
        if filter.is_malformed() {
            return Outcome::Close;
        }
        // Nothing is of a kind that is not known.
        let filter = AclFilter::parse(&filter);
        let found = filter.map(|filter| authorizer.find(&filter));
        let mut resources: Vec<DescribeAclsResource> = Vec::new();
        for acl in found.unwrap_or_default() {
            let (resource, description) = describe(&acl);
            // They come by their resources.
            match resources.last_mut() {
                Some(last) if is_same(last, &resource) => last.acls.push(description),
                _ => resources.push(resource.with_acls(vec![description])),
            }
        }
        Outcome::Reply(DescribeAclsResponse::default().with_resources(resources))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> DescribeAclsResponse {
        DescribeAclsResponse::default()
            .with_error_code(code.code())
            .with_error_message(Some(text(code.to_string())))
    }
}

fn raw(request: &DescribeAclsRequest) -> RawFilter<'_> {
    RawFilter {
        resource_type: request.resource_type_filter,
        name: request.resource_name_filter.as_deref(),
        pattern_type: request.pattern_type_filter,
        principal: request.principal_filter.as_deref(),
        host: request.host_filter.as_deref(),
        operation: request.operation,
        permission: request.permission_type,
    }
}

fn describe(acl: &Acl) -> (DescribeAclsResource, AclDescription) {
    let resource = DescribeAclsResource::default()
        .with_resource_type(acl.resource.resource_type.code())
        .with_resource_name(text(&acl.resource.name))
        .with_pattern_type(acl.resource.pattern_type.code());
    let description = AclDescription::default()
        .with_principal(text(&acl.principal))
        .with_host(text(&acl.host))
        .with_operation(acl.operation.code())
        .with_permission_type(acl.permission.code());
    (resource, description)
}

fn is_same(a: &DescribeAclsResource, b: &DescribeAclsResource) -> bool {
    a.resource_type == b.resource_type
        && a.resource_name == b.resource_name
        && a.pattern_type == b.pattern_type
}
