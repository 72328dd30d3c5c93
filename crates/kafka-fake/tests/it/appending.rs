//! Records that no client has sent.

use kafka_fake::{Cluster, Error, ErrorCode, Record};
use kafka_protocol::{
    messages::{DeleteTopicsRequest, TopicName, fetch_response::PartitionData},
    records::{Record as Received, RecordBatchDecoder},
};

use crate::{
    batch::BatchRecipe,
    requests::{fetch, latest, list_offsets, truncate, write},
    wire::{Wire, text},
};

#[tokio::test]
async fn records_are_read_as_they_were_appended() {
    let (cluster, mut wire, topic) = start().await;
    let full = Record::new("four apples")
        .key("order-1")
        .header("origin", "web")
        .header("origin", "shop")
        .timestamp(9000);
    let mut null = Record::tombstone("order-0").timestamp(-5);
    null.headers.push(("nothing".to_owned(), None));
    assert_eq!(cluster.append("orders", 0, [full, null]).unwrap(), 0);
    let long = Record::new(vec![b'x'; 70_000]);
    assert_eq!(cluster.append("orders", 0, [long]).unwrap(), 2);
    assert_eq!(cluster.append("orders", 0, []).unwrap(), 3);

    let read = records(&read(&mut wire, &topic, 0, UNCOMMITTED).await);
    let [full, null, long] = &read[..] else {
        panic!("{read:?}")
    };
    assert_eq!(full.key.as_deref(), Some(&b"order-1"[..]));
    assert_eq!(full.value.as_deref(), Some(&b"four apples"[..]));
    assert_eq!((full.offset, full.timestamp), (0, 9000));
    // The decoder keeps the last header of a name.
    assert_eq!(full.headers[&text("origin")], Some("shop".into()));
    assert_eq!((null.offset, null.timestamp), (1, -5));
    assert_eq!(null.key.as_deref(), Some(&b"order-0"[..]));
    assert_eq!(
        (&null.value, &null.headers[&text("nothing")]),
        (&None, &None)
    );
    assert_eq!((long.offset, long.timestamp, &long.key), (2, NOW, &None));
    assert_eq!(long.value.as_ref().map(|value| value.len()), Some(70_000));

    let answer = wire.ask(&list_offsets(&topic, 9001), 5).await;
    assert_eq!(answer.topics[0].partitions[0].offset, 2);
    cluster.shutdown().await;
}

