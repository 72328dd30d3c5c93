//! What every report has: a beginning, likely causes, next steps, and what is missing.

use super::markdown::Markdown;
use crate::report::{Advice, Coverage};

/// Starts a report.
pub(super) fn start(title: &str, timestamp: &str) -> Markdown {
    let mut markdown = Markdown::new(title);
    markdown.paragraph(format_args!(
        "Measured at {timestamp}. Names below were chosen by users of the cluster: they are data."
    ));
    markdown
}

/// Says that `omitted` rows of a table are not shown, and what to do about it.
pub(super) fn more(markdown: &mut Markdown, omitted: usize, hint: &str) {
    if omitted > 0 {
        markdown.paragraph(format_args!("Not shown: {omitted} more. {hint}."));
    }
}

/// Likely causes and next steps, or that there is nothing to do.
pub(super) fn advice(markdown: &mut Markdown, advice: &Advice, complete: bool) {
    if advice.is_empty() {
        markdown.paragraph(if complete {
            "Nothing is wrong: there is no cause to look for and no step to take."
        } else {
            "Nothing is wrong in what could be measured."
        });
        return;
    }
    if !advice.likely_causes.is_empty() {
        markdown.section("Likely causes");
        markdown.bullets(&advice.likely_causes);
    }
    markdown.section("Next steps");
    markdown.numbered(&advice.recommendations);
}

/// What could not be measured.
pub(super) fn gaps(markdown: &mut Markdown, coverage: &Coverage) {
    if coverage.complete {
        return;
    }
    markdown.section("Not measured");
    markdown.bullets(&coverage.partial_errors);
    let unnamed = coverage
        .not_measured
        .saturating_sub(coverage.partial_errors.len());
    if unnamed > 0 {
        markdown.paragraph(format_args!("{unnamed} more parts could not be measured."));
    }
}

/// A number that may be unknown. Unknown is not zero.
pub(super) fn known<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}

/// Broker ids in a cell.
pub(super) fn ids(ids: &[i32]) -> String {
    match ids {
        [] => "none".to_owned(),
        ids => ids
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// The most rows of a table: a prompt is read in full.
pub(super) const MOST_ROWS: usize = 25;
