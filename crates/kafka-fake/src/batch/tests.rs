use bytes::BufMut;

use super::*;

#[test]
fn a_batch_is_placed_by_rewriting_offset_and_epoch_only() {
    let sent = batch(&[5, 6], NOBODY);
    let placed = Batch::parse(sent.clone()).unwrap().placed(40, 3);
    assert_eq!((placed.base_offset(), placed.last_offset()), (40, 41));
    assert_eq!(placed.bytes()[..8], 40_i64.to_be_bytes());
    assert_eq!(placed.bytes()[8..12], sent[8..12]);
    assert_eq!(placed.bytes()[12..16], 3_i32.to_be_bytes());
    assert_eq!(placed.bytes()[16..], sent[16..]);
    assert!(Batch::parse(placed.bytes().clone()).is_ok());
}

#[test]
fn damage_is_found_wherever_it_is() {
    let sent = batch(&[5, 6], NOBODY);
    for at in 17..sent.len() {
        let mut damaged = sent.to_vec();
        damaged[at] ^= 1;
        let error = Batch::parse(damaged.into()).unwrap_err();
        assert_eq!(error, ErrorCode::CORRUPT_MESSAGE, "byte {at}");
    }
    for at in 8..12 {
        let mut damaged = sent.to_vec();
        damaged[at] ^= 1;
        assert!(Batch::parse(damaged.into()).is_err(), "byte {at}");
    }
    for length in 17..sent.len() {
        let error = Batch::parse(sent.slice(..length)).unwrap_err();
        assert_eq!(error, ErrorCode::CORRUPT_MESSAGE, "length {length}");
    }
}

#[test]
fn nothing_other_formats_and_two_batches_are_refused() {
    assert!(Batch::parse(Bytes::new()).is_err());
    let mut old = batch(&[5], NOBODY).to_vec();
    old[MAGIC] = 1;
    assert_eq!(
        Batch::parse(old.into()).unwrap_err(),
        ErrorCode::INVALID_RECORD
    );
    let one = batch(&[5], NOBODY);
    assert!(Batch::parse([&one[..], &one[..]].concat().into()).is_err());
}

#[test]
fn times_are_found_within_a_batch() {
    let placed = Batch::parse(batch(&[5, 9, 7], NOBODY))
        .unwrap()
        .placed(10, 0);
    for (time, offset, found) in [
        (0, 10, Some((10, 5))),
        (6, 10, Some((11, 9))),
        (9, 10, Some((11, 9))),
        (6, 12, Some((12, 7))),
        (10, 10, None),
    ] {
        assert_eq!(placed.first_since(time, offset), found, "{time} {offset}");
    }
}

#[test]
fn a_lookup_by_time_does_not_look_into_a_compressed_batch() {
    let mut batch = Batch::parse(batch(&[5, 9, 7], NOBODY))
        .unwrap()
        .placed(10, 0);
    batch.attributes = 4;
    assert_eq!(batch.first_since(6, 10), Some((10, 6)));
    assert_eq!(batch.first_since(6, 12), Some((12, 6)));
    assert_eq!(batch.first_since(10, 10), None);
}

#[test]
fn sequence_numbers_begin_again_after_the_largest() {
    let wrapped = Batch::parse(batch(&[1, 1, 1], (7, 0, i32::MAX - 1))).unwrap();
    assert_eq!(wrapped.last_sequence(), 0);
}

/// No producer that counts.
pub(crate) const NOBODY: (i64, i16, i32) = (-1, -1, -1);

/// A batch of records with these times, by a producer with this id, epoch and sequence number.
pub(crate) fn batch(times: &[i64], producer: (i64, i16, i32)) -> Bytes {
    let count = i32::try_from(times.len()).unwrap();
    let base = times.first().copied().unwrap_or_default();
    let mut checked = BytesMut::new();
    checked.put_i16(0);
    checked.put_i32(count - 1);
    checked.put_i64(base);
    checked.put_i64(times.iter().copied().max().unwrap_or_default());
    checked.put_i64(producer.0);
    checked.put_i16(producer.1);
    checked.put_i32(producer.2);
    checked.put_i32(count);
    for (offset, time) in (0..).zip(times) {
        // Length, attributes, time, offset, no key, a value of one byte, no headers.
        let small = |value: i64| u8::try_from((value << 1) ^ (value >> 63)).unwrap();
        checked.put_slice(&[14, 0, small(time - base), small(offset), 1, 2, b'v', 0]);
    }
    let mut batch = BytesMut::new();
    batch.put_i64(0);
    batch.put_i32(i32::try_from(checked.len() + 9).unwrap());
    batch.put_i32(-1);
    batch.put_i8(2);
    batch.put_u32(crc32c::crc32c(&checked));
    batch.put_slice(&checked);
    batch.freeze()
}
