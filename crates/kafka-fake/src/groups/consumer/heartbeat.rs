//! ConsumerGroupHeartbeat.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::{Duration, Instant};

use super::{
    AWAY, Assignor, ConsumerGroup, ConsumerMember, Liveness, MAX_MEMBERS, TopicPartition, Topics,
};
use crate::ErrorCode;

/// A heartbeat of somebody who is a member, or wants to be one. What is `None` is as it was.
#[derive(Clone, Debug)]
pub(crate) struct Beat {
    pub(crate) member_id: String,
    /// Zero to join.
    pub(crate) epoch: i32,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    /// How long its next heartbeat may take.
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Option<Duration>,
    pub(crate) topics: Option<BTreeSet<String>>,
    pub(crate) assignor: Option<Assignor>,
    pub(crate) owned: Option<BTreeSet<TopicPartition>>,
}

impl Beat {
    fn live_until(&self, now: Instant) -> Liveness {
        Liveness::Session {
            timeout: self.session_timeout,
            ends: now + self.session_timeout,
        }
    }
}

/// What a member is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BeatAnswer {
    pub(crate) epoch: i32,
    /// What it has now, if that has changed or it asks for it.
    pub(crate) assignment: Option<BTreeSet<TopicPartition>>,
}

impl ConsumerGroup {
    pub(crate) fn beat(
        &mut self,
        beat: &Beat,
        topics: &Topics,
        now: Instant,
    ) -> Result<BeatAnswer, ErrorCode> {
        let id = beat.member_id.as_str();
        if let Some(instance_id) = &beat.instance_id {
            self.check_static(instance_id, beat)?;
        }
        match self.members.get(id) {
            Some(member) => member.check_epoch(beat)?,
            None if beat.epoch != 0 => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
            None if self.members.len() >= MAX_MEMBERS => {
                return Err(ErrorCode::GROUP_MAX_SIZE_REACHED);
            }
            None => {}
        }
        let new = || ConsumerMember::new(beat.live_until(now));
        let member = self.members.entry(id.to_owned()).or_insert_with(new);
        let before = member.assigned.clone();
        let is_changed = member.update(beat, now);
        if self.epoch == 0 || is_changed || self.have_topics_changed(topics) {
            self.epoch += 1;
        }
        if self.epoch > self.target_epoch {
            self.retarget(topics);
        }
        self.settle_given();
        self.reconcile(id, beat.owned.as_ref(), Some(now));
        self.settle_given();
        let member = self.members.get(id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        let is_full =
            beat.rebalance_timeout.is_some() && beat.topics.is_some() && beat.owned.is_some();
        let is_told = beat.epoch == 0 || is_full || member.assigned != before;
        Ok(BeatAnswer {
            epoch: member.epoch,
            assignment: is_told.then(|| member.assigned.clone()),
        })
    }

    /// Lets a member go; a static one may leave to come back.
    pub(crate) fn leave(&mut self, beat: &Beat) -> Result<(), ErrorCode> {
        let id = beat.member_id.as_str();
        if let Some(instance_id) = &beat.instance_id {
            self.check_static(instance_id, beat)?;
        }
        let member = self
            .members
            .get_mut(id)
            .ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if beat.epoch == AWAY {
            member.epoch = AWAY;
            return Ok(());
        }
        self.remove(id);
        Ok(())
    }

    /// Lets a member go that does not say so itself: an operator may know the instance only.
    pub(crate) fn let_go(&mut self, id: &str, instance_id: Option<&str>) -> Result<(), ErrorCode> {
        let found = match instance_id {
            Some(instance_id) => self.find_static(instance_id),
            None => self.members.get_key_value(id),
        };
        let (found, _) = found.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if !id.is_empty() && found != id {
            return Err(ErrorCode::FENCED_INSTANCE_ID);
        }
        let found = found.clone();
        self.remove(&found);
        Ok(())
    }

    /// Removes a member. The others hear of it by their next heartbeats.
    pub(super) fn remove(&mut self, id: &str) {
        if self.members.remove(id).is_some() {
            self.epoch += 1;
        }
    }
}

impl ConsumerMember {
    fn new(liveness: Liveness) -> Self {
        Self {
            client_id: String::new(),
            client_host: String::new(),
            instance_id: None,
            rack_id: None,
            epoch: 0,
            previous_epoch: 0,
            topics: BTreeSet::new(),
            assignor: None,
            assigned: BTreeSet::new(),
            revoking: BTreeSet::new(),
            got_in: BTreeMap::new(),
            target: BTreeSet::new(),
            is_short: false,
            liveness,
            rebalance_timeout: Duration::ZERO,
            revoke_by: None,
        }
    }

    /// A member may come with the epoch before, if the last answer was lost: then it has no more than
    /// it was given.
    fn check_epoch(&self, beat: &Beat) -> Result<(), ErrorCode> {
        let owned = beat.owned.as_ref();
        let has_no_more = owned.is_some_and(|owned| owned.is_subset(&self.assigned));
        match beat.epoch {
            epoch if epoch == self.epoch => Ok(()),
            epoch if epoch < self.epoch && epoch == self.previous_epoch && has_no_more => Ok(()),
            _ => Err(ErrorCode::FENCED_MEMBER_EPOCH),
        }
    }

    /// Takes over what the member says about itself: whether that concerns the group.
    fn update(&mut self, beat: &Beat, now: Instant) -> bool {
        self.liveness = beat.live_until(now);
        self.client_id.clone_from(&beat.client_id);
        self.client_host.clone_from(&beat.client_host);
        let (topics, assignor) = (self.topics.clone(), self.assignor);
        if let Some(id) = &beat.instance_id {
            self.instance_id = Some(id.clone());
        }
        if let Some(id) = &beat.rack_id {
            self.rack_id = Some(id.clone());
        }
        if let Some(topics) = &beat.topics {
            self.topics.clone_from(topics);
        }
        self.rebalance_timeout = beat.rebalance_timeout.unwrap_or(self.rebalance_timeout);
        self.assignor = beat.assignor.or(self.assignor);
        self.topics != topics || self.assignor != assignor
    }
}
