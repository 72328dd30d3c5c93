//! Fitting lists into a result's size.

use serde::Serialize;

use crate::page::json_len;

/// How many of the first `rows` fit into `max_bytes`, and the bytes they take.
pub(super) fn fitting<T: Serialize>(rows: &[T], max_bytes: usize) -> (usize, usize) {
    let mut used = 0_usize;
    for (kept, row) in rows.iter().enumerate() {
        let with_row = used.saturating_add(json_len(row)).saturating_add(COMMA);
        if with_row > max_bytes {
            return (kept, used);
        }
        used = with_row;
    }
    (rows.len(), used)
}

/// Room for what a report says about rows that it leaves out.
pub(super) const HINT_BYTES: usize = 256;

const COMMA: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_rows_are_kept_as_long_as_they_fit() {
        let rows = ["ab", "cd", "ef"];
        assert_eq!(fitting(&rows, 15), (3, 15));
        assert_eq!(fitting(&rows, 14), (2, 10));
        assert_eq!(fitting(&rows, 4), (0, 0));
        assert_eq!(fitting::<&str>(&[], 0), (0, 0));
    }
}
