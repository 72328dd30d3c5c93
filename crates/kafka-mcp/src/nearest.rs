//! "Did you mean": the names nearest to one that is not there.

use std::cmp::Ordering;

/// The at most three `candidates` that resemble `wanted`, the nearest first.
///
/// Strangers choose what is compared, and comparing takes the time of the product of two lengths:
/// what is too long for a name resembles none, and there is an end to it.
pub(crate) fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    if wanted.len() > LONGEST {
        return Vec::new();
    }
    let wanted = wanted.to_lowercase();
    let mut steps = MOST_STEPS;
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| {
            let lower = candidate.to_lowercase();
            (similarity(&wanted, &lower, &mut steps), candidate)
        })
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

fn similarity(a: &str, b: &str, steps: &mut usize) -> f64 {
    let edits = match steps.checked_sub(a.len() * b.len()) {
        Some(left) => {
            *steps = left;
            strsim::normalized_damerau_levenshtein(a, b)
        }
        None => 0.0,
    };
    // Names are often shortened, or lack their prefix: `orders` for `shop.orders.v1`.
    let contained = a.len().min(b.len()) >= MIN_CONTAINED && (a.contains(b) || b.contains(a));
    if contained {
        edits.max(SIMILAR + edits * (1.0 - SIMILAR))
    } else {
        edits
    }
}

/// A little more than the longest name of a topic.
const LONGEST: usize = 300;
/// Some hundredths of a second.
const MOST_STEPS: usize = 4_000_000;
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

    #[test]
    fn texts_of_any_length_and_number_are_compared_in_no_time() {
        let long = "x".repeat(4_000_000);
        assert!(nearest(&long, ["xxx", "orders"]).is_empty());
        assert!(nearest("xxx", [long.as_str()]).is_empty());
        let names: Vec<_> = (0..100_000).map(|n| format!("{n:0249}")).collect();
        let started = tokio::time::Instant::now();
        let names = names.iter().map(String::as_str);
        assert!(nearest(&"y".repeat(249), names).is_empty());
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }

    #[test]
    fn of_many_names_those_that_contain_what_was_typed_are_still_found() {
        let names: Vec<_> = (0..100_000).map(|n| format!("{n:0249}")).collect();
        let names = names.iter().map(String::as_str).chain(["shop.orders.v1"]);
        assert_eq!(nearest("orders", names), ["shop.orders.v1"]);
    }
}
