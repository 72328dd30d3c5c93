//! Clients that others wrote produce, consume and share the work, on kafka-fake as on a real Kafka.

use kafka_fake::Cluster;
use kafka_tools::{Filter, GroupId, LagQuery};
use testkit::{AnyKafka, ForeignGroup, GroupReport, KafkaAccess, kcat, unique_name};

#[tokio::test]
async fn the_java_client_runs_a_classic_group() {
    for kafka in AnyKafka::all().await {
        // Members hear of each other when they report.
        let protocol = ["group.protocol=classic", "heartbeat.interval.ms=300"];
        shares_the_work(&kafka, ForeignGroup::Java, &protocol).await;
    }
}

#[tokio::test]
async fn the_java_client_runs_a_group_of_kip_848() {
    for kafka in AnyKafka::all().await {
        shares_the_work(&kafka, ForeignGroup::Java, &["group.protocol=consumer"]).await;
    }
}

#[tokio::test]
async fn librdkafka_runs_a_classic_group() {
    for kafka in AnyKafka::all().await {
        shares_the_work(&kafka, ForeignGroup::Librdkafka, &[]).await;
    }
}

#[tokio::test]
async fn librdkafka_runs_a_group_of_kip_848() {
    for kafka in AnyKafka::all().await {
        let protocol = ["group.protocol=consumer"];
        shares_the_work(&kafka, ForeignGroup::Librdkafka, &protocol).await;
    }
}

#[tokio::test]
async fn kafkajs_runs_a_group() {
    for kafka in AnyKafka::all().await {
        shares_the_work(&kafka, ForeignGroup::Kafkajs, &[]).await;
    }
}

#[tokio::test]
async fn kcat_writes_lists_and_reads_with_a_group() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(2).await;
        let topic = topic.as_str();
        let write = ["-P", "-t", topic, "-K:"];
        let written = kcat(kafka.brokers(), &write, "a:1\nb:2\nc:3\n").await;
        if written.is_none() {
            return;
        }
        let listed = kcat(kafka.brokers(), &["-L", "-t", topic], "").await;
        let listed = listed.expect("it is installed");
        assert!(listed.contains("with 2 partitions"), "{listed}");
        let group = unique_name("kcat");
        let format = [
            "-f",
            "%k=%s\n",
            "-q",
            "-c",
            "3",
            "-X",
            "auto.offset.reset=earliest",
        ];
        let arguments = [&format[..], &["-G", &group, topic]].concat();
        let read = kcat(kafka.brokers(), &arguments, "").await;
        let read = read.expect("it is installed");
        let mut lines: Vec<&str> = read.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["a=1", "b=2", "c=3"]);
    }
}

#[tokio::test]
async fn other_clients_log_in_with_every_mechanism() {
    let cluster = Cluster::builder().user("alice", "alice-secret").start();
    let cluster = cluster.await.expect("ports");
    let brokers = cluster.bootstrap_servers();
    for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let setting = format!("sasl.mechanism={mechanism}");
        let of_librdkafka = [
            &setting,
            "security.protocol=SASL_PLAINTEXT",
            "sasl.username=alice",
            "sasl.password=alice-secret",
        ];
        for (client, settings) in [
            (
                ForeignGroup::Kafkajs,
                &[mechanism, "alice", "alice-secret"][..],
            ),
            (ForeignGroup::Librdkafka, &of_librdkafka),
        ] {
            let topic = unique_name("topic");
            cluster.create_topic(&topic, 2).expect("a new topic");
            let run = client.run(&brokers, &topic, &topic, 2, settings);
            let Some(report) = run.await else { return };
            assert_eq!(report, shared(2), "{client:?} {mechanism}");
        }
    }
    cluster.shutdown().await;
}

async fn shares_the_work(kafka: &KafkaAccess, client: ForeignGroup, settings: &[&str]) {
    let topic = kafka.topic(6).await;
    let group = unique_name("foreign-group");
    let run = client.run(kafka.brokers(), topic.as_str(), &group, 6, settings);
    let Some(report) = run.await else { return };
    assert_eq!(report, shared(6));
    let mut query = LagQuery::new(0);
    query.groups = Filter::new(move |id: &GroupId| id.as_str() == group);
    let lag = kafka.client().lag(query).await.expect("the lag");
    assert_eq!(lag.groups[0].total_lag, Some(0), "{lag:?}");
}

/// What two members do to so many partitions.
fn shared(partitions: usize) -> GroupReport {
    GroupReport {
        read: 10 * partitions,
        shares: vec![partitions / 2; 2],
    }
}
