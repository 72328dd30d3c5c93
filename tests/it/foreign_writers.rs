//! What other clients write is read byte for byte, on a real Kafka.

use base64::{Engine, prelude::BASE64_STANDARD};
use kafka_tools::{ConsumeReport, ConsumeRequest, Position, Record, StopReason};
use testkit::{ForeignWriter, RealKafka, WrittenRecord};

#[tokio::test]
async fn records_of_the_java_client_arrive_with_each_codec() {
    let Some((kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    let codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
    arrives_byte_for_byte(&kafka, &ForeignWriter::java(&state), &codecs).await;
}

#[tokio::test]
async fn records_of_librdkafka_arrive_with_each_codec() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let Some(writer) = ForeignWriter::librdkafka() else {
        return;
    };
    arrives_byte_for_byte(&kafka, &writer, &["none", "gzip", "snappy", "lz4", "zstd"]).await;
}

#[tokio::test]
async fn records_of_kafkajs_arrive_with_each_codec() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let Some(writer) = ForeignWriter::kafkajs() else {
        return;
    };
    arrives_byte_for_byte(&kafka, &writer, &["none", "gzip", "snappy"]).await;
}

#[tokio::test]
async fn aborted_transactions_of_other_clients_stay_out() {
    let Some((kafka, state)) = RealKafka::find_with_state().await else {
        return;
    };
    let writers = [
        Some(ForeignWriter::java(&state)),
        ForeignWriter::librdkafka(),
        ForeignWriter::kafkajs(),
    ];
    for writer in writers.into_iter().flatten() {
        let topic = kafka.topic(1).await;
        let written = writer
            .write(&kafka, &[(topic.clone(), "transactions")])
            .await;
        let request = ConsumeRequest::new(vec![topic]);
        let report = read_all(&kafka, request).await;
        assert_eq!(written.len(), 6);
        assert_eq!(described(&report.records), written, "{writer:?}");
        // Four transactions of three records and a marker each.
        assert_eq!(report.partitions[0].next_offset, 16);
    }
}

async fn arrives_byte_for_byte(kafka: &RealKafka, writer: &ForeignWriter, codecs: &[&str]) {
    let mut jobs = Vec::new();
    for codec in codecs {
        jobs.push((kafka.topic(1).await, *codec));
    }
    let written = writer.write(kafka, &jobs).await;
    assert_eq!(written.len(), 6 * codecs.len());
    for ((topic, codec), written) in jobs.into_iter().zip(written.chunks(6)) {
        let report = read_all(kafka, ConsumeRequest::new(vec![topic])).await;
        assert_eq!(described(&report.records), written, "{codec}");
        assert_eq!(report.stopped, StopReason::EndOfLog);
    }
}

async fn read_all(kafka: &RealKafka, mut request: ConsumeRequest) -> ConsumeReport {
    request.position = Position::Earliest;
    request.max_messages = 1_000;
    kafka.client().consume(request).await.expect("records")
}

fn described(records: &[Record]) -> Vec<WrittenRecord> {
    let encoded = |bytes: Option<&[u8]>| bytes.map(|bytes| BASE64_STANDARD.encode(bytes));
    let describe = |record: &Record| WrittenRecord {
        topic: record.topic.to_string(),
        key: encoded(record.key.as_deref()),
        value: encoded(record.value.as_deref()),
        headers: record
            .headers
            .iter()
            .map(|header| (header.key.clone(), encoded(header.value.as_deref())))
            .collect(),
        timestamp: record.timestamp.expect("a time").millis,
    };
    records.iter().map(describe).collect()
}
