//! Roles that move, nodes that cannot be reached, and records that are lost.

use std::collections::BTreeMap;

use kafka_fake::{Api, Cluster, Error};
use kafka_protocol::messages::{
    FindCoordinatorRequest, GroupId, MetadataRequest, OffsetFetchRequest, TopicName,
};
use tokio::time::{Duration, sleep, timeout};

use crate::{
    batch::{BatchRecipe, decode},
    member::{Member, parts},
    requests::{fetch, latest, list_offsets, write},
    subject::Subject,
    wire::{Wire, text},
};

#[tokio::test]
async fn the_controller_moves_and_is_the_first_node_again_when_the_other_is_down() {
    let (cluster, mut wires) = start(3).await;
    let wire = &mut wires[0];
    assert_eq!(controller(wire).await, 1);
    cluster.move_controller(3).unwrap();
    assert_eq!(controller(wire).await, 3);
    cluster.stop_node(3).await.unwrap();
    assert_eq!(controller(wire).await, 1);
    let error = cluster.move_controller(3).unwrap_err();
    assert!(matches!(error, Error::NotUp { node: 3 }), "{error}");
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_coordinator_moves_and_the_one_before_says_that_it_is_none() {
    let (cluster, mut wires) = start(3).await;
    for (turn, node) in [(0, 1), (1, 2), (2, 3)] {
        cluster.move_coordinator("billing", node).unwrap();
        let find = FindCoordinatorRequest::default().with_key(text("billing"));
        let found = wires[0].ask(&find, 3).await;
        assert_eq!(found.node_id.0, node);
        for (index, wire) in wires.iter_mut().enumerate() {
            let asked = OffsetFetchRequest::default()
                .with_group_id(text("billing").into())
                .with_topics(None);
            let answer = wire.ask(&asked, 7).await;
            let expected = if index == turn { 0 } else { 16 };
            assert_eq!(answer.error_code, expected, "{index} of {node}");
        }
    }
    cluster.move_coordinator("billing", 4).unwrap_err();
    cluster.shutdown().await;
}

#[tokio::test]
async fn members_that_wait_are_told_that_their_coordinator_has_moved() {
    for by_start in [false, true] {
        let cluster = Cluster::builder().nodes(2).start().await.unwrap();
        cluster.move_coordinator("billing", 2).unwrap();
        match by_start {
            true => cluster.stop_node(2).await.unwrap(),
            false => cluster.move_coordinator("billing", 1).unwrap(),
        }
        let subject = Subject::at_node(&cluster, 1);
        let group = GroupId(text("billing"));
        let mut first = Member::new(&subject, &group).await;
        let mut second = Member::new(&subject, &group).await;
        first.join(3).await;
        // It waits until the first joins again.
        second.begin_join(3).await;
        until(async || first.heartbeat(3).await != 0).await;
        match by_start {
            true => cluster.start_node(2).await.unwrap(),
            false => cluster.move_coordinator("billing", 2).unwrap(),
        }
        assert_eq!(second.joined(3).await.error_code, 16, "{by_start}");
        cluster.shutdown().await;
    }
}

#[tokio::test]
async fn a_member_that_waits_for_its_part_goes_on_with_another_coordinator() {
    let cluster = Cluster::builder().nodes(2).start().await.unwrap();
    cluster.move_coordinator("billing", 1).unwrap();
    let (here, there) = (Subject::at_node(&cluster, 1), Subject::at_node(&cluster, 2));
    let group = GroupId(text("billing"));
    let mut leader = Member::new(&here, &group).await;
    let mut follower = Member::new(&here, &group).await;
    leader.join(3).await;
    follower.begin_join(3).await;
    until(async || leader.heartbeat(3).await != 0).await;
    leader.join(3).await;
    follower.joined(3).await;
    follower.begin_sync(&BTreeMap::new(), 3).await;
    until(async || cluster.request_count(Api::SyncGroup) == 1).await;
    cluster.move_coordinator("billing", 2).unwrap();
    assert_eq!(follower.synced(3).await.error_code, 16);

    (leader.wire, follower.wire) = (there.connect().await, there.connect().await);
    let both = parts(&[(&leader, "one"), (&follower, "two")]);
    assert_eq!(&*leader.sync(&both, 3).await.assignment, b"one");
    assert_eq!(
        &*follower.sync(&BTreeMap::new(), 3).await.assignment,
        b"two"
    );
    cluster.shutdown().await;
}

#[tokio::test]
async fn records_that_are_lost_are_gone_for_readers_and_their_offsets_are_given_again() {
    let (cluster, mut wires) = start(1).await;
    let wire = &mut wires[0];
    let topic = TopicName(text("orders"));
    for _ in 0..3 {
        write(wire, &topic, BatchRecipe::plain(2).encode()).await;
    }
    assert_eq!(cluster.lose_records("orders", 0, 3).unwrap(), 2);
    assert_eq!(latest(wire, &topic).await, 2);
    // Who was further is outside of the log now, and who knows the epoch before is behind.
    let answer = wire.ask(&fetch(&topic, 6), 11).await;
    assert_eq!(answer.responses[0].partitions[0].error_code, 1);
    let mut behind = list_offsets(&topic, -1);
    behind.topics[0].partitions[0].current_leader_epoch = 0;
    let answer = wire.ask(&behind, 5).await;
    assert_eq!(answer.topics[0].partitions[0].error_code, 74);
    let batch = BatchRecipe::plain(1).encode();
    assert_eq!(write(wire, &topic, batch).await, (0, 2));
    let answer = wire.ask(&fetch(&topic, 0), 11).await;
    let records = decode(answer.responses[0].partitions[0].records.clone());
    assert_eq!(records, [(0, 0), (1, 0), (2, 1)]);
    let error = cluster.lose_records("orders", 1, 0).unwrap_err();
    assert!(matches!(error, Error::UnknownPartition { .. }), "{error}");
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_node_that_is_cut_off_answers_nobody_until_it_is_reached_again() {
    let (cluster, mut wires) = start(1).await;
    let topic = TopicName(text("orders"));
    cluster.isolate_node(1).await.unwrap();
    let mut late = Wire::connect(&cluster.bootstrap_servers()).await;
    for wire in [&mut wires[0], &mut late] {
        wire.send(&list_offsets(&topic, -1), 5).await;
        let waited = timeout(Duration::from_millis(100), wire.read()).await;
        assert!(waited.is_err(), "{waited:?}");
    }
    cluster.reconnect_node(1).await.unwrap();
    for wire in [&mut wires[0], &mut late] {
        wire.read().await.expect("the answer to what was sent then");
        assert_eq!(latest(wire, &topic).await, 0);
    }
    cluster.isolate_node(2).await.unwrap_err();
    cluster.isolate_node(1).await.unwrap();
    cluster.shutdown().await;
}

/// Waits for something that is about to be so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..1000 {
        if is_so().await {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("it does not come about")
}

async fn controller(wire: &mut Wire) -> i32 {
    let answer = wire.ask(&MetadataRequest::default(), 9).await;
    answer.controller_id.0
}

/// A cluster, and a connection to each of its nodes.
async fn start(nodes: usize) -> (Cluster, Vec<Wire>) {
    let cluster = Cluster::builder().nodes(nodes).start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let mut wires = Vec::new();
    for node in (1..).take(nodes) {
        wires.push(Wire::to_node(&cluster, node).await);
    }
    (cluster, wires)
}
