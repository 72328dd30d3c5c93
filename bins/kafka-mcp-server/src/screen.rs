//! A look at a message before it is parsed.

use std::fmt;

/// Why a message is not even parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// An array of messages, which MCP dropped.
    Batch,
    /// JSON so deep that parsing it costs stack.
    TooDeep,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch => f.write_str("batches are not supported: send one message at a time"),
            Self::TooDeep => write!(f, "the JSON is nested deeper than {MAX_DEPTH} levels"),
        }
    }
}

/// Looks at a message. It may still be no JSON at all, which the parser finds.
pub(crate) fn check(message: &[u8]) -> Result<(), Unfit> {
    if message.trim_ascii_start().first() == Some(&b'[') {
        return Err(Unfit::Batch);
    }
    if nests_deeper_than(MAX_DEPTH, message) {
        Err(Unfit::TooDeep)
    } else {
        Ok(())
    }
}

/// Whether brackets outside of strings are nested deeper.
fn nests_deeper_than(limit: usize, json: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Far beyond any MCP message, and below the limit of the parser.
const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_of_strings() {
        let nested = |depth: usize| [vec![b'{'; depth], vec![b'}'; depth]].concat();
        assert!(!nests_deeper_than(3, &nested(3)));
        assert!(nests_deeper_than(3, &nested(4)));
        assert!(!nests_deeper_than(1, br#"{"a":"[[[\"[[","b":"\\"}"#));
        assert!(nests_deeper_than(1, br#"{"a":"\\",[]}"#));
        assert!(!nests_deeper_than(1, &b"[]".repeat(1000)));
    }

    #[test]
    fn batches_and_deep_messages_are_unfit() {
        assert_eq!(check(b" \n[{}]"), Err(Unfit::Batch));
        assert_eq!(check(&b"{\"a\":".repeat(100_000)), Err(Unfit::TooDeep));
        assert_eq!(check(b"{}"), Ok(()));
        assert_eq!(check(b""), Ok(()));
    }
}
