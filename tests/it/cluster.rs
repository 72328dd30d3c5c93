//! Topics, brokers, configurations, overview and health of a cluster.

use kafka_tools::{
    ConfigQuery, ConfigResource, ConfigSource, ConsumeRequest, Error, HealthStatus, LagQuery,
    TopicName,
};
use testkit::{AnyKafka, RealKafka, unique_name};

#[tokio::test]
async fn a_topic_is_described_with_its_partitions() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(3).await;
        let described = kafka
            .client()
            .describe_topic(&topic)
            .await
            .expect("the topic");
        let ids: Vec<i32> = described
            .partitions
            .iter()
            .map(|partition| partition.id)
            .collect();
        assert_eq!(ids, [0, 1, 2]);
        assert!(!described.is_internal);
        for partition in &described.partitions {
            assert!(partition.leader.is_some() && !partition.is_offline());
            assert!(!partition.isr.is_empty() && partition.isr.len() <= partition.replicas.len());
        }
    }
}

#[tokio::test]
async fn topics_are_listed_sorted_with_their_partitions() {
    for kafka in AnyKafka::all().await {
        let (one, four) = (kafka.topic(1).await, kafka.topic(4).await);
        let topics = kafka.client().list_topics().await.expect("topics").topics;
        assert!(topics.is_sorted_by(|a, b| a.name < b.name));
        let count = |name: &TopicName| {
            topics
                .iter()
                .find(|topic| topic.name == *name)
                .map(|topic| topic.partition_count)
        };
        assert_eq!((count(&one), count(&four)), (Some(1), Some(4)));
    }
}

#[tokio::test]
async fn brokers_are_listed_with_the_addresses_they_advertise() {
    for kafka in AnyKafka::all().await {
        let client = kafka.client();
        client.ping().await.expect("an answer");
        let brokers = client.brokers().await.expect("brokers");
        assert!(!brokers.is_empty() && brokers.is_sorted_by(|a, b| a.id < b.id));
        assert!(
            brokers
                .iter()
                .all(|broker| broker.port > 0 && !broker.host.is_empty())
        );
    }
}

#[tokio::test]
async fn a_topics_configuration_tells_what_was_set_and_what_is_default() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic_with(1, &[("retention.ms", "4242")]).await;
        let query = ConfigQuery::new(ConfigResource::Topic(topic));
        let entries = kafka
            .client()
            .describe_configs(query)
            .await
            .expect("entries");
        assert!(entries.is_sorted_by(|a, b| a.name < b.name));
        let entry = |name: &str| {
            entries
                .iter()
                .find(|entry| entry.name == name)
                .expect("an entry")
        };
        let set = entry("retention.ms");
        assert_eq!(
            (set.value.as_deref(), set.source),
            (Some("4242"), ConfigSource::DynamicTopicConfig)
        );
        assert!(!set.is_default());
        assert!(entry("segment.bytes").value.is_some());
        assert!(entry("cleanup.policy").is_default());
    }
}

#[tokio::test]
async fn only_the_keys_asked_for_are_described() {
    for kafka in AnyKafka::all().await {
        let mut query = ConfigQuery::new(ConfigResource::Topic(kafka.topic(1).await));
        query.keys = vec!["retention.ms".to_owned(), "no.such.key".to_owned()];
        let entries = kafka
            .client()
            .describe_configs(query)
            .await
            .expect("entries");
        assert_eq!(
            entries.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(),
            ["retention.ms"]
        );
    }
}

#[tokio::test]
async fn a_brokers_sensitive_values_are_never_returned() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let client = kafka.client();
    let id = client.brokers().await.expect("brokers")[0].id;
    let query = ConfigQuery::new(ConfigResource::Broker(id));
    let entries = client.describe_configs(query).await.expect("entries");
    assert!(entries.len() > 50, "only {}", entries.len());
    assert!(
        entries
            .iter()
            .any(|entry| entry.source == ConfigSource::StaticBrokerConfig)
    );
    assert!(
        entries
            .iter()
            .filter(|e| e.is_sensitive)
            .all(|e| e.value.is_none())
    );
}

#[tokio::test]
async fn the_configuration_of_what_does_not_exist_is_an_error_that_says_so() {
    for kafka in AnyKafka::all().await {
        let client = kafka.client();
        let missing: TopicName = unique_name("missing").parse().expect("a name");
        let query = ConfigQuery::new(ConfigResource::Topic(missing.clone()));
        let error = client
            .describe_configs(query)
            .await
            .expect_err("no such topic");
        assert!(
            matches!(&error, Error::UnknownTopic { topic } if topic == missing.as_str()),
            "{error:?}"
        );
        let query = ConfigQuery::new(ConfigResource::Broker(4711));
        let error = client
            .describe_configs(query)
            .await
            .expect_err("no such broker");
        let Error::UnknownBroker { id: 4711, known } = &error else {
            panic!("{error:?}")
        };
        assert!(!known.is_empty());
    }
}

#[tokio::test]
async fn the_overview_counts_what_the_cluster_has() {
    for kafka in AnyKafka::all().await {
        let _topic = kafka.topic(2).await;
        let overview = kafka.client().overview().await.expect("an overview");
        assert!(overview.cluster_id.is_some_and(|id| !id.is_empty()));
        assert!(overview.controller_id.is_some());
        assert!(overview.topic_count >= 1 && overview.partition_count >= 2);
        assert_eq!(
            (
                overview.offline_partitions,
                overview.under_replicated_partitions
            ),
            (0, 0)
        );
        assert!(overview.offline_broker_ids.is_empty());
    }
}

#[tokio::test]
async fn a_cluster_in_good_order_is_not_critical() {
    for kafka in AnyKafka::all().await {
        let client = kafka.client();
        let health = client
            .health(LagQuery::new(10_000))
            .await
            .expect("a report");
        assert_eq!(health.brokers.status, HealthStatus::Healthy);
        assert_eq!(health.controller.status, HealthStatus::Healthy);
        assert_eq!(health.partitions.status, HealthStatus::Healthy);
        assert!(health.consumers.lag.is_some(), "{:?}", health.failures);
        let replication = client.under_replicated().await.expect("a report");
        assert!(replication.under_replicated.is_empty() && replication.offline.is_empty());
    }
}

#[tokio::test]
async fn reading_an_unknown_topic_does_not_create_it_although_the_broker_would() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let missing: TopicName = unique_name("missing").parse().expect("a name");
    let client = kafka.client();
    let read = client
        .consume(ConsumeRequest::new(vec![missing.clone()]))
        .await;
    let described = client.describe_topic(&missing).await;
    for error in [read.expect_err("unknown"), described.expect_err("unknown")] {
        assert!(
            matches!(&error, Error::UnknownTopic { topic } if topic == missing.as_str()),
            "{error:?}"
        );
    }
    let topics = kafka.client().list_topics().await.expect("topics").topics;
    assert!(topics.iter().all(|topic| topic.name != missing));
}
