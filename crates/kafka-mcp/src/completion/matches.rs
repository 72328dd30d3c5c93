//! Which values fit what was typed.

use rmcp::model::CompletionInfo;

use crate::text;

/// The values that begin with what was `typed`, then those that contain it, each in order; in any
/// case of letters. At most a hundred, with how many there are.
///
/// A name that cannot be shown as it is is none that people can choose by its look: it is left out.
pub(super) fn matches<'v>(
    values: impl IntoIterator<Item = &'v str>,
    typed: &str,
) -> CompletionInfo {
    let typed = typed.to_lowercase();
    let (mut beginning, mut containing) = (Vec::new(), Vec::new());
    let is_shown_as_it_is = |value: &&str| text::name(value) == **value;
    for value in values.into_iter().filter(is_shown_as_it_is) {
        let lower = value.to_lowercase();
        if lower.starts_with(&typed) {
            beginning.push(value);
        } else if lower.contains(&typed) {
            containing.push(value);
        }
    }
    beginning.sort_unstable();
    containing.sort_unstable();
    let total = beginning.len() + containing.len();
    let values = beginning.into_iter().chain(containing);
    let values = values.take(CompletionInfo::MAX_VALUES).map(str::to_owned);
    // There are not too many.
    let mut completion = CompletionInfo::new(values.collect()).unwrap_or_default();
    completion.total = Some(u32::try_from(total).unwrap_or(u32::MAX));
    completion.has_more = Some(total > CompletionInfo::MAX_VALUES);
    completion
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_come_first_in_any_case_and_in_order() {
        let values = [
            "b-orders",
            "Orders.v2",
            "payments",
            "orders",
            "a-ORDERS",
            "ORDERS",
        ];
        let found = matches(values, "ord");
        let expected = ["ORDERS", "Orders.v2", "orders", "a-ORDERS", "b-orders"];
        assert_eq!(found.values, expected);
        assert_eq!((found.total, found.has_more), (Some(5), Some(false)));
        assert_eq!(matches(values, "").values.len(), 6);
        assert_eq!(matches(values, "orders.v3").values, [""; 0]);
    }

    #[test]
    fn of_many_values_a_hundred_are_shown_and_all_are_counted() {
        let names: Vec<_> = (0..250).map(|n| format!("topic-{n:03}")).collect();
        let found = matches(names.iter().rev().map(String::as_str), "topic");
        assert_eq!(found.values, names[..100]);
        assert_eq!((found.total, found.has_more), (Some(250), Some(true)));
        let all = matches(names[..100].iter().map(String::as_str), "TOPIC");
        assert_eq!((all.total, all.has_more), (Some(100), Some(false)));
    }

    #[test]
    fn names_that_hide_what_they_are_are_left_out() {
        let found = matches(["orders", "or\u{202e}ders", "or\u{1b}ders"], "or");
        assert_eq!(found.values, ["orders"]);
        assert_eq!(found.total, Some(1));
    }
}
