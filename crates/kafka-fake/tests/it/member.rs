//! A client that is a member of a classic group, step by step.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::messages::{
    DescribeGroupsRequest, GroupId, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse,
    LeaveGroupRequest, SyncGroupRequest, SyncGroupResponse,
    describe_groups_response::DescribedGroup, join_group_request::JoinGroupRequestProtocol,
    leave_group_request::MemberIdentity, sync_group_request::SyncGroupRequestAssignment,
};

use crate::{
    subject::{Subject, unique},
    wire::{Wire, text},
};

pub(crate) struct Member {
    pub(crate) wire: Wire,
    pub(crate) group: GroupId,
    pub(crate) id: String,
    pub(crate) instance_id: Option<&'static str>,
    pub(crate) generation: i32,
    pub(crate) session_timeout: i32,
    pub(crate) rebalance_timeout: i32,
}

impl Member {
    pub(crate) async fn new(subject: &Subject, group: &GroupId) -> Self {
        Self {
            wire: subject.connect().await,
            group: group.clone(),
            id: String::new(),
            instance_id: None,
            generation: -1,
            session_timeout: 30_000,
            rebalance_timeout: 30_000,
        }
    }

    /// Asks to join, and does not wait for an answer.
    pub(crate) async fn begin_join(&mut self, version: i16) {
        let request = self.join_request();
        self.wire.send(&request, version).await;
    }

    /// The answer to [`begin_join`](Self::begin_join).
    pub(crate) async fn joined(&mut self, version: i16) -> JoinGroupResponse {
        let answer = self.wire.answer::<JoinGroupRequest>(version).await;
        self.id = answer.member_id.to_string();
        self.generation = answer.generation_id;
        answer
    }

    /// Joins, with the id that it is given if it has to.
    pub(crate) async fn join(&mut self, version: i16) -> JoinGroupResponse {
        self.begin_join(version).await;
        let answer = self.joined(version).await;
        if answer.error_code != MEMBER_ID_REQUIRED {
            return answer;
        }
        self.begin_join(version).await;
        self.joined(version).await
    }

    pub(crate) fn join_request(&self) -> JoinGroupRequest {
        let protocols = [("first", "a"), ("second", "b")].map(|(name, metadata)| {
            JoinGroupRequestProtocol::default()
                .with_name(text(name))
                .with_metadata(Bytes::from_static(metadata.as_bytes()))
        });
        JoinGroupRequest::default()
            .with_group_id(self.group.clone())
            .with_member_id(text(&self.id))
            .with_group_instance_id(self.instance_id.map(text))
            .with_session_timeout_ms(self.session_timeout)
            .with_rebalance_timeout_ms(self.rebalance_timeout)
            .with_protocol_type(text("test"))
            .with_protocols(protocols.into())
    }

    /// Asks for its part, and brings those of these members.
    pub(crate) async fn begin_sync(
        &mut self,
        parts: &BTreeMap<String, &'static str>,
        version: i16,
    ) {
        let parts = parts.iter().map(|(id, part)| {
            SyncGroupRequestAssignment::default()
                .with_member_id(text(id))
                .with_assignment(Bytes::from_static(part.as_bytes()))
        });
        let mut request = SyncGroupRequest::default()
            .with_group_id(self.group.clone())
            .with_member_id(text(&self.id))
            .with_group_instance_id(self.instance_id.map(text))
            .with_generation_id(self.generation)
            .with_assignments(parts.collect());
        if version >= 5 {
            request.protocol_type = Some(text("test"));
            request.protocol_name = Some(text("first"));
        }
        self.wire.send(&request, version).await;
    }

    pub(crate) async fn synced(&mut self, version: i16) -> SyncGroupResponse {
        self.wire.answer::<SyncGroupRequest>(version).await
    }

    pub(crate) async fn sync(
        &mut self,
        parts: &BTreeMap<String, &'static str>,
        version: i16,
    ) -> SyncGroupResponse {
        self.begin_sync(parts, version).await;
        self.synced(version).await
    }

    pub(crate) async fn heartbeat(&mut self, version: i16) -> i16 {
        let request = HeartbeatRequest::default()
            .with_group_id(self.group.clone())
            .with_member_id(text(&self.id))
            .with_group_instance_id(self.instance_id.map(text))
            .with_generation_id(self.generation);
        self.wire.ask(&request, version).await.error_code
    }

    /// The code of the only one that leaves.
    pub(crate) async fn leave(&mut self, version: i16) -> i16 {
        let request = LeaveGroupRequest::default().with_group_id(self.group.clone());
        let id = text(&self.id);
        let request = match version {
            3.. => request.with_members(vec![
                MemberIdentity::default()
                    .with_member_id(id)
                    .with_group_instance_id(self.instance_id.map(text)),
            ]),
            _ => request.with_member_id(id),
        };
        let answer = self.wire.ask(&request, version).await;
        match answer.members.first() {
            Some(member) => member.error_code,
            None => answer.error_code,
        }
    }

    /// Its group.
    pub(crate) async fn describe(&mut self) -> DescribedGroup {
        self.describe_in(5).await
    }

    pub(crate) async fn describe_in(&mut self, version: i16) -> DescribedGroup {
        let request = DescribeGroupsRequest::default().with_groups(vec![self.group.clone()]);
        self.wire.ask(&request, version).await.groups.remove(0)
    }
}

/// What all of these members are to have.
pub(crate) fn parts(parts: &[(&Member, &'static str)]) -> BTreeMap<String, &'static str> {
    let parts = parts
        .iter()
        .map(|(member, part)| (member.id.clone(), *part));
    parts.collect()
}

pub(crate) fn group() -> GroupId {
    GroupId(unique("kafka-fake-test-group").0)
}

pub(crate) const MEMBER_ID_REQUIRED: i16 = 79;
