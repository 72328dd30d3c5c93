//! Results that fit into a model's context: whole rows are left out, JSON is never cut.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{cursor::Cursors, failure::Failure};

/// How much of a result was left out, and how to get it. Part of every result that has rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Page {
    /// Whether rows were left out.
    pub(crate) truncated: bool,
    /// How many.
    pub(crate) omitted: usize,
    /// Continues after the last row.
    pub(crate) next_cursor: Option<String>,
    /// How to narrow the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

/// The bytes of JSON that a result may still take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    left: usize,
}

impl Budget {
    /// A budget for the rows of a result of `max_bytes`.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            left: max_bytes.saturating_sub(ENVELOPE_BYTES),
        }
    }

    /// Spends what `row` takes, unless it is more than is left.
    pub(crate) fn take<T: Serialize>(&mut self, row: &T) -> bool {
        // The comma counts.
        let needed = json_len(row).saturating_add(1);
        match self.left.checked_sub(needed) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    /// Sets bytes aside for what is not a row.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    /// What is left, but not more than `bytes`, for a list that is not the main one.
    pub(crate) fn at_most(self, bytes: usize) -> Self {
        Self {
            left: self.left.min(bytes),
        }
    }

    /// Half of what is left, for the first of two lists.
    pub(crate) fn half(self) -> Self {
        Self {
            left: self.left / 2,
        }
    }

    /// A quarter of what is left.
    pub(crate) fn quarter(self) -> Self {
        Self {
            left: self.left / 4,
        }
    }

    /// `bytes`, or what is left if that is less.
    pub(crate) fn fitting(self, bytes: usize) -> usize {
        self.left.min(bytes)
    }

    /// Makes rows until the budget is spent. The number of items that are left out comes back too.
    pub(crate) fn rows<R: Serialize>(
        &mut self,
        rows: impl IntoIterator<Item = R>,
    ) -> (Vec<R>, usize) {
        let mut rows = rows.into_iter();
        let mut kept = Vec::new();
        while let Some(row) = rows.next() {
            if !self.take(&row) {
                return (kept, 1 + rows.count());
            }
            kept.push(row);
        }
        (kept, 0)
    }
}

/// A walk through a list that is sorted by a key, some rows at a time.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    /// The cursors of this list: those of another one are refused.
    pub(crate) cursors: Cursors<'a>,
    /// The `cursor` argument.
    pub(crate) cursor: Option<&'a str>,
    /// The `limit` argument.
    pub(crate) limit: Option<usize>,
    /// What else makes the list shorter, for the hint.
    pub(crate) narrow: Option<&'static str>,
}

impl Walk<'_> {
    /// Makes rows of the items behind the cursor, until `limit` or the budget is reached. One row
    /// is made whatever it takes, so that a walk always gets on.
    pub(crate) fn page<I, R: Serialize>(
        self,
        budget: &mut Budget,
        items: impl IntoIterator<Item = I>,
        key: impl Fn(&I) -> String,
        row: impl Fn(I) -> R,
    ) -> Result<(Vec<R>, Page), Failure> {
        let after: Option<String> = self
            .cursor
            .map(|cursor| self.cursors.read(cursor))
            .transpose()?;
        let is_behind = |item: &I| after.as_ref().is_none_or(|after| short(key(item)) > *after);
        let mut items = items.into_iter().filter(is_behind);
        let limit = self.limit.unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        let mut last = None;
        while let Some(item) = items.next() {
            let item_key = short(key(&item));
            let row = row(item);
            if rows.len() == limit || !(budget.take(&row) || rows.is_empty()) {
                let omitted = 1 + items.count();
                return Ok((rows, self.cut(omitted, last)));
            }
            rows.push(row);
            last = Some(item_key);
        }
        Ok((rows, Page::default()))
    }

    fn cut(&self, omitted: usize, last: Option<String>) -> Page {
        let mut hint = "pass next_cursor as cursor for more".to_owned();
        if let Some(narrow) = self.narrow {
            hint = format!("{hint}, or narrow with {narrow}");
        }
        let next_cursor = last.map(|last| self.cursors.write(&last));
        Page {
            truncated: true,
            omitted,
            next_cursor,
            hint: Some(hint),
        }
    }
}

