//! The most recent records over several partitions.

use kafka_tools::{ConsumeRequest, Position, StopReason};
use krafka::Record as Outgoing;
use testkit::{AnyKafka, RealKafka, eventually};

use crate::consume_positions::{numbered, offsets, read, values};

#[tokio::test]
async fn recent_records_of_several_partitions_are_merged_by_time() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(4).await;
        // Partition 0 is busy with old records, the others hold the new ones.
        let old = (0..50).map(|n| numbered(&topic, 0, n).timestamp(BASE_TIME + i64::from(n)));
        let new =
            (50..62).map(|n| numbered(&topic, 1 + n % 3, n).timestamp(BASE_TIME + i64::from(n)));
        kafka.write(old.chain(new)).await;

        let ten = read(&kafka, &topic, Position::Recent, 10)
            .await
            .expect("records");
        let twenty = read(&kafka, &topic, Position::Recent, 20)
            .await
            .expect("records");
        let all = read(&kafka, &topic, Position::Recent, 1_000)
            .await
            .expect("records");

        let numbers = |from: i32| (from..62).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(values(&ten), numbers(52));
        assert_eq!(ten.stopped, StopReason::MaxMessages);
        assert_eq!(values(&twenty), numbers(42));
        assert_eq!(values(&all), numbers(0));
        assert_eq!(all.stopped, StopReason::EndOfLog);
    }
}

#[tokio::test]
async fn one_record_in_one_of_many_partitions_is_the_most_recent() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(12).await;
        kafka.write([numbered(&topic, 7, 1)]).await;
        let report = read(&kafka, &topic, Position::Recent, 5)
            .await
            .expect("a record");
        assert_eq!(values(&report), ["1"]);
        assert_eq!(report.records[0].partition, 7);
        assert_eq!(report.partitions.len(), 12);
    }
}

#[tokio::test]
async fn chosen_partitions_are_the_only_ones_read() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(3).await;
        kafka
            .write((0..9).map(|n| numbered(&topic, n % 3, n)))
            .await;
        let mut request = ConsumeRequest::new(vec![topic.clone()]);
        request.partitions = vec![2];
        let report = kafka.client().consume(request).await.expect("records");
        assert_eq!(values(&report), ["2", "5", "8"]);
        assert_eq!(report.partitions.len(), 1);
    }
}

#[tokio::test]
async fn huge_records_step_back_only_as_far_as_the_byte_limit_allows() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let record = |n: u8| Outgoing::new(topic.as_str(), vec![n; 900_000]).partition(0);
        for n in 0..20 {
            kafka.write([record(n)]).await;
        }
        let mut request = ConsumeRequest::new(vec![topic.clone()]);
        request.max_messages = 20;
        request.max_bytes = Some(5_000_000);

        let report = kafka.client().consume(request).await.expect("records");

        assert_eq!(report.stopped, StopReason::MaxBytes);
        assert!(
            !report.records.is_empty(),
            "nothing of the end of the log was returned"
        );
        let size: usize = report.records.iter().map(kafka_tools::Record::size).sum();
        assert!(size <= 5_900_000, "{size} bytes were returned");
        // They are the last ones, without a gap.
        let found = offsets(&report);
        let count = i64::try_from(found.len()).expect("small");
        assert_eq!(found, (20 - count..20).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_the_byte_limit_leaves_out_is_where_to_go_on() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(2).await;
        let record =
            |partition, size| Outgoing::new(topic.as_str(), vec![b'x'; size]).partition(partition);
        for _ in 0..10 {
            kafka.write([record(0, 10), record(1, 400_000)]).await;
        }
        let mut request = ConsumeRequest::new(vec![topic.clone()]);
        request.max_bytes = Some(500_000);

        let report = kafka.client().consume(request).await.expect("records");

        assert_eq!(report.stopped, StopReason::MaxBytes);
        for progress in &report.partitions {
            let returned = report.records.iter();
            let returned = returned.filter(|record| record.partition == progress.partition);
            let is_last_shown = returned.map(|record| record.offset).max() == Some(9);
            assert!(
                is_last_shown || progress.has_more(),
                "partition {} lost its newest records without a word: {progress:?}",
                progress.partition
            );
        }
    }
}

#[tokio::test]
async fn gaps_left_by_compaction_are_stepped_over() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka
        .topic_with(
            1,
            &[
                ("cleanup.policy", "compact"),
                ("segment.ms", "100"),
                ("min.cleanable.dirty.ratio", "0.01"),
                ("max.compaction.lag.ms", "100"),
            ],
        )
        .await;
    let of = |key: &str, n: i32| numbered(&topic, 0, n).key(key.to_owned());
    let mut next = 300;
    kafka
        .write((0..100).map(|n| of(&format!("kept-{}", n % 3), n)))
        .await;
    kafka.write((100..300).map(|n| of("busy", n))).await;
    // New records roll the segment, so that the cleaner may touch what lies before.
    let compacted = eventually("compaction", || {
        next += 1;
        let roll = [of("busy", next)];
        async {
            kafka.write(roll).await;
            let all = read(&kafka, &topic, Position::Earliest, 1_000).await.ok()?;
            (all.records.len() < 150).then_some(all)
        }
    });
    let compacted = compacted.await;

    let recent = read(&kafka, &topic, Position::Recent, 200)
        .await
        .expect("records");
    let one = read(&kafka, &topic, Position::Recent, 1)
        .await
        .expect("a record");

    assert_eq!(compacted.stopped, StopReason::EndOfLog);
    assert!(recent.records.len() >= 4, "{:?}", values(&recent));
    assert!(
        ["97", "98", "99"]
            .iter()
            .all(|kept| values(&recent).contains(&(*kept).to_owned()))
    );
    assert_eq!(values(&one), [next.to_string()]);
}

#[tokio::test]
async fn what_was_found_is_returned_in_ascending_order_of_offsets() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        // Time goes backwards, the order of the log does not.
        kafka
            .write((0..30).map(|n| numbered(&topic, 0, n).timestamp(BASE_TIME - i64::from(n))))
            .await;
        let report = read(&kafka, &topic, Position::Recent, 10)
            .await
            .expect("records");
        assert_eq!(offsets(&report), (20..30).collect::<Vec<_>>());
    }
}

/// 2026-01-01T00:00:00Z.
const BASE_TIME: i64 = 1_767_225_600_000;
