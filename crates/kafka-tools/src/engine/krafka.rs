//! The complete engine, over krafka.

mod cluster;
mod connection;
mod fault;
mod groups;
mod hedge;
mod reader;
mod security;
mod writer;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use krafka::{
    admin::{
        ConfigResource as AdminResource, DescribeConfigsOptions, DescribeTopicsOptions,
        ListOffsetsOptions, ListTopicsOptions, OffsetSpec, TopicPartition,
    },
    error::KrafkaError,
};
use tokio::{sync::Mutex, time::Instant};

use self::{
    cluster::Leader,
    connection::{Connection, Session},
    fault::{Context, translate},
    reader::KrafkaReader,
    writer::Writer,
};
use super::{
    Cluster, CommittedOffsets, Engine, GroupDescriptions, Metadata, OffsetAnswers, OffsetQuery,
    ReadOptions, Reader,
};
use crate::{
    Broker, ConfigEntry, ConfigQuery, ConfigResource, ConfigSource, Error, GroupId, GroupListing,
    Isolation, KafkaCode, KafkaConfig, NewRecord, Partition, Produced, TopicDescription, TopicName,
};

/// The complete engine.
pub(super) struct KrafkaEngine {
    connection: Connection,
    writer: Writer,
    /// krafka leaves 100 ms between two Metadata requests; calls in between share an answer.
    snapshot: Mutex<Option<(Instant, Arc<Metadata>)>>,
}

impl KrafkaEngine {
    pub(super) fn new(config: Arc<KafkaConfig>) -> Result<Self, Error> {
        Ok(Self {
            writer: Writer::new(Arc::clone(&config)),
            connection: Connection::new(config)?,
            snapshot: Mutex::new(None),
        })
    }

    async fn fetch_metadata(&self) -> Result<Metadata, Error> {
        let session = self.connection.open().await?;
        // Connecting fetched the metadata of all topics; nothing newer is to be had at once.
        if session.connected.elapsed() >= SNAPSHOT_MAX_AGE {
            let options = ListTopicsOptions::default().include_internal(true);
            let refreshed = session
                .admin
                .list_topics(options.timeout(session.timeout))
                .await;
            refreshed.map_err(|error| translate(error, &Context::new("listing topics")))?;
        }
        // The cache answers without a request.
        let cached = session.observer.fetch_metadata(None).await;
        let cached = cached.map_err(|error| translate(error, &Context::new("listing topics")))?;

        let mut brokers: Vec<Broker> = cached.brokers.iter().map(broker).collect();
        brokers.sort_by_key(|broker| broker.id);
        let mut topics: Vec<_> = cached
            .topics
            .into_iter()
            .map(|topic| {
                let mut partitions: Vec<_> =
                    topic.partitions.into_values().map(partition).collect();
                partitions.sort_by_key(|partition| partition.id);
                TopicDescription {
                    name: TopicName::from_broker(topic.name),
                    is_internal: topic.is_internal,
                    partitions,
                    may_read: None,
                }
            })
            .collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Metadata { brokers, topics })
    }
}

