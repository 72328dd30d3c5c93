//! What tests do with a cluster, real or not.

use std::{sync::Mutex, time::Duration};

use kafka_tools::{Client, KafkaConfig, TopicName};
use krafka::{
    Kafka, Record,
    admin::{
        CreateTopicsOptions, DeleteRecordsOptions, DeleteTopicsOptions, NewTopic, TopicPartition,
    },
};

use crate::{bootstrap, unique_name};

/// The way to a cluster, and clients that need no more than that.
#[derive(Debug)]
pub struct KafkaAccess {
    brokers: String,
    kafka: Kafka,
    pub(crate) topics: Mutex<Vec<String>>,
}

impl KafkaAccess {
    pub(crate) async fn open(brokers: String) -> Self {
        let kafka = Kafka::builder(&brokers)
            .client_id("testkit")
            .allow_auto_create_topics(false)
            .connect()
            .await
            .expect("the cluster that is named answers");
        Self {
            brokers,
            kafka,
            topics: Mutex::default(),
        }
    }

    /// The bootstrap addresses of the plain listener, comma-separated.
    #[must_use]
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// A configuration for the plain listener.
    #[must_use]
    pub fn config(&self) -> KafkaConfig {
        bootstrap(&self.brokers)
    }

    /// A client of the plain listener.
    ///
    /// # Panics
    ///
    /// Never, as the configuration is valid.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.config()).expect("a valid configuration")
    }

    /// An independent client, for what the library under test does not do.
    #[must_use]
    pub fn kafka(&self) -> &Kafka {
        &self.kafka
    }

    /// A new topic.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    pub async fn topic(&self, partitions: i32) -> TopicName {
        self.topic_with(partitions, &[]).await
    }

    /// A new topic with these configurations.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    pub async fn topic_with(&self, partitions: i32, configs: &[(&str, &str)]) -> TopicName {
        let name = unique_name("topic");
        let topic = NewTopic::new(&name, partitions, -1).expect("a valid topic");
        let topic = configs
            .iter()
            .fold(topic, |topic, (key, value)| topic.with_config(*key, *value));
        self.create([topic]).await;
        name.parse().expect("a valid name")
    }

    /// Creates topics and waits until all of them can be described.
    ///
    /// # Panics
    ///
    /// If they cannot be created.
    pub async fn create(&self, topics: impl IntoIterator<Item = NewTopic>) {
        let topics: Vec<NewTopic> = topics.into_iter().collect();
        let names: Vec<String> = topics.iter().map(|topic| topic.name.clone()).collect();
        self.topics
            .lock()
            .expect("unpoisoned")
            .extend(names.iter().cloned());
        let options = CreateTopicsOptions::default().timeout(PATIENCE);
        let created = self.kafka.admin().create_topics(topics, options).await;
        for (name, outcome) in created.expect("the controller answers") {
            outcome.unwrap_or_else(|error| panic!("creating {name}: {error}"));
        }
        // The controller acknowledges before every broker has heard of the topic.
        crate::eventually("the new topics", || async {
            let admin = self.kafka.admin();
            let described = admin
                .describe_topics(&names, Default::default())
                .await
                .ok()?;
            let ready = |name: &String| {
                described.get(name).is_some_and(|topic| {
                    topic.as_ref().is_ok_and(|topic| {
                        topic
                            .partitions
                            .iter()
                            .all(|partition| partition.leader.is_some())
                    })
                })
            };
            names.iter().all(ready).then_some(())
        })
        .await;
    }

    /// Removes a topic.
    ///
    /// # Panics
    ///
    /// If it is not removed.
    pub async fn delete(&self, topic: &TopicName) {
        let options = DeleteTopicsOptions::default().timeout(PATIENCE);
        let admin = self.kafka.admin();
        let deleted = admin.delete_topics([topic.as_str()], options).await;
        for (name, outcome) in deleted.expect("the controller answers") {
            outcome.unwrap_or_else(|error| panic!("deleting {name}: {error}"));
        }
        let mut topics = self.topics.lock().expect("unpoisoned");
        topics.retain(|known| known != topic.as_str());
    }

    /// Writes records with an independent client, in this order.
    ///
    /// # Panics
    ///
    /// If one is not written.
    pub async fn write(&self, records: impl IntoIterator<Item = Record>) {
        let producer = self.kafka.producer().build().await.expect("a producer");
        let mut handles = Vec::new();
        for record in records {
            handles.push(producer.enqueue(record).await.expect("room in the queue"));
        }
        for handle in handles {
            let _: krafka::producer::RecordMetadata = handle.await.expect("written");
        }
        producer.close().await.expect("closed");
    }

    /// Removes the records below `offset`, as retention does.
    ///
    /// # Panics
    ///
    /// If they are not removed.
    pub async fn truncate(&self, topic: &TopicName, partition: i32, offset: i64) {
        let before = [(TopicPartition::new(topic.as_str(), partition), offset)];
        let admin = self.kafka.admin();
        let deleted = admin
            .delete_records(before, DeleteRecordsOptions::default())
            .await;
        for (partition, outcome) in deleted.expect("the leader answers") {
            outcome.unwrap_or_else(|error| panic!("truncating {partition:?}: {error}"));
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
