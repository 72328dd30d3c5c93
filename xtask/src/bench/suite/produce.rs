//! How fast records are written, beside plain krafka.

use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use kafka_tools::{NewRecord, ProduceRequest};
use krafka::producer::Producer;
use tokio::time::{Instant, timeout};

use super::broker::{self, Broker, Topic};
use super::effort::Effort;
use super::measure::{Bound, Measure, Unit};

/// Measures single records and batches.
///
/// # Errors
///
/// Fails if a record is not written.
pub(super) async fn measure(broker: &Broker, effort: &Effort) -> Result<Vec<Measure>> {
    eprintln!("measuring writes");
    let topic = broker.create_topic("produce").await?;
    let producer = broker.producer().await?;
    let mut round_trip = broker.round_trip().await?;
    // The first writes make connections and producers.
    write(broker, &topic, BATCH).await?;
    write_plainly(&producer, &topic, BATCH).await?;

    let (mut trips, mut own, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    let (mut own_batches, mut plain_batches) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        for _ in 0..effort.calls {
            trips.push(round_trip.measure().await?.as_secs_f64() * 1e3);
            own.push(seconds(write(broker, &topic, 1)).await? * 1e3);
            plain.push(seconds(write_plainly(&producer, &topic, 1)).await? * 1e3);
        }
        for _ in 0..BATCHES {
            let batch = BATCH as f64;
            own_batches.push(batch / seconds(write(broker, &topic, BATCH)).await?);
            plain_batches.push(batch / seconds(write_plainly(&producer, &topic, BATCH)).await?);
        }
    }
    producer.close().await.context("ending a producer")?;
    topic.delete().await?;

    let own = Measure::new("one record", Unit::Milliseconds, own);
    let plain = Measure::new("one record, plain krafka", Unit::Milliseconds, plain);
    let trips = Measure::new("broker round trip", Unit::Milliseconds, trips);
    Ok(vec![
        Measure::difference("one record, beyond plain krafka", &own, &plain)
            .aim(Bound::AtMost(0.5)),
        own,
        plain,
        trips,
        Measure::new("records in batches of 1,000", Unit::PerSecond, own_batches)
            .aim(Bound::AtLeast(50_000.0)),
        Measure::new(
            "records in batches, plain krafka",
            Unit::PerSecond,
            plain_batches,
        ),
    ])
}

async fn seconds(work: impl Future<Output = Result<()>>) -> Result<f64> {
    let started = Instant::now();
    timeout(PATIENCE, work)
        .await
        .context("a write does not end")??;
    Ok(started.elapsed().as_secs_f64())
}

async fn write(broker: &Broker, topic: &Topic<'_>, count: usize) -> Result<()> {
    let name = topic.name.parse().context("naming a topic")?;
    let value = Bytes::from(vec![b'x'; SIZE]);
    let records = vec![NewRecord::new(value); count];
    let report = broker
        .client
        .produce(ProduceRequest::new(name, records))
        .await;
    for result in report.context("writing")?.results {
        result.context("writing a record")?;
    }
    Ok(())
}

async fn write_plainly(producer: &Producer, topic: &Topic<'_>, count: usize) -> Result<()> {
    broker::write(producer, &topic.name, count, SIZE).await
}

/// The bytes of a value.
const SIZE: usize = 100;
const BATCH: usize = 1_000;
/// How many batches a round writes.
const BATCHES: usize = 10;
const PATIENCE: Duration = Duration::from_secs(30);
