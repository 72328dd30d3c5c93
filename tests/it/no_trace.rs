//! Reads leave nothing behind: the cluster is compared before and after.

use std::{collections::BTreeMap, time::Duration};

use kafka_tools::{
    ConfigQuery, ConfigResource, ConsumeRequest, GroupId, LagQuery, Position, TopicName,
};
use testkit::{RealKafka, unique_name};

use crate::{
    consume_positions::numbered,
    groups::{commit, forget, group},
};

#[tokio::test]
async fn reads_leave_no_group_no_topic_and_no_offset_behind() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(2).await;
    let missing: TopicName = unique_name("missing").parse().expect("a name");
    kafka
        .write((0..20).map(|n| numbered(&topic, n % 2, n)))
        .await;
    let group = group("watched");
    commit(&kafka, &group, &topic, &[(0, 3), (1, 5)]).await;
    // A client id of its own, since other tests make groups and topics meanwhile.
    let mut config = kafka.config();
    config.client_id = unique_name("reader");
    let id = config.client_id.clone();
    let client = kafka_tools::Client::new(config).expect("valid");
    let before = traces(&kafka, &topic, &missing, &id, &group).await;

    for position in [
        Position::Earliest,
        Position::Latest,
        Position::Recent,
        Position::Offset(2),
        Position::Timestamp(0),
    ] {
        let mut request = ConsumeRequest::new(vec![topic.clone()]);
        request.position = position;
        request.wait = Duration::from_millis(100);
        client.consume(request).await.expect("records");
    }
    client
        .consume(ConsumeRequest::new(vec![missing.clone()]))
        .await
        .expect_err("unknown");
    client.describe_topic(&missing).await.expect_err("unknown");
    let config = ConfigQuery::new(ConfigResource::Topic(missing.clone()));
    client.describe_configs(config).await.expect_err("unknown");
    let unknown: GroupId = unique_name("unknown").parse().expect("an id");
    client
        .describe_group(&unknown, true)
        .await
        .expect_err("unknown");
    client
        .describe_group(&group, true)
        .await
        .expect("the group");
    client.list_topics().await.expect("topics");
    client.list_groups().await.expect("groups");
    client.lag(LagQuery::new(0)).await.expect("a report");
    client.health(LagQuery::new(0)).await.expect("a report");
    client.overview().await.expect("an overview");
    client.under_replicated().await.expect("a report");

    assert_eq!(traces(&kafka, &topic, &missing, &id, &group).await, before);
    let groups = kafka.client().list_groups().await.expect("groups").groups;
    assert!(groups.iter().all(|listed| listed.group_id != unknown));
    forget(&kafka, &group).await;
}

/// All that the reads could have touched.
#[derive(Debug, PartialEq)]
struct Traces {
    topics: Vec<String>,
    /// Those that could be the reader's.
    groups: Vec<String>,
    offsets: BTreeMap<i32, Option<i64>>,
    logs: BTreeMap<i32, (i64, i64)>,
}

/// Looks with an independent client.
async fn traces(
    kafka: &RealKafka,
    topic: &TopicName,
    missing: &TopicName,
    client_id: &str,
    group: &GroupId,
) -> Traces {
    let admin = kafka.kafka().admin();
    let mut topics = admin.list_topics(Default::default()).await.expect("topics");
    topics.retain(|name| name == topic.as_str() || name == missing.as_str());
    topics.sort();
    let listed = admin
        .list_consumer_groups(Default::default())
        .await
        .expect("groups");
    let mut groups: Vec<String> = listed
        .into_values()
        .flat_map(|groups| groups.expect("the broker answers"))
        .map(|group| group.group_id)
        // The server's own default client id must not become a group either.
        .filter(|id| id.contains(client_id) || id.is_empty() || id.contains("kafka-mcp-server"))
        .collect();
    groups.sort();
    let offsets = admin
        .list_consumer_group_offsets(group.as_str(), Default::default())
        .await;
    let offsets = offsets
        .expect("offsets")
        .into_iter()
        .map(|(partition, offset)| (partition.partition, offset.expect("an offset").offset));
    let observer = kafka
        .kafka()
        .consumer_without_group()
        .build()
        .await
        .expect("a consumer");
    let mut logs = BTreeMap::new();
    for partition in 0..2 {
        let marks = observer
            .fetch_watermarks(topic.as_str(), partition)
            .await
            .expect("marks");
        logs.insert(partition, marks);
    }
    let offsets = offsets.collect();
    Traces {
        topics,
        groups,
        offsets,
        logs,
    }
}