/// A key that fits into a cursor. Names that begin with so much in common are one to a walk.
fn short(mut key: String) -> String {
    key.truncate(key.floor_char_boundary(KEY_BYTES));
    key
}

/// The length of a value as compact JSON.
pub(crate) fn json_len<T: Serialize + ?Sized>(value: &T) -> usize {
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        // What cannot be written does not fit.
        Err(_) => usize::MAX,
    }
}

struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// More than a topic and a partition.
const KEY_BYTES: usize = 300;

/// Room for what surrounds the rows: names of fields, counts, a hint, a cursor.
const ENVELOPE_BYTES: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, StateKey};

    fn cursors<'a>(key: &'a StateKey, list: &str) -> Cursors<'a> {
        Cursors::new(key, &Caller::local(), list, &[])
    }

    fn walk<'a>(key: &'a StateKey, cursor: Option<&'a str>, limit: Option<usize>) -> Walk<'a> {
        Walk {
            cursors: cursors(key, "numbers"),
            cursor,
            limit,
            narrow: None,
        }
    }

    fn numbers(walk: Walk<'_>, bytes: usize, count: u32) -> Result<(Vec<String>, Page), Failure> {
        let mut budget = Budget::new(ENVELOPE_BYTES + bytes);
        walk.page(
            &mut budget,
            0..count,
            |n| format!("{n:03}"),
            |n| format!("{n:097}"),
        )
    }

    #[test]
    fn everything_that_fits_is_returned() {
        let key = StateKey::random();
        let (rows, page) = numbers(walk(&key, None, None), 300, 3).unwrap();
        assert_eq!((rows.len(), page), (3, Page::default()));
    }

    #[test]
    fn rows_stop_at_the_limit_or_the_budget_and_the_rest_is_counted() {
        let key = StateKey::random();
        for (limit, bytes) in [(Some(10), 9_999), (None, 1_000)] {
            let (rows, page) = numbers(walk(&key, None, limit), bytes, 25).unwrap();
            assert_eq!((rows.len(), page.omitted, page.truncated), (10, 15, true));
        }
    }

    #[test]
    fn a_walk_visits_every_row_once() {
        let key = StateKey::random();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let (rows, page) = numbers(walk(&key, cursor.as_deref(), None), 1_000, 25).unwrap();
            seen.extend(rows);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(
            seen,
            (0..25).map(|n| format!("{n:097}")).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_row_that_is_larger_than_the_budget_does_not_stop_a_walk() {
        let key = StateKey::random();
        let (rows, page) = numbers(walk(&key, None, None), 0, 2).unwrap();
        assert_eq!((rows.len(), page.omitted), (1, 1));
        let (rows, page) = numbers(walk(&key, page.next_cursor.as_deref(), None), 0, 2).unwrap();
        assert_eq!((rows.len(), page.omitted), (1, 0));
    }

    #[test]
    fn a_walk_gets_past_names_of_any_length() {
        let key = StateKey::random();
        let names = ["a".to_owned(), "b".repeat(32_000), "c".to_owned()];
        let page = |cursor: Option<&str>| {
            let walk = walk(&key, cursor, Some(1));
            let names = names.iter().cloned();
            walk.page(&mut Budget::new(9_999), names, String::clone, |name| {
                name.len()
            })
        };
        let (mut seen, mut cursor) = (Vec::new(), None);
        for _ in 0..names.len() {
            let (rows, page) = page(cursor.as_deref()).unwrap();
            seen.extend(rows);
            cursor = page.next_cursor;
        }
        assert_eq!((seen, cursor), (vec![1, 32_000, 1], None));
    }

    #[test]
    fn the_cursor_of_another_list_is_refused() {
        let key = StateKey::random();
        let cursor = cursors(&key, "others").write(&"005");
        assert!(numbers(walk(&key, Some(&cursor), None), 300, 3).is_err());
    }
}
