//! What a message asks for, read off its body without building it.
//!
//! The MCP service parses the body again, and may read it otherwise than this does: where JSON has
//! two readings, such as a member that is there twice, the message is refused. A body that breaks
//! off counts as far as it goes, and the service refuses it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, MapAccess, Visitor},
};
use serde_json::value::RawValue;

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
        if body.trim_ascii_start().starts_with(b"[") {
            return Ok(Self::Batch);
        }
        let [method, params] = members(body, ["method", "params"])?;
        let params = params.map_or("", RawValue::get);
        if params.starts_with('[') {
            // Structs that serde derives can be read from arrays too, by position: the name of a
            // tool would hide among the elements.
            return Err(Ambiguous);
        }
        let [name] = members(params.as_bytes(), ["name"])?;
        Ok(Self::Message {
            method: method.and_then(text),
            name: name.and_then(text),
        })
    }
}

/// A body that can be read in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous;

/// The values of some members of an object, if this is one.
fn members<'a, const N: usize>(
    json: &'a [u8],
    names: [&str; N],
) -> Result<[Option<&'a RawValue>; N], Ambiguous> {
    let mut members = Members {
        names,
        values: [None; N],
        is_ambiguous: false,
    };
    // Whether it is JSON, and to its end, is for the service to say.
    let _ = members.deserialize(&mut serde_json::Deserializer::from_slice(json));
    if members.is_ambiguous {
        Err(Ambiguous)
    } else {
        Ok(members.values)
    }
}

struct Members<'n, 'a, const N: usize> {
    names: [&'n str; N],
    values: [Option<&'a RawValue>; N],
    is_ambiguous: bool,
}

impl<'a, const N: usize> DeserializeSeed<'a> for &mut Members<'_, 'a, N> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'a, const N: usize> Visitor<'a> for &mut Members<'_, 'a, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = members.next_key()? {
            let value = members.next_value()?;
            let mut slots = self.names.iter().zip(&mut self.values);
            if let Some((_, slot)) = slots.find(|(wanted, _)| **wanted == name) {
                self.is_ambiguous |= slot.replace(value).is_some();
            }
        }
        Ok(())
    }
}

fn text(json: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str(json.get()).map(|Text(text)| text).ok()
}

/// A string, copied only if it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

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

    #[test]
    fn several_messages_are_a_batch() {
        for body in ["[]", r#" [{"method":"tools/call"}]"#, "[[", "[1"] {
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
