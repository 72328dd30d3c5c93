//! The seam between operations and Kafka clients.
//!
//! An engine answers small questions; the operations of this crate are built on them, so that both
//! engines share every rule about positions, bounds and partial failures.

mod foreign;
#[cfg(feature = "krafka")]
mod krafka;
#[cfg(feature = "rskafka")]
mod rskafka;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;

use crate::{
    Broker, ConfigEntry, ConfigQuery, EngineKind, Error, GroupDescription, GroupId, GroupListing,
    Isolation, KafkaConfig, NewRecord, Partition, Produced, Record, TopicDescription, TopicName,
    TopicSummary,
};

/// Makes the engine that the configuration names.
pub(crate) fn select(config: &Arc<KafkaConfig>) -> Result<Arc<dyn Engine>, Error> {
    match config.engine {
        #[cfg(feature = "krafka")]
        EngineKind::Krafka => Ok(Arc::new(krafka::KrafkaEngine::new(Arc::clone(config))?)),
        #[cfg(feature = "rskafka")]
        EngineKind::Rskafka => Ok(Arc::new(rskafka::RskafkaEngine::new(Arc::clone(config))?)),
        #[allow(
            unreachable_patterns,
            reason = "which engines are missing depends on features"
        )]
        EngineKind::Krafka | EngineKind::Rskafka => Err(Error::Invalid {
            what: "engine",
            value: format!("{:?}", config.engine).to_lowercase(),
            reason: "this build does not include it; enable the cargo feature of that name"
                .to_owned(),
        }),
    }
}

/// A Kafka client. Implementations bound their own memory; callers bound the time, and stop the
/// work by dropping the future.
pub(crate) trait Engine: Send + Sync {
    /// The name in messages.
    fn name(&self) -> &'static str;

    /// Hears that brokers did not answer a call. What stands in the way of reaching them the next
    /// time, such as a pause between two tries, should be dropped: callers decide when to try.
    fn lost_touch(&self) {}

    /// Ends what outlives calls, within a moment.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// Proves that a broker answers.
    fn ping(&self) -> BoxFuture<'_, Result<(), Error>>;

    /// All topics, sorted by name, as they were at most half a second ago.
    fn list_topics(&self) -> BoxFuture<'_, Result<Vec<TopicSummary>, Error>> {
        Box::pin(async move {
            let metadata = self.metadata().await?;
            Ok(metadata
                .topics
                .iter()
                .map(TopicDescription::summary)
                .collect())
        })
    }

    /// One topic, as it is now.
    fn describe_topic<'a>(
        &'a self,
        topic: &'a TopicName,
    ) -> BoxFuture<'a, Result<TopicDescription, Error>>;

    /// Offsets by partition, one request per leader. `None`: no record matches the timestamp.
    fn list_offsets<'a>(
        &'a self,
        queries: &'a BTreeMap<(TopicName, i32), OffsetQuery>,
        isolation: Isolation,
    ) -> BoxFuture<'a, Result<OffsetAnswers, Error>>;

    /// Opens a reader of records.
    fn open_reader<'a>(
        &'a self,
        starts: &'a BTreeMap<(TopicName, i32), i64>,
        options: ReadOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Reader>, Error>>;

    /// Writes records to one topic; one result per record, in order. The outer error means that
    /// nothing was sent.
    fn produce<'a>(
        &'a self,
        topic: &'a TopicName,
        records: Vec<NewRecord>,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Vec<Result<Produced, Error>>, Error>>;

    /// Brokers and all topics, from one Metadata request that is at most half a second old.
    fn metadata(&self) -> BoxFuture<'_, Result<Arc<Metadata>, Error>> {
        self.unsupported("describe brokers and replicas")
    }

    /// The cluster's id and controller.
    fn cluster(&self) -> BoxFuture<'_, Result<Cluster, Error>> {
        self.unsupported("describe the cluster")
    }

    /// All groups.
    fn list_groups(&self) -> BoxFuture<'_, Result<GroupListing, Error>> {
        self.unsupported("list consumer groups")
    }

    /// Groups with their members, without offsets; a result per group.
    fn describe_groups<'a>(
        &'a self,
        _groups: &'a [GroupId],
    ) -> BoxFuture<'a, Result<GroupDescriptions, Error>> {
        self.unsupported("describe consumer groups")
    }

    /// The committed offsets of one group.
    fn committed_offsets<'a>(
        &'a self,
        _group: &'a GroupId,
    ) -> BoxFuture<'a, Result<CommittedOffsets, Error>> {
        self.unsupported("read the offsets of consumer groups")
    }

    /// The configuration of a topic or broker.
    fn describe_configs<'a>(
        &'a self,
        _query: &'a ConfigQuery,
    ) -> BoxFuture<'a, Result<Vec<ConfigEntry>, Error>> {
        self.unsupported("describe configurations")
    }
}

