//! Something that was measured.

use serde::{Serialize, Serializer};

/// Something that was measured: its values, and what they should be.
#[derive(Debug)]
pub(super) struct Measure {
    pub(super) name: String,
    pub(super) unit: Unit,
    /// One value per round, or per process where rounds start several.
    pub(super) values: Vec<f64>,
    pub(super) target: Option<Target>,
}

impl Measure {
    /// A measure without a target.
    pub(super) fn new(
        name: impl Into<String>,
        unit: Unit,
        values: impl IntoIterator<Item = f64>,
    ) -> Self {
        Self {
            name: name.into(),
            unit,
            values: values.into_iter().collect(),
            target: None,
        }
    }

    /// A measure that is the quotient of two others, value by value.
    pub(super) fn quotient(name: impl Into<String>, unit: Unit, own: &Self, peer: &Self) -> Self {
        let factor = if unit == Unit::Percent { 100.0 } else { 1.0 };
        let pairs = own.values.iter().zip(&peer.values);
        Self::new(name, unit, pairs.map(|(own, peer)| factor * own / peer))
    }

    /// A measure that is the difference of two others, value by value.
    pub(super) fn difference(name: impl Into<String>, own: &Self, peer: &Self) -> Self {
        let pairs = own.values.iter().zip(&peer.values);
        Self::new(name, own.unit, pairs.map(|(own, peer)| own - peer))
    }

    /// Sets a target that decides over the run: a ratio within it, or a size.
    pub(super) fn gate(self, bound: Bound) -> Self {
        let target = Some(Target { bound, gates: true });
        Self { target, ..self }
    }

    /// Sets a target that is only reported, as the machine has a say in it.
    pub(super) fn aim(self, bound: Bound) -> Self {
        let target = Some(Target {
            bound,
            gates: false,
        });
        Self { target, ..self }
    }

    /// The value in the middle.
    pub(super) fn median(&self) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match (sorted.get(middle), sorted.len() % 2) {
            (Some(value), 1) => *value,
            (Some(upper), _) => {
                let lower = sorted.get(middle.wrapping_sub(1)).unwrap_or(upper);
                f64::midpoint(*lower, *upper)
            }
            (None, _) => f64::NAN,
        }
    }

    /// The smallest and the largest value.
    pub(super) fn range(&self) -> (f64, f64) {
        let low = self.values.iter().copied().reduce(f64::min);
        let high = self.values.iter().copied().reduce(f64::max);
        (low.unwrap_or(f64::NAN), high.unwrap_or(f64::NAN))
    }

    /// Whether the median meets the target, if there is one.
    pub(super) fn is_met(&self) -> Option<bool> {
        let median = self.median();
        self.target.map(|target| match target.bound {
            Bound::AtLeast(bound) => median >= bound,
            Bound::AtMost(bound) => median <= bound,
        })
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            name: &'a str,
            unit: Unit,
            median: f64,
            lowest: f64,
            highest: f64,
            target: Option<Target>,
            met: Option<bool>,
            values: &'a [f64],
        }
        let (lowest, highest) = self.range();
        let row = Row {
            name: &self.name,
            unit: self.unit,
            median: self.median(),
            lowest,
            highest,
            target: self.target,
            met: self.is_met(),
            values: &self.values,
        };
        row.serialize(serializer)
    }
}

/// What a median should be.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Target {
    #[serde(flatten)]
    pub(super) bound: Bound,
    /// Whether missing it fails the run.
    pub(super) gates: bool,
}

/// A bound on a median.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    /// How much of what the bound grants a value takes: 1 is the bound, less is better.
    pub(super) fn share_taken(self, value: f64) -> f64 {
        match self {
            Self::AtLeast(bound) => bound / value,
            Self::AtMost(bound) => value / bound,
        }
    }
}

/// What values count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    /// Millions of bytes.
    Megabytes,
    Microseconds,
    Milliseconds,
    PerSecond,
    Percent,
    Times,
    Tokens,
}

impl Unit {
    /// Writes a value for people.
    pub(super) fn show(self, value: f64) -> String {
        let symbol = match self {
            Self::Megabytes => " MB",
            Self::Microseconds => " µs",
            Self::Milliseconds => " ms",
            Self::PerSecond => "/s",
            Self::Percent => " %",
            Self::Times => "×",
            Self::Tokens => " tokens",
        };
        format!("{}{symbol}", number(value))
    }
}

/// Writes three digits that matter, and thousands apart.
fn number(value: f64) -> String {
    let size = value.abs();
    if size < 10.0 {
        return format!("{value:.2}");
    }
    if size < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{size:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 {
        format!("-{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, Measure, Unit};

    fn measure(values: &[f64]) -> Measure {
        Measure::new("", Unit::Percent, values.iter().copied())
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these values are exact")]
    fn the_median_is_the_middle_of_an_odd_number_and_between_those_of_an_even_one() {
        assert_eq!(measure(&[9.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(measure(&[4.0, 1.0, 2.0, 9.0]).median(), 3.0);
        assert!(measure(&[]).median().is_nan());
    }

    #[test]
    fn a_target_is_met_at_its_bound_and_missed_beyond() {
        let met = |values: &[f64], bound| measure(values).gate(bound).is_met();

        assert_eq!(met(&[20.0], Bound::AtLeast(20.0)), Some(true));
        assert_eq!(met(&[19.9], Bound::AtLeast(20.0)), Some(false));
        assert_eq!(met(&[20.0], Bound::AtMost(20.0)), Some(true));
        assert_eq!(met(&[20.1], Bound::AtMost(20.0)), Some(false));
        assert_eq!(met(&[], Bound::AtMost(20.0)), Some(false));
        assert_eq!(measure(&[1.0]).is_met(), None);
    }

    #[test]
    fn values_are_written_with_the_digits_that_matter() {
        for (value, text) in [
            (0.1234, "0.12/s"),
            (12.34, "12.3/s"),
            (999.6, "1,000/s"),
            (1_234_567.0, "1,234,567/s"),
            (-1_234.0, "-1,234/s"),
        ] {
            assert_eq!(Unit::PerSecond.show(value), text);
        }
    }
}
