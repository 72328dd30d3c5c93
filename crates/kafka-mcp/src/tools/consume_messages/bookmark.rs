//! Where a read goes on, as a cursor: the next offset of each partition.

use std::collections::BTreeMap;

use kafka_tools::TopicName;

use super::progress::Progress;
use crate::{cursor::Cursors, failure::Failure};

/// The cursors of a read of some topics, which are part of what they are bound to.
///
/// The partitions are in the cursor: whoever goes on need not repeat them, and may leave some out.
#[derive(Debug)]
pub(super) struct Bookmarks<'a> {
    cursors: Cursors<'a>,
    /// Sorted, each once.
    topics: &'a [TopicName],
}

/// Topics by their place among those of the read, so that long names cost nothing; then the next
/// offset of each partition.
type Offsets = Vec<(usize, Vec<(i32, i64)>)>;

impl<'a> Bookmarks<'a> {
    pub(super) fn new(cursors: Cursors<'a>, topics: &'a [TopicName]) -> Self {
        Self { cursors, topics }
    }

    /// Goes on in every partition; where these are so many that the cursor is longer than
    /// `max_bytes`, only in those that hold more.
    pub(super) fn write(&self, partitions: &[Progress], max_bytes: usize) -> Option<String> {
        let short = |offsets: Offsets| {
            let is_empty = offsets.is_empty();
            let cursor = self.cursors.write(&offsets);
            (!is_empty && cursor.len() <= max_bytes).then_some(cursor)
        };
        let unread = || partitions.iter().filter(|partition| partition.has_more());
        short(self.offsets(partitions.iter())).or_else(|| short(self.offsets(unread())))
    }

    /// Where `cursor` goes on, in all of its partitions or in `only` these.
    pub(super) fn read(
        &self,
        cursor: &str,
        only: &[i32],
    ) -> Result<BTreeMap<(TopicName, i32), i64>, Failure> {
        let mut offsets = BTreeMap::new();
        for (place, partitions) in self.cursors.read::<Offsets>(cursor)? {
            let topic = self.topics.get(place);
            let topic = topic.ok_or_else(|| self.cursors.refuse(cursor))?;
            for (partition, offset) in partitions {
                if only.is_empty() || only.contains(&partition) {
                    offsets.insert((topic.clone(), partition), offset);
                }
            }
        }
        Ok(offsets)
    }

    fn offsets<'p>(&self, partitions: impl Iterator<Item = &'p Progress>) -> Offsets {
        let mut offsets = Offsets::new();
        for progress in partitions {
            let place = self
                .topics
                .binary_search_by(|topic| topic.as_str().cmp(progress.topic()));
            // A read tells of its own topics only.
            let Ok(place) = place else { continue };
            let next = (progress.partition(), progress.next_offset());
            match offsets.last_mut() {
                Some((last, partitions)) if *last == place => partitions.push(next),
                _ => offsets.push((place, vec![next])),
            }
        }
        offsets
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Caller, StateKey};

    const MAX_BYTES: usize = 4_096;

    fn topics(names: &[&str]) -> Vec<TopicName> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    fn bookmarks<'a>(key: &'a StateKey, topics: &'a [TopicName]) -> Bookmarks<'a> {
        let names: Vec<_> = topics.iter().map(TopicName::as_str).collect();
        let arguments = [("topics", json!(names))];
        let cursors = Cursors::new(key, &Caller::local(), "consume_messages", &arguments);
        Bookmarks::new(cursors, topics)
    }

    #[test]
    fn a_cursor_goes_on_in_every_partition() {
        let key = StateKey::random();
        let topics = topics(&["a", "b"]);
        let bookmarks = bookmarks(&key, &topics);
        let stand = [
            Progress::at("a", 0, 10),
            Progress::at("a", 1, 5),
            Progress::at("b", 0, 7),
        ];
        let cursor = bookmarks.write(&stand, MAX_BYTES);
        let offsets = bookmarks.read(&cursor.unwrap(), &[]).unwrap();
        let [a, b] = [&topics[0], &topics[1]].map(Clone::clone);
        let expected = [((a.clone(), 0), 10), ((a, 1), 5), ((b, 0), 7)];
        assert_eq!(offsets, BTreeMap::from(expected));
    }

    #[test]
    fn a_cursor_can_go_on_in_some_of_its_partitions() {
        let key = StateKey::random();
        let topics = topics(&["a", "b"]);
        let bookmarks = bookmarks(&key, &topics);
        let stand = [Progress::at("b", 0, 5), Progress::at("b", 2, 9)];
        let cursor = bookmarks.write(&stand, MAX_BYTES);
        let offsets = bookmarks.read(&cursor.unwrap(), &[2, 3]).unwrap();
        assert_eq!(offsets, BTreeMap::from([((topics[1].clone(), 2), 9)]));
    }

    #[test]
    fn a_cursor_fits_the_topics_of_its_read_only() {
        let key = StateKey::random();
        let read = topics(&["a", "b"]);
        let cursor = bookmarks(&key, &read).write(&[Progress::at("b", 0, 5)], MAX_BYTES);
        let cursor = cursor.unwrap();
        for others in [&["a"][..], &["b"], &["a", "b", "c"], &["a", "c"]] {
            let others = topics(others);
            let failure = bookmarks(&key, &others).read(&cursor, &[]).unwrap_err();
            let hint = failure.structured()["hint"].to_string();
            assert!(hint.contains("repeat topics of the call"), "{hint}");
        }
    }

    #[test]
    fn with_many_partitions_a_cursor_goes_on_where_there_is_more_or_is_left_out() {
        let key = StateKey::random();
        let topics = topics(&["t"]);
        let bookmarks = bookmarks(&key, &topics);
        let mut partitions: Vec<_> = (0..1_000).map(|n| Progress::at("t", n, 10)).collect();
        assert_eq!(bookmarks.write(&partitions, MAX_BYTES), None);
        partitions[3] = Progress::at("t", 3, 4);
        let cursor = bookmarks.write(&partitions, MAX_BYTES).unwrap();
        let offsets = bookmarks.read(&cursor, &[]).unwrap();
        assert_eq!(offsets, BTreeMap::from([((topics[0].clone(), 3), 4)]));
        let partitions: Vec<_> = (0..1_000).map(|n| Progress::at("t", n, 4)).collect();
        assert_eq!(bookmarks.write(&partitions, MAX_BYTES), None);
    }

    /// Models repeat cursors word by word.
    #[test]
    fn the_cursor_of_a_read_is_short_whatever_its_topics_are_called() {
        let key = StateKey::random();
        let topics = topics(&[&"t".repeat(249)]);
        let name = topics[0].as_str();
        let partitions: Vec<_> = (0..12)
            .map(|n| Progress::at(name, n, 1_234_567_890))
            .collect();
        let bookmarks = bookmarks(&key, &topics);
        let cursor = bookmarks.write(&partitions, MAX_BYTES).unwrap();
        assert!(cursor.len() < 350, "{} bytes: {cursor}", cursor.len());
    }
}
