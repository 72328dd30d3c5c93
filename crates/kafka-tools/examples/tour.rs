//! A tour of a cluster: topics, groups with their lag, health and the latest records.
//!
//! ```sh
//! cargo run -p kafka-tools --example tour -- BROKER[,BROKER...] [TOPIC]
//! ```
//!
//! With a topic, one record is written to it and read back.

#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the output of an example"
)]

use std::{error::Error as _, process::ExitCode};

use kafka_tools::{
    BrokerAddress, Client, ConsumeRequest, Error, KafkaConfig, LagQuery, NewRecord, ProduceRequest,
    TopicName,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Err(error) = tour().await else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

async fn tour() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let brokers = arguments
        .next()
        .unwrap_or_else(|| "localhost:9092".to_owned());
    let brokers = brokers.split(',').map(str::parse::<BrokerAddress>);
    let client = Client::new(KafkaConfig::new(brokers.collect::<Result<_, _>>()?))?;

    let overview = client.overview().await?;
    println!(
        "cluster {:?}, controller {:?}",
        overview.cluster_id, overview.controller_id
    );
    for broker in &overview.brokers {
        println!("  broker {} at {}:{}", broker.id, broker.host, broker.port);
    }

    println!("topics:");
    for topic in client.list_topics().await?.topics {
        println!("  {} with {} partitions", topic.name, topic.partition_count);
    }

    println!("consumer groups:");
    for group in client.lag(LagQuery::default()).await?.groups {
        println!(
            "  {} is {}, total lag {:?}",
            group.group_id, group.state, group.total_lag
        );
    }

    let health = client.health(LagQuery::new(10_000)).await?;
    println!("health: {}", health.overall.as_str());

    if let Some(topic) = arguments.next() {
        let topic: TopicName = topic.parse()?;
        let record = NewRecord::new("hello from the tour");
        let written = client
            .produce(ProduceRequest::new(topic.clone(), vec![record]))
            .await?;
        for result in written.results {
            println!("written: {:?}", result?);
        }
        let read = client.consume(ConsumeRequest::new(vec![topic])).await?;
        for record in &read.records {
            println!(
                "{}-{}@{}: {:?}",
                record.topic, record.partition, record.offset, record.value
            );
        }
        println!("stopped: {:?}", read.stopped);
    }
    Ok(())
}
