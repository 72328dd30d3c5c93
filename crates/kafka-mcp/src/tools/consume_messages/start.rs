//! Where a read starts.

use std::collections::BTreeMap;

use kafka_tools::{Position, TopicName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    cursor::{self, Offsets},
    failure::{Code, Failure},
    moment::Moment,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    Recent,
    Earliest,
    Latest,
    Offset,
    Timestamp,
}

/// The arguments that say where a read starts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Start<'a> {
    pub(super) origin: Option<Origin>,
    pub(super) offset: Option<i64>,
    pub(super) timestamp: Option<&'a Moment>,
    /// Comes before the others: whoever goes on repeats the arguments of the first read.
    pub(super) cursor: Option<&'a str>,
    pub(super) partitions: &'a [i32],
}

impl Start<'_> {
    /// What the arguments mean together, for a read of `topics`.
    pub(super) fn position(self, topics: &[TopicName]) -> Result<Position, Failure> {
        let Self {
            origin,
            offset,
            timestamp,
            cursor,
            partitions,
        } = self;
        if let Some(cursor) = cursor {
            return resume(cursor, topics, partitions);
        }
        // An offset or a timestamp says what is meant.
        let origin = origin.unwrap_or(match (offset, timestamp) {
            (Some(_), _) => Origin::Offset,
            (None, Some(_)) => Origin::Timestamp,
            (None, None) => Origin::Recent,
        });
        match (origin, offset, timestamp) {
            (Origin::Recent, None, None) => Ok(Position::Recent),
            (Origin::Earliest, None, None) => Ok(Position::Earliest),
            (Origin::Latest, None, None) => Ok(Position::Latest),
            (Origin::Offset, Some(offset), None) => Ok(Position::Offset(offset)),
            (Origin::Timestamp, None, Some(moment)) => {
                moment.millis("timestamp").map(Position::Timestamp)
            }
            (Origin::Offset, None, _) => Err(conflict("position offset needs the argument offset")),
            (Origin::Timestamp, _, None) => {
                Err(conflict("position timestamp needs the argument timestamp"))
            }
            (_, Some(_), _) => Err(conflict("offset goes with position offset only")),
            (_, _, Some(_)) => Err(conflict("timestamp goes with position timestamp only")),
        }
    }
}

fn resume(cursor: &str, topics: &[TopicName], only: &[i32]) -> Result<Position, Failure> {
    let mut offsets = BTreeMap::new();
    for (name, partitions) in cursor::decode::<Offsets>(cursor)?.offsets {
        let Some(topic) = topics.iter().find(|topic| topic.as_str() == name) else {
            let allowed = "it belongs to a read of other topics";
            return Err(Failure::invalid("cursor", &json!(cursor), allowed)
                .hint("give the topics of the read that the cursor came from"));
        };
        for (partition, offset) in partitions {
            if partition < 0 || offset < 0 {
                return Err(Failure::invalid("cursor", &json!(cursor), "it was changed"));
            }
            if only.is_empty() || only.contains(&partition) {
                offsets.insert((topic.clone(), partition), offset);
            }
        }
    }
    Ok(Position::Offsets(offsets))
}

fn conflict(message: &str) -> Failure {
    Failure::new(Code::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics() -> Vec<TopicName> {
        ["a", "b"]
            .iter()
            .map(|name| name.parse().unwrap())
            .collect()
    }

    #[test]
    fn the_most_recent_records_are_the_default() {
        assert_eq!(
            Start::default().position(&topics()).unwrap(),
            Position::Recent
        );
    }

    #[test]
    fn an_offset_or_a_timestamp_needs_no_position() {
        let start = Start {
            offset: Some(7),
            ..Start::default()
        };
        assert_eq!(start.position(&topics()).unwrap(), Position::Offset(7));
        let moment = Moment::Millis(5);
        let start = Start {
            timestamp: Some(&moment),
            ..Start::default()
        };
        assert_eq!(start.position(&topics()).unwrap(), Position::Timestamp(5));
    }

    #[test]
    fn arguments_that_contradict_each_other_are_refused() {
        let moment = Moment::Millis(5);
        let earliest = Some(Origin::Earliest);
        for (start, message) in [
            (
                Start {
                    origin: earliest,
                    offset: Some(1),
                    ..Start::default()
                },
                "offset goes with position offset only",
            ),
            (
                Start {
                    origin: earliest,
                    timestamp: Some(&moment),
                    ..Start::default()
                },
                "timestamp goes with position timestamp only",
            ),
            (
                Start {
                    origin: Some(Origin::Offset),
                    ..Start::default()
                },
                "position offset needs the argument offset",
            ),
        ] {
            assert_eq!(start.position(&topics()).unwrap_err().message(), message);
        }
    }

    #[test]
    fn a_cursor_goes_on_at_its_offsets_and_fits_its_topics_only() {
        let offsets = Offsets {
            offsets: vec![("b".to_owned(), vec![(0, 5), (2, 9)])],
        };
        let cursor = cursor::encode(&offsets);
        let start = Start {
            cursor: Some(&cursor),
            ..Start::default()
        };
        let b: TopicName = "b".parse().unwrap();
        let expected = BTreeMap::from([((b.clone(), 0), 5), ((b, 2), 9)]);
        assert_eq!(
            start.position(&topics()).unwrap(),
            Position::Offsets(expected)
        );
        let start = Start {
            origin: Some(Origin::Earliest),
            partitions: &[2],
            ..start
        };
        let expected = BTreeMap::from([(("b".parse().unwrap(), 2), 9)]);
        assert_eq!(
            start.position(&topics()).unwrap(),
            Position::Offsets(expected)
        );
        let only_a = &topics()[..1];
        assert!(
            start
                .position(only_a)
                .unwrap_err()
                .message()
                .contains("other topics")
        );
        let negative = cursor::encode(&Offsets {
            offsets: vec![("b".to_owned(), vec![(0, -1)])],
        });
        let start = Start {
            cursor: Some(&negative),
            ..Start::default()
        };
        assert!(start.position(&topics()).is_err());
    }
}
