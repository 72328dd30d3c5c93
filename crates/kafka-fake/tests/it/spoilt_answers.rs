//! Answers that break off, stop, trickle, or tell the client to wait.

use kafka_fake::{Api, Cluster, Fault, FaultRule};
use kafka_protocol::messages::{ApiVersionsRequest, TopicName};
use tokio::time::{Duration, Instant, timeout};

use crate::{
    batch::BatchRecipe,
    requests::{latest, list_offsets, produce, write},
    wire::{Wire, text},
};

#[tokio::test]
async fn an_answer_breaks_off_with_its_connection_or_stops_and_leaves_it_open() {
    let (cluster, mut wire, topic) = start().await;
    let request = list_offsets(&topic, -1);
    wire.send(&request, 5).await;
    let whole = wire.read_bytes(10).await;
    for fault in [Fault::Cut(10), Fault::Stall(10)] {
        cluster.inject(FaultRule::new(fault.clone()).times(1));
        let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
        wire.send(&request, 5).await;
        assert_eq!(wire.read_bytes(10).await, whole);
        let next = timeout(Duration::from_millis(200), wire.read()).await;
        match fault {
            Fault::Cut(_) => assert_eq!(next, Ok(None)),
            _ => assert!(next.is_err(), "{next:?}"),
        }
        // The others are answered.
        let mut other = Wire::connect(&cluster.bootstrap_servers()).await;
        assert_eq!(latest(&mut other, &topic).await, 0);
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn an_answer_that_trickles_is_whole_in_the_end() {
    let (cluster, mut wire, topic) = start().await;
    let every = Duration::from_millis(20);
    let trickle = Fault::Trickle { bytes: 8, every };
    cluster.inject(FaultRule::new(trickle).times(1));
    let started = Instant::now();
    assert_eq!(latest(&mut wire, &topic).await, 0);
    // Length, correlation id, throttle time, and a topic with its partition.
    assert!(started.elapsed() >= every * 5, "{:?}", started.elapsed());
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_client_beyond_its_quota_is_told_so_and_not_listened_to_for_as_long() {
    let (cluster, mut wire, topic) = start().await;
    let time = Duration::from_millis(300);
    let rule = FaultRule::new(Fault::Throttle(time)).times(1);
    cluster.inject(rule.api(Api::Produce));
    let started = Instant::now();
    let request = produce(&topic, BatchRecipe::plain(1).encode());
    let answer = wire.ask(&request, 8).await;
    assert_eq!(answer.throttle_time_ms, 300);
    assert_eq!(answer.responses[0].partition_responses[0].base_offset, 0);
    assert!(started.elapsed() < time, "{:?}", started.elapsed());
    // It is done, and no other client waits.
    let mut other = Wire::connect(&cluster.bootstrap_servers()).await;
    assert_eq!(latest(&mut other, &topic).await, 1);
    assert!(started.elapsed() < time, "{:?}", started.elapsed());
    let batch = BatchRecipe::plain(1).encode();
    assert_eq!(write(&mut wire, &topic, batch).await, (0, 1));
    assert!(started.elapsed() >= time, "{:?}", started.elapsed());
    cluster.shutdown().await;
}

#[tokio::test]
async fn versions_that_have_no_room_for_a_quota_are_throttled_all_the_same() {
    let (cluster, mut wire, _) = start().await;
    let time = Duration::from_millis(50);
    cluster.inject(FaultRule::new(Fault::Throttle(time)));
    let started = Instant::now();
    for (version, millis) in [(0, 0), (1, 50), (4, 50)] {
        let answer = wire.ask(&ApiVersionsRequest::default(), version).await;
        assert_eq!(answer.throttle_time_ms, millis);
    }
    assert!(started.elapsed() >= time * 2);
    cluster.shutdown().await;
}

async fn start() -> (Cluster, Wire, TopicName) {
    let cluster = Cluster::builder().start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let wire = Wire::connect(&cluster.bootstrap_servers()).await;
    (cluster, wire, TopicName(text("orders")))
}
