//! What a message needs.

use std::{borrow::Cow, fmt};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::HeaderMap;
use mcp_oauth_token::{Principal, ScopeSet};

use crate::{
    ScopePolicy,
    body_peek::{Ambiguous, BodyPeek},
    scope_policy::{TOOLS_CALL, union},
};

/// What a message asks for, by its body and by the headers that repeat it.
///
/// The MCP service decides by the body, and refuses headers that disagree only in the revisions
/// that have them; a proxy on the way may decide by the headers. So each counts: the message needs
/// what any reading of it needs.
#[derive(Debug)]
pub(crate) enum Demand<'a> {
    Batch,
    Message {
        methods: Vec<Cow<'a, str>>,
        names: Vec<Cow<'a, str>>,
    },
}

impl<'a> Demand<'a> {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// If the body alone can be read in several ways.
    pub(crate) fn of(headers: &'a HeaderMap, body: &'a [u8]) -> Result<Self, Ambiguous> {
        let (method, name) = match BodyPeek::new(body)? {
            BodyPeek::Batch => return Ok(Self::Batch),
            BodyPeek::Message { method, name } => (method, name),
        };
        let methods = values(headers, "mcp-method").map(Cow::Borrowed);
        let names = values(headers, "mcp-name").filter_map(decoded);
        Ok(Self::Message {
            methods: method.into_iter().chain(methods).collect(),
            names: name.into_iter().chain(names).collect(),
        })
    }

    /// Checks that a principal may do it.
    ///
    /// # Errors
    ///
    /// All that it needs.
    pub(crate) fn check(
        &self,
        policy: &ScopePolicy,
        principal: &Principal,
    ) -> Result<(), ScopeSet> {
        let everything;
        let mut needed = vec![policy.base()];
        match self {
            // Each message in it may be any.
            Self::Batch => {
                everything = policy.everything();
                needed.push(&everything);
            }
            Self::Message { methods, names } => {
                needed.extend(methods.iter().filter_map(|method| policy.of_method(method)));
                if methods.iter().any(|method| method == TOOLS_CALL) {
                    needed.extend(names.iter().map(|name| policy.of_tool(name)));
                }
            }
        }
        if needed.iter().all(|scopes| principal.may(scopes)) {
            Ok(())
        } else {
            Err(union(needed))
        }
    }
}

/// For logs: cut and escaped, because strangers wrote it.
impl fmt::Display for Demand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch => f.write_str("batch"),
            Self::Message { methods, names } => {
                for text in methods.iter().chain(names).take(MAX_SHOWN) {
                    let text: String = text.chars().take(MAX_SHOWN_CHARS).collect();
                    write!(f, "{text:?} ")?;
                }
                Ok(())
            }
        }
    }
}

fn values<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .map(str::trim)
}

/// Undoes the encoding of values that cannot stand in a header as they are.
fn decoded(value: &str) -> Option<Cow<'_, str>> {
    let encoded = value
        .strip_prefix("=?base64?")
        .and_then(|value| value.strip_suffix("?="));
    match encoded {
        None => Some(Cow::Borrowed(value)),
        Some(encoded) => {
            let bytes = BASE64_STANDARD.decode(encoded).ok()?;
            String::from_utf8(bytes).ok().map(Cow::Owned)
        }
    }
}

const MAX_SHOWN: usize = 4;
const MAX_SHOWN_CHARS: usize = 64;
