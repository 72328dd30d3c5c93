//! A record as a caller writes it down.

use bytes::Bytes;
use kafka_tools::{Header, NewRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use crate::{
    failure::{Code, Failure},
    moment::Moment,
    payload::Encoding,
};

#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
pub(super) struct Draft {
    // Null is a tombstone, as the tool's description says.
    #[serde(default, deserialize_with = "given")]
    #[schemars(extend("x-null" = true))]
    value: Option<Option<String>>,
    key: Option<String>,
    #[serde(default)]
    #[schemars(length(max = 100))]
    headers: Vec<HeaderDraft>,
    #[schemars(range(min = 0, max = 2_147_483_647))]
    partition: Option<i32>,
    /// Milliseconds or RFC 3339; now if left out.
    timestamp: Option<Moment>,
    #[serde(default)]
    key_encoding: Encoding,
    #[serde(default)]
    value_encoding: Encoding,
}

#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
struct HeaderDraft {
    key: String,
    #[schemars(extend("x-null" = true))]
    value: Option<String>,
    #[serde(default)]
    encoding: Encoding,
}

impl Draft {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The record; `place` is where the caller finds its arguments.
    pub(super) fn record(&self, place: &str) -> Result<NewRecord, Failure> {
        let Some(value) = &self.value else {
            let message =
                format!("{place}value is missing: expected a string, or null for a tombstone");
            return Err(Failure::new(Code::InvalidArgument, message));
        };
        let timestamp = self.timestamp.as_ref();
        let headers = self.headers.iter().enumerate().map(|(index, header)| {
            let value_place = format!("{place}headers[{index}].value");
            Ok(Header::new(
                &header.key,
                decode(&value_place, header.encoding, &header.value)?,
            ))
        });
        let mut record = NewRecord::default();
        record.partition = self.partition;
        record.key = decode(&format!("{place}key"), self.key_encoding, &self.key)?;
        record.value = decode(&format!("{place}value"), self.value_encoding, value)?;
        record.headers = headers.collect::<Result<_, Failure>>()?;
        record.timestamp = timestamp
            .map(|moment| moment.millis(&format!("{place}timestamp")))
            .transpose()?;
        Ok(record)
    }
}

fn decode(
    place: &str,
    encoding: Encoding,
    text: &Option<String>,
) -> Result<Option<Bytes>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let bytes = encoding.decode(text.clone()).ok_or_else(|| {
        Failure::invalid(
            place,
            &json!(text),
            "its encoding says base64, which it is not",
        )
    })?;
    Ok(Some(bytes.into()))
}

/// Tells a null apart from a value that is not given.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn record(draft: Value) -> Result<NewRecord, Failure> {
        serde_json::from_value::<Draft>(draft).unwrap().record("")
    }

    #[test]
    fn null_empty_and_missing_values_are_three_things() {
        assert_eq!(record(json!({"value": null})).unwrap().value, None);
        assert_eq!(
            record(json!({"value": ""})).unwrap().value,
            Some(Bytes::new())
        );
        let missing = record(json!({"key": "k"})).unwrap_err();
        assert!(
            missing.message().starts_with("value is missing"),
            "{missing:?}"
        );
    }

    #[test]
    fn keys_values_and_headers_can_be_bytes() {
        let record = record(json!({
            "key": "/wA=", "key_encoding": "base64",
            "value": "", "value_encoding": "base64",
            "headers": [
                {"key": "h", "value": "/w==", "encoding": "base64"},
                {"key": "h", "value": "text"},
                {"key": "h", "value": null},
            ],
        }));
        let record = record.unwrap();
        assert_eq!(record.key.unwrap(), [0xff, 0].as_slice());
        assert_eq!(record.value.unwrap(), Bytes::new());
        let values: Vec<_> = record
            .headers
            .iter()
            .map(|header| header.value.as_deref())
            .collect();
        assert_eq!(values, [Some([0xff].as_slice()), Some(b"text"), None]);
    }

    #[test]
    fn text_that_is_no_base64_is_refused_by_its_place() {
        let draft = json!({"value": "a b", "value_encoding": "base64"});
        let draft: Draft = serde_json::from_value(draft).unwrap();
        let failure = draft.record("messages[3].").unwrap_err();
        assert!(
            failure
                .message()
                .starts_with("invalid messages[3].value \"a b\""),
            "{failure:?}"
        );
    }
}
