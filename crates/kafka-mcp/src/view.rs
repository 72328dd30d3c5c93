//! The cluster as one caller may see it.

use jiff::Timestamp;
use kafka_tools::{Client, Filter, GroupId, LagQuery, TopicName};

use crate::{Access, failure::Failure};

/// The cluster as one caller may see it, at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    client: &'a Client,
    access: &'a Access,
    now: Timestamp,
}

impl<'a> View<'a> {
    pub(crate) fn new(client: &'a Client, access: &'a Access, now: Timestamp) -> Self {
        Self {
            client,
            access,
            now,
        }
    }

    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    /// The time that results are stamped with.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn topic_visible(&self, topic: &TopicName, is_internal: bool) -> bool {
        self.access.allows_topic(topic, is_internal)
    }

    pub(crate) fn group_visible(&self, group_id: &GroupId) -> bool {
        self.access.allows_group(group_id)
    }

    /// Asks for the lag of the groups and topics that are visible.
    pub(crate) fn lag_query(&self, threshold: i64) -> LagQuery {
        let mut query = LagQuery::new(threshold);
        let access = self.access.clone();
        query.groups = Filter::new(move |group_id| access.allows_group(group_id));
        let access = self.access.clone();
        query.topics = Filter::new(move |topic| access.allows_topic(topic, false));
        query
    }

    /// Parses the name of a topic that is visible.
    ///
    /// A topic that is not gets the same answer whether or not it exists.
    pub(crate) fn topic(&self, argument: &str, name: &str) -> Result<TopicName, Failure> {
        let topic = name
            .parse()
            .map_err(|error| Failure::argument(argument, error))?;
        if self.topic_visible(&topic, false) {
            Ok(topic)
        } else {
            Err(Failure::hidden_topic(&topic))
        }
    }

    /// Parses the id of a group that is visible.
    ///
    /// A group that is not gets the same answer whether or not it exists.
    pub(crate) fn group(&self, argument: &str, id: &str) -> Result<GroupId, Failure> {
        let group_id = id
            .parse()
            .map_err(|error| Failure::argument(argument, error))?;
        if self.group_visible(&group_id) {
            Ok(group_id)
        } else {
            Err(Failure::hidden_group(&group_id))
        }
    }
}
