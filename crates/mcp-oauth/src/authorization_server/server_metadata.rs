//! What clients find out about the authorization server (RFC 8414).

use bytes::Bytes;
use serde::Serialize;

/// The document at all well-known addresses, that of OpenID Connect Discovery among them.
#[derive(Debug, Serialize)]
pub(super) struct ServerMetadata<'a> {
    pub(super) issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    registration_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_documentation: Option<&'a str>,
    scopes_supported: Vec<&'a str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 1],
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    code_challenge_methods_supported: [&'static str; 1],
    /// RFC 9207 section 3.
    authorization_response_iss_parameter_supported: bool,
    client_id_metadata_document_supported: bool,
    /// Readers of OpenID Connect's documents want this and the next one to be there (OpenID Connect
    /// Discovery 1.0 section 3).
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
}

impl<'a> ServerMetadata<'a> {
    /// Metadata of a server with the usual paths below its issuer identifier.
    pub(super) fn new(issuer: &'a str, scopes: Vec<&'a str>, takes_urls_as_clients: bool) -> Self {
        Self {
            issuer,
            authorization_endpoint: format!("{issuer}/oauth/authorize"),
            token_endpoint: format!("{issuer}/oauth/token"),
            registration_endpoint: format!("{issuer}/oauth/register"),
            revocation_endpoint: format!("{issuer}/oauth/revoke"),
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            service_documentation: None,
            scopes_supported: scopes,
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "refresh_token"],
            token_endpoint_auth_methods_supported: ["none"],
            revocation_endpoint_auth_methods_supported: ["none"],
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
            client_id_metadata_document_supported: takes_urls_as_clients,
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256"],
        }
    }

    pub(super) fn document(&self) -> Bytes {
        // Nothing in it can fail to be JSON.
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}
