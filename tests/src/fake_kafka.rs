//! krafka's fake broker, with a proxy in front where one is wanted.

use kafka_tools::{Client, KafkaConfig};
use krafka::{Kafka, Record, testing::FakeBroker};

use crate::{Fault, FaultProxy, bootstrap};

/// A broker in this process, which needs nothing from its surroundings.
#[derive(Debug)]
pub struct FakeKafka {
    broker: FakeBroker,
    proxy: FaultProxy,
}

impl FakeKafka {
    /// One broker that advertises a proxy, so that every connection goes through it.
    ///
    /// # Panics
    ///
    /// If no port can be had.
    pub async fn start() -> Self {
        let broker = FakeBroker::start().await.expect("a port");
        let upstream = broker.broker_addr(0).expect("it listens on TCP");
        let proxy = FaultProxy::start(upstream, Fault::Pass)
            .await
            .expect("a port");
        broker.with_state(|cluster| {
            for node in &mut cluster.brokers {
                node.port = i32::from(proxy.address().port());
            }
        });
        Self { broker, proxy }
    }

    /// The broker, to be told how to behave.
    #[must_use]
    pub fn broker(&self) -> &FakeBroker {
        &self.broker
    }

    /// The way to the broker, to be broken.
    #[must_use]
    pub fn proxy(&self) -> &FaultProxy {
        &self.proxy
    }

    /// A configuration for this broker.
    #[must_use]
    pub fn config(&self) -> KafkaConfig {
        bootstrap(&self.proxy.address().to_string())
    }

    /// A client of this broker.
    ///
    /// # Panics
    ///
    /// Never, as the configuration is valid.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.config()).expect("a valid configuration")
    }

    /// A client that does not go through the proxy until it has read the metadata.
    ///
    /// # Panics
    ///
    /// If the broker does not answer.
    pub async fn kafka(&self) -> Kafka {
        self.broker
            .kafka()
            .connect()
            .await
            .expect("the broker answers")
    }

    /// Writes records in this order, with an independent client.
    ///
    /// # Panics
    ///
    /// If one is not written.
    pub async fn write(&self, records: impl IntoIterator<Item = Record>) {
        let producer = self
            .kafka()
            .await
            .producer()
            .build()
            .await
            .expect("a producer");
        for record in records {
            let written = producer.send(record).await.expect("written");
            assert!(written.is_success());
        }
    }
}
