//! Transactions, in the two ways in which clients make them: with AddPartitionsToTxn before each
//! partition, and without (KIP-890).

use bytes::Bytes;
use kafka_fake::Api;
use kafka_protocol::{
    messages::{
        ApiVersionsRequest, DescribeProducersRequest, DescribeTransactionsRequest,
        FindCoordinatorRequest, GroupId, ListTransactionsRequest, OffsetFetchRequest, TopicName,
        describe_producers_request::TopicRequest, fetch_response::PartitionData,
        offset_fetch_request::OffsetFetchRequestTopic,
    },
    records::RecordBatchDecoder,
};
use tokio::time::{Duration, sleep};

use crate::{
    batch::{BatchRecipe, now},
    requests::{fetch, list_offsets, produce, write},
    subject::{Subject, unique},
    transactional::Transactional,
    wire::{Wire, text},
};

#[tokio::test]
async fn readers_of_committed_records_are_told_of_what_was_aborted() {
    for mut subject in Subject::all().await {
        for protocol in Protocol::of(&subject) {
            let topic = subject.topic(1).await;
            let mut wire = subject.connect().await;
            let mut writer = Transactional::begin(&mut wire).await;
            let epoch = writer.epoch;
            protocol.write(&writer, &mut wire, &topic, 0).await;
            assert_eq!(writer.end(&mut wire, true, protocol.end).await, 0);
            let next = protocol.next_sequence(2);
            protocol.write(&writer, &mut wire, &topic, next).await;
            let aborting = writer.clone();
            assert_eq!(writer.end(&mut wire, false, protocol.end).await, 0);
            settle(&mut wire, &topic, 6).await;

            let found = read(&mut wire, &topic, 0, COMMITTED).await;
            assert_eq!((found.high_watermark, found.last_stable_offset), (6, 6));
            assert_eq!(
                aborted(&found),
                Some(vec![(writer.id, 3)]),
                "{}",
                subject.name
            );
            let renewed = i16::from(protocol.renews);
            assert_eq!(
                records(&found),
                [
                    (0, epoch, None),
                    (1, epoch, None),
                    (2, epoch + renewed, Some(COMMIT)),
                    (3, aborting.epoch, None),
                    (4, aborting.epoch, None),
                    (5, aborting.epoch + renewed, Some(ABORT)),
                ],
                "{}",
                subject.name
            );
            let found = read(&mut wire, &topic, 0, UNCOMMITTED).await;
            assert_eq!((aborted(&found), records(&found).len()), (None, 6));
            // Whoever reads on from the end is told nothing.
            let found = read(&mut wire, &topic, 6, COMMITTED).await;
            assert_eq!(aborted(&found), Some(Vec::new()), "{}", subject.name);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn readers_of_committed_records_wait_for_the_oldest_open_transaction() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let time = now();
        let plain = || BatchRecipe {
            times: vec![time],
            ..BatchRecipe::plain(1)
        };
        write(&mut wire, &topic, plain().encode()).await;
        let mut first = Transactional::begin(&mut wire).await;
        let mut second = Transactional::begin(&mut wire).await;
        let protocol = Protocol::newest(&subject);
        for writer in [&first, &second] {
            protocol.write(writer, &mut wire, &topic, 0).await;
        }
        write(&mut wire, &topic, plain().encode()).await;
        assert_eq!(second.end(&mut wire, true, protocol.end).await, 0);
        settle_end(&mut wire, &topic, 7).await;
        for (offset, count) in [(0, 1), (1, 0), (5, 0)] {
            let found = read(&mut wire, &topic, offset, COMMITTED).await;
            assert_eq!((found.high_watermark, found.last_stable_offset), (7, 1));
            assert_eq!(records(&found).len(), count, "{} {offset}", subject.name);
        }
        for (asked, isolation, offset) in [
            (-1, COMMITTED, 1),
            (-1, UNCOMMITTED, 7),
            (-2, COMMITTED, 0),
            (time, COMMITTED, 0),
            (time, UNCOMMITTED, 0),
        ] {
            let asked = list_offsets(&topic, asked).with_isolation_level(isolation);
            let answer = wire.ask(&asked, 7).await;
            let found = answer.topics[0].partitions[0].offset;
            assert_eq!(found, offset, "{} {asked:?}", subject.name);
        }
        // A reader that waits is woken when the transaction ends.
        let mut reader = subject.connect().await;
        let waiting = fetch(&topic, 1).with_isolation_level(COMMITTED);
        reader.send(&waiting.with_max_wait_ms(20_000), 11).await;
        assert_eq!(first.end(&mut wire, false, protocol.end).await, 0);
        reader.read().await.expect("an answer");
        settle(&mut wire, &topic, 8).await;
        let found = read(&mut wire, &topic, 0, COMMITTED).await;
        assert_eq!(
            aborted(&found),
            Some(vec![(first.id, 1)]),
            "{}",
            subject.name
        );
        subject.clean().await;
    }
}

#[tokio::test]
async fn what_is_not_in_a_transaction_is_refused() {
    for mut subject in Subject::all().await {
        let name = subject.name;
        let (topic, other) = (subject.topic(1).await, subject.topic(1).await);
        let mut wire = subject.connect().await;
        let wire = &mut wire;
        let mut writer = Transactional::begin(wire).await;
        let mut nobody = Transactional::unknown();
        assert_eq!(nobody.add(wire, &topic, 3).await, 49, "{name}");
        let protocol = Protocol::newest(&subject);
        assert_eq!(nobody.end(wire, true, protocol.end).await, 49, "{name}");
        let found = nobody.write(wire, &topic, 0, protocol.produce).await;
        assert_eq!(found.0, 49, "{name}");

        assert_eq!(writer.end(wire, true, 4).await, 48, "{name}");
        for (version, code) in [(9, 48), (10, 48), (11, 120)] {
            let found = writer.write(wire, &topic, 0, version).await;
            assert_eq!(found, (code, -1), "{name} {version}");
        }
        assert_eq!(writer.add(wire, &unique("missing"), 3).await, 3, "{name}");
        let mut both = writer.add_request(&topic);
        let missing = writer.add_request(&unique("missing"));
        both.v3_and_below_topics.extend(missing.v3_and_below_topics);
        let answer = wire.ask(&both, 3).await;
        let topics = answer.results_by_topic_v3_and_below.into_iter();
        let codes = topics.map(|topic| topic.results_by_partition[0].partition_error_code);
        let mut codes: Vec<i16> = codes.collect();
        codes.sort_unstable();
        assert_eq!(codes, [3, 55], "{name}");

        assert_eq!(writer.add(wire, &topic, 3).await, 0, "{name}");
        assert_eq!(writer.write(wire, &other, 0, 9).await.0, 48, "{name}");
        assert_eq!(writer.write(wire, &topic, 1, 9).await.0, 45, "{name}");
        // Two tries are one batch, and the next one follows it.
        for (sequence, offset) in [(0, 0), (0, 0), (2, 2)] {
            let found = writer.write(wire, &topic, sequence, 9).await;
            assert_eq!(found, (0, offset), "{name} {sequence}");
        }
        // Records of a transaction need its name.
        assert_eq!(
            write(wire, &topic, writer.batch(4)).await,
            (53, -1),
            "{name}"
        );
        let plain = produce(&topic, BatchRecipe::plain(1).encode());
        let plain = plain.with_transactional_id(Some(writer.name.clone()));
        let answer = wire.ask(&plain, 9).await;
        let written = &answer.responses[0].partition_responses[0];
        assert_eq!(written.error_code, 0, "{name}");
        assert_eq!(writer.end(wire, true, 4).await, 0, "{name}");
        assert_eq!(writer.describe(wire).await.0, "CompleteCommit", "{name}");
        assert_eq!(writer.write(wire, &topic, 4, 9).await.0, 48, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_producer_that_begins_again_aborts_and_fences_the_one_before() {
    for mut subject in Subject::all().await {
        for protocol in Protocol::of(&subject) {
            let name = subject.name;
            let topic = subject.topic(1).await;
            let mut wire = subject.connect().await;
            let wire = &mut wire;
            let mut new = Transactional::begin(wire).await;
            let mut old = new.clone();
            protocol.write(&old, wire, &topic, 0).await;
            let answer = wire.ask(&new.init_request(), 4).await;
            assert_eq!(answer.error_code, 51, "{name}");
            assert_eq!(new.init(wire).await, 0, "{name}");
            assert_eq!((new.id, new.epoch), (old.id, old.epoch + 2), "{name}");
            let found = read(wire, &topic, 0, COMMITTED).await;
            assert_eq!(aborted(&found), Some(vec![(old.id, 0)]), "{name}");

            for version in [9, protocol.produce] {
                let found = old.write(wire, &topic, 2, version).await;
                assert_eq!(found.0, 47, "{name} {version}");
            }
            for (version, code) in [(0, 47), (1, 47), (2, 90), (3, 90)] {
                assert_eq!(
                    old.add(wire, &topic, version).await,
                    code,
                    "{name} {version}"
                );
            }
            for (version, code) in [(0, 47), (1, 47), (2, 90), (protocol.end, 90)] {
                assert_eq!(old.end(wire, true, version).await, code, "{name} {version}");
            }
            let renewing = |writer: &Transactional| {
                let request = writer.init_request().with_producer_id(writer.id.into());
                request.with_producer_epoch(writer.epoch)
            };
            for (version, code) in [(3, 47), (4, 90)] {
                let answer = wire.ask(&renewing(&old), version).await;
                assert_eq!(answer.error_code, code, "{name} {version}");
            }
            // Whoever did not get the answer asks again.
            for _ in 0..2 {
                let answer = wire.ask(&renewing(&new), 4).await;
                let found = (answer.error_code, answer.producer_epoch);
                assert_eq!(found, (0, new.epoch + 1), "{name}");
            }
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn an_end_can_be_repeated_but_not_changed() {
    for mut subject in Subject::all().await {
        for protocol in Protocol::of(&subject) {
            for commit in [true, false] {
                let name = subject.name;
                let topic = subject.topic(1).await;
                let mut wire = subject.connect().await;
                let wire = &mut wire;
                let mut writer = Transactional::begin(wire).await;
                let before = writer.clone();
                protocol.write(&writer, wire, &topic, 0).await;
                assert_eq!(writer.end(wire, commit, protocol.end).await, 0, "{name}");
                writer.describe(wire).await;
                let mut again = before.clone();
                assert_eq!(again.end(wire, commit, protocol.end).await, 0, "{name}");
                assert_eq!((again.id, again.epoch), (writer.id, writer.epoch), "{name}");
                let mut other = before.clone();
                assert_eq!(other.end(wire, !commit, protocol.end).await, 48, "{name}");
            }
        }
        if subject.is_before_4() {
            subject.clean().await;
            continue;
        }
        // There is always something to abort, as records may be on their way.
        let mut wire = subject.connect().await;
        let mut writer = Transactional::begin(&mut wire).await;
        for epoch in 1..3 {
            assert_eq!(writer.end(&mut wire, true, 5).await, 48, "{}", subject.name);
            assert_eq!(writer.end(&mut wire, false, 5).await, 0, "{}", subject.name);
            assert_eq!(writer.epoch, epoch, "{}", subject.name);
            let found = writer.describe(&mut wire).await;
            assert_eq!(
                found,
                ("CompleteAbort".to_owned(), epoch, 0),
                "{}",
                subject.name
            );
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn beginnings_that_make_no_sense_are_refused() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let mut writer = Transactional::begin(&mut wire).await;
        let begin = writer.init_request();
        for (asked, code) in [
            (begin.clone().with_transaction_timeout_ms(0), 50),
            (begin.clone().with_transaction_timeout_ms(900_001), 50),
            (
                begin
                    .clone()
                    .with_transactional_id(Some(Default::default())),
                42,
            ),
            (begin.clone().with_producer_epoch(3), 42),
            (begin.clone().with_producer_id(3.into()), 42),
            (
                begin
                    .clone()
                    .with_producer_id(writer.id.into())
                    .with_producer_epoch(3),
                90,
            ),
            (
                begin
                    .clone()
                    .with_producer_id(3.into())
                    .with_producer_epoch(0),
                90,
            ),
        ] {
            let answer = wire.ask(&asked, 4).await;
            assert_eq!(answer.error_code, code, "{} {asked:?}", subject.name);
        }
        for version in subject.versions(Api::InitProducerId) {
            let answer = wire.ask(&begin, version).await;
            let found = (answer.error_code, answer.producer_id.0);
            assert_eq!(found, (0, writer.id), "{} {version}", subject.name);
        }
        assert_eq!(writer.init(&mut wire).await, 0);
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_transaction_that_takes_too_long_is_aborted() {
    for mut subject in Subject::all().await {
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let mut writer = Transactional::begin(&mut wire).await;
        let hasty = writer.init_request().with_transaction_timeout_ms(100);
        writer.epoch = wire.ask(&hasty, 4).await.producer_epoch;
        let protocol = Protocol::newest(&subject);
        protocol.write(&writer, &mut wire, &topic, 0).await;
        // Kafka looks every ten seconds.
        settle(&mut wire, &topic, 3).await;
        let found = read(&mut wire, &topic, 0, COMMITTED).await;
        assert_eq!(
            aborted(&found),
            Some(vec![(writer.id, 0)]),
            "{}",
            subject.name
        );
        let (state, epoch, _) = writer.describe(&mut wire).await;
        assert_eq!(state, "CompleteAbort", "{}", subject.name);
        assert_eq!(epoch, writer.epoch + 1, "{}", subject.name);
        for (commit, version, code) in [(true, 4, 90), (true, 5, 48), (false, 5, 0)] {
            if subject.versions(Api::EndTxn).contains(&version) {
                let found = writer.end(&mut wire, commit, version).await;
                assert_eq!(found, code, "{} {version}", subject.name);
            }
        }
        if protocol.renews {
            assert_eq!(writer.epoch, epoch, "{}", subject.name);
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn offsets_are_committed_when_the_transaction_is() {
    for mut subject in Subject::all().await {
        for protocol in Protocol::of(&subject) {
            let name = subject.name;
            let topic = subject.topic(1).await;
            let mut wire = subject.connect().await;
            let wire = &mut wire;
            let group = GroupId(unique("kafka-fake-test").0);
            let mut writer = Transactional::begin(wire).await;
            for (commit, offset, kept) in [(true, 5, 5), (false, 7, 5)] {
                let version = protocol.offsets;
                if !protocol.renews {
                    assert_eq!(writer.add_offsets(wire, &group, 3).await, 0, "{name}");
                }
                let code = writer
                    .commit_offset(wire, &group, &topic, offset, version)
                    .await;
                assert_eq!(code, 0, "{name}");
                settle_offset(wire, &group, &topic, (88, -1)).await;
                assert_eq!(writer.describe(wire).await.2, 1, "{name}");
                assert_eq!(writer.end(wire, commit, protocol.end).await, 0, "{name}");
                writer.describe(wire).await;
                settle_offset(wire, &group, &topic, (0, kept)).await;
            }
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn offsets_that_are_not_in_a_transaction_are_refused() {
    for mut subject in Subject::all().await {
        let name = subject.name;
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let wire = &mut wire;
        let group = GroupId(unique("kafka-fake-test").0);
        let writer = Transactional::begin(wire).await;
        let stranger = Transactional {
            epoch: writer.epoch + 7,
            ..writer.clone()
        };
        let nobody = Transactional::unknown();
        let missing = unique("missing");
        // The transaction is looked at before the group is.
        let as_member = writer
            .offset_request(&group, &topic, 1)
            .with_member_id(text("somebody"))
            .with_generation_id(3);
        let found = Transactional::send_offset(wire, &as_member, 3).await;
        assert_eq!(found, 48, "{name}");
        let newest = *subject.versions(Api::TxnOffsetCommit).end();
        for (who, topic, version, code) in [
            (&writer, &topic, 3, 48),
            (&writer, &topic, 4, 120),
            (&stranger, &topic, 3, 47),
            (&stranger, &topic, newest, 47),
            (&nobody, &topic, 3, 49),
            (&nobody, &topic, newest, 49),
            (&writer, &missing, newest, 3),
        ] {
            let found = who.commit_offset(wire, &group, topic, 1, version).await;
            assert_eq!(found, code, "{name} {who:?} {version}");
        }
        for (who, version, code) in [
            (&stranger, 1, 47),
            (&stranger, 2, 90),
            (&nobody, 3, 49),
            (&writer, 0, 0),
        ] {
            let found = who.add_offsets(wire, &group, version).await;
            assert_eq!(found, code, "{name} {who:?} {version}");
        }
        for version in subject.versions(Api::TxnOffsetCommit) {
            let found = writer.commit_offset(wire, &group, &topic, 1, version).await;
            assert_eq!(found, 0, "{name} {version}");
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn transactions_are_listed_and_described() {
    for mut subject in Subject::all().await {
        let name = subject.name;
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let wire = &mut wire;
        let writer = Transactional::begin(wire).await;
        let epoch = writer.epoch;
        assert_eq!(writer.describe(wire).await, ("Empty".to_owned(), epoch, 0));
        Protocol::newest(&subject)
            .write(&writer, wire, &topic, 0)
            .await;
        let request = DescribeTransactionsRequest::default()
            .with_transactional_ids(vec![writer.name.clone(), Transactional::unknown().name]);
        let answer = wire.ask(&request, 0).await;
        let [found, unknown] = &answer.transaction_states[..] else {
            panic!("{answer:?}")
        };
        assert_eq!((found.error_code, unknown.error_code), (0, 105), "{name}");
        assert_eq!(&*found.transaction_state, "Ongoing", "{name}");
        assert_eq!(
            (found.producer_id.0, found.producer_epoch),
            (writer.id, epoch)
        );
        assert_eq!(found.transaction_timeout_ms, 60_000, "{name}");
        assert!(
            (now() - found.transaction_start_time_ms).abs() < 60_000,
            "{name}"
        );
        assert_eq!(
            (&found.topics[0].topic, &found.topics[0].partitions[..]),
            (&topic, &[0][..])
        );

        let all = ListTransactionsRequest::default().with_duration_filter(-1);
        for version in subject.versions(Api::ListTransactions) {
            let of = |states: &[&str], ids: &[i64]| {
                let states = states.iter().map(|state| text(state)).collect();
                let ids = ids.iter().map(|id| (*id).into()).collect();
                all.clone()
                    .with_state_filters(states)
                    .with_producer_id_filters(ids)
            };
            for (asked, is_listed, unknown) in [
                (of(&[], &[]), true, 0),
                (of(&["Ongoing", "Empty"], &[writer.id]), true, 0),
                (of(&["Empty"], &[]), false, 0),
                (of(&[], &[writer.id + 1_000_000]), false, 0),
                (of(&["Asleep"], &[]), false, 1),
            ] {
                let answer = wire.ask(&asked, version).await;
                let mut listed = answer.transaction_states.iter();
                let found = listed.any(|found| found.transactional_id == writer.name);
                assert_eq!(found, is_listed, "{name} {version} {asked:?}");
                assert_eq!(
                    answer.unknown_state_filters.len(),
                    unknown,
                    "{name} {version}"
                );
            }
        }
        let old = all.with_duration_filter(3_600_000);
        let answer = wire.ask(&old, 1).await;
        let mut listed = answer.transaction_states.iter();
        assert!(
            !listed.any(|found| found.transactional_id == writer.name),
            "{name}"
        );
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_transaction_that_has_ended_keeps_the_time_at_which_it_began() {
    for mut subject in Subject::all().await {
        for protocol in Protocol::of(&subject) {
            let name = subject.name;
            let topic = subject.topic(1).await;
            let mut wire = subject.connect().await;
            let wire = &mut wire;
            let mut writer = Transactional::begin(wire).await;
            let started = writer.described(wire).await.transaction_start_time_ms;
            assert_eq!(started, -1, "{name}");
            protocol.write(&writer, wire, &topic, 0).await;
            let started = writer.described(wire).await.transaction_start_time_ms;
            assert!((now() - started).abs() < 60_000, "{name}");
            assert_eq!(writer.end(wire, true, protocol.end).await, 0, "{name}");
            let found = writer.described(wire).await;
            assert_eq!(&*found.transaction_state, "CompleteCommit", "{name}");
            assert_eq!(found.transaction_start_time_ms, started, "{name}");
            assert_eq!(writer.init(wire).await, 0, "{name}");
            // In Kafka 3.9 a producer that begins anew keeps it too.
            let expected = if subject.is_before_4() { started } else { -1 };
            let found = writer.described(wire).await.transaction_start_time_ms;
            assert_eq!(found, expected, "{name}");
        }
        subject.clean().await;
    }
}

#[tokio::test]
async fn the_producers_of_a_partition_are_described() {
    for mut subject in Subject::all().await {
        let name = subject.name;
        let topic = subject.topic(1).await;
        let mut wire = subject.connect().await;
        let wire = &mut wire;
        let mut writer = Transactional::begin(wire).await;
        let epoch = i32::from(writer.epoch);
        let protocol = Protocol::newest(&subject);
        protocol.write(&writer, wire, &topic, 0).await;
        let asked = |topic: &TopicName| {
            let topic = TopicRequest::default()
                .with_name(topic.clone())
                .with_partition_indexes(vec![0]);
            DescribeProducersRequest::default().with_topics(vec![topic])
        };
        let answer = wire.ask(&asked(&topic), 0).await;
        let [active] = &answer.topics[0].partitions[0].active_producers[..] else {
            panic!("{answer:?}")
        };
        assert_eq!(
            (active.producer_id.0, active.producer_epoch),
            (writer.id, epoch)
        );
        assert_eq!(
            (active.last_sequence, active.current_txn_start_offset),
            (1, 0)
        );
        assert_eq!(active.coordinator_epoch, -1, "{name}");
        assert!((now() - active.last_timestamp).abs() < 60_000, "{name}");

        assert_eq!(writer.end(wire, true, protocol.end).await, 0);
        settle(wire, &topic, 3).await;
        let answer = wire.ask(&asked(&topic), 0).await;
        let [active] = &answer.topics[0].partitions[0].active_producers[..] else {
            panic!("{answer:?}")
        };
        let (epoch, sequence) = match protocol.renews {
            true => (epoch + 1, -1),
            false => (epoch, 1),
        };
        assert_eq!(active.producer_epoch, epoch, "{name}");
        let found = (active.last_sequence, active.current_txn_start_offset);
        assert_eq!(found, (sequence, -1), "{name}");
        assert!(active.coordinator_epoch >= 0, "{name}");
        let answer = wire.ask(&asked(&unique("missing")), 0).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 3, "{name}");
        subject.clean().await;
    }
}

#[tokio::test]
async fn clients_are_told_which_kind_of_groups_and_transactions_there_is() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let asked = ApiVersionsRequest::default()
            .with_client_software_name(text("test"))
            .with_client_software_version(text("1"));
        for version in [3, 4] {
            let answer = wire.ask(&asked, version).await;
            for (name, newest) in [("group.version", 1), ("transaction.version", 2)] {
                let mut finalized = answer.finalized_features.iter();
                let level = finalized.find(|feature| &*feature.name == name);
                let level = level.map(|feature| feature.max_version_level);
                let expected = (!subject.is_before_4()).then_some(newest);
                assert_eq!(level, expected, "{} {version} {name}", subject.name);
                let mut supported = answer.supported_features.iter();
                let found = supported.find(|feature| &*feature.name == name);
                // Clients of version 3 do not understand features that begin at 0.
                let found =
                    found.map(|feature| (feature.min_version, feature.max_version >= newest));
                let expected = (version >= 4 && !subject.is_before_4()).then_some((0, true));
                assert_eq!(found, expected, "{} {version} {name}", subject.name);
            }
            assert!(answer.finalized_features_epoch >= 0, "{}", subject.name);
        }
        let name = Transactional::unknown().name;
        for version in 1..=3 {
            let asked = FindCoordinatorRequest::default()
                .with_key(name.0.clone())
                .with_key_type(1);
            let answer = wire.ask(&asked, version).await;
            assert_eq!(answer.error_code, 0, "{} {version}", subject.name);
            assert!(answer.port > 0, "{}", subject.name);
        }
        subject.clean().await;
    }
}

/// How a client goes about it.
#[derive(Clone, Copy)]
struct Protocol {
    renews: bool,
    produce: i16,
    end: i16,
    offsets: i16,
}

impl Protocol {
    fn of(subject: &Subject) -> &'static [Self] {
        match subject.is_before_4() {
            true => &Self::BOTH[..1],
            false => &Self::BOTH,
        }
    }

    fn newest(subject: &Subject) -> Self {
        Self::BOTH[usize::from(!subject.is_before_4())]
    }

    const BOTH: [Self; 2] = [
        Self {
            renews: false,
            produce: 9,
            end: 4,
            offsets: 3,
        },
        Self {
            renews: true,
            produce: 13,
            end: 5,
            offsets: 5,
        },
    ];

    async fn write(self, writer: &Transactional, wire: &mut Wire, topic: &TopicName, next: i32) {
        if !self.renews {
            assert_eq!(writer.add(wire, topic, 3).await, 0);
        }
        let written = writer.write(wire, topic, next, self.produce).await;
        assert_eq!(written.0, 0);
    }

    /// Sequence numbers begin again with each epoch.
    fn next_sequence(self, next: i32) -> i32 {
        if self.renews { 0 } else { next }
    }
}

async fn read(wire: &mut Wire, topic: &TopicName, offset: i64, isolation: i8) -> PartitionData {
    let asked = fetch(topic, offset).with_isolation_level(isolation);
    let mut answer = wire.ask(&asked, 11).await;
    let found = answer.responses.remove(0).partitions.remove(0);
    assert_eq!(found.error_code, 0);
    found
}

/// Waits until the last stable offset is at `end`.
async fn settle(wire: &mut Wire, topic: &TopicName, end: i64) {
    for _ in 0..1500 {
        let found = read(wire, topic, 0, COMMITTED).await;
        if found.last_stable_offset == end {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{topic:?} does not get stable")
}

/// Waits until the log has this end.
async fn settle_end(wire: &mut Wire, topic: &TopicName, end: i64) {
    for _ in 0..500 {
        if read(wire, topic, 0, UNCOMMITTED).await.high_watermark == end {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{topic:?} does not end there")
}

/// Producers and first offsets.
fn aborted(found: &PartitionData) -> Option<Vec<(i64, i64)>> {
    let all = found.aborted_transactions.as_ref()?.iter();
    Some(
        all.map(|one| (one.producer_id.0, one.first_offset))
            .collect(),
    )
}

/// Offset, epoch, and the key of a control record.
fn records(found: &PartitionData) -> Vec<(i64, i16, Option<Bytes>)> {
    let mut records = found.records.clone().unwrap_or_default();
    let sets = RecordBatchDecoder::decode_all(&mut records).unwrap();
    let records = sets.into_iter().flat_map(|set| set.records);
    let of = |record: kafka_protocol::records::Record| {
        let marker = record.key.filter(|_| record.control);
        (record.offset, record.producer_epoch, marker)
    };
    records.map(of).collect()
}

/// Waits until a group has this code and offset for partition 0: Kafka commits a moment after it
/// says so.
async fn settle_offset(wire: &mut Wire, group: &GroupId, topic: &TopicName, expected: (i16, i64)) {
    let asked = OffsetFetchRequestTopic::default()
        .with_name(topic.clone())
        .with_partition_indexes(vec![0]);
    let request = OffsetFetchRequest::default()
        .with_group_id(group.clone())
        .with_topics(Some(vec![asked]))
        .with_require_stable(true);
    for _ in 0..500 {
        let answer = wire.ask(&request, 7).await;
        let partition = answer.topics.first().map(|topic| &topic.partitions[0]);
        let found = partition.map(|found| (found.error_code, found.committed_offset));
        if found == Some(expected) {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{group:?} does not get to {expected:?}")
}

const UNCOMMITTED: i8 = 0;
const COMMITTED: i8 = 1;

/// The keys of markers: a version, and what they say.
const ABORT: Bytes = Bytes::from_static(&[0, 0, 0, 0]);
const COMMIT: Bytes = Bytes::from_static(&[0, 0, 0, 1]);
