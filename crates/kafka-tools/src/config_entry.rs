//! Configurations of topics and brokers.

use crate::{Client, Error, TopicName};

impl Client {
    /// Describes the configuration of a topic or broker, sorted by key. Keys that do not exist
    /// are absent from the answer.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTopic`] and [`Error::UnknownBroker`].
    pub async fn describe_configs(&self, query: ConfigQuery) -> Result<Vec<ConfigEntry>, Error> {
        let work = async {
            if let ConfigResource::Broker(id) = query.resource {
                let known: Vec<i32> = self
                    .engine
                    .metadata()
                    .await?
                    .brokers
                    .iter()
                    .map(|broker| broker.id)
                    .collect();
                if !known.contains(&id) {
                    return Err(Error::UnknownBroker { id, known });
                }
            }
            let mut entries = self.engine.describe_configs(&query).await?;
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(entries)
        };
        self.within("describing the configuration", None, work)
            .await
    }
}

/// What to describe.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConfigQuery {
    /// The topic or broker.
    pub resource: ConfigResource,
    /// Only these keys; empty means all.
    pub keys: Vec<String>,
}

impl ConfigQuery {
    /// Asks for all keys.
    #[must_use]
    pub fn new(resource: ConfigResource) -> Self {
        Self {
            resource,
            keys: Vec::new(),
        }
    }
}

/// A resource that has a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigResource {
    /// A broker, by id.
    Broker(i32),
    /// A topic.
    Topic(TopicName),
}

/// One setting of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigEntry {
    /// The key.
    pub name: String,
    /// The value; `None` where it is sensitive or unset.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether it can be changed while the broker runs.
    pub is_read_only: bool,
    /// Whether the broker hides the value.
    pub is_sensitive: bool,
}

impl ConfigEntry {
    /// Whether nobody set it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.source == ConfigSource::DefaultConfig
    }
}

/// Where a value comes from (KIP-226).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigSource {
    /// Set for this topic.
    DynamicTopicConfig,
    /// Set for this broker.
    DynamicBrokerConfig,
    /// Set for all brokers.
    DynamicDefaultBrokerConfig,
    /// In the broker's properties file.
    StaticBrokerConfig,
    /// Kafka's default.
    DefaultConfig,
    /// A log level of this broker.
    DynamicBrokerLoggerConfig,
    /// A client metrics subscription (KIP-714).
    ClientMetricsConfig,
    /// Set for a consumer group (KIP-848).
    GroupConfig,
    /// A source this library does not know.
    Unknown,
}

impl ConfigSource {
    /// Kafka's word for it, such as `DYNAMIC_TOPIC_CONFIG`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DynamicTopicConfig => "DYNAMIC_TOPIC_CONFIG",
            Self::DynamicBrokerConfig => "DYNAMIC_BROKER_CONFIG",
            Self::DynamicDefaultBrokerConfig => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Self::StaticBrokerConfig => "STATIC_BROKER_CONFIG",
            Self::DefaultConfig => "DEFAULT_CONFIG",
            Self::DynamicBrokerLoggerConfig => "DYNAMIC_BROKER_LOGGER_CONFIG",
            Self::ClientMetricsConfig => "CLIENT_METRICS_CONFIG",
            Self::GroupConfig => "GROUP_CONFIG",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// Reads the number on the wire.
    #[must_use]
    pub fn from_wire(source: i8) -> Self {
        match source {
            1 => Self::DynamicTopicConfig,
            2 => Self::DynamicBrokerConfig,
            3 => Self::DynamicDefaultBrokerConfig,
            4 => Self::StaticBrokerConfig,
            5 => Self::DefaultConfig,
            6 => Self::DynamicBrokerLoggerConfig,
            7 => Self::ClientMetricsConfig,
            8 => Self::GroupConfig,
            _ => Self::Unknown,
        }
    }
}
