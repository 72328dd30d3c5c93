//! "Did you mean": the names nearest to one that is not there.

use std::cmp::Ordering;

/// The at most three `candidates` that resemble `wanted`, the nearest first.
pub(crate) fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| (similarity(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(score, _)| *score >= SIMILAR)
        .collect();
    scored.sort_by(|(a, left), (b, right)| {
        b.partial_cmp(a)
            .unwrap_or(Ordering::Equal)
            .then_with(|| left.cmp(right))
    });
    scored
        .into_iter()
        .take(SUGGESTIONS)
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn similarity(a: &str, b: &str) -> f64 {
    let edits = strsim::normalized_damerau_levenshtein(a, b);
    // Names are often shortened, or lack their prefix: `orders` for `shop.orders.v1`.
    let contained = a.len().min(b.len()) >= MIN_CONTAINED && (a.contains(b) || b.contains(a));
    if contained {
        edits.max(SIMILAR + edits * (1.0 - SIMILAR))
    } else {
        edits
    }
}

const SIMILAR: f64 = 0.6;
const SUGGESTIONS: usize = 3;
const MIN_CONTAINED: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_case_and_missing_prefixes_are_recognised() {
        let topics = ["orders", "payments", "shop.orders.v1", "x"];
        assert_eq!(nearest("odrers", topics), ["orders"]);
        assert_eq!(nearest("ORDERS", topics), ["orders", "shop.orders.v1"]);
        assert_eq!(nearest("payment", topics), ["payments"]);
    }

    #[test]
    fn nothing_is_suggested_for_a_name_that_resembles_none() {
        assert!(nearest("zzz", ["orders", "payments"]).is_empty());
        assert!(nearest("", ["orders"]).is_empty());
    }
}
