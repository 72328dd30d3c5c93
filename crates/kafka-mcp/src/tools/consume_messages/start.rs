//! Where a read starts.

use kafka_tools::Position;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bookmark::Bookmarks;
use crate::{
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
    /// What the arguments mean together, for the read that has these `bookmarks`.
    pub(super) fn position(self, bookmarks: &Bookmarks<'_>) -> Result<Position, Failure> {
        let Self {
            origin,
            offset,
            timestamp,
            cursor,
            partitions,
        } = self;
        if let Some(cursor) = cursor {
            return bookmarks.read(cursor, partitions).map(Position::Offsets);
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

fn conflict(message: &str) -> Failure {
    Failure::new(Code::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::{super::progress::Progress, *};
    use crate::{Caller, StateKey, cursor::Cursors};

    fn position(start: Start<'_>) -> Result<Position, Failure> {
        let key = StateKey::random();
        let cursors = Cursors::new(&key, &Caller::local(), "consume_messages", &[]);
        start.position(&Bookmarks::new(cursors, &[]))
    }

    #[test]
    fn the_most_recent_records_are_the_default() {
        assert_eq!(position(Start::default()).unwrap(), Position::Recent);
    }

    #[test]
    fn an_offset_or_a_timestamp_needs_no_position() {
        let start = Start {
            offset: Some(7),
            ..Start::default()
        };
        assert_eq!(position(start).unwrap(), Position::Offset(7));
        let moment = Moment::Millis(5);
        let start = Start {
            timestamp: Some(&moment),
            ..Start::default()
        };
        assert_eq!(position(start).unwrap(), Position::Timestamp(5));
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
            assert_eq!(position(start).unwrap_err().message(), message);
        }
    }

    #[test]
    fn a_cursor_comes_before_the_other_arguments() {
        let key = StateKey::random();
        let cursors = Cursors::new(&key, &Caller::local(), "consume_messages", &[]);
        let topics = ["a".parse().unwrap()];
        let bookmarks = Bookmarks::new(cursors, &topics);
        let cursor = bookmarks.write(&[Progress::at("a", 0, 5)], 4_096).unwrap();
        let start = Start {
            origin: Some(Origin::Earliest),
            cursor: Some(&cursor),
            ..Start::default()
        };
        let Position::Offsets(offsets) = start.position(&bookmarks).unwrap() else {
            panic!("a cursor holds offsets")
        };
        assert_eq!(offsets.into_values().collect::<Vec<_>>(), [5]);
    }
}
