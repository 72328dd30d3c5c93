//! Who may commit offsets, and which topics they are of.

use bytes::{Buf, Bytes};
use kafka_protocol::messages::ConsumerProtocolSubscription;
use tokio::time::Instant;

use super::{ClassicGroup, ClassicState};
use crate::{
    ErrorCode, checked,
    groups::{CONSUMER, CommitRequest, Committer},
};

impl ClassicGroup {
    pub(crate) fn check_commit(
        &mut self,
        by: &Committer<'_>,
        now: Instant,
    ) -> Result<(), ErrorCode> {
        if by.epoch < 0 && self.state == ClassicState::Empty {
            return Ok(());
        }
        if by.is_anonymous() {
            return Ok(());
        }
        self.check_generation(by.member_id, by.instance_id, by.epoch)?;
        let is_plain = by.request != CommitRequest::Transactional;
        if is_plain && self.state == ClassicState::CompletingRebalance {
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        self.touch(by.member_id, now);
        Ok(())
    }

    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        let mut members = self.members.values();
        self.protocol_type == CONSUMER
            && members.any(|member| {
                let topics = subscription(member.metadata(self.protocol.as_deref()));
                topics.iter().any(|name| name == topic)
            })
    }
}

/// The topics that a consumer says it wants; none if that cannot be read.
fn subscription(mut metadata: Bytes) -> Vec<String> {
    let version = metadata.try_get_i16().unwrap_or_default();
    // Newer versions add to the end.
    let read = checked::decode(&mut metadata, version.clamp(0, NEWEST));
    let topics = read.map(|subscription: ConsumerProtocolSubscription| subscription.topics);
    let topics = topics.unwrap_or_default();
    topics.iter().map(ToString::to_string).collect()
}

/// The newest version that is known.
const NEWEST: i16 = 3;
