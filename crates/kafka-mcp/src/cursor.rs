//! Cursors: where a list or a read goes on. Opaque to callers, and read as strictly as any other
//! text from a stranger.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::failure::Failure;

/// Where a list goes on: after the row with this key.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct After {
    /// Which list: a cursor of one does not fit another.
    list: String,
    after: String,
}

impl After {
    pub(crate) fn new(list: &str, after: impl Into<String>) -> Self {
        Self {
            list: list.to_owned(),
            after: after.into(),
        }
    }

    /// Reads the cursor of `list`.
    pub(crate) fn read(list: &str, cursor: &str) -> Result<String, Failure> {
        let read = decode::<Self>(cursor)?;
        if read.list == list {
            Ok(read.after)
        } else {
            Err(refuse(cursor))
        }
    }
}

/// Where a read of records goes on: the next offset of each partition.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offsets {
    /// Topic, then partition and offset.
    pub(crate) offsets: Vec<(String, Vec<(i32, i64)>)>,
}

/// Writes a cursor.
pub(crate) fn encode<T: Serialize>(position: &T) -> String {
    let cursor = Versioned {
        v: VERSION,
        position,
    };
    // Only maps with keys that are no text fail to serialise; there are none.
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// Reads a cursor.
pub(crate) fn decode<T: DeserializeOwned>(cursor: &str) -> Result<T, Failure> {
    if cursor.len() > MAX_CURSOR_BYTES {
        return Err(refuse(cursor));
    }
    let json = BASE64_URL_SAFE_NO_PAD
        .decode(cursor)
        .map_err(|_| refuse(cursor))?;
    let versioned: Versioned<T> = serde_json::from_slice(&json).map_err(|_| refuse(cursor))?;
    if versioned.v == VERSION {
        Ok(versioned.position)
    } else {
        Err(refuse(cursor))
    }
}

fn refuse(cursor: &str) -> Failure {
    Failure::invalid(
        "cursor",
        &json!(cursor),
        "expected a next_cursor of this tool, unchanged",
    )
    .hint("leave cursor out to start from the beginning")
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Versioned<T> {
    v: u8,
    #[serde(rename = "p")]
    position: T,
}

const VERSION: u8 = 1;

/// Longer than any cursor that is handed out.
const MAX_CURSOR_BYTES: usize = 48 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_were_handed_out() {
        let cursor = encode(&After::new("topics", "orders \u{e4}"));
        assert!(
            cursor
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)),
            "{cursor}"
        );
        assert_eq!(After::read("topics", &cursor).unwrap(), "orders \u{e4}");
        let offsets = Offsets {
            offsets: vec![("t".to_owned(), vec![(0, 5), (1, i64::MAX)])],
        };
        assert_eq!(decode::<Offsets>(&encode(&offsets)).unwrap(), offsets);
    }

    #[test]
    fn foreign_broken_and_oversized_cursors_are_refused() {
        let other_list = encode(&After::new("groups", "x"));
        let next_version =
            BASE64_URL_SAFE_NO_PAD.encode(r#"{"v":2,"p":{"list":"topics","after":""}}"#);
        let extra =
            BASE64_URL_SAFE_NO_PAD.encode(r#"{"v":1,"p":{"list":"topics","after":"","x":1}}"#);
        let huge = "A".repeat(MAX_CURSOR_BYTES + 1);
        let deep = BASE64_URL_SAFE_NO_PAD.encode("[".repeat(20_000));
        for cursor in [
            "",
            "!",
            "AAAA",
            &other_list,
            &next_version,
            &extra,
            &huge,
            &deep,
        ] {
            let failure = After::read("topics", cursor).unwrap_err();
            assert!(
                failure.message().starts_with("invalid cursor"),
                "{failure:?}"
            );
        }
    }
}
