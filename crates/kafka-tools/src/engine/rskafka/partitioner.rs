//! The partition of a record, as Kafka's own producer chooses it.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Chooses partitions: by the key's hash, so that a key stays where other clients put it, and by
/// turns for records without a key.
#[derive(Debug, Default)]
pub(super) struct Partitioner {
    turn: AtomicUsize,
}

impl Partitioner {
    /// The index of a partition, below `count`.
    pub(super) fn choose(&self, key: Option<&[u8]>, count: usize) -> usize {
        let count = count.max(1);
        match key {
            Some(key) => usize::try_from(murmur2(key) & POSITIVE).unwrap_or(0) % count,
            None => self.turn.fetch_add(1, Ordering::Relaxed) % count,
        }
    }
}

/// Kafka drops the sign of the hash, which is an `int` there.
const POSITIVE: u32 = 0x7fff_ffff;

/// MurmurHash2 with the seed of Kafka's `Utils.murmur2`.
fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;

    let (words, tail) = data.as_chunks::<4>();
    let mut hash = SEED ^ u32::try_from(data.len()).unwrap_or(u32::MAX);
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k = (k ^ (k >> 24)).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    if !tail.is_empty() {
        let tail = tail
            .iter()
            .rev()
            .fold(0, |tail, byte| tail << 8 | u32::from(*byte));
        hash = (hash ^ tail).wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of Kafka's own test, and some more; answered by `Utils` of Kafka 4.4.0.
    const ANSWERS: &[(&str, i32, usize)] = &[
        ("", 275_646_681, 2),
        ("a", -1_563_381_124, 5),
        ("ab", 316_155_434, 0),
        ("abc", 479_470_107, 4),
        ("21", -973_932_308, 3),
        ("foobar", -790_332_482, 0),
        ("a-little-bit-long-string", -985_981_536, 1),
        ("a-little-bit-longer-string", -1_486_304_829, 0),
        (
            "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
            -58_897_971,
            3,
        ),
        ("ключ", 2_122_343_024, 4),
    ];

    #[test]
    fn the_hash_of_a_key_is_kafkas() {
        for (key, hash, _) in ANSWERS {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), *hash, "{key}");
        }
    }

    #[test]
    fn a_key_lands_in_the_partition_that_kafkas_producer_chooses() {
        let partitioner = Partitioner::default();
        for (key, _, of_seven) in ANSWERS {
            assert_eq!(
                partitioner.choose(Some(key.as_bytes()), 7),
                *of_seven,
                "{key}"
            );
        }
    }

    #[test]
    fn records_without_a_key_take_turns() {
        let partitioner = Partitioner::default();
        let chosen: Vec<_> = (0..5).map(|_| partitioner.choose(None, 3)).collect();
        assert_eq!(chosen, [0, 1, 2, 0, 1]);
    }
}
