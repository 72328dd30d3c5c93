//! The real broker that records are written to and read from.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use kafka_tools::{Client, KafkaConfig};
use krafka::admin::{CreateTopicsOptions, DeleteTopicsOptions, NewTopic};
use krafka::producer::Producer;
use krafka::{Kafka, Record};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// A real broker, reached through the library and through plain krafka.
pub(super) struct Broker {
    /// The library.
    pub(super) client: Client,
    /// Its peer.
    pub(super) kafka: Kafka,
    address: String,
}

impl Broker {
    /// Connects to the brokers, comma-separated.
    ///
    /// # Errors
    ///
    /// Fails if none answers.
    pub(super) async fn connect(brokers: &str) -> Result<Self> {
        let addresses = brokers.split(',').map(str::parse).collect::<Result<_, _>>();
        let config = KafkaConfig::new(addresses.context("reading KAFKA_TEST_BROKERS")?);
        let client = Client::new(config).context("making a client")?;
        client
            .ping()
            .await
            .context("reaching the brokers of KAFKA_TEST_BROKERS")?;
        let kafka = Kafka::builder(brokers).client_id("bench").connect().await;
        Ok(Self {
            client,
            kafka: kafka.context("connecting krafka")?,
            address: brokers.split(',').next().unwrap_or(brokers).to_owned(),
        })
    }

    /// Makes a topic of one partition.
    ///
    /// # Errors
    ///
    /// Fails if the broker refuses.
    pub(super) async fn create_topic(&self, purpose: &str) -> Result<Topic<'_>> {
        let name = format!("bench-{purpose}-{}", std::process::id());
        let topic = NewTopic::new(&name, 1, 1).context("naming a topic")?;
        let options = CreateTopicsOptions::default();
        let created = self.kafka.admin().create_topics([topic], options).await;
        for (name, outcome) in created.context("creating a topic")? {
            outcome.with_context(|| format!("creating topic {name}"))?;
        }
        Ok(Topic { broker: self, name })
    }

    /// Starts a plain krafka producer that does not wait to fill its batches, as the library does.
    ///
    /// # Errors
    ///
    /// Fails if the broker does not answer.
    pub(super) async fn producer(&self) -> Result<Producer> {
        let producer = self.kafka.producer().linger(Duration::ZERO).build().await;
        producer.context("starting a producer")
    }

    /// Measures how long the broker takes for the simplest request, which is about versions.
    ///
    /// # Errors
    ///
    /// Fails if it does not answer.
    pub(super) async fn round_trip(&self) -> Result<RoundTrip> {
        let stream = timeout(PATIENCE, TcpStream::connect(&self.address)).await;
        let stream = stream
            .context("connecting takes too long")?
            .context("connecting")?;
        stream.set_nodelay(true).context("setting TCP_NODELAY")?;
        Ok(RoundTrip { stream })
    }
}

/// A topic to measure on.
pub(super) struct Topic<'a> {
    broker: &'a Broker,
    pub(super) name: String,
}

impl Topic<'_> {
    /// Writes records with `size` bytes each.
    ///
    /// # Errors
    ///
    /// Fails if one is not written.
    pub(super) async fn fill(&self, count: usize, size: usize) -> Result<()> {
        let producer = self.broker.producer().await?;
        write(&producer, &self.name, count, size).await?;
        producer.close().await.context("ending a producer")
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// Fails if the broker refuses.
    pub(super) async fn delete(self) -> Result<()> {
        let admin = self.broker.kafka.admin();
        let deleted = admin
            .delete_topics([&self.name], DeleteTopicsOptions::default())
            .await;
        for (name, outcome) in deleted.context("removing a topic")? {
            outcome.with_context(|| format!("removing topic {name}"))?;
        }
        Ok(())
    }
}

/// Writes records with plain krafka: queues all, then waits for all.
///
/// # Errors
///
/// Fails if one is not written.
pub(super) async fn write(
    producer: &Producer,
    topic: &str,
    count: usize,
    size: usize,
) -> Result<()> {
    let value = Bytes::from(vec![b'x'; size]);
    let mut written = Vec::with_capacity(count);
    for _ in 0..count {
        let queued = producer.enqueue(Record::new(topic, value.clone())).await;
        written.push(queued.context("queueing a record")?);
    }
    for handle in written {
        let written = handle.await.context("writing a record")?;
        ensure!(written.is_success(), "a record was not written");
    }
    Ok(())
}

/// A connection for the simplest request.
pub(super) struct RoundTrip {
    stream: TcpStream,
}

impl RoundTrip {
    /// Asks once.
    ///
    /// # Errors
    ///
    /// Fails if the broker does not answer.
    pub(super) async fn measure(&mut self) -> Result<Duration> {
        let started = Instant::now();
        let exchange = async {
            self.stream.write_all(&API_VERSIONS).await?;
            let length = self.stream.read_u32().await?;
            let mut answer = (&mut self.stream).take(length.into());
            tokio::io::copy(&mut answer, &mut tokio::io::sink()).await
        };
        timeout(PATIENCE, exchange)
            .await
            .context("no answer in time")?
            .context("asking")?;
        Ok(started.elapsed())
    }
}

/// ApiVersions, version 0: length 10, key 18, correlation id 1, no client id.
const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
const PATIENCE: Duration = Duration::from_secs(10);
