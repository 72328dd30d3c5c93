//! What a message asks for, read off its body without building it.
//!
//! The MCP service parses the body again, and may read it otherwise than this does: where JSON has
//! two readings, such as a member that is there twice, the message is refused. A body that breaks
//! off counts as far as it goes, and the service refuses it.

use std::borrow::Cow;

use serde::{Deserialize, de::IgnoredAny};

/// What the body of a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyPeek<'a> {
    /// Several messages at once, which newer revisions of MCP do not have.
    Batch,
    /// One message, or what there is of it.
    Message {
        /// The method; none in a response, or in what is no message at all.
        method: Option<Cow<'a, str>>,
        /// `params.name`: the tool or prompt.
        name: Option<Cow<'a, str>>,
    },
}

impl<'a> BodyPeek<'a> {
    /// Looks at a body.
    ///
    /// # Errors
    ///
    /// [`Ambiguous`] if it can be read in several ways.
    pub(crate) fn new(body: &'a [u8]) -> Result<Self, Ambiguous> {
        // RFC 8259 section 8.1: parsers may ignore a byte order mark.
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        if body.trim_ascii_start().starts_with(b"[") {
            return Ok(Self::Batch);
        }
        let [method, params] = members(body, ["method", "params"])?;
        if params.trim_ascii_start().starts_with(b"[") {
            // Structs that serde derives can be read from arrays too, by position: the name of a
            // tool would hide among the elements.
            return Err(Ambiguous);
        }
        let [name] = members(params, ["name"])?;
        Ok(Self::Message {
            method: text(method)?,
            name: text(name)?,
        })
    }
}

/// A body that can be read in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous;

/// The values of some members of an object, if this is one; empty if they are not there. Whether it
/// is JSON, and to its end, is for the service to say.
fn members<'a, const N: usize>(
    json: &'a [u8],
    names: [&str; N],
) -> Result<[&'a [u8]; N], Ambiguous> {
    let mut values = [&[][..]; N];
    for (name, value) in Members::of(json) {
        if name.starts_with(PRIVATE_TO_SERDE_JSON) {
            return Err(Ambiguous);
        }
        let mut slots = names.iter().zip(&mut values);
        if let Some((_, slot)) = slots.find(|(wanted, _)| **wanted == name) {
            if !slot.is_empty() {
                return Err(Ambiguous);
            }
            *slot = value;
        }
    }
    Ok(values)
}

/// A string; `None` if it is something else.
fn text(json: &[u8]) -> Result<Option<Cow<'_, str>>, Ambiguous> {
    members(json, [])?;
    Ok(first(json).map(|(Text(text), ..)| text))
}

/// The members of an object, as far as it can be read.
struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Members<'a> {
    fn of(json: &'a [u8]) -> Self {
        let rest = json.trim_ascii_start().strip_prefix(b"{");
        Self {
            rest: rest.unwrap_or_default(),
        }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (Text(name), _, rest) = first(self.rest)?;
        let rest = rest.trim_ascii_start().strip_prefix(b":")?;
        let (IgnoredAny, value, rest) = first(rest)?;
        let rest = rest.trim_ascii_start().strip_prefix(b",");
        self.rest = rest.unwrap_or_default();
        Some((name, value))
    }
}

/// The first value of a text, how it is written, and what follows it.
fn first<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<(T, &'a [u8], &'a [u8])> {
    let mut values = serde_json::Deserializer::from_slice(json).into_iter();
    let value = values.next()?.ok()?;
    let (written, rest) = json.split_at_checked(values.byte_offset())?;
    Some((value, written, rest))
}

