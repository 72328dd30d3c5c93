//! How fast topics are listed, from what is known and from the broker.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::{Instant, sleep};

use super::broker::Broker;
use super::effort::Effort;
use super::measure::{Bound, Measure, Unit};

/// Measures lists while the library knows the topics, and lists that ask the broker.
///
/// # Errors
///
/// Fails if a list fails.
pub(super) async fn measure(broker: &Broker, effort: &Effort) -> Result<Vec<Measure>> {
    eprintln!("measuring lists of topics");
    let mut round_trip = broker.round_trip().await?;
    let (mut known, mut asked, mut trips) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        sleep(FORGOTTEN).await;
        let started = Instant::now();
        broker
            .client
            .list_topics()
            .await
            .context("listing topics")?;
        asked.push(started.elapsed().as_secs_f64() * 1e3);
        trips.push(round_trip.measure().await?.as_secs_f64() * 1e3);
        known.push(rate(broker, effort.load / 4).await?);
    }
    let asked = Measure::new("from the broker", Unit::Milliseconds, asked);
    let trips = Measure::new("broker round trip", Unit::Milliseconds, trips);
    Ok(vec![
        Measure::new("while known", Unit::PerSecond, known).aim(Bound::AtLeast(5_000.0)),
        Measure::difference("from the broker, beyond a round trip", &asked, &trips)
            .aim(Bound::AtMost(1.0)),
        asked,
        trips,
    ])
}

async fn rate(broker: &Broker, duration: Duration) -> Result<f64> {
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < duration {
        broker
            .client
            .list_topics()
            .await
            .context("listing topics")?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

/// Longer than the library keeps what it knows.
const FORGOTTEN: Duration = Duration::from_millis(600);
