//! Requests that are none, and why.

use rmcp::model::{ErrorCode, ErrorData};

use crate::text;

/// Why a request of `method` was not understood. To the SDK a request whose parameters do not fit
/// is one of an unknown method; to who wrote it by hand, the method is right and a name is missing.
pub(crate) fn not_understood(method: &str) -> ErrorData {
    match PARAMS.iter().find(|(known, _)| *known == method) {
        Some((_, params)) => {
            let message = format!("the params of {method} do not fit: {params}");
            ErrorData::new(ErrorCode::INVALID_PARAMS, message, None)
        }
        None => {
            let message = format!("there is no method {}", text::excerpt(method));
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None)
        }
    }
}

/// What the methods need that there are in every revision: those of some revisions only are no methods
/// in the others, whatever comes with them.
const PARAMS: [(&str, &str); 8] = [
    (
        "completion/complete",
        "ref is an object with type, and name or uri; argument is one with name and value",
    ),
    (
        "prompts/get",
        "name is a string, and arguments, if it is there, an object of strings",
    ),
    ("prompts/list", CURSOR),
    ("resources/list", CURSOR),
    ("resources/read", "uri is a string"),
    ("resources/templates/list", CURSOR),
    (
        "tools/call",
        "name is a string, and arguments, if it is there, an object",
    ),
    ("tools/list", CURSOR),
];

const CURSOR: &str = "cursor, if it is there, is a string";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_forgets_a_parameter_is_told_which_one() {
        let error = not_understood("tools/call");
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
        assert!(error.message.contains("name is a string"), "{error}");
    }

    /// What another revision has is no method in this one, whether its parameters fit or not.
    #[test]
    fn methods_of_some_revisions_only_are_none() {
        for method in ["initialize", "ping", "subscriptions/listen"] {
            assert_eq!(not_understood(method).code, ErrorCode::METHOD_NOT_FOUND);
        }
    }

    #[test]
    fn a_method_that_does_not_exist_is_named_in_little_room() {
        let error = not_understood(&"x".repeat(1_000));
        assert_eq!(error.code, ErrorCode::METHOD_NOT_FOUND);
        assert!(
            error.message.starts_with("there is no method xxx"),
            "{error}"
        );
        assert!(error.message.len() < 200, "{error}");
    }
}
