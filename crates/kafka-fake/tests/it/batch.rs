//! Batches as producers make them.

use bytes::{Bytes, BytesMut};
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

/// A batch of records that hold the numbers of their places.
pub(crate) struct BatchRecipe {
    pub(crate) times: Vec<i64>,
    pub(crate) producer: (i64, i16, i32),
    pub(crate) transactional: bool,
    /// How long each value is.
    pub(crate) length: usize,
}

impl BatchRecipe {
    /// `count` records by nobody in particular.
    pub(crate) fn plain(count: i64) -> Self {
        Self {
            times: (0..count).map(|n| 1000 + n).collect(),
            producer: (-1, -1, -1),
            transactional: false,
            length: 1,
        }
    }

    pub(crate) fn encode(&self) -> Bytes {
        let (producer_id, producer_epoch, sequence) = self.producer;
        let records: Vec<Record> = (0..)
            .zip(&self.times)
            .map(|(n, time)| Record {
                transactional: self.transactional,
                control: false,
                delete_horizon: false,
                partition_leader_epoch: -1,
                producer_id,
                producer_epoch,
                timestamp_type: TimestampType::Creation,
                offset: n,
                // The encoder tells batches apart by the difference of the two.
                sequence: sequence + i32::try_from(n).unwrap(),
                timestamp: *time,
                key: Some(n.to_string().into()),
                value: Some(vec![b'v'; self.length].into()),
                headers: Default::default(),
            })
            .collect();
        let mut batch = BytesMut::new();
        let options = RecordEncodeOptions {
            version: 2,
            compression: Compression::None,
        };
        RecordBatchEncoder::encode(&mut batch, &records, &options).unwrap();
        batch.freeze()
    }
}

/// The time in milliseconds since 1970. Kafka begins another segment for records that are a week
/// apart, and reads one segment at a time.
#[expect(
    clippy::disallowed_methods,
    reason = "a real Kafka has the clock of the machine"
)]
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

/// Offsets and leader epochs of the records of some batches.
pub(crate) fn decode(records: Option<Bytes>) -> Vec<(i64, i32)> {
    let mut records = records.unwrap_or_default();
    let sets = RecordBatchDecoder::decode_all(&mut records).unwrap();
    let records = sets.into_iter().flat_map(|set| set.records);
    records
        .map(|record| (record.offset, record.partition_leader_epoch))
        .collect()
}
