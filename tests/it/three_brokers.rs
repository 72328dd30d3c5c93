//! Three brokers, of which one is killed.

use std::collections::BTreeMap;

use kafka_tools::{
    Client, ConsumeRequest, Error, HealthStatus, LagQuery, NewRecord, Position, ProduceRequest,
    TopicName,
};
use serde_json::json;
use testkit::{McpClient, ThreeBrokers, Transport, bootstrap, eventually};

use crate::consume_positions::{numbered, values};

#[tokio::test]
async fn with_one_broker_killed_everything_is_read_written_and_told() {
    let Some(kafka) = ThreeBrokers::find().await else {
        return;
    };
    let topic = kafka.topic(6).await;
    kafka
        .write((0..60).map(|n| numbered(&topic, n % 6, n)))
        .await;
    let client = kafka.client();
    let overview = client.overview().await.expect("an overview");
    assert_eq!(
        (overview.brokers.len(), overview.offline_broker_ids.len()),
        (3, 0)
    );
    assert_eq!(count(&client, &topic).await, Ok(60));

    kafka.kill(3).await;

    // The cluster notices within its session timeout; then the overview and the reports agree.
    eventually("the loss of broker 3", || async {
        let overview = client.overview().await.ok()?;
        (overview.offline_broker_ids == [3]).then_some(())
    })
    .await;
    // Once there are new leaders, a client that knew the old ones reads and writes.
    let read = eventually("a read of everything", || async {
        count(&client, &topic)
            .await
            .ok()
            .filter(|count| *count == 60)
    });
    assert_eq!(read.await, 60);
    for partition in 0..6 {
        let mut record = NewRecord::new("after");
        record.partition = Some(partition);
        let request = ProduceRequest::new(topic.clone(), vec![record]);
        let report = client.produce(request).await.expect("the topic exists");
        assert!(
            report.results[0].is_ok(),
            "{partition}: {:?}",
            report.results[0]
        );
    }
    assert_eq!(count(&client, &topic).await, Ok(66));

    let health = client
        .health(LagQuery::new(10_000))
        .await
        .expect("a report");
    assert_eq!(health.brokers.offline_ids, [3]);
    assert_eq!(
        (health.brokers.status, health.overall),
        (HealthStatus::Critical, HealthStatus::Critical)
    );
    assert!(health.controller.id.is_some() && health.partitions.offline == 0);
    let report = client.under_replicated().await.expect("a report");
    let ours: Vec<_> = report
        .under_replicated
        .iter()
        .filter(|p| p.topic == topic)
        .collect();
    assert_eq!(ours.len(), 6);
    assert!(
        ours.iter()
            .all(|partition| partition.missing_replicas == [3])
    );
    assert!(
        ours.iter()
            .all(|partition| partition.leader != 3 && partition.isr.len() == 2)
    );
    client
        .list_groups()
        .await
        .expect("the groups of those that live");

    // The dead broker comes first in the list of a new client, and a server tells the same.
    let mut brokers: Vec<&str> = kafka.brokers().split(',').collect();
    brokers.reverse();
    let brokers = brokers.join(",");
    let fresh = Client::new(bootstrap(&brokers)).expect("valid");
    assert_eq!(count(&fresh, &topic).await, Ok(66));
    let server = McpClient::connect(Transport::Http, &[("KAFKA_BROKERS", &brokers)]).await;
    let health = server.result("cluster_health", json!({})).await;
    assert_eq!(health["overall_status"], "critical");
    assert_eq!(health["broker_status"]["offline_broker_ids"], json!([3]));
    let rows = server
        .result("under_replicated_partitions", json!({}))
        .await;
    assert!(rows["under_replicated_partition_count"].as_u64() >= Some(6));
    let prompt = server
        .prompt("kafka_health_check", json!(null))
        .await
        .expect("a report");
    assert!(
        prompt.to_lowercase().contains("critical") && prompt.contains('3'),
        "{prompt}"
    );

    kafka.start(3).await;

    eventually("all replicas in sync", || async {
        let report = client.under_replicated().await.ok()?;
        report.under_replicated.is_empty().then_some(())
    })
    .await;
    assert_eq!(count(&client, &topic).await, Ok(66));
    let overview = client.overview().await.expect("an overview");
    assert_eq!(
        (overview.brokers.len(), overview.offline_broker_ids.len()),
        (3, 0)
    );
}

#[tokio::test]
async fn what_is_written_while_a_broker_dies_is_there_once_or_reported() {
    let Some(kafka) = ThreeBrokers::find().await else {
        return;
    };
    let topic = kafka.topic(3).await;
    let client = kafka.client();
    let writing = async {
        let mut outcomes = BTreeMap::new();
        for number in 0..400 {
            let request =
                ProduceRequest::new(topic.clone(), vec![NewRecord::new(number.to_string())]);
            let outcome = client
                .produce(request)
                .await
                .and_then(|mut report| report.results.remove(0));
            outcomes.insert(number.to_string(), outcome);
        }
        outcomes
    };
    let (outcomes, ()) = tokio::join!(writing, kafka.kill(2));
    kafka.start(2).await;

    let mut request = ConsumeRequest::new(vec![topic.clone()]);
    request.position = Position::Earliest;
    request.max_messages = 10_000;
    let report = client.consume(request).await.expect("records");
    let found = values(&report);
    let mut failed = 0;
    for (value, outcome) in outcomes {
        let copies = found.iter().filter(|found| **found == value).count();
        match outcome {
            Ok(_) => assert_eq!(copies, 1, "{value} was acknowledged"),
            Err(error @ Error::MaybeWritten { .. }) => assert!(copies <= 1, "{value}: {error:?}"),
            Err(error) => {
                failed += 1;
                assert_eq!(copies, 0, "{value}: {error:?}");
            }
        }
    }
    assert!(failed < 100, "{failed} of 400 failed");
}

async fn count(client: &Client, topic: &TopicName) -> Result<usize, String> {
    let mut request = ConsumeRequest::new(vec![topic.clone()]);
    request.position = Position::Earliest;
    request.max_messages = 10_000;
    let report = client
        .consume(request)
        .await
        .map_err(|error| format!("{error:?}"))?;
    if let Some(failure) = report.failures.first() {
        return Err(format!("{failure:?}"));
    }
    Ok(report.records.len())
}
