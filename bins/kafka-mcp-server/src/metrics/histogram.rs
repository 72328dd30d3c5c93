//! How long things take.

use std::time::Duration;

/// A histogram of durations with the usual buckets of Prometheus, from 1 ms to 10 s.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// Not cumulative; one more than there are bounds, for what exceeds the last.
    counts: [u64; BOUNDS.len() + 1],
    sum: Duration,
}

impl Histogram {
    pub(super) fn observe(&mut self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = BOUNDS.iter().take_while(|bound| seconds > **bound).count();
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.sum = self.sum.saturating_add(duration);
    }

    /// The bounds with how many durations did not exceed them; the last bound is infinite.
    pub(super) fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        bounds.zip(self.counts).scan(0, |sum, (bound, count)| {
            *sum += count;
            Some((bound, *sum))
        })
    }

    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(super) fn sum(&self) -> f64 {
        self.sum.as_secs_f64()
    }
}

const BOUNDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_in_its_bucket_and_all_above() {
        let mut histogram = Histogram::default();
        for millis in [0, 1, 2, 30, 60_000] {
            histogram.observe(Duration::from_millis(millis));
        }
        let at = |bound| histogram.cumulative().find(|(b, _)| *b == bound).unwrap().1;
        assert_eq!(
            [at(0.001), at(0.0025), at(0.025), at(0.05), at(10.0)],
            [2, 3, 3, 4, 4]
        );
        assert_eq!((at(f64::INFINITY), histogram.count()), (5, 5));
        assert!((histogram.sum() - 60.033).abs() < 1e-9);
    }
}
