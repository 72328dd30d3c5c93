//! The URIs of resources.

use std::{borrow::Cow, str::FromStr};

use percent_encoding::percent_decode_str;

use crate::{
    failure::{Code, Failure},
    nearest::nearest,
    report::Threshold,
    text,
};

pub(super) const OVERVIEW: &str = "kafka-mcp://overview";
pub(super) const HEALTH_CHECK: &str = "kafka-mcp://health-check";
pub(super) const UNDER_REPLICATED_PARTITIONS: &str = "kafka-mcp://under-replicated-partitions";
pub(super) const CONSUMER_LAG_REPORT: &str = "kafka-mcp://consumer-lag-report";

/// An RFC 6570 template.
pub(super) const LAG_TEMPLATE: &str = "kafka-mcp://consumer-lag-report{?threshold}";

/// What a URI asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResourceUri {
    ConsumerLagReport { threshold: Threshold },
    HealthCheck,
    Overview,
    UnderReplicatedPartitions,
}

impl ResourceUri {
    /// The URI without its parameters.
    pub(super) fn plain(self) -> &'static str {
        match self {
            Self::ConsumerLagReport { .. } => CONSUMER_LAG_REPORT,
            Self::HealthCheck => HEALTH_CHECK,
            Self::Overview => OVERVIEW,
            Self::UnderReplicatedPartitions => UNDER_REPLICATED_PARTITIONS,
        }
    }
}

impl FromStr for ResourceUri {
    type Err = Failure;

    fn from_str(uri: &str) -> Result<Self, Failure> {
        let (plain, query) = uri.split_once('?').unwrap_or((uri, ""));
        let without_parameters = |resource| reject_parameters(query).map(|()| resource);
        match decode(plain)?.as_ref() {
            OVERVIEW => without_parameters(Self::Overview),
            HEALTH_CHECK => without_parameters(Self::HealthCheck),
            UNDER_REPLICATED_PARTITIONS => without_parameters(Self::UnderReplicatedPartitions),
            CONSUMER_LAG_REPORT => Ok(Self::ConsumerLagReport {
                threshold: threshold(query)?.unwrap_or_default(),
            }),
            unknown => Err(unknown_resource(unknown)),
        }
    }
}

fn threshold(query: &str) -> Result<Option<Threshold>, Failure> {
    let mut threshold = None;
    for (name, value) in parameters(query) {
        let name = decode(name)?;
        if name != THRESHOLD {
            return Err(unknown_parameter(&name, &[THRESHOLD]));
        }
        if threshold.is_some() {
            return Err(Failure::new(
                Code::InvalidArgument,
                "threshold is given twice",
            ));
        }
        threshold = Some(Threshold::parse(&decode(value)?)?);
    }
    Ok(threshold)
}

fn reject_parameters(query: &str) -> Result<(), Failure> {
    match parameters(query).next() {
        Some((name, _)) => Err(unknown_parameter(&decode(name)?, &[])),
        None => Ok(()),
    }
}

fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// RFC 3986, section 2.1.
fn decode(encoded: &str) -> Result<Cow<'_, str>, Failure> {
    percent_decode_str(encoded).decode_utf8().map_err(|_| {
        let shown = text::excerpt(encoded);
        Failure::new(
            Code::InvalidArgument,
            format!("the URI's '{shown}' is not UTF-8"),
        )
    })
}

fn unknown_resource(uri: &str) -> Failure {
    let message = format!("there is no resource {}", text::excerpt(uri));
    Failure::new(Code::UnknownResource, message)
        .hint(format!("the resources are {}", KNOWN.join(", ")))
        .suggest(nearest(uri, KNOWN))
}

fn unknown_parameter(name: &str, known: &[&str]) -> Failure {
    let allowed = match known {
        [] => "this resource takes none".to_owned(),
        known => format!("known are {}", known.join(", ")),
    };
    let message = format!(
        "unknown parameter {} in the URI: {allowed}",
        text::excerpt(name)
    );
    Failure::new(Code::UnknownArgument, message).suggest(nearest(name, known.iter().copied()))
}

