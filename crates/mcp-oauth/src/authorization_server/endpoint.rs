//! Which path is what.

/// An endpoint of the authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Authorize,
    Callback,
    Register,
    Revoke,
    Token,
}

impl Endpoint {
    /// The endpoint at a path. Clients that read no metadata look at the root.
    pub(super) fn at(path: &str, callback_path: &str) -> Option<Self> {
        match path {
            "/oauth/authorize" | "/authorize" => Some(Self::Authorize),
            "/oauth/register" | "/register" => Some(Self::Register),
            "/oauth/revoke" | "/revoke" => Some(Self::Revoke),
            "/oauth/token" | "/token" => Some(Self::Token),
            path if path == callback_path => Some(Self::Callback),
            _ => None,
        }
    }

    /// Whether web pages may use it. A browser is sent to the others, and shows them (RFC 9700
    /// section 2.6).
    pub(super) const fn is_for_scripts(self) -> bool {
        matches!(self, Self::Register | Self::Revoke | Self::Token)
    }
}
