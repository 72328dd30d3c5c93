//! Fitting lists into a result's size.

use serde::Serialize;

use crate::page::json_len;

/// Keeps the first rows that fit into `max_bytes`, and says how many it leaves out and what the
/// others take. A row that is huge does not stand for all that come after it.
pub(super) fn retain<T: Serialize>(rows: &mut Vec<T>, max_bytes: usize) -> (usize, usize) {
    let before = rows.len();
    let mut used = 0_usize;
    let mut is_full = false;
    rows.retain(|row| {
        let taken = taken_by_row(row);
        let with_row = used.saturating_add(taken);
        let fits = !is_full && with_row <= max_bytes;
        if fits {
            used = with_row;
        } else if taken <= max_bytes / HUGE {
            is_full = true;
        }
        fits
    });
    (before - rows.len(), used)
}

/// The bytes that `rows` take.
pub(super) fn taken_by<T: Serialize>(rows: &[T]) -> usize {
    rows.iter()
        .fold(0, |used, row| used.saturating_add(taken_by_row(row)))
}

fn taken_by_row<T: Serialize>(row: &T) -> usize {
    json_len(row).saturating_add(COMMA)
}

/// Room for what a report says about rows that it leaves out.
pub(super) const HINT_BYTES: usize = 256;

const COMMA: usize = 1;

/// The share of the room that no single row should need.
const HUGE: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: &[&str], max_bytes: usize, kept: &[&str]) {
        let mut rows = rows.to_vec();
        let before = rows.len();
        let (omitted, used) = retain(&mut rows, max_bytes);
        assert_eq!(rows, kept);
        assert_eq!((omitted, used), (before - kept.len(), taken_by(&rows)));
    }

    #[test]
    fn whole_rows_are_kept_as_long_as_they_fit() {
        let rows = ["ab"; 10];
        check(&rows, 50, &rows);
        check(&rows, 49, &rows[..9]);
        check(&rows, 4, &[]);
        check(&[], 0, &[]);
    }

    #[test]
    fn rows_after_the_first_that_does_not_fit_are_left_out() {
        check(&["abcd"; 6], 40, &["abcd"; 5]);
        let with_short = ["abcd", "abcd", "abcd", "abcd", "abcd", "abcde", "a"];
        check(&with_short, 40, &with_short[..5]);
    }

    #[test]
    fn a_row_that_is_huge_hides_no_other() {
        let huge = "x".repeat(1_000);
        check(&[&huge, "ab", "cd"], 100, &["ab", "cd"]);
        check(&["ab", &huge, "cd"], 100, &["ab", "cd"]);
    }
}
