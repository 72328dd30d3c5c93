//! Members without a client.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::{
    messages::{
        ConsumerProtocolAssignment, ConsumerProtocolSubscription, TopicName,
        consumer_protocol_assignment::TopicPartition,
    },
    protocol::{Encodable, StrBytes},
};
use tokio::time::Duration;

use super::{ClassicGroup, ClassicMember, ClassicState, Liveness, MAX_MEMBERS};
use crate::{ErrorCode, GroupMember, groups::group::CONSUMER};

impl ClassicGroup {
    /// Puts a member there that has no client.
    pub(crate) fn place(&mut self, id: &str, member: &GroupMember) -> Result<(), ErrorCode> {
        if self.members.len() >= MAX_MEMBERS {
            return Err(ErrorCode::GROUP_MAX_SIZE_REACHED);
        }
        if !self.members.values().all(ClassicMember::is_given) || !self.pending.is_empty() {
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        self.protocol_type = CONSUMER.to_owned();
        self.protocol = Some(RANGE.to_owned());
        self.state = ClassicState::Stable;
        self.generation += 1;
        self.leader.get_or_insert_with(|| id.to_owned());
        let assignment = assignment(member);
        let member = ClassicMember {
            client_id: member.client_id.clone(),
            client_host: format!("/{}", member.host),
            instance_id: member.instance_id.clone(),
            protocols: vec![(RANGE.to_owned(), subscription(member))],
            assignment: assignment.clone(),
            liveness: Liveness::Given(assignment),
            rebalance_timeout: Duration::ZERO,
            joining: None,
            syncing: None,
        };
        self.members.insert(id.to_owned(), member);
        Ok(())
    }

    /// Has the members without a client go back to what they were given, when no others are left;
    /// whether that is so.
    pub(super) fn fall_back(&mut self) -> bool {
        if !self.members.values().all(ClassicMember::is_given) {
            return false;
        }
        for member in self.members.values_mut() {
            if let Liveness::Given(assignment) = &member.liveness {
                member.assignment = assignment.clone();
            }
        }
        self.unsynced.clear();
        self.state = ClassicState::Stable;
        true
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
