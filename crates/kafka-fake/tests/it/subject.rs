//! The clusters that a test runs on.

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    sync::atomic::{AtomicU32, Ordering},
};

use kafka_fake::{Api, Cluster};
use kafka_protocol::messages::{
    ApiVersionsRequest, CreateTopicsRequest, DeleteTopicsRequest, FindCoordinatorRequest,
    InitProducerIdRequest, ListGroupsRequest, ListOffsetsRequest, TopicName,
    create_topics_request::CreatableTopic,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
};
use tokio::time::{Duration, sleep};

use crate::wire::{Wire, text};

/// A cluster under test.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    address: String,
    /// Who logs in, where somebody has to.
    user: Option<&'static str>,
    /// What it answers, by the number of the request.
    versions: BTreeMap<i16, RangeInclusive<i16>>,
    topics: Vec<String>,
    fake: Option<Cluster>,
}

impl Subject {
    /// kafka-fake, and the real ones that are up.
    pub(crate) async fn all() -> Vec<Self> {
        let fake = Cluster::builder().start().await.unwrap();
        let address = fake.bootstrap_servers();
        let mut subjects = vec![Self::new("kafka-fake", address, Some(fake)).await];
        let is_required = variable("KAFKA_TEST_REQUIRED").as_deref() == Some("1");
        for (name, told_by) in [
            ("Apache Kafka", "KAFKA_TEST_BROKERS"),
            ("an older Apache Kafka", "KAFKA_TEST_OLDER_BROKERS"),
        ] {
            let address = variable(told_by);
            assert!(
                address.is_some() || !is_required,
                "{name} is required, and {told_by} names none"
            );
            if let Some(address) = address {
                let real = Self::new(name, address, None).await;
                real.warm_up().await;
                subjects.push(real);
            }
        }
        subjects
    }

    /// Those whose coordinators know groups of KIP-848, which came with 4.0.
    pub(crate) async fn modern() -> Vec<Self> {
        let mut subjects = Self::all().await;
        subjects.retain(|subject| !subject.is_before_4());
        subjects
    }

    /// Clusters where a client has to log in; Alice can.
    pub(crate) async fn all_with_users() -> Vec<Self> {
        let fake = Cluster::builder().user("alice", "alice-secret").start();
        let fake = fake.await.unwrap();
        let address = fake.bootstrap_servers();
        let mut subjects = vec![Self {
            fake: Some(fake),
            ..Self::at("kafka-fake", address)
        }];
        subjects.extend(sasl_listener().map(|address| Self::at("Apache Kafka", address)));
        subjects
    }

    /// Clusters with ACLs, where a super user connects, and another user can.
    pub(crate) async fn all_with_acls() -> Vec<Self> {
        let mut fake = Cluster::builder().super_user("User:admin");
        for user in ["admin", "restricted"] {
            fake = fake.user(user, format!("{user}-secret"));
        }
        let fake = fake.start().await.unwrap();
        let address = fake.bootstrap_servers();
        let mut subjects = vec![Self {
            fake: Some(fake),
            ..Self::at("kafka-fake", address)
        }];
        subjects.extend(sasl_listener().map(|address| Self::at("Apache Kafka", address)));
        for subject in &mut subjects {
            subject.user = Some("admin");
            subject.warm_up().await;
        }
        subjects
    }

    /// A cluster that the test has made.
    pub(crate) fn of(cluster: &Cluster) -> Self {
        Self::at("kafka-fake", cluster.bootstrap_servers())
    }

    /// A node of a cluster that the test has made.
    pub(crate) fn at_node(cluster: &Cluster, node: i32) -> Self {
        let address = cluster.node_address(node).unwrap();
        Self::at("kafka-fake", address.to_string())
    }

    /// A cluster that is not asked what it answers.
    fn at(name: &'static str, address: String) -> Self {
        Self {
            name,
            address,
            user: None,
            versions: BTreeMap::new(),
            topics: Vec::new(),
            fake: None,
        }
    }

    async fn new(name: &'static str, address: String, fake: Option<Cluster>) -> Self {
        let mut wire = Wire::connect(&address).await;
        let answer = wire.ask(&ApiVersionsRequest::default(), 0).await;
        let listed = answer.api_keys.iter();
        let versions = listed.map(|api| (api.api_key, api.min_version..=api.max_version));
        Self {
            versions: versions.collect(),
            fake,
            ..Self::at(name, address)
        }
    }

