//! The documents at well-known addresses.

mod authorization_server;
mod jwks;
mod protected_resource;

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderValue, Method, Response,
    header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body_util::Full;

pub(crate) use protected_resource::ProtectedResource;

use crate::{
    TokenIssuer,
    refusal::{Reason, Refusal, Reply},
};

/// A document that clients look for at well-known addresses (RFC 8615).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    AuthorizationServer,
    Jwks,
    ProtectedResource,
}

impl Document {
    /// The document at a path, be it at the root or with the path of the endpoint appended.
    pub(crate) fn at(path: &str, mcp_path: &str) -> Option<Self> {
        let name = path.strip_prefix(WELL_KNOWN)?;
        if name == "jwks.json" {
            return Some(Self::Jwks);
        }
        match name.strip_suffix(mcp_path).unwrap_or(name) {
            "oauth-authorization-server" | "openid-configuration" => {
                Some(Self::AuthorizationServer)
            }
            PROTECTED_RESOURCE => Some(Self::ProtectedResource),
            _ => None,
        }
    }

    /// Answers a request for the document.
    pub(crate) fn answer(
        self,
        method: &Method,
        resource: &ProtectedResource<'_>,
        issuer: &dyn TokenIssuer,
    ) -> Reply {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return method_not_allowed();
        }
        let document = match self {
            Self::AuthorizationServer => authorization_server::document(issuer),
            Self::Jwks => jwks::document(issuer),
            Self::ProtectedResource => Ok(resource.document()),
        };
        match document {
            Ok(document) => document_reply(document, *method == Method::HEAD),
            Err(refusal) => refusal.into_response(),
        }
    }
}

/// Where the metadata of the endpoint is: the form that RFC 9728 section 3.1 makes of its URL.
pub(crate) fn protected_resource_url(origin: &str, mcp_path: &str) -> String {
    format!("{origin}{WELL_KNOWN}{PROTECTED_RESOURCE}{mcp_path}")
}

fn document_reply(document: Bytes, without_body: bool) -> Reply {
    let length = document.len();
    let body = if without_body { Bytes::new() } else { document };
    let mut reply = Response::new(Full::new(body));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    reply
}

fn method_not_allowed() -> Reply {
    let mut reply = Refusal::new(Reason::MethodNotAllowed).into_response();
    let methods = HeaderValue::from_static(METHODS);
    reply.headers_mut().insert(ALLOW, methods);
    reply
}

/// The methods that documents answer.
pub(crate) const METHODS: &str = "GET, HEAD, OPTIONS";
/// When to ask again for a document that could not be fetched yet.
const RETRY_AFTER: Duration = Duration::from_secs(5);
const WELL_KNOWN: &str = "/.well-known/";
const PROTECTED_RESOURCE: &str = "oauth-protected-resource";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_at_the_root_form_and_the_path_form() {
        let at = |name: &str| Document::at(&format!("/.well-known/{name}"), "/mcp");
        for (name, document) in [
            ("oauth-protected-resource", Document::ProtectedResource),
            ("oauth-protected-resource/mcp", Document::ProtectedResource),
            ("oauth-authorization-server", Document::AuthorizationServer),
            (
                "oauth-authorization-server/mcp",
                Document::AuthorizationServer,
            ),
            ("openid-configuration", Document::AuthorizationServer),
            ("openid-configuration/mcp", Document::AuthorizationServer),
            ("jwks.json", Document::Jwks),
        ] {
            assert_eq!(at(name), Some(document), "{name}");
        }
    }

    #[test]
    fn other_paths_are_no_documents() {
        for path in [
            "/mcp",
            "/.well-known/",
            "/.well-known/oauth-protected-resource/",
            "/.well-known/oauth-protected-resource/mcp/",
            "/.well-known/oauth-protected-resource/mcp/mcp",
            "/.well-known/oauth-protected-resource/other",
            "/.well-known/jwks.json/mcp",
            "/mcp/.well-known/oauth-protected-resource",
            "//.well-known/oauth-protected-resource",
            "/.Well-Known/oauth-protected-resource",
        ] {
            assert_eq!(Document::at(path, "/mcp"), None, "{path}");
        }
    }
}
