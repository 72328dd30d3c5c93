//! How fast records are read, beside a plain krafka loop.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kafka_tools::{ConsumeRequest, Position};
use krafka::consumer::AutoOffsetReset;
use tokio::time::{Instant, timeout};

use super::broker::{Broker, Topic};
use super::effort::Effort;
use super::measure::{Bound, Measure, Unit};

/// Measures reads of small and of large records.
///
/// # Errors
///
/// Fails if a read returns less than was written.
pub(super) async fn measure(broker: &Broker, effort: &Effort) -> Result<Vec<Measure>> {
    let small = compare(broker, effort, "1 KiB", effort.small_records, 1024).await?;
    let large = compare(broker, effort, "100 KiB", effort.large_records, 100 * 1024).await?;
    Ok(small.into_iter().chain(large).collect())
}

async fn compare(
    broker: &Broker,
    effort: &Effort,
    what: &str,
    count: usize,
    size: usize,
) -> Result<Vec<Measure>> {
    eprintln!("measuring reads of {count} records of {what}");
    let topic = broker.create_topic(&format!("consume-{size}")).await?;
    topic.fill(count, size).await?;
    // The first reads fill caches and make connections.
    read(broker, &topic, count).await?;
    read_plainly(broker, &topic, count).await?;

    let (mut own, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds * effort.reads {
        own.push(rate(count, read(broker, &topic, count)).await?);
        plain.push(rate(count, read_plainly(broker, &topic, count)).await?);
    }
    topic.delete().await?;
    let own = Measure::new(what, Unit::PerSecond, own);
    let plain = Measure::new(format!("{what}, plain krafka"), Unit::PerSecond, plain);
    let share = format!("{what} / plain krafka");
    Ok(vec![
        Measure::quotient(share, Unit::Percent, &own, &plain).gate(Bound::AtLeast(70.0)),
        own,
        plain,
    ])
}

async fn rate(count: usize, read: impl Future<Output = Result<()>>) -> Result<f64> {
    let started = Instant::now();
    timeout(PATIENCE, read)
        .await
        .context("a read does not end")??;
    Ok(count as f64 / started.elapsed().as_secs_f64())
}

async fn read(broker: &Broker, topic: &Topic<'_>, count: usize) -> Result<()> {
    let name = topic.name.parse().context("naming a topic")?;
    let mut request = ConsumeRequest::new(vec![name]);
    request.position = Position::Earliest;
    request.max_messages = count;
    let report = broker.client.consume(request).await.context("reading")?;
    let read = report.records.len();
    ensure!(
        read == count,
        "{read} records instead of {count}: {:?}",
        report.stopped
    );
    Ok(())
}

async fn read_plainly(broker: &Broker, topic: &Topic<'_>, count: usize) -> Result<()> {
    let consumer = broker.kafka.consumer_without_group();
    let consumer = consumer.auto_offset_reset(AutoOffsetReset::Earliest);
    let consumer = consumer.enable_auto_commit(false).build().await;
    let consumer = consumer.context("starting a consumer")?;
    consumer
        .assign(&topic.name, vec![0])
        .await
        .context("assigning")?;
    let mut records = Vec::with_capacity(count);
    while records.len() < count {
        let polled = consumer.poll(Duration::from_secs(1)).await;
        records.extend(polled.context("reading")?);
    }
    consumer.close().await.context("ending a consumer")
}

const PATIENCE: Duration = Duration::from_secs(30);
