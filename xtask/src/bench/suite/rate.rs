//! How many calls the server answers, and what each costs, beside a bare hyper server.

use anyhow::{Context, Result, ensure};
use krafka::testing::FakeBroker;

use super::binary::Binary;
use super::effort::Effort;
use super::load::{Connection, Yield, load};
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
    let brokers = broker.bootstrap_servers();
    let server = Server::start(binary, &brokers).await?;
    let protected = Server::start_protected(binary, &brokers).await?;
    let quiet = Server::start_logging(binary, &brokers, "warn").await?;
    let call = Comparison {
        message: Message::LIST_BROKERS,
        peer: "bare hyper, bytes of `list_brokers`",
        least: 20.0,
        servers: vec![
            (OPEN, &server),
            ("`list_brokers`, not logged", &quiet),
            (PROTECTED, &protected),
        ],
    };
    let list = Comparison {
        message: Message::LIST_TOOLS,
        peer: "bare hyper, bytes of `tools/list`",
        least: 10.0,
        servers: vec![("`tools/list`", &server)],
    };
    let mut measures = call.measure(effort).await?;
    measures.extend(cost_of_oauth(&measures));
    measures.extend(list.measure(effort).await?);
    server.stop().await?;
    quiet.stop().await?;
    protected.stop().await?;
    Ok(measures)
}

/// What the server reaches when calls need a token, of what it reaches without.
fn cost_of_oauth(measures: &[Measure]) -> Option<Measure> {
    let named = |name: &str| measures.iter().find(|measure| measure.name == name);
    let share = Measure::quotient(
        "with a token that is known / without OAuth",
        Unit::Percent,
        named(PROTECTED)?,
        named(OPEN)?,
    );
    Some(share.gate(Bound::AtLeast(90.0)))
}

/// Servers that are compared with a peer by the same message.
struct Comparison<'a> {
    message: Message,
    /// How the peer is called in the report.
    peer: &'static str,
    /// What the first server has to reach, in percent of the peer.
    least: f64,
    /// The servers, and how they are called in the report.
    servers: Vec<(&'static str, &'a Server)>,
}

impl Comparison<'_> {
    async fn measure(&self, effort: &Effort) -> Result<Vec<Measure>> {
        let Some(&(first, server)) = self.servers.first() else {
            return Ok(Vec::new());
        };
        eprintln!("measuring the rate of {first}");
        let request = self.message.request(server)?;
        let answer = Connection::open(server.address())
            .await?
            .fetch(&request)
            .await?;
        let is_result = String::from_utf8_lossy(&answer).contains("\"result\"");
        ensure!(is_result, "{first} gave no result");
        let peer = Server::bare(&answer).await?;

        let mut contestants: Vec<_> = self.servers.iter().copied().map(Contestant::new).collect();
        let mut bare = Contestant::new((self.peer, &peer));
        // The first calls load code and make connections.
        for contestant in contestants.iter_mut().chain([&mut bare]) {
            contestant.run(&self.message, answer.len(), effort).await?;
            contestant.yields.clear();
        }
        for _ in 0..effort.rounds {
            for contestant in contestants.iter_mut().chain([&mut bare]) {
                contestant.run(&self.message, answer.len(), effort).await?;
            }
        }

        let mut measures = Vec::new();
        for (index, contestant) in contestants.iter().enumerate() {
            let name = format!("{} / bare hyper", contestant.name);
            let share = Measure::quotient(name, Unit::Percent, &contestant.rate(), &bare.rate());
            measures.push(if index == 0 {
                share.gate(Bound::AtLeast(self.least))
            } else {
                share
            });
        }
        for contestant in contestants.iter().chain([&bare]) {
            measures.push(contestant.rate());
            measures.extend(contestant.processor());
        }
        drop(bare);
        peer.stop().await?;
        Ok(measures)
    }
}

/// A server, and what it yielded in each round.
struct Contestant<'a> {
    name: &'static str,
    server: &'a Server,
    yields: Vec<Yield>,
}

impl<'a> Contestant<'a> {
    fn new((name, server): (&'static str, &'a Server)) -> Self {
        Self {
            name,
            server,
            yields: Vec::new(),
        }
    }

    async fn run(&mut self, message: &Message, length: usize, effort: &Effort) -> Result<()> {
        let answers = load(self.server, message, length, effort.load).await?;
        self.yields.push(answers);
        Ok(())
    }

    fn rate(&self) -> Measure {
        let values = self.yields.iter().map(|each| each.rate);
        Measure::new(self.name, Unit::PerSecond, values)
    }

    /// The processor time that the server spends on a call, where the system counts it.
    fn processor(&self) -> Option<Measure> {
        let values: Option<Vec<_>> = self.yields.iter().map(|each| each.processor).collect();
        let name = format!("{}, processor time", self.name);
        values.map(|values| Measure::new(name, Unit::Microseconds, values))
    }
}

const OPEN: &str = "`list_brokers`";
const PROTECTED: &str = "`list_brokers`, with OAuth";