    /// The versions of a request that both this cluster and kafka-fake answer.
    pub(crate) fn versions(&self, api: Api) -> RangeInclusive<i16> {
        let (own, fake) = (&self.versions[&api.key()], api.versions());
        *own.start().max(fake.start())..=*own.end().min(fake.end())
    }

    /// Whether it is a Kafka of before 4.0, which brought KIP-890.
    pub(crate) fn is_before_4(&self) -> bool {
        !self.versions(Api::EndTxn).contains(&5)
    }

    /// Waits until producers and groups can be had, which takes a moment on a new cluster.
    async fn warm_up(&self) {
        let mut wire = self.connect().await;
        let producer = InitProducerIdRequest::default().with_transactional_id(None);
        let coordinator = FindCoordinatorRequest::default().with_key(text("kafka-fake-test"));
        let transactional = coordinator.clone().with_key_type(1);
        for _ in 0..500 {
            let codes = [
                wire.ask(&producer, 4).await.error_code,
                wire.ask(&coordinator, 3).await.error_code,
                wire.ask(&transactional, 3).await.error_code,
                wire.ask(&ListGroupsRequest::default(), 5).await.error_code,
            ];
            if codes == [0; 4] {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{} does not get ready", self.name)
    }

    pub(crate) async fn connect(&self) -> Wire {
        match self.user {
            Some(user) => self.connect_as(user).await,
            None => Wire::connect(&self.address).await,
        }
    }

    /// A connection of a user, who has the same password everywhere.
    pub(crate) async fn connect_as(&self, user: &str) -> Wire {
        let mut wire = Wire::connect(&self.address).await;
        wire.log_in(user, &format!("{user}-secret")).await;
        wire
    }

    /// A new topic that can be written to.
    pub(crate) async fn topic(&mut self, partitions: i32) -> TopicName {
        let name = unique("kafka-fake-test");
        let topic = CreatableTopic::default()
            .with_name(name.clone())
            .with_num_partitions(partitions)
            .with_replication_factor(1);
        let request = CreateTopicsRequest::default()
            .with_topics(vec![topic])
            .with_timeout_ms(30_000);
        let mut wire = self.connect().await;
        let created = wire.ask(&request, 5).await;
        assert_eq!(created.topics[0].error_code, 0, "{}", self.name);
        self.topics.push(name.to_string());
        // A broker describes a topic a moment before it leads it.
        let asked = (0..partitions).map(|id| {
            ListOffsetsPartition::default()
                .with_partition_index(id)
                .with_timestamp(-1)
        });
        let asked = ListOffsetsTopic::default()
            .with_name(name.clone())
            .with_partitions(asked.collect());
        let asked = ListOffsetsRequest::default()
            .with_replica_id((-1).into())
            .with_topics(vec![asked]);
        for _ in 0..500 {
            let answer = wire.ask(&asked, 5).await;
            let mut found = answer.topics[0].partitions.iter();
            if found.all(|partition| partition.error_code == 0) {
                return name;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{}: the topic cannot be described", self.name)
    }

    /// Removes topics that the test created by itself, and what else it made.
    pub(crate) async fn clean_topics(mut self, names: &[&TopicName]) {
        self.topics
            .extend(names.iter().map(|name| name.to_string()));
        self.clean().await;
    }

    /// Removes what the test made.
    pub(crate) async fn clean(self) {
        let names = self.topics.iter().map(|name| TopicName(text(name)));
        let request = DeleteTopicsRequest::default()
            .with_topic_names(names.collect())
            .with_timeout_ms(30_000);
        self.connect().await.ask(&request, 5).await;
        if let Some(fake) = self.fake {
            fake.shutdown().await;
        }
    }
}

/// Where the real cluster lets users in, if there is one.
fn sasl_listener() -> Option<String> {
    let state = std::fs::read_to_string(variable("KAFKA_TEST_STATE")?).unwrap();
    // One address in a file of JSON needs no parser.
    let (_, rest) = state.split_once("\"sasl_plaintext\": \"").unwrap();
    let (address, _) = rest.split_once('"').unwrap();
    Some(address.to_owned())
}

/// A variable that is not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "what tests may use is told by the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A name that no other test uses.
pub(crate) fn unique(what: &str) -> TopicName {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    TopicName(text(&format!("{what}-{:x}-{count}", std::process::id())))
}
