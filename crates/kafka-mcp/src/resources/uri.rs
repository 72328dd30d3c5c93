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

// RFC 6570 templates.
pub(crate) const LAG_TEMPLATE: &str = "kafka-mcp://consumer-lag-report{?threshold}";
pub(crate) const TOPIC_TEMPLATE: &str = "kafka-mcp://topic/{name}";
pub(crate) const GROUP_TEMPLATE: &str = "kafka-mcp://group/{id}";
pub(crate) const TOPIC_CONFIG_TEMPLATE: &str = "kafka-mcp://topic/{name}/config/{key}";

/// What a URI asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ResourceUri {
    ConsumerLagReport { threshold: Threshold },
    Group { id: String },
    HealthCheck,
    Overview,
    Topic { name: String },
    TopicConfig { name: String, key: String },
    UnderReplicatedPartitions,
}

impl ResourceUri {
    /// The URI without its parameters, or its template.
    pub(crate) fn plain(&self) -> &'static str {
        match self {
            Self::ConsumerLagReport { .. } => CONSUMER_LAG_REPORT,
            Self::Group { .. } => GROUP_TEMPLATE,
            Self::HealthCheck => HEALTH_CHECK,
            Self::Overview => OVERVIEW,
            Self::Topic { .. } => TOPIC_TEMPLATE,
            Self::TopicConfig { .. } => TOPIC_CONFIG_TEMPLATE,
            Self::UnderReplicatedPartitions => UNDER_REPLICATED_PARTITIONS,
        }
    }

    /// The resource that is measured to see this one change, the same for all that change together;
    /// `None` where it never does.
    pub(crate) fn watched_as(&self) -> Option<Self> {
        match self {
            // Each shows the total lag of every group, so that they change with any lag at all.
            Self::ConsumerLagReport { .. } => Some(Self::ConsumerLagReport {
                threshold: Threshold::ANY,
            }),
            Self::Group { .. }
            | Self::HealthCheck
            | Self::Overview
            | Self::Topic { .. }
            | Self::TopicConfig { .. }
            | Self::UnderReplicatedPartitions => Some(self.clone()),
        }
    }
}

impl FromStr for ResourceUri {
    type Err = Failure;

