//! Reading records, and finding them.

use bytes::Bytes;
use kafka_fake::Api;
use kafka_protocol::messages::TopicName;
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use crate::{
    batch::{BatchRecipe, decode},
    requests::{fetch, list_offsets, truncate, write},
    subject::{Subject, unique},
};

#[tokio::test]
async fn a_fetch_waits_for_records_and_no_longer_than_it_was_told_to() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let (mut reader, mut writer) = (subject.connect().await, subject.connect().await);
        let started = Instant::now();
        let answer = reader
            .ask(&fetch(&topic, 0).with_max_wait_ms(300), 11)
            .await;
        assert!(
            answer.responses[0].partitions[0]
                .records
                .as_ref()
                .is_none_or(Bytes::is_empty)
        );
        let waited = started.elapsed();
        assert!(
            waited >= Duration::from_millis(290),
            "{} {waited:?}",
            subject.name
        );

        reader
            .send(&fetch(&topic, 0).with_max_wait_ms(20_000), 11)
            .await;
        write(&mut writer, &topic, BatchRecipe::plain(1).encode()).await;
        reader.read().await.expect("an answer");
        let waited = started.elapsed();
        assert!(
            waited < Duration::from_secs(10),
            "{} {waited:?}",
            subject.name
        );
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_fetch_is_as_large_as_asked_for_but_never_empty() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let batch = BatchRecipe::plain(2).encode();
        for _ in 0..3 {
            write(&mut wire, &topic, batch.clone()).await;
        }
        let size = i32::try_from(batch.len()).unwrap();
        for (max_bytes, count) in [(1, 2), (size, 2), (size * 2, 4), (size * 9, 6)] {
            let answer = wire
                .ask(&fetch(&topic, 0).with_max_bytes(max_bytes), 11)
                .await;
            let records = decode(answer.responses[0].partitions[0].records.clone());
            assert_eq!(records.len(), count, "{} {max_bytes}", subject.name);
        }
        // From within a batch all of it is read.
        let answer = wire.ask(&fetch(&topic, 3), 11).await;
        let records = decode(answer.responses[0].partitions[0].records.clone());
        assert_eq!(records[0].0, 2, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_at_once() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let started = Instant::now();
        let elsewhere = {
            let mut asked = fetch(&topic, 0);
            asked.topics[0].partitions[0].partition = 7;
            asked
        };
        let early = {
            let mut asked = fetch(&topic, 0);
            asked.topics[0].partitions[0].current_leader_epoch = 5;
            asked
        };
        for (asked, code) in [
            (fetch(&topic, 1), 1),
            (fetch(&topic, -1), 1),
            (fetch(&unique("missing"), 0), 3),
            (elsewhere, 3),
            (early, 75),
        ] {
            let answer = wire.ask(&asked.with_max_wait_ms(20_000), 11).await;
            let found = &answer.responses[0].partitions[0];
            assert_eq!(
                (found.error_code, found.high_watermark),
                (code, -1),
                "{}",
                subject.name
            );
        }
        let mut stranger = fetch(&topic, 0).with_max_wait_ms(20_000);
        stranger.topics[0].topic = TopicName::default();
        stranger.topics[0].topic_id = Uuid::from_u64_pair(1, 2);
        let answer = wire.ask(&stranger, 16).await;
        assert_eq!(
            answer.responses[0].partitions[0].error_code, 100,
            "{}",
            subject.name
        );
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{}",
            subject.name
        );
        subject.clean().await;
    }
}

#[tokio::test]
async fn offsets_are_found_at_both_ends_and_by_time() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        for times in [vec![1000, 3000], vec![2000], vec![4000, 2500]] {
            let recipe = BatchRecipe {
                times,
                ..BatchRecipe::plain(0)
            };
            write(&mut wire, &topic, recipe.encode()).await;
        }
        truncate(&mut wire, &topic, 1).await;
        for (asked, found, since) in [
            (-1, (0, 5, -1), 1),
            (-2, (0, 1, -1), 1),
            (-3, (0, 3, 4000), 7),
            (-3, (35, -1, -1), 6),
            (-4, (0, 1, -1), 8),
            (-5, (0, -1, -1), 9),
            (0, (0, 1, 3000), 1),
            (2001, (0, 1, 3000), 1),
            (3001, (0, 3, 4000), 1),
            (4001, (0, -1, -1), 1),
        ] {
            let versions = if asked == -3 && found.0 == 35 {
                1..=since
            } else {
                since..=*subject.versions(Api::ListOffsets).end()
            };
            for version in versions {
                let answer = wire.ask(&list_offsets(&topic, asked), version).await;
                let answer = &answer.topics[0].partitions[0];
                let answer = (answer.error_code, answer.offset, answer.timestamp);
                assert_eq!(
                    answer, found,
                    "{}: {asked} in version {version}",
                    subject.name
                );
            }
        }
        let answer = wire.ask(&list_offsets(&unique("missing"), -1), 5).await;
        assert_eq!(
            answer.topics[0].partitions[0].error_code, 3,
            "{}",
            subject.name
        );
        subject.clean().await;
    }
}

#[tokio::test]
async fn records_are_deleted_up_to_an_offset_within_the_log() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        write(&mut wire, &topic, BatchRecipe::plain(5).encode()).await;
        for (offset, outcome) in [(2, (0, 2)), (1, (0, 2)), (6, (1, -1)), (-1, (0, 5))] {
            let found = truncate(&mut wire, &topic, offset).await;
            assert_eq!(found, outcome, "{} {offset}", subject.name);
        }
        let answer = wire.ask(&fetch(&topic, 4), 11).await;
        assert_eq!(
            answer.responses[0].partitions[0].error_code, 1,
            "{}",
            subject.name
        );
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_session_that_is_not_known_is_refused() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        // What a client gets that asks for no session, or cannot have one.
        let answer = wire.ask(&fetch(&topic, 0), 11).await;
        assert_eq!(
            (answer.error_code, answer.session_id),
            (0, 0),
            "{}",
            subject.name
        );
        for (id, epoch) in [(5, 1), (0, 1)] {
            let continued = fetch(&topic, 0)
                .with_session_id(id)
                .with_session_epoch(epoch);
            let answer = wire.ask(&continued, 11).await;
            assert_eq!(answer.error_code, 70, "{} {id}", subject.name);
            assert!(answer.responses.is_empty(), "{} {id}", subject.name);
        }
        // It does not harm to end one that is not there.
        let ending = fetch(&topic, 0).with_session_id(5);
        let answer = wire.ask(&ending, 11).await;
        assert_eq!(
            (answer.error_code, answer.session_id),
            (0, 0),
            "{}",
            subject.name
        );
        subject.clean().await;
    }
}