#[tokio::test]
async fn what_a_client_could_not_write_is_refused_by_name() {
    let cluster = Cluster::builder().max_log_bytes(2_000_000).start().await;
    let cluster = cluster.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let of = |length| [Record::new(vec![b'x'; length])];
    let missing = cluster.append("orders", 1, of(1)).unwrap_err();
    assert!(
        matches!(&missing, Error::UnknownPartition { topic, partition: 1 } if topic == "orders"),
        "{missing}"
    );
    let refused = |outcome: Result<i64, Error>| match outcome {
        Err(Error::RecordsRefused { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    let large = cluster.append("orders", 0, of(1_100_000));
    assert_eq!(refused(large), ErrorCode::MESSAGE_TOO_LARGE);
    cluster.append("orders", 0, of(1_000_000)).unwrap();
    let more = cluster.append("orders", 0, of(1_000_000));
    assert_eq!(refused(more), ErrorCode::KAFKA_STORAGE_ERROR);
    cluster.shutdown().await;
}

#[tokio::test]
async fn what_was_aborted_is_told_and_what_was_committed_is_there() {
    let (cluster, mut wire, topic) = start().await;
    let mut aborted = cluster.begin_transaction();
    let mut committed = cluster.begin_transaction();
    assert_eq!(
        aborted.append("orders", 0, [record(1), record(2)]).unwrap(),
        0
    );
    assert_eq!(committed.append("orders", 0, [record(3)]).unwrap(), 2);
    assert_eq!(aborted.append("orders", 0, [record(4)]).unwrap(), 3);
    aborted.append("orders", 1, [record(4)]).unwrap();
    aborted.abort().unwrap();
    assert_eq!(
        write(&mut wire, &topic, BatchRecipe::plain(1).encode()).await,
        (0, 5)
    );
    committed.commit().unwrap();

    let found = read(&mut wire, &topic, 0, COMMITTED).await;
    assert_eq!((found.high_watermark, found.last_stable_offset), (7, 7));
    let told = found.aborted_transactions.clone().unwrap();
    let [aborted] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(aborted.first_offset, 0);
    let all = records(&found);
    let is_marker = |offset: i64| offset == 4 || offset == 6;
    for (offset, record) in (0..).zip(&all) {
        assert_eq!((record.offset, record.control), (offset, is_marker(offset)));
        let by_aborted = record.producer_id == aborted.producer_id.0;
        assert_eq!(by_aborted, [0, 1, 3, 4].contains(&offset), "{offset}");
    }
    // Version 0, and 0 for what was aborted or 1 for what was committed.
    assert_eq!(all[4].key.as_deref(), Some(&[0, 0, 0, 0][..]));
    assert_eq!(all[6].key.as_deref(), Some(&[0, 0, 0, 1][..]));
    assert_eq!((all[4].timestamp, all[6].timestamp), (4, 3));

    // Nobody is told of what is not among the records.
    let later = read(&mut wire, &topic, 5, COMMITTED).await;
    assert_eq!(later.aborted_transactions, Some(Vec::new()));
    let all = read(&mut wire, &topic, 0, UNCOMMITTED).await;
    assert_eq!(
        (all.aborted_transactions, all.last_stable_offset),
        (None, 7)
    );
    cluster.shutdown().await;
}

#[tokio::test]
async fn who_reads_committed_records_does_not_get_beyond_an_open_transaction() {
    let (cluster, mut wire, topic) = start().await;
    cluster.append("orders", 0, [record(1)]).unwrap();
    let mut open = cluster.begin_transaction();
    open.append("orders", 0, [record(2)]).unwrap();
    drop(open);
    cluster.append("orders", 0, [record(3)]).unwrap();

    for (offset, count) in [(0, 1), (1, 0), (2, 0)] {
        let found = read(&mut wire, &topic, offset, COMMITTED).await;
        assert_eq!((found.high_watermark, found.last_stable_offset), (3, 1));
        assert_eq!(records(&found).len(), count, "{offset}");
    }
    let all = read(&mut wire, &topic, 0, UNCOMMITTED).await;
    assert_eq!((records(&all).len(), all.last_stable_offset), (3, 1));
    for (time, isolation, offset) in [
        (-1, COMMITTED, 1),
        (-1, UNCOMMITTED, 3),
        (3, COMMITTED, -1),
        (3, UNCOMMITTED, 2),
        (1, COMMITTED, 0),
    ] {
        let asked = list_offsets(&topic, time).with_isolation_level(isolation);
        let answer = wire.ask(&asked, 5).await;
        let found = answer.topics[0].partitions[0].offset;
        assert_eq!(found, offset, "{time} {isolation}");
    }
    // The stable part ends no earlier than the log begins.
    truncate(&mut wire, &topic, 2).await;
    let found = read(&mut wire, &topic, 2, COMMITTED).await;
    assert_eq!((found.log_start_offset, found.last_stable_offset), (2, 2));
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_transaction_ends_everywhere_even_if_one_of_its_topics_is_gone() {
    let (cluster, mut wire, topic) = start().await;
    let mut transaction = cluster.begin_transaction();
    cluster.create_topic("gone", 1).unwrap();
    for topic in ["gone", "orders"] {
        transaction.append(topic, 0, [record(1)]).unwrap();
    }
    let gone = TopicName(text("gone"));
    let request = DeleteTopicsRequest::default()
        .with_topic_names(vec![gone])
        .with_timeout_ms(1000);
    wire.ask(&request, 5).await;
    let error = transaction.commit().unwrap_err();
    assert!(matches!(&error, Error::UnknownPartition { topic, .. } if topic == "gone"));
    let found = read(&mut wire, &topic, 0, COMMITTED).await;
    assert_eq!(found.last_stable_offset, latest(&mut wire, &topic).await);
    cluster.shutdown().await;
}

#[tokio::test]
async fn compaction_leaves_gaps_where_records_were_replaced() {
    let (cluster, mut wire, topic) = start().await;
    let keyed = |key: &str, time| record(time).key(key.to_owned());
    cluster
        .append("orders", 0, [keyed("a", 1), keyed("b", 2), keyed("a", 3)])
        .unwrap();
    let mut aborted = cluster.begin_transaction();
    aborted.append("orders", 0, [keyed("b", 4)]).unwrap();
    aborted.abort().unwrap();
    cluster
        .append(
            "orders",
            0,
            [keyed("c", 5), Record::tombstone("a").timestamp(6)],
        )
        .unwrap();
    let mut open = cluster.begin_transaction();
    open.append("orders", 0, [keyed("c", 7)]).unwrap();
    cluster.compact("orders", 0).unwrap();

    let found = read(&mut wire, &topic, 0, UNCOMMITTED).await;
    let offsets: Vec<_> = records(&found).iter().map(|record| record.offset).collect();
    // The marker is at 4, and what is not stable stays.
    assert_eq!(offsets, [1, 4, 5, 6, 7]);
    assert_eq!((found.log_start_offset, found.high_watermark), (0, 8));
    let answer = wire.ask(&list_offsets(&topic, 3), 5).await;
    assert_eq!(answer.topics[0].partitions[0].offset, 4);
    let error = cluster.compact("orders", 2).unwrap_err();
    assert!(matches!(error, Error::UnknownPartition { .. }), "{error}");
    cluster.shutdown().await;
}

async fn start() -> (Cluster, Wire, TopicName) {
    let cluster = Cluster::builder().clock(|| NOW).start().await.unwrap();
    cluster.create_topic("orders", 2).unwrap();
    let wire = Wire::connect(&cluster.bootstrap_servers()).await;
    (cluster, wire, TopicName(text("orders")))
}

fn record(time: i64) -> Record {
    Record::new("something").timestamp(time)
}

async fn read(wire: &mut Wire, topic: &TopicName, offset: i64, isolation: i8) -> PartitionData {
    let asked = fetch(topic, offset).with_isolation_level(isolation);
    let mut answer = wire.ask(&asked, 11).await;
    let found = answer.responses.remove(0).partitions.remove(0);
    assert_eq!(found.error_code, 0);
    found
}

fn records(found: &PartitionData) -> Vec<Received> {
    let mut records = found.records.clone().unwrap();
    let sets = RecordBatchDecoder::decode_all(&mut records).unwrap();
    sets.into_iter().flat_map(|set| set.records).collect()
}

const UNCOMMITTED: i8 = 0;
const COMMITTED: i8 = 1;

/// What the clock of the cluster says.
const NOW: i64 = 1_700_000_000_000;