/// A string, copied only if it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What the names begin with of members that are no members: where any crate of the program turns on
/// its feature `raw_value`, serde_json reads an object with such a one as the JSON in its text.
const PRIVATE_TO_SERDE_JSON: &str = "$serde_json::private::";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, method: Option<&str>, name: Option<&str>) {
        let expected = BodyPeek::Message {
            method: method.map(Into::into),
            name: name.map(Into::into),
        };
        assert_eq!(BodyPeek::new(body.as_bytes()), Ok(expected), "{body}");
    }

    #[test]
    fn method_and_name_are_found_wherever_they_stand() {
        let call = Some("tools/call");
        check(
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{}}}"#,
            call,
            Some("t"),
        );
        check(
            r#"{"params":{"_meta":{"name":"x"},"arguments":{"name":"y"},"name":"t"},"method":"tools/call"}"#,
            call,
            Some("t"),
        );
        check(r#"{"method":"ping"}"#, Some("ping"), None);
        check(r#"{"method":"ping","params":null}"#, Some("ping"), None);
        check(r#"{"id":1,"result":{"method":"tools/call"}}"#, None, None);
    }

    #[test]
    fn escapes_hide_nothing() {
        check(
            r#"{"m\u0065thod":"tools\/c\u0061ll","par\u0061ms":{"n\u0061me":"\u0074"}}"#,
            Some("tools/call"),
            Some("t"),
        );
    }

    // RFC 8259 section 4: what a parser makes of names that are there twice is unpredictable.
    #[test]
    fn members_that_are_there_twice_are_ambiguous() {
        for body in [
            r#"{"method":"ping","method":"tools/call"}"#,
            r#"{"method":1,"m\u0065thod":"tools/call"}"#,
            r#"{"method":"tools/call","params":{"name":"a"},"params":{"name":"b"}}"#,
            r#"{"method":"tools/call","params":null,"params":{"name":"b"}}"#,
            r#"{"method":"tools/call","params":{"name":"a","name":"b"}}"#,
            r#"{"method":"tools/call","params":{"name":"a","name":"b"}} trailing"#,
        ] {
            assert_eq!(BodyPeek::new(body.as_bytes()), Err(Ambiguous), "{body}");
        }
    }

    #[test]
    fn parameters_by_position_are_ambiguous() {
        let body = br#"{"method":"tools/call","params":[null,"produce_message",{}]}"#;
        assert_eq!(BodyPeek::new(body), Err(Ambiguous));
    }

    // `serde_json::Value` takes such an object for what is written in the text.
    #[test]
    fn json_in_the_text_of_a_private_member_is_ambiguous() {
        let hidden = |json: &str| {
            let text = serde_json::to_string(json).unwrap();
            format!(r#"{{"\u0024serde_json::private::RawValue":{text}}}"#)
        };
        let call = r#"{"method":"tools/call","params":{"name":"t"}}"#;
        let params = hidden(r#"{"name":"t"}"#);
        let name = hidden(r#""t""#);
        let method = hidden(r#""tools/call""#);
        for body in [
            hidden(call),
            format!(r#"{{"method":"tools/call","params":{params}}}"#),
            format!(r#"{{"method":"tools/call","params":{{"name":{name}}}}}"#),
            format!(r#"{{"method":{method},"params":{{"name":"t"}}}}"#),
        ] {
            assert_eq!(BodyPeek::new(body.as_bytes()), Err(Ambiguous), "{body}");
        }
    }

    // RFC 8259 section 8.1; and what is skipped need not be UTF-8 for every parser.
    #[test]
    fn bytes_that_some_parsers_ignore_hide_nothing() {
        let call = r#"{"method":"tools/call","params":{"name":"t"}}"#;
        check(&format!("\u{feff}{call}"), Some("tools/call"), Some("t"));
        let body = [b"{\"x\":\"\xff\",", &call.as_bytes()[1..]].concat();
        let peek = BodyPeek::new(&body);
        assert!(matches!(
            peek,
            Ok(BodyPeek::Message {
                method: Some(_),
                name: Some(_)
            })
        ));
    }

    #[test]
    fn several_messages_are_a_batch() {
        for body in [
            "[]",
            "\u{feff}[]",
            r#" [{"method":"tools/call"}]"#,
            "[[",
            "[1",
        ] {
            let peek = BodyPeek::new(body.as_bytes());
            assert_eq!(peek, Ok(BodyPeek::Batch), "{body}");
        }
    }

    #[test]
    fn what_is_no_message_asks_for_nothing() {
        for body in [
            "",
            "{",
            "null",
            "1",
            "\"tools/call\"",
            "<html>",
            "\u{feff}{}",
            "{\"a\":\"\\",
        ] {
            check(body, None, None);
        }
        check(r#"{"method":["tools/call"],"params":7}"#, None, None);
        check(r#"{"method":{"a":1},"params":{"name":3}}"#, None, None);
        let not_utf8 = b"{\"\xff\":1}";
        assert!(matches!(
            BodyPeek::new(not_utf8),
            Ok(BodyPeek::Message { method: None, .. })
        ));
    }

    #[test]
    fn what_follows_a_message_does_not_hide_it() {
        let body = r#"{"method":"tools/call","params":{"name":"t"}} {"method":"ping"}"#;
        check(body, Some("tools/call"), Some("t"));
        check(
            r#"{"method":"tools/call","params":{"#,
            Some("tools/call"),
            None,
        );
    }

    #[test]
    fn values_of_other_types_do_not_hide_what_comes_later() {
        check(
            r#"{"id":1e999,"method":"tools/call"}"#,
            Some("tools/call"),
            None,
        );
        for first in ["7", "1e999", "null", "\"x\"", "{}", "[]"] {
            let body = format!(r#"{{"params":{first},"params":{{"name":"t"}}}}"#);
            assert_eq!(BodyPeek::new(body.as_bytes()), Err(Ambiguous), "{body}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000);
        let deep = format!("{deep}{}", "]".repeat(deep.len()));
        check(
            &format!(r#"{{"x":{deep},"method":"ping"}}"#),
            Some("ping"),
            None,
        );
        let in_params = format!(r#"{{"params":{{"x":{deep},"name":"t"}}}}"#);
        check(&in_params, None, Some("t"));
    }
}