    fn from_str(uri: &str) -> Result<Self, Failure> {
        let (plain, query) = uri.split_once('?').unwrap_or((uri, ""));
        if uri.len() > MAX_URI_BYTES {
            let message = format!("the URI has more than {MAX_URI_BYTES} bytes");
            return Err(Failure::new(Code::InvalidArgument, message)
                .hint("for a group with a long id use describe_consumer_group"));
        }
        let Some(path) = plain.strip_prefix(SCHEME) else {
            return Err(unknown_resource(plain));
        };
        // First the parts, then what they spell: a `/` in a name is written `%2F`.
        let parts: Vec<_> = path.split('/').map(decode).collect::<Result<_, _>>()?;
        let parts: Vec<&str> = parts.iter().map(Cow::as_ref).collect();
        let resource = match *parts.as_slice() {
            ["consumer-lag-report"] => {
                let threshold = threshold(query)?.unwrap_or_default();
                return Ok(Self::ConsumerLagReport { threshold });
            }
            ["group", id] => Self::Group { id: id.to_owned() },
            ["health-check"] => Self::HealthCheck,
            ["overview"] => Self::Overview,
            ["topic", name] => Self::Topic {
                name: name.to_owned(),
            },
            ["topic", name, "config", key] => Self::TopicConfig {
                name: name.to_owned(),
                key: key.to_owned(),
            },
            ["under-replicated-partitions"] => Self::UnderReplicatedPartitions,
            _ => return Err(unknown_resource(plain)),
        };
        reject_parameters(query).map(|()| resource)
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
    let refuse = |problem: &str| {
        let shown = text::excerpt(encoded);
        Failure::new(
            Code::InvalidArgument,
            format!("the URI's '{shown}' {problem}"),
        )
    };
    if encoded.contains('#') {
        return Err(refuse("has a fragment; # itself is written %23"));
    }
    // What follows every % but the text before the first one.
    let mut escapes = encoded.split('%').skip(1);
    let is_escape = |text: &str| {
        let digits = text.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !escapes.all(is_escape) {
        return Err(refuse(
            "has a % without two digits after it; % itself is written %25",
        ));
    }
    let decoded = percent_decode_str(encoded).decode_utf8();
    decoded.map_err(|_| refuse("is not UTF-8"))
}

fn unknown_resource(uri: &str) -> Failure {
    let message = format!("there is no resource {}", text::excerpt(uri));
    Failure::new(Code::UnknownResource, message)
        .hint(format!(
            "the resources are {}; a / in a name is written %2F",
            KNOWN.join(", ")
        ))
        .suggest(nearest(uri, KNOWN))
        .of_resource(uri)
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

const KNOWN: [&str; 7] = [
    OVERVIEW,
    HEALTH_CHECK,
    UNDER_REPLICATED_PARTITIONS,
    CONSUMER_LAG_REPORT,
    TOPIC_TEMPLATE,
    GROUP_TEMPLATE,
    TOPIC_CONFIG_TEMPLATE,
];

/// Enough for a topic and a setting with every byte escaped.
const MAX_URI_BYTES: usize = 2_048;

const SCHEME: &str = "kafka-mcp://";
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
    fn names_are_decoded_after_the_path_is_taken_apart() {
        let topic = |name: &str| ResourceUri::Topic {
            name: name.to_owned(),
        };
        let group = |id: &str| ResourceUri::Group { id: id.to_owned() };
        for (uri, resource) in [
            ("kafka-mcp://topic/orders", topic("orders")),
            ("kafka-mcp://topic/ord%65rs%2Ev1", topic("orders.v1")),
            ("kafka-mcp://topic/", topic("")),
            ("kafka-mcp://group/a%2Fb%2f%3Fc%23%25", group("a/b/?c#%")),
            ("kafka-mcp://group/%C3%A4%20+", group("ä +")),
            ("kafka-mcp://group/ä +", group("ä +")),
            ("kafka-mcp://group/%2525", group("%25")),
        ] {
            assert_eq!(accepted(uri), resource, "{uri}");
        }
        let setting = ResourceUri::TopicConfig {
            name: "orders".to_owned(),
            key: "retention.ms".to_owned(),
        };
        let uri = "kafka-mcp://topic/orders/config/retention%2Ems";
        assert_eq!(accepted(uri), setting);
        assert_eq!(accepted(uri).plain(), TOPIC_CONFIG_TEMPLATE);
    }

    #[test]
    fn an_encoding_that_is_none_is_refused_with_how_to_write_it() {
        for (uri, problem) in [
            ("kafka-mcp://group/100%", "% itself is written %25"),
            ("kafka-mcp://group/%4", "% itself is written %25"),
            ("kafka-mcp://group/%zz", "% itself is written %25"),
            ("kafka-mcp://group/%ff", "is not UTF-8"),
            ("kafka-mcp://group/a#b", "# itself is written %23"),
        ] {
            let error = refused(uri);
            assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{uri}");
            assert!(error.message.contains(problem), "{error:?}");
        }
    }

    #[test]
    fn paths_that_are_longer_or_shorter_than_a_template_are_no_resources() {
        for uri in [
            "kafka-mcp://topic",
            "kafka-mcp://topic%2Forders",
            "kafka-mcp://topic/orders/",
            "kafka-mcp://topic/orders/config",
            "kafka-mcp://topic/orders/configs/retention.ms",
            "kafka-mcp://topic/orders/config/retention.ms/x",
            "kafka-mcp://group/a/b",
        ] {
            let error = refused(uri);
            assert_eq!(error.code, ErrorCode::RESOURCE_NOT_FOUND, "{uri}");
            assert!(
                error.message.contains("a / in a name is written %2F"),
                "{error:?}"
            );
        }
        let error = refused("kafka-mcp://topic/orders?x=1");
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
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
    fn the_lag_above_any_threshold_is_measured_once() {
        let watched = |uri: &str| accepted(uri).watched_as();
        let thresholds = ["", "?threshold=0", "?threshold=5", "?threshold=100000"];
        for query in thresholds {
            let uri = format!("kafka-mcp://consumer-lag-report{query}");
            assert_eq!(watched(&uri), Some(lag(0)), "{uri}");
        }
        for uri in KNOWN {
            let expected = accepted(uri).plain();
            assert_eq!(watched(uri).map(|uri| uri.plain()), Some(expected));
        }
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
