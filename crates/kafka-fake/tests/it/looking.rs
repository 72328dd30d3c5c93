//! Looking at a cluster without a client.

use bytes::Bytes;
use kafka_fake::{Cluster, Error, MessageFormat, Record};
use kafka_protocol::messages::TopicName;

use crate::{
    batch::BatchRecipe,
    requests::{truncate, write},
    wire::{Wire, text},
};

#[tokio::test]
async fn records_are_those_that_were_written_but_for_markers() {
    let cluster = start(&[]).await;
    let mut headed = Record::new("four apples").key("order-1").timestamp(9000);
    headed.headers.push(("origin".to_owned(), None));
    let headed = headed.header("origin", "web");
    let null = Record::tombstone("order-0").timestamp(-5);
    let both = [headed.clone(), null.clone()];
    cluster.append("orders", 0, both).unwrap();
    let mut aborted = cluster.begin_transaction();
    let unseen = Record::new("not to be").timestamp(1);
    aborted.append("orders", 0, [unseen.clone()]).unwrap();
    aborted.abort().unwrap();
    let old = Record::new("old").key("key").timestamp(7);
    for format in [MessageFormat::V0, MessageFormat::V1] {
        cluster.append_message("orders", 0, format, &old).unwrap();
    }
    let mut timeless = old.clone();
    timeless.timestamp = None;
    let expected = [(0, headed), (1, null), (2, unseen), (4, timeless), (5, old)];
    assert_eq!(cluster.records("orders", 0).unwrap(), expected);
    assert_eq!(cluster.end_offset("orders", 0).unwrap(), 6);
    cluster.shutdown().await;
}

#[tokio::test]
async fn records_of_clients_are_seen_from_where_the_log_begins() {
    let cluster = start(&[]).await;
    let topic = TopicName(text("orders"));
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    write(&mut wire, &topic, BatchRecipe::plain(3).encode()).await;
    truncate(&mut wire, &topic, 1).await;
    let record = |n: i64| {
        let record = Record::new("v").key(n.to_string()).timestamp(1000 + n);
        (n, record)
    };
    assert_eq!(
        cluster.records("orders", 0).unwrap(),
        [record(1), record(2)]
    );
    cluster.shutdown().await;
}

#[tokio::test]
async fn records_of_a_topic_that_stamps_them_have_its_time() {
    let cluster = start(&[("message.timestamp.type", "LogAppendTime")]).await;
    let record = Record::new("late").timestamp(5);
    cluster.append("orders", 0, [record.clone()]).unwrap();
    let stamped = record.timestamp(NOW);
    assert_eq!(cluster.records("orders", 0).unwrap(), [(0, stamped)]);
    cluster.shutdown().await;
}

#[tokio::test]
async fn what_is_compressed_or_not_there_is_an_error() {
    let cluster = start(&[]).await;
    let topic = TopicName(text("orders"));
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    cluster.append("orders", 0, [Record::new("plain")]).unwrap();
    assert_eq!(write(&mut wire, &topic, compressed()).await, (0, 1));
    let error = cluster.records("orders", 0).unwrap_err();
    assert!(
        matches!(error, Error::RecordsUnreadable { offset: 1, .. }),
        "{error}"
    );
    assert_eq!(cluster.end_offset("orders", 0).unwrap(), 2);
    for error in [
        cluster.records("orders", 1).map(|_| ()).unwrap_err(),
        cluster.end_offset("missing", 0).map(|_| ()).unwrap_err(),
    ] {
        assert!(matches!(error, Error::UnknownPartition { .. }), "{error}");
    }
    let error = cluster.node_address(2).unwrap_err();
    assert!(matches!(error, Error::UnknownNode { node: 2 }), "{error}");
    cluster.shutdown().await;
}

#[tokio::test]
async fn what_a_group_has_committed_is_told() {
    let cluster = start(&[]).await;
    cluster
        .commit_offset("billing", "orders", 0, 7, "")
        .unwrap();
    let found = |group, topic, partition| cluster.committed_offset(group, topic, partition);
    assert_eq!(found("billing", "orders", 0), Some(7));
    assert_eq!(found("billing", "orders", 1), None);
    assert_eq!(found("audit", "orders", 0), None);
    cluster.shutdown().await;
}

/// A batch of one record that says that it is compressed with gzip.
fn compressed() -> Bytes {
    let mut batch = BatchRecipe::plain(1).encode().to_vec();
    let (header, checked) = batch.split_at_mut(CHECKED);
    checked[1] = 1;
    let checksum = crc32c::crc32c(checked).to_be_bytes();
    header[CHECKED - 4..].copy_from_slice(&checksum);
    batch.into()
}

async fn start(settings: &[(&str, &str)]) -> Cluster {
    let cluster = Cluster::builder().clock(|| NOW).start().await.unwrap();
    cluster.create_topic_with("orders", 1, settings).unwrap();
    cluster
}

const NOW: i64 = 1_700_000_000_000;

/// Where the bytes begin that the checksum of a batch is of: its attributes.
const CHECKED: usize = 21;
