//! Cursors: where a list or a read goes on. Opaque to callers, sealed, and good for one caller and
//! one walk.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{Caller, StateKey, failure::Failure, seal::Seal};

/// The cursors of one list, or one read, for one caller.
#[derive(Debug)]
pub(crate) struct Cursors<'a> {
    seal: Seal<'a>,
    /// What has to be repeated to go on.
    arguments: Vec<&'static str>,
}

impl<'a> Cursors<'a> {
    /// The cursors for `caller` of `list`, which these `arguments` make the list that it is.
    pub(crate) fn new(
        key: &'a StateKey,
        caller: &Caller,
        list: &str,
        arguments: &[(&'static str, Value)],
    ) -> Self {
        Self {
            seal: Seal::new(key, caller, PURPOSE, &(list, arguments)),
            arguments: arguments.iter().map(|(name, _)| *name).collect(),
        }
    }

    /// Writes a cursor.
    pub(crate) fn write<T: Serialize>(&self, position: &T) -> String {
        self.seal.close(position)
    }

    /// Reads a cursor.
    pub(crate) fn read<T: DeserializeOwned>(&self, cursor: &str) -> Result<T, Failure> {
        let is_short = cursor.len() <= MAX_CURSOR_BYTES;
        let position = is_short.then(|| self.seal.open(cursor)).flatten();
        position.ok_or_else(|| self.refuse(cursor))
    }

    /// Whoever forged it, changed it, or took it from another walk: the answer is the same.
    pub(crate) fn refuse(&self, cursor: &str) -> Failure {
        let allowed = "expected a next_cursor of this tool, unchanged, that the same caller got \
                       with the same arguments";
        let mut hint = match self.arguments.as_slice() {
            [] => "leave cursor out to start from the beginning".to_owned(),
            names => format!(
                "repeat {} of the call that gave the cursor, or leave cursor out to start from \
                 the beginning",
                names.join(", ")
            ),
        };
        if !self.seal.key().is_common() {
            hint += "; cursors end when the server restarts, and servers behind one address need \
                     a common KAFKA_MCP_STATE_KEY to take each other's";
        }
        Failure::invalid("cursor", &json!(cursor), allowed).hint(hint)
    }
}

const PURPOSE: &str = "cursor";

/// Longer than any cursor that is handed out.
const MAX_CURSOR_BYTES: usize = 48 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn topics<'a>(key: &'a StateKey, filter: &str) -> Cursors<'a> {
        let arguments = [("name_contains", json!(filter))];
        Cursors::new(key, &Caller::local(), "topics", &arguments)
    }

    #[track_caller]
    fn refused(cursors: &Cursors<'_>, cursor: &str) -> Failure {
        let failure = cursors.read::<String>(cursor).unwrap_err();
        let message = failure.message();
        assert!(message.starts_with("invalid cursor"), "{failure:?}");
        failure
    }

    #[test]
    fn cursors_come_back_as_they_were_handed_out() {
        let key = StateKey::random();
        let cursor = topics(&key, "").write(&"orders \u{e4}");
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(cursor.chars().all(is_plain), "{cursor}");
        let read = topics(&key, "").read::<String>(&cursor).unwrap();
        assert_eq!(read, "orders \u{e4}");
    }

    #[test]
    fn cursors_of_others_are_refused() {
        let key = StateKey::random();
        let cursors = topics(&key, "a");
        let bob = Caller::new("bob", Vec::new());
        let filter = [("name_contains", json!("a"))];
        let foreign = [
            topics(&key, "b"),
            topics(&key, ""),
            Cursors::new(&key, &Caller::local(), "groups", &filter),
            Cursors::new(&key, &bob, "topics", &filter),
            Cursors::new(&key, &Caller::local(), "topics", &[]),
        ];
        for other in foreign {
            refused(&cursors, &other.write(&"orders"));
        }
        let elsewhere = StateKey::random();
        refused(&cursors, &topics(&elsewhere, "a").write(&"orders"));
    }

    #[test]
    fn forged_broken_and_oversized_cursors_are_refused() {
        let key = StateKey::random();
        let cursors = topics(&key, "");
        let good = cursors.write(&"orders");
        let (body, tag) = good.rsplit_once('.').unwrap();
        let forged = format!(
            "{}.{tag}",
            topics(&key, "").write(&"p").rsplit_once('.').unwrap().0
        );
        let unsealed = "eyJ2IjoxLCJwIjp7Imxpc3QiOiJ0b3BpY3MiLCJhZnRlciI6IiJ9fQ";
        let huge = "A".repeat(MAX_CURSOR_BYTES + 1);
        let of_offsets = cursors.write(&[(0, [(0, 5)])]);
        for cursor in ["", "!", "AAAA", body, &forged, unsealed, &huge, &of_offsets] {
            refused(&cursors, cursor);
        }
    }

    #[test]
    fn a_refusal_says_what_to_repeat_and_what_replicas_need() {
        let key = StateKey::random();
        let shown = refused(&topics(&key, ""), "x").structured();
        let hint = shown["hint"].as_str().unwrap();
        assert!(hint.contains("repeat name_contains of"), "{hint}");
        assert!(hint.contains("leave cursor out"), "{hint}");
        assert!(hint.contains("KAFKA_MCP_STATE_KEY"), "{hint}");

        let common = StateKey::new(&[7; StateKey::MIN_BYTES]).unwrap();
        let hint = refused(&topics(&common, ""), "x").structured()["hint"].to_string();
        assert!(!hint.contains("KAFKA_MCP_STATE_KEY"), "{hint}");
    }
}
