//! The connection to the cluster, made when it is first needed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use rskafka::{
    BackoffConfig,
    client::{Client, ClientBuilder, error::Error as ClientError},
};
use tokio::{
    net::TcpStream,
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{
    fault::{Context, translate, unavailable},
    security::Security,
};
use crate::{BrokerAddress, Error, KafkaConfig, TopicName};

/// The partitions of every topic that is not internal.
pub(super) type Topics = BTreeMap<TopicName, BTreeSet<i32>>;

/// The connection to the cluster, made when it is first needed and made anew when it broke.
///
/// Looking at a single topic makes rskafka ask the broker in a way that can create it, so all
/// knowledge of topics comes from the list of all topics.
pub(super) struct Connection {
    config: Arc<KafkaConfig>,
    security: Security,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    client: Option<Arc<Client>>,
    /// When the latest list was asked for, and what it said.
    topics: Option<(Instant, Arc<Topics>)>,
}

impl Connection {
    pub(super) fn new(config: Arc<KafkaConfig>) -> Result<Self, Error> {
        if config.brokers.is_empty() {
            return Err(Error::invalid(
                "brokers",
                "",
                "at least one broker address is needed",
            ));
        }
        let security = Security::new(&config)?;
        Ok(Self {
            config,
            security,
            state: Mutex::default(),
        })
    }

    pub(super) fn config(&self) -> &KafkaConfig {
        &self.config
    }

    /// All topics, as they were at most `max_age` before this call. Concurrent callers share a
    /// request.
    pub(super) async fn topics(&self, max_age: Duration) -> Result<Arc<Topics>, Error> {
        let arrived = Instant::now();
        let mut state = self.state.lock().await;
        if let Some((taken, topics)) = &state.topics
            && arrived.saturating_duration_since(*taken) <= max_age
            && state.client.is_some()
        {
            return Ok(Arc::clone(topics));
        }
        let taken = Instant::now();
        let topics = Arc::new(state.list(self).await?);
        state.topics = Some((taken, Arc::clone(&topics)));
        Ok(topics)
    }

    /// The client, once the topic and its partition are known to exist: rskafka's look for the
    /// leader would create the topic. The list that tells is at most `max_age` old.
    pub(super) async fn client_of(
        &self,
        (topic, partition): &(TopicName, i32),
        max_age: Duration,
    ) -> Result<Arc<Client>, Error> {
        let mut topics = self.topics(max_age).await?;
        if !topics
            .get(topic)
            .is_some_and(|partitions| partitions.contains(partition))
        {
            topics = self.topics(Duration::ZERO).await?;
        }
        let partitions = topics
            .get(topic)
            .ok_or_else(|| super::unknown_topic(topic))?;
        if !partitions.contains(partition) {
            return Err(Error::UnknownPartition {
                topic: topic.to_string(),
                partition: *partition,
                count: partitions.len(),
            });
        }
        let client = self.state.lock().await.client.clone();
        client.ok_or_else(|| unavailable("the connection broke"))
    }

    /// Connects to the bootstrap broker that answers first. rskafka would try them one after the
    /// other, without a deadline.
    async fn connect(&self) -> Result<Client, Error> {
        let brokers = self.config.brokers.iter();
        let mut probes: FuturesUnordered<_> = brokers.map(|broker| self.probe(broker)).collect();
        let mut failure = None;
        while let Some(probed) = probes.next().await {
            let connected = match probed {
                Ok(broker) => self.build(broker).await,
                Err(error) => Err(error),
            };
            match (connected, &failure) {
                (Ok(client), _) => return Ok(client),
                // A refused password says more than another broker that is down.
                (Err(Error::Unavailable { .. }), Some(_)) => {}
                (Err(error), _) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or_else(|| unavailable("no broker is configured")))
    }

    async fn probe<'a>(&'a self, broker: &'a BrokerAddress) -> Result<&'a BrokerAddress, Error> {
        let connecting = TcpStream::connect((broker.host(), broker.port()));
        match timeout(self.config.connect_timeout, connecting).await {
            Ok(Ok(_)) => Ok(broker),
            Ok(Err(error)) => Err(unavailable(error)),
            Err(_) => Err(unavailable(self.too_slow(broker))),
        }
    }

    async fn build(&self, broker: &BrokerAddress) -> Result<Client, Error> {
        let mut builder = ClientBuilder::new(vec![broker.to_string()])
            .client_id(self.config.client_id.as_str())
            .max_message_size(self.config.limits.max_response_bytes)
            // No retries: rskafka would repeat what must not be repeated, and never give up.
            .backoff_config(BackoffConfig {
                deadline: Some(Duration::ZERO),
                ..BackoffConfig::default()
            });
        if let Some(tls) = &self.security.tls {
            builder = builder.tls_config(Arc::clone(tls));
        }
        if let Some(sasl) = &self.security.sasl {
            builder = builder.sasl_config(sasl.clone());
        }
        match timeout(self.config.connect_timeout, builder.build()).await {
            Ok(built) => built.map_err(|error| translate(&error, &LISTING)),
            Err(_) => Err(unavailable(self.too_slow(broker))),
        }
    }

    fn too_slow(&self, broker: &BrokerAddress) -> String {
        format!(
            "{broker} did not answer within {:?}",
            self.config.connect_timeout
        )
    }
}

impl State {
    /// Asks for all topics. While the request is under way the client is out of its place, so that
    /// one which does not answer is left behind when the caller gives up.
    async fn list(&mut self, connection: &Connection) -> Result<Topics, Error> {
        if let Some(client) = self.client.take() {
            let listed = timeout(connection.config.connect_timeout, client.list_topics()).await;
            // Whatever else it was, a new connection tells.
            if let Ok(Ok(topics)) = listed {
                self.client = Some(client);
                return Ok(by_name(topics));
            }
        }
        let client = connection.connect().await?;
        let failed = |error: ClientError| translate(&error, &LISTING);
        let topics = client.list_topics().await.map_err(failed)?;
        self.client = Some(Arc::new(client));
        Ok(by_name(topics))
    }
}

/// The only call that is made without a partition.
const LISTING: Context<'static> = Context::new("listing topics");

fn by_name(topics: Vec<rskafka::topic::Topic>) -> Topics {
    let topics = topics.into_iter();
    topics
        .map(|topic| (TopicName::from_broker(topic.name), topic.partitions))
        .collect()
}

/// How old the list of topics may be that answers a call.
pub(super) const SNAPSHOT_MAX_AGE: Duration = Duration::from_millis(500);
