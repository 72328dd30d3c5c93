//! The Java client does on kafka-fake what it does on a real Kafka, and is told the same.

use kafka_fake::Cluster;
use testkit::{AnyKafka, JavaProgram, RealKafka, unique_name};

#[tokio::test]
async fn the_admin_client_is_told_the_same_of_topics_and_nodes() {
    let expected = include_str!("java_client/admin_topics.txt");
    for kafka in AnyKafka::all().await {
        let prefix = unique_name("");
        let run = JavaProgram::AdminTopics
            .run(&[kafka.brokers(), &prefix])
            .await;
        let Some(report) = run else { return };
        is_as_expected(kafka.brokers(), &report, expected);
    }
}

#[tokio::test]
async fn the_admin_client_is_told_the_same_of_groups() {
    let expected = include_str!("java_client/admin_groups.txt");
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(2).await;
        let prefix = unique_name("");
        let arguments = [kafka.brokers(), topic.as_str(), &prefix];
        let run = JavaProgram::AdminGroups.run(&arguments).await;
        let Some(report) = run else { return };
        is_as_expected(kafka.brokers(), &report, expected);
    }
}

#[tokio::test]
async fn transactions_are_seen_and_described_alike() {
    let expected = include_str!("java_client/transactions.txt");
    for kafka in AnyKafka::all().await {
        let (source, target) = (kafka.topic(1).await, kafka.topic(1).await);
        let arguments = [kafka.brokers(), source.as_str(), target.as_str()];
        let run = JavaProgram::Transactions.run(&arguments).await;
        let Some(report) = run else { return };
        is_as_expected(kafka.brokers(), &report, expected);
    }
}

#[tokio::test]
async fn who_knows_the_password_logs_in_with_every_mechanism() {
    let Some((kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    let alice = state.users.iter().find(|user| user.name == "alice");
    let alice = alice.expect("she can log in");
    let cluster = Cluster::builder().user(&alice.name, &alice.password);
    let cluster = cluster.start().await.expect("ports");
    cluster.create_topic("logged-in", 1).expect("a new topic");
    let topic = kafka.topic(1).await;
    let fake = cluster.bootstrap_servers();
    for (brokers, topic) in [
        (&fake, "logged-in"),
        (&state.listeners["sasl_plaintext"], topic.as_str()),
    ] {
        let who = [brokers.as_str(), topic, &alice.name, &alice.password];
        let mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
        let arguments = [&who[..], &mechanisms].concat();
        let run = JavaProgram::Login.run(&arguments).await;
        let report = run.expect("there is a Java client");
        let expected = mechanisms
            .map(|mechanism| format!("{mechanism}: read {mechanism}, SaslAuthenticationException"));
        is_as_expected(brokers, &report, &expected.join("\n"));
    }
    cluster.shutdown().await;
}

/// Line by line, which shows the first difference.
#[track_caller]
fn is_as_expected(brokers: &str, report: &str, expected: &str) {
    for (found, expected) in report.lines().zip(expected.lines()) {
        assert_eq!(found, expected, "{brokers}");
    }
    let count = |text: &str| text.lines().count();
    assert_eq!(count(report), count(expected), "{brokers}");
}
