//! Groups of the classic protocol: one of the members assigns the partitions.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::{
    messages::{
        ConsumerProtocolAssignment, ConsumerProtocolSubscription, TopicName,
        consumer_protocol_assignment::TopicPartition,
    },
    protocol::{Encodable, StrBytes},
};

use super::{MAX_MEMBERS, group::CONSUMER};
use crate::{ErrorCode, GroupMember};

/// The members of a classic group.
#[derive(Debug, Default)]
pub(crate) struct ClassicGroup {
    pub(crate) state: ClassicState,
    pub(crate) protocol_type: String,
    /// What the members agreed on, such as `range`.
    pub(crate) protocol: Option<String>,
    pub(crate) generation: i32,
    pub(crate) leader: Option<String>,
    pub(crate) members: BTreeMap<String, ClassicMember>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClassicState {
    #[default]
    Empty,
    Stable,
}

/// A member of a classic group.
#[derive(Debug)]
pub(crate) struct ClassicMember {
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) instance_id: Option<String>,
    /// What it can do, the best first, with what the leader is to know about it.
    pub(crate) protocols: Vec<(String, Bytes)>,
    pub(crate) assignment: Bytes,
}

impl ClassicGroup {
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Puts a member there that has no client.
    pub(crate) fn place(&mut self, id: &str, member: &GroupMember) -> Result<(), ErrorCode> {
        if self.members.len() >= MAX_MEMBERS {
            return Err(ErrorCode::GROUP_MAX_SIZE_REACHED);
        }
        self.protocol_type = CONSUMER.to_owned();
        self.protocol = Some(RANGE.to_owned());
        self.state = ClassicState::Stable;
        self.generation += 1;
        self.leader.get_or_insert_with(|| id.to_owned());
        let member = ClassicMember {
            client_id: member.client_id.clone(),
            client_host: format!("/{}", member.host),
            instance_id: member.instance_id.clone(),
            protocols: vec![(RANGE.to_owned(), subscription(member))],
            assignment: assignment(member),
        };
        self.members.insert(id.to_owned(), member);
        Ok(())
    }
}

impl ClassicState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Stable => "Stable",
        }
    }
}

impl ClassicMember {
    /// What the leader is to know about it if the group agrees on this protocol.
    pub(crate) fn metadata(&self, protocol: Option<&str>) -> Bytes {
        let mut known = self.protocols.iter();
        let found = known.find(|(name, _)| Some(name.as_str()) == protocol);
        found
            .map(|(_, metadata)| metadata.clone())
            .unwrap_or_default()
    }
}

fn subscription(member: &GroupMember) -> Bytes {
    let topics = member.assigned.keys();
    let topics = topics.map(|topic| StrBytes::from_string(topic.clone()));
    let subscription = ConsumerProtocolSubscription::default().with_topics(topics.collect());
    versioned(&subscription)
}

fn assignment(member: &GroupMember) -> Bytes {
    let topics = member.assigned.iter().map(|(topic, partitions)| {
        TopicPartition::default()
            .with_topic(TopicName(StrBytes::from_string(topic.clone())))
            .with_partitions(partitions.clone())
    });
    let assignment = ConsumerProtocolAssignment::default();
    versioned(&assignment.with_assigned_partitions(topics.collect()))
}

/// What consumers tell each other begins with its version.
fn versioned(message: &impl Encodable) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(VERSION);
    match message.encode(&mut bytes, VERSION) {
        Ok(()) => bytes.freeze(),
        // Nothing in it is too long: it names partitions that there are.
        Err(_) => Bytes::new(),
    }
}

const RANGE: &str = "range";

/// The version that the Java client of Kafka 4.4 uses.
const VERSION: i16 = 3;
