//! Times: RFC 3339 for people, milliseconds since the Unix epoch for programs.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::failure::Failure;

/// A time as an argument: milliseconds, or RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("type" = ["integer", "string"]), transform = without_variants)]
pub(crate) enum Moment {
    Millis(i64),
    Text(String),
}

impl Moment {
    /// The time in milliseconds.
    pub(crate) fn millis(&self, argument: &str) -> Result<i64, Failure> {
        let (millis, given) = match self {
            Self::Millis(millis) => (Some(*millis), json!(millis)),
            Self::Text(text) => (parse(text.trim()), json!(text)),
        };
        // After the year 9999 a number is no longer meant as milliseconds.
        millis
            .filter(|millis| (0..=LAST_MILLIS).contains(millis))
            .ok_or_else(|| {
                let allowed =
                    "expected milliseconds since 1970 or a time like 2026-01-31T12:00:00Z";
                Failure::invalid(argument, &given, allowed)
            })
    }
}

/// A time as results are stamped with it.
pub(crate) fn stamp(time: Timestamp) -> String {
    format!("{time:.0}")
}

/// The time of a record; `None` if it is outside the calendar.
pub(crate) fn spell(millis: i64) -> Option<String> {
    Timestamp::from_millisecond(millis)
        .ok()
        .map(|time| format!("{time:.3}"))
}

fn parse(text: &str) -> Option<i64> {
    let from_text = || {
        text.parse::<Timestamp>()
            .ok()
            .map(Timestamp::as_millisecond)
    };
    text.parse().ok().or_else(from_text)
}

fn without_variants(schema: &mut schemars::Schema) {
    schema.remove("anyOf");
}

const LAST_MILLIS: i64 = 253_402_300_799_999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_and_rfc_3339_are_understood() {
        let text = |text: &str| Moment::Text(text.to_owned()).millis("timestamp");
        assert_eq!(
            Moment::Millis(1_769_860_800_000)
                .millis("timestamp")
                .unwrap(),
            1_769_860_800_000
        );
        assert_eq!(text("2026-01-31T12:00:00Z").unwrap(), 1_769_860_800_000);
        assert_eq!(
            text(" 2026-01-31T13:00:00.5+01:00").unwrap(),
            1_769_860_800_500
        );
        assert_eq!(text("1769860800000").unwrap(), 1_769_860_800_000);
        for wrong in [
            "",
            "yesterday",
            "2026-01-31",
            "-1",
            "1e12",
            "999999999999999999",
        ] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
        assert!(Moment::Millis(-1).millis("timestamp").is_err());
    }

    #[test]
    fn times_are_spelt_in_utc() {
        assert_eq!(
            spell(1_769_860_800_500).unwrap(),
            "2026-01-31T12:00:00.500Z"
        );
        assert_eq!(spell(i64::MAX), None);
    }

    #[test]
    fn the_schema_is_one_line() {
        let schema = schemars::schema_for!(Moment).to_value();
        assert_eq!(schema["type"], json!(["integer", "string"]));
        assert!(schema.get("anyOf").is_none(), "{schema}");
    }
}