impl Engine for KrafkaEngine {
    fn name(&self) -> &'static str {
        "krafka"
    }

    fn lost_touch(&self) {
        self.connection.replace();
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.writer.close())
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let session = self.connection.open().await?;
            cluster::describe(&session).await.map(|_| ())
        })
    }

    fn metadata(&self) -> BoxFuture<'_, Result<Arc<Metadata>, Error>> {
        Box::pin(async move {
            // Holding the lock across the request makes concurrent callers share it.
            let mut snapshot = self.snapshot.lock().await;
            if let Some((taken, metadata)) = &*snapshot
                && taken.elapsed() < SNAPSHOT_MAX_AGE
            {
                return Ok(Arc::clone(metadata));
            }
            let taken = Instant::now();
            let metadata = Arc::new(self.fetch_metadata().await?);
            *snapshot = Some((taken, Arc::clone(&metadata)));
            Ok(metadata)
        })
    }

    fn describe_topic<'a>(
        &'a self,
        topic: &'a TopicName,
    ) -> BoxFuture<'a, Result<TopicDescription, Error>> {
        Box::pin(async move {
            let context = Context::new("describing the topic").topic(topic, "Describe");
            let session = self.connection.open().await?;
            let described = session.hedge.first_answer(|| {
                let options = DescribeTopicsOptions::default().timeout(session.timeout);
                session.admin.describe_topics([topic.as_str()], options)
            });
            let mut described = described
                .await
                .map_err(|error| translate(error, &context))?;
            let described = described
                .remove(topic.as_str())
                .unwrap_or_else(|| Err(KrafkaError::unknown_topic(topic.as_str())))
                .map_err(|error| translate(error, &context))?;
            let partitions = described.partitions.into_iter().map(|partition| Partition {
                id: partition.partition,
                leader: partition.leader,
                replicas: partition.replicas,
                isr: partition.isr,
                offline_replicas: partition.offline_replicas,
                error: partition.leader.is_none().then_some(LEADER_NOT_AVAILABLE),
            });
            Ok(TopicDescription {
                name: topic.clone(),
                is_internal: described.is_internal,
                may_read: described
                    .authorized_operations
                    .map(|operations| operations & (1 << ACL_READ) != 0),
                partitions: partitions.collect(),
            })
        })
    }

    fn list_offsets<'a>(
        &'a self,
        queries: &'a BTreeMap<(TopicName, i32), OffsetQuery>,
        isolation: Isolation,
    ) -> BoxFuture<'a, Result<OffsetAnswers, Error>> {
        Box::pin(async move {
            let session = self.connection.open().await?;
            let mut times: BTreeMap<i64, Vec<&(TopicName, i32)>> = BTreeMap::new();
            let mut specs = Vec::new();
            for (key, query) in queries {
                let spec = match query {
                    OffsetQuery::Start => OffsetSpec::Earliest,
                    OffsetQuery::End => OffsetSpec::Latest,
                    OffsetQuery::Timestamp(millis) => {
                        times.entry(*millis).or_default().push(key);
                        continue;
                    }
                };
                specs.push((TopicPartition::new(key.0.as_str(), key.1), spec));
            }
            let mut answers = OffsetAnswers::new();
            for (millis, keys) in times {
                answers.extend(offsets_at(&session, &keys, millis).await);
            }
            if specs.is_empty() {
                return Ok(answers);
            }
            let options = ListOffsetsOptions::default()
                .read_committed(isolation == Isolation::ReadCommitted)
                .timeout(session.timeout);
            let listed = session.admin.list_offsets(specs, options).await;
            let listed =
                listed.map_err(|error| translate(error, &Context::new("reading offsets")))?;

            for (partition, listed) in listed {
                let key = (TopicName::from_broker(partition.topic), partition.partition);
                let context = Context::new("reading offsets").partition(&key.0, key.1);
                let answer = listed
                    .map(|listed| Some(listed.offset))
                    .map_err(|error| translate(error, &context));
                answers.insert(key, answer);
            }
            Ok(answers)
        })
    }

    fn open_reader<'a>(
        &'a self,
        starts: &'a BTreeMap<(TopicName, i32), i64>,
        options: ReadOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Reader>, Error>> {
        Box::pin(async move {
            let session = self.connection.open().await?;
            let reader = KrafkaReader::open(&session, starts, options).await?;
            Ok(Box::new(reader) as Box<dyn Reader>)
        })
    }

    fn produce<'a>(
        &'a self,
        topic: &'a TopicName,
        records: Vec<NewRecord>,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Vec<Result<Produced, Error>>, Error>> {
        Box::pin(self.writer.write(&self.connection, topic, records, timeout))
    }

    fn cluster(&self) -> BoxFuture<'_, Result<Cluster, Error>> {
        Box::pin(async move {
            let session = self.connection.open().await?;
            let (described, leader) =
                tokio::join!(cluster::describe(&session), cluster::controller(&session));
            let described = described?;
            Ok(Cluster {
                cluster_id: Some(described.cluster_id).filter(|id| !id.is_empty()),
                controller_id: match leader {
                    Leader::Is(id) => Some(id),
                    Leader::None => None,
                    Leader::Undisclosed => Some(described.controller_id).filter(|id| *id >= 0),
                },
            })
        })
    }

    fn list_groups(&self) -> BoxFuture<'_, Result<GroupListing, Error>> {
        Box::pin(groups::list(&self.connection))
    }

    fn describe_groups<'a>(
        &'a self,
        groups: &'a [GroupId],
    ) -> BoxFuture<'a, Result<GroupDescriptions, Error>> {
        Box::pin(groups::describe(&self.connection, groups))
    }

    fn committed_offsets<'a>(
        &'a self,
        group: &'a GroupId,
    ) -> BoxFuture<'a, Result<CommittedOffsets, Error>> {
        Box::pin(groups::committed_offsets(&self.connection, group))
    }

    fn describe_configs<'a>(
        &'a self,
        query: &'a ConfigQuery,
    ) -> BoxFuture<'a, Result<Vec<ConfigEntry>, Error>> {
        Box::pin(async move {
            let session = self.connection.open().await?;
            let (resource, context) = match &query.resource {
                ConfigResource::Broker(id) => (
                    AdminResource::broker(*id),
                    Context::new("describing the configuration").cluster("DescribeConfigs"),
                ),
                ConfigResource::Topic(name) => (
                    AdminResource::topic(name.as_str()),
                    Context::new("describing the configuration").topic(name, "DescribeConfigs"),
                ),
            };
            let mut options = DescribeConfigsOptions::default().timeout(session.timeout);
            if !query.keys.is_empty() {
                options = options.config_names(query.keys.clone());
            }
            let described = session.admin.describe_configs([resource], options).await;
            let described = described.map_err(|error| translate(error, &context))?;
            let entries = described
                .into_values()
                .next()
                .ok_or_else(|| Error::Protocol {
                    reason: "the configuration was not in the answer".to_owned(),
                })?;
            let entries = entries.map_err(|error| translate(error, &context))?;
            Ok(entries
                .into_iter()
                .map(|entry| ConfigEntry {
                    name: entry.name,
                    value: entry.value.filter(|_| !entry.is_sensitive),
                    source: ConfigSource::from_wire(entry.config_source),
                    is_read_only: entry.read_only,
                    is_sensitive: entry.is_sensitive,
                })
                .collect())
        })
    }
}

