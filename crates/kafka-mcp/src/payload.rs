//! Keys, values and header values: bytes by strangers, as JSON can carry them.

use base64::{Engine, prelude::BASE64_STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text;

/// A preview of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    /// The text, or base64.
    pub(crate) text: String,
    /// `base64` where the bytes are no UTF-8.
    pub(crate) encoding: Option<Encoding>,
    /// How many bytes there are, where the text holds less than all of them.
    pub(crate) full_bytes: Option<usize>,
    /// Whether characters are spelt as `\u{...}`, see [`text::visible`].
    pub(crate) escaped: bool,
}

impl Payload {
    /// Shows at most `max_bytes` of `bytes`.
    pub(crate) fn preview(bytes: &[u8], max_bytes: usize) -> Self {
        // Judged by the whole, so that a preview cut short reads like the full value.
        let (text, encoding, shown, escaped) = match std::str::from_utf8(bytes) {
            Ok(text) => {
                let cut = text::truncate(text, max_bytes);
                let visible = text::visible(cut);
                let escaped = visible != cut;
                (visible.into_owned(), None, cut.len(), escaped)
            }
            Err(_) => {
                let cut = bytes.get(..max_bytes).unwrap_or(bytes);
                (
                    BASE64_STANDARD.encode(cut),
                    Some(Encoding::Base64),
                    cut.len(),
                    false,
                )
            }
        };
        let full_bytes = (shown < bytes.len()).then_some(bytes.len());
        Self {
            text,
            encoding,
            full_bytes,
            escaped,
        }
    }
}

// How bytes are written as a JSON string. (A doc comment would stand at every use in a schema.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    Base64,
    #[default]
    Utf8,
}

impl Encoding {
    /// The bytes of `text`, or `None` if it is not of this encoding.
    pub(crate) fn decode(self, text: String) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => BASE64_STANDARD.decode(text).ok(),
            Self::Utf8 => Some(text.into_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_text() {
        let payload = Payload::preview(br#"{"a": "b"}"#, 512);
        assert_eq!(payload.text, r#"{"a": "b"}"#);
        assert_eq!(
            (payload.encoding, payload.full_bytes, payload.escaped),
            (None, None, false)
        );
        assert_eq!(Payload::preview(b"", 512).text, "");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_base64() {
        let payload = Payload::preview(&[0xff, 0, 1], 512);
        assert_eq!(
            (payload.text.as_str(), payload.encoding),
            ("/wAB", Some(Encoding::Base64))
        );
        let payload = Payload::preview(&[0xff; 10], 3);
        assert_eq!(
            (payload.text.as_str(), payload.full_bytes),
            ("////", Some(10))
        );
    }

    #[test]
    fn previews_split_no_character_and_say_how_much_there_is() {
        let payload = Payload::preview("ää".as_bytes(), 3);
        assert_eq!((payload.text.as_str(), payload.full_bytes), ("ä", Some(4)));
        assert_eq!(payload.encoding, None);
    }

    #[test]
    fn characters_that_act_are_spelt_out_and_marked() {
        let payload = Payload::preview("a\u{202e}b".as_bytes(), 512);
        assert_eq!(
            (payload.text.as_str(), payload.escaped),
            ("a\\u{202e}b", true)
        );
    }
}
