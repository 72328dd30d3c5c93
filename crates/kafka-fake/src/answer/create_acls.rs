//! CreateAcls.

use kafka_protocol::messages::{
    CreateAclsRequest, CreateAclsResponse, create_acls_request::AclCreation,
    create_acls_response::AclCreationResult,
};

use super::{Answer, Call, Outcome, text};
use crate::{
    Acl, AclOperation, Error, ErrorCode, ResourcePattern,
    acl::{ANY, MATCH, UNKNOWN, from_code},
    authorizer::Resource,
};

impl Answer for CreateAclsRequest {
    type Response = CreateAclsResponse;

    fn authorize(&self, call: &Call<'_>) -> Result<(), ErrorCode> {
        call.authorize(AclOperation::Alter, Resource::Cluster)
    }

    async fn answer(self, call: &Call<'_>) -> Outcome<CreateAclsResponse> {
        let Some(authorizer) = &call.shared.authorizer else {
            return Outcome::Reply(self.refuse(call.version, ErrorCode::SECURITY_DISABLED));
        };
        let mut numbers = self.creations.iter().flat_map(numbers);
        if numbers.clone().any(|number| number == UNKNOWN) {
            return Outcome::Close;
        }
        let is_filter = |acl: &AclCreation| acl.resource_pattern_type == MATCH;
        if numbers.any(|number| number == ANY) || self.creations.iter().any(is_filter) {
            // Kafka does not expect what is for filters only.
            return Outcome::Reply(self.refuse(call.version, ErrorCode::UNKNOWN_SERVER_ERROR));
        }
        let results = self.creations.iter().map(|creation| {
            let Some(acl) = parse(creation) else {
                let reason = "there is no such type, operation or permission";
                return refused(ErrorCode::INVALID_REQUEST, reason);
            };
            match authorizer.add(acl) {
                Ok(()) => AclCreationResult::default(),
                Err(Error::AclRefused { code, reason, .. }) => refused(code, &reason),
                Err(error) => refused(ErrorCode::UNKNOWN_SERVER_ERROR, &error.to_string()),
            }
        });
        Outcome::Reply(CreateAclsResponse::default().with_results(results.collect()))
    }

    fn refuse(self, _: i16, code: ErrorCode) -> CreateAclsResponse {
        let creations = self.creations.iter();
        let results = creations.map(|_| refused(code, &code.to_string()));
        CreateAclsResponse::default().with_results(results.collect())
    }
}

fn numbers(creation: &AclCreation) -> [i8; 4] {
    [
        creation.resource_type,
        creation.resource_pattern_type,
        creation.operation,
        creation.permission_type,
    ]
}

fn parse(creation: &AclCreation) -> Option<Acl> {
    Some(Acl {
        resource: ResourcePattern {
            resource_type: from_code(creation.resource_type)?,
            name: creation.resource_name.to_string(),
            pattern_type: from_code(creation.resource_pattern_type)?,
        },
        principal: creation.principal.to_string(),
        host: creation.host.to_string(),
        operation: from_code(creation.operation)?,
        permission: from_code(creation.permission_type)?,
    })
}

fn refused(code: ErrorCode, reason: &str) -> AclCreationResult {
    AclCreationResult::default()
        .with_error_code(code.code())
        .with_error_message(Some(text(reason)))
}