/// The first offsets at or after a time. krafka's admin client takes "no record is that new" for
/// a passing failure and asks again until its deadline; its consumer does not.
async fn offsets_at(session: &Session, keys: &[&(TopicName, i32)], millis: i64) -> OffsetAnswers {
    let mut answers = OffsetAnswers::new();
    for _ in 0..MAX_LOOKUPS {
        let unanswered: Vec<_> = keys
            .iter()
            .filter(|key| !matches!(answers.get(**key), Some(Ok(_))))
            .map(|(topic, partition)| (topic.as_str(), *partition))
            .collect();
        if unanswered.is_empty() {
            break;
        }
        // It refreshes metadata that was out of date, so the next lookup finds the new leader.
        for ((topic, id), listed) in session
            .observer
            .offsets_for_times(&unanswered, millis)
            .await
        {
            let topic = TopicName::from_broker(topic);
            let context = Context::new("reading offsets").partition(&topic, id);
            let answer = listed
                .map(|offset| Some(offset).filter(|offset| *offset >= 0))
                .map_err(|error| translate(error, &context));
            answers.insert((topic, id), answer);
        }
    }
    answers
}

fn broker(info: &krafka::BrokerInfo) -> Broker {
    Broker {
        id: info.id(),
        host: info.host().to_owned(),
        port: u16::try_from(info.port()).unwrap_or_default(),
        rack: info.rack().map(str::to_owned),
    }
}

fn partition(info: krafka::PartitionInfo) -> Partition {
    let code = info.error_code.to_i16();
    Partition {
        id: info.partition,
        leader: (info.leader >= 0).then_some(info.leader),
        replicas: info.replicas,
        isr: info.isr,
        offline_replicas: info.offline_replicas,
        error: (code != 0).then(|| KafkaCode::new(code)),
    }
}

/// How often a lookup is made that meets a leader which has moved.
const MAX_LOOKUPS: usize = 2;

/// The bit of READ among a topic's authorized operations (KIP-430).
const ACL_READ: u32 = 3;

/// How old the metadata may be that answers a call.
const SNAPSHOT_MAX_AGE: Duration = Duration::from_millis(500);

/// The code that Metadata reports for a partition without a leader.
const LEADER_NOT_AVAILABLE: KafkaCode = KafkaCode::new(5);