const KNOWN: [&str; 4] = [
    OVERVIEW,
    HEALTH_CHECK,
    UNDER_REPLICATED_PARTITIONS,
    CONSUMER_LAG_REPORT,
];

const THRESHOLD: &str = "threshold";

#[cfg(test)]
mod tests {
    use rmcp::{ErrorData, model::ErrorCode};
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn accepted(uri: &str) -> ResourceUri {
        uri.parse().unwrap()
    }

    #[track_caller]
    fn refused(uri: &str) -> ErrorData {
        uri.parse::<ResourceUri>().unwrap_err().into()
    }

    fn lag(threshold: i64) -> ResourceUri {
        ResourceUri::ConsumerLagReport {
            threshold: Threshold::new(threshold).unwrap(),
        }
    }

    #[test]
    fn the_four_resources_are_known() {
        assert_eq!(accepted("kafka-mcp://overview"), ResourceUri::Overview);
        assert_eq!(
            accepted("kafka-mcp://health-check"),
            ResourceUri::HealthCheck
        );
        assert_eq!(
            accepted("kafka-mcp://under-replicated-partitions"),
            ResourceUri::UnderReplicatedPartitions
        );
        assert_eq!(accepted("kafka-mcp://consumer-lag-report"), lag(1_000));
    }

    #[test]
    fn the_threshold_is_read_from_the_query_and_may_be_encoded() {
        for (query, threshold) in [
            ("threshold=0", 0),
            ("threshold=250", 250),
            ("threshold=%32%35", 25),
            ("thr%65shold=9", 9),
            ("threshold=", 1_000),
            ("", 1_000),
        ] {
            let uri = format!("kafka-mcp://consumer-lag-report?{query}");
            assert_eq!(accepted(&uri), lag(threshold), "{uri}");
        }
        assert_eq!(accepted("kafka-mcp://consumer%2Dlag%2dreport"), lag(1_000));
    }

    #[test]
    fn an_unknown_resource_is_not_found_and_the_ones_that_exist_are_named() {
        let error = refused("kafka-mcp://health-chek");
        assert_eq!(error.code, ErrorCode::RESOURCE_NOT_FOUND);
        assert!(
            KNOWN.iter().all(|uri| error.message.contains(uri)),
            "{error:?}"
        );
        let suggestions = &error.data.unwrap()["did_you_mean"];
        assert_eq!(suggestions[0], json!("kafka-mcp://health-check"));
    }

    #[test]
    fn near_misses_are_no_resources() {
        for uri in [
            "",
            "overview",
            "kafka://overview",
            "kafka-mcp://overview/",
            "kafka-mcp://OVERVIEW",
            "kafka-mcp://overview#x",
            " kafka-mcp://overview",
            "kafka-mcp://consumer-lag-report{?threshold}",
        ] {
            assert_ne!(
                uri.parse::<ResourceUri>().ok(),
                Some(ResourceUri::Overview),
                "{uri}"
            );
            assert!(uri.parse::<ResourceUri>().is_err(), "{uri}");
        }
    }

    #[test]
    fn a_bad_threshold_is_an_invalid_parameter() {
        for value in [
            "-1",
            "ten",
            "1.5",
            "1e3",
            "99999999999999999999",
            "5#x",
            "%ff",
        ] {
            let uri = format!("kafka-mcp://consumer-lag-report?threshold={value}");
            assert_eq!(refused(&uri).code, ErrorCode::INVALID_PARAMS, "{uri}");
        }
        let twice = refused("kafka-mcp://consumer-lag-report?threshold=1&threshold=2");
        assert_eq!(twice.message, "threshold is given twice");
    }

    #[test]
    fn an_unknown_parameter_gets_a_did_you_mean() {
        let error = refused("kafka-mcp://consumer-lag-report?treshold=5");
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
        assert_eq!(
            error.message,
            "unknown parameter treshold in the URI: known are threshold"
        );
        assert_eq!(error.data.unwrap()["did_you_mean"], json!(["threshold"]));

        let error = refused("kafka-mcp://overview?threshold=5");
        assert_eq!(
            error.message,
            "unknown parameter threshold in the URI: this resource takes none"
        );
    }
}