/// Shared by the defaults of [`Engine`], which need no `Sized` receiver.
trait Unsupported {
    fn unsupported<T: Send>(&self, operation: &'static str) -> BoxFuture<'_, Result<T, Error>>;
}

impl<E: Engine + ?Sized> Unsupported for E {
    fn unsupported<T: Send>(&self, operation: &'static str) -> BoxFuture<'_, Result<T, Error>> {
        let engine = self.name();
        Box::pin(async move { Err(Error::Unsupported { engine, operation }) })
    }
}

/// Reads records of several partitions, in the order of each partition.
pub(crate) trait Reader: Send {
    /// The next records, or none if none arrive within `wait`.
    fn next(&mut self, wait: Duration) -> BoxFuture<'_, Result<Vec<Record>, ReadFailure>>;

    /// The offset after the last record that was returned or skipped; control records, aborted
    /// transactions and gaps move it too.
    fn position<'a>(&'a self, partition: &'a (TopicName, i32)) -> BoxFuture<'a, Option<i64>>;

    /// Stops reading a partition.
    fn pause<'a>(&'a mut self, partition: &'a (TopicName, i32)) -> BoxFuture<'a, ()>;
}

/// Why a reader could not go on.
#[derive(Debug)]
pub(crate) struct ReadFailure {
    /// The partition, where only one is to blame.
    pub(crate) partition: Option<(TopicName, i32)>,
    /// What happened.
    pub(crate) error: Error,
}

/// How a reader reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadOptions {
    #[cfg_attr(
        not(feature = "krafka"),
        allow(dead_code, reason = "the lean engine cannot choose")
    )]
    pub(crate) isolation: Isolation,
    /// The most records one call of [`Reader::next`] returns.
    pub(crate) max_records: usize,
    /// The most bytes fetched at once; a single larger record is still fetched.
    pub(crate) max_bytes: usize,
}

/// The cluster's metadata.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// Sorted by id.
    pub(crate) brokers: Vec<Broker>,
    /// Sorted by name.
    pub(crate) topics: Vec<TopicDescription>,
}

impl Metadata {
    pub(crate) fn partitions(&self) -> impl Iterator<Item = &Partition> {
        self.topics.iter().flat_map(|topic| &topic.partitions)
    }

    /// The partitions that have no leader.
    pub(crate) fn leaderless(&self) -> BTreeSet<(TopicName, i32)> {
        let partitions = self.topics.iter().flat_map(|topic| {
            topic
                .partitions
                .iter()
                .map(move |partition| (&topic.name, partition))
        });
        let leaderless = partitions.filter(|(_, partition)| partition.leader.is_none());
        leaderless
            .map(|(name, partition)| (name.clone(), partition.id))
            .collect()
    }

    /// The ids of the brokers that hold replicas and are missing here, sorted.
    pub(crate) fn offline_brokers(&self) -> Vec<i32> {
        let alive: BTreeSet<i32> = self.brokers.iter().map(|broker| broker.id).collect();
        let holders: BTreeSet<i32> = self
            .partitions()
            .flat_map(|partition| partition.replicas.iter().copied())
            .collect();
        holders.difference(&alive).copied().collect()
    }
}

/// The cluster's id and controller.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) cluster_id: Option<String>,
    pub(crate) controller_id: Option<i32>,
}

/// Which offset of a partition is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OffsetQuery {
    /// The first offset of the log.
    Start,
    /// The end: the last stable offset or the high watermark.
    End,
    /// The first record at or after this time, in milliseconds since the Unix epoch.
    Timestamp(i64),
}

/// A result per partition.
pub(crate) type OffsetAnswers = BTreeMap<(TopicName, i32), Result<Option<i64>, Error>>;

/// A result per group.
pub(crate) type GroupDescriptions = BTreeMap<GroupId, Result<GroupDescription, Error>>;

/// What a group committed, by partition: offset and metadata, or why it could not be read.
pub(crate) type CommittedOffsets =
    BTreeMap<(TopicName, i32), Result<(Option<i64>, Option<String>), Error>>;
