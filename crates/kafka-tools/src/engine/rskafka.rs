//! The lean engine, over rskafka.

mod connection;
mod cursor;
mod danger;
mod fault;
mod partitioner;
mod partitions;
mod reader;
mod security;
mod writer;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{StreamExt, future::BoxFuture, stream};
use rskafka::{chrono::DateTime, client::partition::OffsetAt};

use self::{
    connection::{Connection, SNAPSHOT_MAX_AGE},
    partitions::{MAX_IN_FLIGHT, Partitions},
    reader::RskafkaReader,
    writer::Writer,
};
use super::{Engine, OffsetAnswers, OffsetQuery, ReadOptions, Reader};
use crate::{
    Error, Isolation, KafkaConfig, NewRecord, Partition, Produced, TopicDescription, TopicName,
    TopicSummary,
};

/// The lean engine. [`EngineKind::Rskafka`](crate::EngineKind::Rskafka) lists its limits.
pub(super) struct RskafkaEngine {
    partitions: Arc<Partitions>,
    writer: Writer,
}

impl RskafkaEngine {
    pub(super) fn new(config: Arc<KafkaConfig>) -> Result<Self, Error> {
        let partitions = Arc::new(Partitions::new(Connection::new(config)?));
        Ok(Self {
            writer: Writer::new(Arc::clone(&partitions)),
            partitions,
        })
    }

    async fn offset(
        &self,
        partition: &(TopicName, i32),
        query: OffsetQuery,
    ) -> Result<Option<i64>, Error> {
        let at = match query {
            OffsetQuery::Start => OffsetAt::Earliest,
            OffsetQuery::End => OffsetAt::Latest,
            OffsetQuery::Timestamp(millis) => {
                OffsetAt::Timestamp(DateTime::from_timestamp_millis(millis).ok_or_else(|| {
                    Error::invalid("timestamp", millis, "no calendar reaches that far")
                })?)
            }
        };
        let offset = self.partitions.offset(partition, at).await?;
        Ok(Some(offset).filter(|offset| *offset >= 0))
    }
}

impl Engine for RskafkaEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.partitions
                .connection()
                .topics(Duration::ZERO)
                .await
                .map(drop)
        })
    }

    fn list_topics(&self) -> BoxFuture<'_, Result<Vec<TopicSummary>, Error>> {
        Box::pin(async move {
            let topics = self
                .partitions
                .connection()
                .topics(SNAPSHOT_MAX_AGE)
                .await?;
            let summaries = topics.iter().map(|(name, partitions)| TopicSummary {
                name: name.clone(),
                partition_count: partitions.len(),
                replication_factor: 0,
                is_internal: false,
            });
            Ok(summaries.collect())
        })
    }

    fn describe_topic<'a>(
        &'a self,
        topic: &'a TopicName,
    ) -> BoxFuture<'a, Result<TopicDescription, Error>> {
        Box::pin(async move {
            let topics = self.partitions.connection().topics(Duration::ZERO).await?;
            let partitions = topics.get(topic).ok_or_else(|| unknown_topic(topic))?;
            let partitions = partitions.iter().map(|id| Partition {
                id: *id,
                leader: None,
                replicas: Vec::new(),
                isr: Vec::new(),
                offline_replicas: Vec::new(),
                error: None,
            });
            Ok(TopicDescription {
                may_read: None,
                name: topic.clone(),
                is_internal: false,
                partitions: partitions.collect(),
            })
        })
    }

    /// rskafka asks for one partition at a time, and always for the last stable offset.
    fn list_offsets<'a>(
        &'a self,
        queries: &'a BTreeMap<(TopicName, i32), OffsetQuery>,
        _isolation: Isolation,
    ) -> BoxFuture<'a, Result<OffsetAnswers, Error>> {
        Box::pin(async move {
            let queries: Vec<_> = queries
                .iter()
                .map(|(key, query)| (key.clone(), *query))
                .collect();
            let answers = stream::iter(queries).map(|(partition, query)| async move {
                let answer = self.offset(&partition, query).await;
                (partition, answer)
            });
            Ok(answers.buffer_unordered(MAX_IN_FLIGHT).collect().await)
        })
    }

    fn open_reader<'a>(
        &'a self,
        starts: &'a BTreeMap<(TopicName, i32), i64>,
        options: ReadOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Reader>, Error>> {
        Box::pin(async move {
            let reader = RskafkaReader::new(Arc::clone(&self.partitions), starts, options);
            Ok(Box::new(reader) as Box<dyn Reader>)
        })
    }

    fn produce<'a>(
        &'a self,
        topic: &'a TopicName,
        records: Vec<NewRecord>,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Vec<Result<Produced, Error>>, Error>> {
        Box::pin(self.writer.write(topic, records, timeout))
    }
}

/// rskafka leaves internal topics out of its list.
fn unknown_topic(topic: &TopicName) -> Error {
    if INTERNAL_TOPICS.contains(&topic.as_str()) {
        return Error::Unsupported {
            engine: NAME,
            operation: "see internal topics",
        };
    }
    Error::UnknownTopic {
        topic: topic.to_string(),
    }
}

/// The name in messages.
const NAME: &str = "rskafka";

/// The topics that brokers mark as internal.
const INTERNAL_TOPICS: [&str; 3] = [
    "__consumer_offsets",
    "__share_group_state",
    "__transaction_state",
];
