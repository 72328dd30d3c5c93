//! A server that is called for a while, whose brokers fail every few seconds.

use std::time::Duration;

use bytes::Bytes;
use kafka_fake::{Api, ErrorCode, Fault, FaultRule};
use kafka_tools::TopicName;
use testkit::{CheckedLoad, FakeCluster, LoadReport, ProcessWatch, Server, measured};
use tokio::time::{Instant, sleep, sleep_until};

/// `cargo xtask soak` says for how long; without it, this is over in seconds and shows only that
/// the soak itself works.
///
/// Memory is judged by its average: that of the last third may exceed that of the second one by a
/// megabyte an hour, and by what a heap fluctuates. Over an hour and more the slope is what counts;
/// within a minute only a leak of the size of that fluctuation is seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_brokers_fail_every_few_seconds_answers_and_does_not_grow() {
    let (length, seed) = testkit::soak();
    let kafka = FakeCluster::start(NODES).await;
    let server = Server::start(&[
        ("KAFKA_BROKERS", kafka.brokers()),
        ("KAFKA_MCP_TIMEOUT", "2s"),
        ("LOG_LEVEL", "error"),
    ])
    .await;
    let process = ProcessWatch::new(server.pid());
    let mut dice = Dice(seed);
    let mut samples = Vec::new();
    let mut total = LoadReport::default();
    let started = Instant::now();
    while started.elapsed() < length {
        let round = ROUND.min(length.saturating_sub(started.elapsed()));
        let report = play(&kafka, &server, &mut dice, Instant::now() + round).await;
        total.add(&report);
        let sample = Sample {
            second: started.elapsed().as_secs_f64(),
            resident: process.resident().unwrap_or_default(),
            descriptors: process.descriptors().unwrap_or_default(),
        };
        eprintln!("{sample}; {report}");
        samples.push(sample);
        assert!(report.wrong.is_empty(), "seed {seed}: {:#?}", report.wrong);
        assert!(report.longest < LATE, "seed {seed}: {report}");
    }
    let (mib, descriptors) = (growth(&samples), spread(&samples));
    measured(format_args!(
        "soak of {length:?}, seed {seed}: {total}; {}; memory grew {:.2} MiB from the \
         second third to the last; {descriptors} descriptors more at most than after the first round",
        samples.last().map(Sample::to_string).unwrap_or_default(),
        mib
    ));
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
    assert!(total.calls > 100, "{total}");
    let hours = length.as_secs_f64() / 3600.0;
    assert!(mib <= hours / 3.0 + FLUCTUATION, "memory grew {mib} MiB");
    assert!(descriptors <= FEW, "{descriptors} descriptors more");
}

/// Makes calls on a new topic until `end` while faults come and go.
async fn play(kafka: &FakeCluster, server: &Server, dice: &mut Dice, end: Instant) -> LoadReport {
    let topic = kafka.topic(PARTITIONS).await;
    let load = CheckedLoad::new(server, topic.clone(), PARTITIONS, 50);
    let trouble = async {
        while Instant::now() < end {
            let calm = Duration::from_millis(500 + dice.below(1_500));
            sleep_until(end.min(Instant::now() + calm)).await;
            strike(kafka, &topic, dice).await;
        }
    };
    load.during(trouble).await;
    let report = load.finish().await;
    kafka.delete(&topic).await;
    report
}

/// Something goes wrong for a moment.
async fn strike(kafka: &FakeCluster, topic: &TopicName, dice: &mut Dice) {
    let cluster = kafka.cluster();
    let moment = Duration::from_millis(100 + dice.below(900));
    let node = 1 + i32::try_from(dice.below(3)).unwrap_or_default();
    let apis = [Api::Fetch, Api::ListOffsets, Api::Metadata, Api::Produce];
    let api = apis[dice.index(apis.len())];
    let faults = [
        Fault::Delay(moment),
        Fault::Disconnect,
        Fault::Error(ErrorCode::NOT_LEADER_OR_FOLLOWER),
        Fault::Garbage(Bytes::from_static(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        Fault::HugeLength,
        Fault::Silence,
        Fault::WrongCorrelationId,
    ];
    match dice.below(4) {
        0 => {
            cluster.stop_node(node).await.expect("a node");
            sleep(moment).await;
            cluster.start_node(node).await.expect("its port is free");
        }
        1 => {
            let partition = i32::try_from(dice.index(6)).unwrap_or_default();
            // It may lead already.
            let _ = cluster.move_leader(topic.as_str(), partition, node);
        }
        kind => {
            let fault = faults[dice.index(faults.len())].clone();
            let mut rule = FaultRule::new(fault).node(node).api(api);
            if kind == 2 {
                rule = rule.after_doing();
            }
            cluster.inject(rule);
            sleep(moment).await;
            cluster.clear_faults();
        }
    }
}

/// What the server holds at a time.
struct Sample {
    second: f64,
    resident: u64,
    descriptors: usize,
}

impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            second,
            resident,
            descriptors,
        } = self;
        let mib = mebibytes(*resident);
        write!(
            f,
            "after {second:.0} s: {mib:.1} MiB, {descriptors} descriptors"
        )
    }
}

/// How much more memory there is on average in the last third than in the second one, in MiB.
fn growth(samples: &[Sample]) -> f64 {
    let third = samples.len() / 3;
    let average = |samples: &[Sample]| {
        let all: u64 = samples.iter().map(|sample| sample.resident).sum();
        mebibytes(all / u64::try_from(samples.len().max(1)).unwrap_or(1))
    };
    let (early, last) = samples.split_at(samples.len() - third);
    if third == 0 {
        return 0.0;
    }
    average(last) - average(&early[early.len() - third..])
}

/// How many more descriptors there are at most than at first.
fn spread(samples: &[Sample]) -> usize {
    let first = samples.first().map_or(0, |sample| sample.descriptors);
    let most = samples.iter().map(|sample| sample.descriptors).max();
    most.unwrap_or_default().saturating_sub(first)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "less than a float counts exactly"
)]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn index(&mut self, length: usize) -> usize {
        let bound = u64::try_from(length).unwrap_or(1);
        usize::try_from(self.below(bound)).unwrap_or_default()
    }
}

const NODES: usize = 3;
const PARTITIONS: i32 = 6;
const ROUND: Duration = Duration::from_secs(5);
/// The deadline of a call, and what a busy machine adds.
const LATE: Duration = Duration::from_secs(4);
/// What a heap fluctuates by, in MiB.
const FLUCTUATION: f64 = 3.0;
/// Connections that come and go with the leaders.
const FEW: usize = 12;
