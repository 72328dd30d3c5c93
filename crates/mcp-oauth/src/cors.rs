//! Cross-origin requests of web pages whose origin was admitted.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
        ALLOW, ORIGIN, VARY,
    },
};
use http_body_util::Full;

/// Lets web pages of other origins use an endpoint (CORS). Which origins may is decided before, by
/// [`ResourceServer::check_origin`](crate::ResourceServer::check_origin) or otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Cors {
    methods: &'static str,
}

impl Cors {
    /// For an endpoint that takes `methods`, such as `POST, OPTIONS`.
    #[must_use]
    pub const fn new(methods: &'static str) -> Self {
        Self { methods }
    }

    /// Answers `OPTIONS`, which for a web page is a preflight, without asking for a token: browsers
    /// send none with it.
    #[must_use]
    pub fn preflight(self, request: &HeaderMap) -> Response<Full<Bytes>> {
        let mut reply = Response::new(Full::default());
        *reply.status_mut() = StatusCode::NO_CONTENT;
        let headers = reply.headers_mut();
        let methods = HeaderValue::from_static(self.methods);
        headers.insert(ALLOW, methods.clone());
        if request.contains_key(ORIGIN) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(request));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
        }
        reply
    }

    /// Lets pages of `origin`, which has been admitted, read an answer.
    ///
    /// Credentials are never allowed: tokens come in a header that the page itself sets.
    pub fn share(origin: Option<&HeaderValue>, reply: &mut HeaderMap) {
        reply.append(VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = origin {
            reply.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            let exposed = HeaderValue::from_static(EXPOSED);
            reply.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
}

/// The headers that clients of MCP send. They also send one `Mcp-Param-*` for each annotated
/// argument of a tool, so these are allowed as they are asked for.
fn allowed_headers(request: &HeaderMap) -> HeaderValue {
    let asked = request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    let parameters = asked
        .filter_map(|names| names.to_str().ok())
        .flat_map(|names| names.split(','))
        .map(str::trim)
        .filter(|name| is_parameter(name))
        .take(MAX_PARAMETERS);
    let mut allowed = ALLOWED.to_owned();
    for name in parameters {
        allowed.push_str(", ");
        allowed.push_str(name);
    }
    HeaderValue::try_from(allowed).unwrap_or(HeaderValue::from_static(ALLOWED))
}

fn is_parameter(name: &str) -> bool {
    const PREFIX: &str = "mcp-param-";
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.get(..PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        && name.bytes().all(is_allowed)
}

const ALLOWED: &str = "Authorization, Content-Type, Accept, Mcp-Session-Id, MCP-Protocol-Version, \
                       Mcp-Method, Mcp-Name, Last-Event-ID";
const EXPOSED: &str = "WWW-Authenticate, Mcp-Session-Id, Retry-After, X-Request-Id";
const MAX_PARAMETERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(asked: &'static str) -> String {
        let mut request = HeaderMap::new();
        request.insert(ORIGIN, HeaderValue::from_static("http://localhost"));
        let asked = HeaderValue::from_static(asked);
        request.insert(ACCESS_CONTROL_REQUEST_HEADERS, asked);
        let reply = Cors::new("POST").preflight(&request);
        let headers = &reply.headers()[ACCESS_CONTROL_ALLOW_HEADERS];
        headers.to_str().unwrap().to_owned()
    }

    #[test]
    fn only_headers_of_mcp_are_allowed() {
        assert_eq!(allowed("authorization,x-admin"), ALLOWED);
        let asked = "Mcp-Param-Topic, mcp-param-a b, mcp-parameter,mcp-param-x";
        let expected = format!("{ALLOWED}, Mcp-Param-Topic, mcp-param-x");
        assert_eq!(allowed(asked), expected);
    }
}
