//! A client that is a member of a group of KIP-848.

use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    DeleteGroupsRequest, GroupId, TopicName, consumer_group_describe_response::DescribedGroup,
    consumer_group_heartbeat_request::TopicPartitions,
};
use tokio::time::{Duration, Instant, sleep};
use uuid::Uuid;

use crate::{
    subject::Subject,
    wire::{Wire, text},
};

pub(crate) struct ModernMember {
    pub(crate) wire: Wire,
    pub(crate) group: GroupId,
    pub(crate) id: String,
    pub(crate) epoch: i32,
    pub(crate) instance_id: Option<&'static str>,
    /// What it has: a topic, and partitions of it.
    pub(crate) topic: Uuid,
    pub(crate) partitions: Vec<i32>,
}

impl ModernMember {
    pub(crate) async fn new(subject: &Subject, group: &GroupId, id: &str) -> Self {
        Self {
            wire: subject.connect().await,
            group: group.clone(),
            id: id.to_owned(),
            epoch: 0,
            instance_id: None,
            topic: Uuid::nil(),
            partitions: Vec::new(),
        }
    }

    pub(crate) fn request(&self) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest::default()
            .with_group_id(self.group.clone())
            .with_member_id(text(&self.id))
            .with_member_epoch(self.epoch)
            .with_instance_id(self.instance_id.map(text))
            .with_topic_partitions(None)
            .with_subscribed_topic_names(None)
            .with_rebalance_timeout_ms(-1)
    }

    pub(crate) fn join_request(&self, topic: &TopicName) -> ConsumerGroupHeartbeatRequest {
        self.request()
            .with_member_epoch(0)
            .with_topic_partitions(Some(Vec::new()))
            .with_subscribed_topic_names(Some(vec![topic.clone()]))
            .with_rebalance_timeout_ms(30_000)
    }

    pub(crate) async fn join(&mut self, topic: &TopicName) -> ConsumerGroupHeartbeatResponse {
        let request = self.join_request(topic);
        self.send(&request).await
    }

    /// A heartbeat that tells what it has.
    pub(crate) async fn beat(&mut self) -> ConsumerGroupHeartbeatResponse {
        let owned = TopicPartitions::default()
            .with_topic_id(self.topic)
            .with_partitions(self.partitions.clone());
        let owned = if self.partitions.is_empty() {
            Vec::new()
        } else {
            vec![owned]
        };
        let request = self.request().with_topic_partitions(Some(owned));
        self.send(&request).await
    }

    /// Sends any heartbeat, and takes over what the answer says.
    pub(crate) async fn send(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> ConsumerGroupHeartbeatResponse {
        let answer = self.wire.ask(request, 1).await;
        if answer.error_code != 0 {
            return answer;
        }
        self.epoch = answer.member_epoch;
        if let Some(assignment) = &answer.assignment {
            let topics = assignment.topic_partitions.iter();
            self.partitions = topics
                .clone()
                .flat_map(|topic| topic.partitions.clone())
                .collect();
            self.partitions.sort_unstable();
            self.topic = topics
                .map(|topic| topic.topic_id)
                .next()
                .unwrap_or(self.topic);
        }
        answer
    }

    /// Sends heartbeats until it has so many partitions.
    pub(crate) async fn settle(&mut self, count: usize) {
        let begun = Instant::now();
        loop {
            let answer = self.beat().await;
            assert_eq!(answer.error_code, 0);
            if self.partitions.len() == count {
                // What it gave up is known by the next heartbeat.
                self.beat().await;
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{:?}",
                self.partitions
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn leave(&mut self, epoch: i32) -> i16 {
        let request = self.request().with_member_epoch(epoch);
        self.wire.ask(&request, 1).await.error_code
    }

    pub(crate) async fn describe(&mut self) -> DescribedGroup {
        let request =
            ConsumerGroupDescribeRequest::default().with_group_ids(vec![self.group.clone()]);
        self.wire.ask(&request, 1).await.groups.remove(0)
    }

    /// The code of deleting its group.
    pub(crate) async fn delete_group(&mut self) -> i16 {
        let request = DeleteGroupsRequest::default().with_groups_names(vec![self.group.clone()]);
        self.wire.ask(&request, 2).await.results[0].error_code
    }
}
