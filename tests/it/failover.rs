//! Three brokers that stop, freeze and die under load: what callers of the server see of it.

use std::{future::Future, time::Duration};

use kafka_tools::{
    Client, ConsumeReport, ConsumeRequest, Fault, GroupId, NewRecord, Position, ProduceRequest,
    StopReason, TopicName,
};
use krafka::{Record, admin::TopicPartition};
use rmcp::model::CallToolRequestParams;
use testkit::{
    CheckedLoad, FakeCluster, KafkaAccess, LoadReport, McpClient, ProcessWatch, Server,
    ThreeBrokers, bound, eventually, measured,
};
use tokio::time::{Instant, sleep};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn during_a_rolling_restart_calls_succeed_and_every_answer_is_right() {
    let Some(kafka) = ThreeBrokers::find().await else {
        return;
    };
    let restarts = async {
        for node in 1..=3 {
            kafka.stop(node).await;
            kafka.start(node).await;
            all_in_sync(&kafka).await;
        }
    };
    let report = under_load("rolling restart of three brokers", &kafka, restarts).await;
    assert!(report.is_three_nines(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_brokers_are_killed_one_after_the_other_every_answer_is_right() {
    let Some(kafka) = ThreeBrokers::find().await else {
        return;
    };
    let deaths = async {
        for node in 1..=3 {
            kafka.kill(node).await;
            kafka.start(node).await;
            all_in_sync(&kafka).await;
        }
    };
    let report = under_load("three brokers killed one after the other", &kafka, deaths).await;
    assert!(report.longest < DEADLINE + SLACK, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn during_a_rolling_restart_of_kafka_fake_every_answer_is_right() {
    let kafka = FakeCluster::start(3).await;
    let restarts = async {
        for node in 1..=3 {
            kafka.cluster().stop_node(node).await.expect("a node");
            sleep(Duration::from_secs(1)).await;
            let started = kafka.cluster().start_node(node).await;
            started.expect("its port is free");
            sleep(Duration::from_secs(1)).await;
        }
    };
    let report = under_load("rolling restart of kafka-fake", &kafka, restarts).await;
    assert!(report.is_three_nines() || bound(false, true), "{report}");
    assert!(report.longest < DEADLINE + SLACK, "{report}");
}

#[tokio::test]
async fn a_server_that_starts_before_all_brokers_finds_them_within_a_second() {
    let Some(kafka) = ThreeBrokers::find().await else {
        return;
    };
    for node in 1..=3 {
        kafka.kill(node).await;
    }
    let server = Server::start(&[
        ("KAFKA_BROKERS", kafka.brokers()),
        ("KAFKA_MCP_TIMEOUT", "2s"),
    ])
    .await;
    let client = McpClient::connect_to(&server, None).await;
    let client = client.expect("it listens at once");
    assert_eq!(client.list_all_tools().await.expect("tools").len(), 13);
    assert_eq!(status(&server, "/healthz").await, "200");
    assert_eq!(status(&server, "/readyz").await, "503");
    let ask = || client.call_tool(CallToolRequestParams::new("list_topics"));
    let started = Instant::now();
    let failure = ask().await.expect("an answer");
    let failure = failure.structured_content.expect("a structure");
    assert_eq!(failure["code"], "kafka_unavailable", "{failure}");
    assert!(started.elapsed() < Duration::from_secs(3));

    kafka.start_all().await;

    let up = Instant::now();
    eventually("an answer without a restart", || async {
        let answer = ask().await.ok()?;
        (answer.is_error != Some(true)).then_some(())
    })
    .await;
    let took = up.elapsed();
    measured(format_args!(
        "brokers that came up after the server were found within {took:.2?}"
    ));
    assert!(took < Duration::from_secs(1), "{took:?}");
    eventually("readiness", || async {
        (status(&server, "/readyz").await == "200").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_read_that_loses_its_broker_is_complete_or_says_that_it_is_not() {
    let Some(kafka) = ThreeBrokers::find().await else {
        return;
    };
    let topic = kafka.topic(3).await;
    let value = "x".repeat(1_000);
    let record = |n| Record::new(topic.as_str(), value.clone()).partition(n % 3);
    kafka.write((0..RECORDS).map(record)).await;
    let client = kafka.client();
    let (mut whole, mut parts, mut failures) = (0, 0, 0);
    let mut killed = std::pin::pin!(async {
        kafka.kill(2).await;
        // The others notice after six seconds.
        sleep(Duration::from_secs(8)).await;
    });
    loop {
        let read = tokio::select! {
            () = &mut killed => break,
            read = read_all(&client, &topic) => read,
        };
        match read {
            Ok(report) if is_whole(&report) => whole += 1,
            Ok(_) => parts += 1,
            Err(error) => {
                assert_eq!(error.fault(), Fault::Cluster, "{error:?}");
                failures += 1;
            }
        }
    }
    kafka.start(2).await;
    measured(format_args!(
        "reads while a broker was killed: {whole} whole, {parts} marked as partial, \
         {failures} failed"
    ));
    eventually("a whole read", || async {
        let report = read_all(&client, &topic).await.ok()?;
        is_whole(&report).then_some(())
    })
    .await;
    all_in_sync(&kafka).await;
}

/// Whether everything was read; if not, the report has to say so.
fn is_whole(report: &ConsumeReport) -> bool {
    for partition in 0..3 {
        let records = report.records.iter();
        let offsets = records.filter(|record| record.partition == partition);
        let offsets: Vec<i64> = offsets.map(|record| record.offset).collect();
        let count = offsets.len();
        assert!(offsets.into_iter().eq((0..).take(count)), "{partition}");
    }
    let is_marked = report.stopped != StopReason::EndOfLog || !report.failures.is_empty();
    let is_whole = report.records.len() == usize::try_from(RECORDS).unwrap_or_default();
    assert_ne!(is_whole, is_marked, "{} records", report.records.len());
    is_whole
}

async fn read_all(client: &Client, topic: &TopicName) -> Result<ConsumeReport, kafka_tools::Error> {
    let mut request = ConsumeRequest::new(vec![topic.clone()]);
    request.position = Position::Earliest;
    request.max_messages = 10_000;
    client.consume(request).await
}

#[tokio::test]
async fn calls_go_on_while_leader_controller_and_coordinator_move() {
    let Some(kafka) = ThreeBrokers::find().await else {
        return;
    };
    let topic = kafka.topic(3).await;
    let group: GroupId = testkit::unique_name("group").parse().expect("a name");
    let offset = (TopicPartition::new(topic.as_str(), 0), 0);
    let admin = kafka.kafka().admin();
    let committed =
        admin.alter_consumer_group_offsets(group.as_str(), [offset], Default::default());
    committed.await.expect("the coordinator answers");
    let client = kafka.client();
    let (mut calls, mut longest) = (0, Duration::ZERO);
    // Each of the roles is at one of them.
    for node in 1..=3 {
        let mut moved = std::pin::pin!(kafka.stop(node));
        let mut is_over = false;
        while !is_over {
            let started = Instant::now();
            let call = call_everybody(&client, &topic, &group);
            tokio::pin!(call);
            tokio::select! {
                () = &mut moved => {
                    is_over = true;
                    call.await;
                }
                () = &mut call => {}
            }
            longest = longest.max(started.elapsed());
            calls += 1;
        }
        kafka.start(node).await;
        all_in_sync(&kafka).await;
    }
    measured(format_args!(
        "{calls} rounds of calls while roles moved, none failed, the longest took \
         {longest:.2?}"
    ));
}

/// Asks the leaders, the controller and the coordinator, each of which has to answer.
async fn call_everybody(client: &Client, topic: &TopicName, group: &GroupId) {
    client.overview().await.expect("the controller");
    for partition in 0..3 {
        let mut record = NewRecord::new("x");
        record.partition = Some(partition);
        let request = ProduceRequest::new(topic.clone(), vec![record]);
        let mut report = client.produce(request).await.expect("the topic exists");
        report.results.remove(0).expect("the leader");
    }
    let report = read_all(client, topic).await.expect("the leaders");
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(report.stopped, StopReason::EndOfLog);
    let described = client.describe_group(group, true).await;
    described.expect("the coordinator");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_broker_costs_calls_no_more_than_their_deadline_and_works_soon_after() {
    let Some(kafka) = ThreeBrokers::find().await else {
        return;
    };
    let topic = kafka.topic(6).await;
    let server = Server::start(&[
        ("KAFKA_BROKERS", kafka.brokers()),
        ("KAFKA_MCP_TIMEOUT", "3s"),
    ])
    .await;
    let process = ProcessWatch::new(server.pid());
    let load = CheckedLoad::new(&server, topic, 6, 20);
    load.during(sleep(Duration::from_secs(2))).await;
    let open = process.descriptors().unwrap_or_default();

    // Too short for the others to notice, so nothing moves and no connection ends.
    load.during(async {
        kafka.pause(2).await;
        sleep(Duration::from_secs(4)).await;
        kafka.start(2).await;
    })
    .await;
    let healed = Instant::now();
    eventually("a while without a failure", || async {
        let before = load.report().failed();
        load.during(sleep(Duration::from_millis(500))).await;
        (load.report().failed() == before).then_some(())
    })
    .await;
    let took = healed.elapsed() - Duration::from_millis(500);

    let report = load.finish().await;
    let left = process.descriptors().unwrap_or_default();
    measured(format_args!(
        "a broker frozen for 4 s: {report}; fine {took:.2?} after; {open} descriptors \
         before, {left} after"
    ));
    assert!(report.wrong.is_empty(), "{:#?}", report.wrong);
    assert!(report.longest < Duration::from_secs(3) + SLACK, "{report}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(left <= open + FEW, "{open}, then {left}");
}

async fn status(server: &Server, path: &str) -> String {
    let address = server.address();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let answer = server.raw(request.as_bytes()).await;
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Makes calls while something goes on, and sees to it that nothing is left open afterwards.
async fn under_load(
    what: &str,
    kafka: &KafkaAccess,
    something: impl Future<Output = ()>,
) -> LoadReport {
    let topic = kafka.topic(6).await;
    let server = Server::start(&[("KAFKA_BROKERS", kafka.brokers())]).await;
    let process = ProcessWatch::new(server.pid());
    let load = CheckedLoad::new(&server, topic, 6, 50);
    load.during(sleep(Duration::from_secs(2))).await;
    let open = process.descriptors().unwrap_or_default();
    load.during(something).await;
    load.during(sleep(Duration::from_secs(2))).await;
    let report = load.finish().await;
    let left = process.descriptors().unwrap_or_default();
    measured(format_args!(
        "{what}: {report}; {open} descriptors before, {left} after"
    ));
    assert!(report.wrong.is_empty(), "{what}: {:#?}", report.wrong);
    assert!(report.calls > 100, "{what}: {report}");
    assert!(left <= open + FEW, "{open}, then {left}");
    assert!(!server.log().contains("panicked"), "{}", server.log());
    report
}

async fn all_in_sync(kafka: &KafkaAccess) {
    let client = kafka.client();
    eventually("all replicas in sync", || async {
        let report = client.under_replicated().await.ok()?;
        report.under_replicated.is_empty().then_some(())
    })
    .await;
}

const RECORDS: i32 = 9_000;
const DEADLINE: Duration = Duration::from_secs(10);
/// What a busy machine adds to a deadline.
const SLACK: Duration = Duration::from_secs(2);
/// Connections that come and go.
const FEW: usize = 10;
