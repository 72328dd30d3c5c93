//! Kafka operations as a typed async library: produce, consume, topics, brokers, consumer groups,
//! configs, cluster health and consumer lag.
//!
//! Use it where a program wants answers about a cluster rather than a stream: command-line tools,
//! dashboards, servers for agents. Every call has a deadline, every result has a bound, reads never
//! change the cluster, and every failure says whose fault it is. It knows nothing of HTTP or MCP.
//!
//! ```no_run
//! use kafka_tools::{BrokerAddress, Client, ConsumeRequest, KafkaConfig, TopicName};
//!
//! # async fn example() -> Result<(), kafka_tools::Error> {
//! let config = KafkaConfig::new(vec!["localhost:9092".parse::<BrokerAddress>()?]);
//! // Nothing is contacted before the first call.
//! let client = Client::new(config)?;
//!
//! for topic in client.list_topics().await?.topics {
//!     println!("{}: {} partitions", topic.name, topic.partition_count);
//! }
//!
//! // The ten most recent records, over all partitions. No consumer group is joined.
//! let request = ConsumeRequest::new(vec!["orders".parse::<TopicName>()?]);
//! let report = client.consume(request).await?;
//! println!("{} records, stopped: {:?}", report.records.len(), report.stopped);
//! # Ok(())
//! # }
//! ```
//!
//! # Engines
//!
//! Two pure-Rust Kafka clients stand behind one trait; [`KafkaConfig::engine`] selects one.
//!
//! | feature | engine | what it can do |
//! |---|---|---|
//! | `krafka` (default) | [`EngineKind::Krafka`] | every operation |
//! | `rskafka` | [`EngineKind::Rskafka`] | produce, consume, topics, watermarks; its limits are listed there |
//!
//! An operation that the selected engine lacks fails with [`Error::Unsupported`].

#![cfg_attr(
    not(any(feature = "krafka", feature = "rskafka")),
    allow(dead_code, reason = "what only an engine uses")
)]

mod address;
mod broker;
mod client;
mod config;
mod config_entry;
mod consume;
mod engine;
mod error;
mod filter;
mod group;
mod health;
mod kafka_code;
mod lag;
mod name;
mod overview;
mod partial_failure;
mod produce;
mod record;
mod replication;
mod security;
mod topic;

pub use address::BrokerAddress;
pub use broker::Broker;
pub use client::Client;
pub use config::{EngineKind, KafkaConfig, Limits};
pub use config_entry::{ConfigEntry, ConfigQuery, ConfigResource, ConfigSource};
pub use consume::{
    ConsumeReport, ConsumeRequest, Isolation, PartitionProgress, Position, StopReason,
};
pub use error::{Error, Fault};
pub use filter::Filter;
pub use group::{
    CommittedOffset, GroupAssignment, GroupDescription, GroupListing, GroupMember, GroupSummary,
};
pub use health::{
    BrokerHealth, ConsumerHealth, ControllerHealth, HealthReport, HealthStatus, PartitionHealth,
};
pub use kafka_code::KafkaCode;
pub use lag::{GroupLag, LagQuery, LagReport, PartitionLag};
pub use name::{GroupId, TopicName};
pub use overview::ClusterOverview;
pub use partial_failure::PartialFailure;
pub use produce::{NewRecord, ProduceReport, ProduceRequest, Produced};
pub use record::{Header, Record, Timestamp, TimestampKind};
pub use replication::{OfflinePartition, ReplicationReport, UnderReplicatedPartition};
pub use security::{
    ClientIdentity, OAuthClientCredentials, SaslConfig, ServerVerification, TlsConfig,
};
pub use topic::{Partition, TopicDescription, TopicListing, TopicSummary};
