//! Writing records.

use kafka_fake::{Api, Cluster};
use kafka_protocol::messages::TopicName;

use crate::{
    batch::{BatchRecipe, decode},
    requests::{addressed, fetch, latest, nameless, produce, producer, truncate, write},
    subject::{Subject, unique},
    wire::{Wire, metadata, text},
};

#[tokio::test]
async fn records_are_kept_as_they_are_in_every_version() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let id = wire.ask(&metadata(&[&topic]), 12).await.topics[0].topic_id;
        let batch = BatchRecipe::plain(2).encode();
        for (offset, version) in (0..).step_by(2).zip(subject.versions(Api::Produce)) {
            let asked = addressed(produce(&topic, batch.clone()), id, version);
            let answer = wire.ask(&asked, version).await;
            let written = &answer.responses[0].partition_responses[0];
            assert_eq!((written.error_code, written.base_offset), (0, offset));
            assert_eq!(written.log_append_time_ms, -1, "{}", subject.name);
        }
        let end = 2 * i64::try_from(subject.versions(Api::Produce).count()).unwrap();
        for version in subject.versions(Api::Fetch) {
            let mut asked = fetch(&topic, 2);
            if version >= 13 {
                asked.topics[0].topic = TopicName::default();
                asked.topics[0].topic_id = id;
            }
            let answer = wire.ask(&asked, version).await;
            let found = &answer.responses[0].partitions[0];
            assert_eq!((found.error_code, found.high_watermark), (0, end));
            assert_eq!(
                (found.last_stable_offset, found.aborted_transactions.clone()),
                (end, None)
            );
            let records = found.records.clone().unwrap();
            assert_eq!(records[..8], 2_i64.to_be_bytes(), "{}", subject.name);
            assert_eq!(records[16..batch.len()], batch[16..]);
            let offsets: Vec<_> = (2..end).map(|offset| (offset, 0)).collect();
            assert_eq!(decode(Some(records)), offsets, "{} {version}", subject.name);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_batch_that_is_sent_again_is_answered_with_its_first_offset() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let (id, epoch) = producer(&mut wire).await;
        let numbered = |sequence, epoch| BatchRecipe {
            producer: (id, epoch, sequence),
            ..BatchRecipe::plain(2)
        };
        for (batch, outcome) in [
            (numbered(0, epoch), (0, 0)),
            (numbered(2, epoch), (0, 2)),
            (numbered(0, epoch), (0, 0)),
            (numbered(2, epoch), (0, 2)),
            // A batch is missing; and a part of one that is known.
            (numbered(6, epoch), (45, -1)),
            (numbered(3, epoch), (45, -1)),
            (numbered(4, epoch), (0, 4)),
            (numbered(0, epoch + 1), (0, 6)),
            (numbered(6, epoch), (47, -1)),
        ] {
            let found = write(&mut wire, &topic, batch.encode()).await;
            assert_eq!(found, outcome, "{} {:?}", subject.name, batch.producer);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn what_is_no_single_whole_batch_is_refused_and_not_written() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let batch = BatchRecipe::plain(2).encode();
        let mut damaged = batch.to_vec();
        *damaged.last_mut().unwrap() ^= 1;
        let large = BatchRecipe {
            length: 600_000,
            ..BatchRecipe::plain(2)
        };
        for (records, code) in [
            (damaged.into(), 2),
            ([&batch[..], &batch[..]].concat().into(), 87),
            (large.encode(), 10),
        ] {
            let found = write(&mut wire, &topic, records).await;
            assert_eq!(found, (code, -1), "{}", subject.name);
        }
        assert_eq!(latest(&mut wire, &topic).await, 0, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn acks_of_0_is_answered_by_nothing_and_acks_of_2_is_refused() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let silent = |topic| produce(topic, BatchRecipe::plain(1).encode()).with_acks(0);
        wire.send(&silent(&topic), 8).await;
        assert_eq!(latest(&mut wire, &topic).await, 1, "{}", subject.name);
        let odd = produce(&topic, BatchRecipe::plain(1).encode()).with_acks(2);
        let answer = wire.ask(&odd, 8).await;
        let refused = &answer.responses[0].partition_responses[0];
        assert_eq!(refused.error_code, 21, "{}", subject.name);
        // There is no other way to say that it went wrong.
        wire.send(&silent(&unique("missing")), 8).await;
        assert_eq!(wire.read().await, None, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn every_producer_gets_an_id_of_its_own_in_every_version() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let mut ids = Vec::new();
        for version in subject.versions(Api::InitProducerId) {
            let answer = wire.ask(&nameless(), version).await;
            assert_eq!(
                (answer.error_code, answer.producer_epoch),
                (0, 0),
                "{}",
                subject.name
            );
            ids.push(answer.producer_id);
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        subject.clean().await;
    }
}

#[tokio::test]
async fn records_beyond_the_memory_are_refused() {
    let cluster = Cluster::builder().max_log_bytes(100).start().await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let topic = TopicName(text("orders"));
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    let batch = || BatchRecipe::plain(1).encode();
    assert_eq!(write(&mut wire, &topic, batch()).await, (0, 0));
    assert_eq!(write(&mut wire, &topic, batch()).await, (56, -1));
    truncate(&mut wire, &topic, -1).await;
    assert_eq!(write(&mut wire, &topic, batch()).await, (0, 1));
    cluster.shutdown().await;
}
