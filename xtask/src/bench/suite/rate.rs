//! How many calls the server answers, and what each costs, beside a bare hyper server.

use anyhow::{Context, Result, ensure};
use krafka::testing::FakeBroker;

use super::binary::Binary;
use super::effort::Effort;
use super::load::{Connection, Load, Yield};
use super::measure::{Bound, Measure, Unit};
use super::message::Message;
use super::server::Server;

/// Measures a trivial call and the list of tools, in turns with a peer that sends the same bytes.
///
/// # Errors
///
/// Fails if a server fails a call.
pub(super) async fn measure(binary: &Binary, effort: &Effort) -> Result<Vec<Measure>> {
    // The call answers from what the server knows of the cluster, and so asks twice a second.
    let broker = FakeBroker::start().await.context("starting a broker")?;
    let server = Server::start(binary, &broker.bootstrap_servers()).await?;
    let call = compare(
        "`list_brokers`",
        &Message::LIST_BROKERS,
        20.0,
        &server,
        effort,
    )
    .await?;
    let list = compare("`tools/list`", &Message::LIST_TOOLS, 10.0, &server, effort).await?;
    server.stop().await?;
    Ok(call.into_iter().chain(list).collect())
}

async fn compare(
    name: &str,
    message: &Message,
    least: f64,
    server: &Server,
    effort: &Effort,
) -> Result<Vec<Measure>> {
    eprintln!("measuring the rate of {name}");
    let request = message.request(&server.address().to_string())?;
    let answer = Connection::open(server.address())
        .await?
        .fetch(&request)
        .await?;
    ensure!(
        String::from_utf8_lossy(&answer).contains("\"result\""),
        "{name} gave no result"
    );
    let peer = Server::bare(&answer).await?;
    let load = Load {
        duration: effort.load,
    };
    let warm_up = Load {
        duration: effort.load / 4,
    };
    warm_up.run(server, message, answer.len()).await?;
    warm_up.run(&peer, message, answer.len()).await?;

    let (mut own, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        own.push(load.run(server, message, answer.len()).await?);
        bare.push(load.run(&peer, message, answer.len()).await?);
    }
    peer.stop().await?;

    let rate = |name: String, yields: &[Yield]| {
        Measure::new(name, Unit::PerSecond, yields.iter().map(|each| each.rate))
    };
    let processor = |name: String, yields: &[Yield]| {
        let values = yields.iter().filter_map(|each| each.processor);
        Measure::new(name, Unit::Microseconds, values)
    };
    let own_rate = rate(name.to_owned(), &own);
    let bare_rate = rate(format!("{name}, bare hyper"), &bare);
    let own_processor = processor(format!("{name}, server CPU"), &own);
    let bare_processor = processor(format!("{name}, bare hyper's CPU"), &bare);
    let share = format!("{name} / bare hyper");
    let mut measures = vec![
        Measure::quotient(share, Unit::Percent, &own_rate, &bare_rate).gate(Bound::AtLeast(least)),
        own_rate,
        bare_rate,
    ];
    if !own_processor.values.is_empty() {
        measures.extend([own_processor, bare_processor]);
    }
    Ok(measures)
}
