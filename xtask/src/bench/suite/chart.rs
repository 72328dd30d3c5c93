//! The chart: how much of each target is taken.

use std::fmt::Write as _;

use super::measure::{Bound, Measure};
use super::report::Section;

/// Draws a bar for each measure that has a target: its median, with a whisker for the spread.
///
/// A bar shows the share of the target that is taken, so that short is good for all of them.
pub(super) fn chart(sections: &[Section], caption: &str) -> String {
    let mut rows = String::new();
    let mut y = TOP;
    for section in sections {
        for measure in &section.measures {
            if let Some(target) = measure.target {
                rows.push_str(&bar(section.title, measure, target.bound, y));
                y += ROW;
            }
        }
    }
    let line = x(1.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"12\" y=\"20\" font-size=\"14\" font-weight=\"bold\">Share of each target that \
         is taken: shorter is better</text>\n\
         <text x=\"12\" y=\"36\" font-size=\"10\" fill=\"#666666\">{caption}</text>\n\
         {rows}\
         <line x1=\"{line}\" y1=\"{top}\" x2=\"{line}\" y2=\"{y}\" stroke=\"#222222\" \
         stroke-dasharray=\"4 3\"/>\n\
         <text x=\"{line}\" y=\"{label}\" text-anchor=\"middle\">target</text>\n\
         </svg>\n",
        height = y + 24.0,
        top = TOP - 4.0,
        label = y + 14.0,
        caption = escaped(caption),
    )
}

fn bar(title: &str, measure: &Measure, bound: Bound, y: f64) -> String {
    let (low, high) = measure.range();
    let (low, high) = (x(bound.share_taken(low)), x(bound.share_taken(high)));
    let median = x(bound.share_taken(measure.median()));
    let color = if measure.is_met() == Some(true) {
        "#3b7dd8"
    } else {
        "#d0502f"
    };
    let (middle, thickness) = (y + ROW / 2.0 - 3.0, ROW - 8.0);
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
        LEFT - 8.0,
        middle + 4.0,
        escaped(&format!("{title}: {}", measure.name.replace('`', ""))),
    );
    let _ = writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"{thickness}\" fill=\"{color}\"/>",
        median - LEFT,
    );
    let _ = writeln!(
        svg,
        "<line x1=\"{low:.1}\" y1=\"{middle}\" x2=\"{high:.1}\" y2=\"{middle}\" \
         stroke=\"#222222\"/>",
    );
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{}\">{}</text>",
        median.max(low).max(high) + 6.0,
        middle + 4.0,
        escaped(&measure.unit.show(measure.median())),
    );
    svg
}

/// Where a share ends; what is far beyond its target ends at the edge.
fn x(share: f64) -> f64 {
    LEFT + share.clamp(0.0, MOST) * SCALE
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

const WIDTH: f64 = 900.0;
/// Where the bars begin.
const LEFT: f64 = 330.0;
const TOP: f64 = 52.0;
const ROW: f64 = 24.0;
/// The width of a whole target.
const SCALE: f64 = 320.0;
/// The largest share that is drawn.
const MOST: f64 = 1.45;

#[cfg(test)]
mod tests {
    use super::{LEFT, MOST, SCALE, chart};
    use crate::bench::suite::measure::{Bound, Measure, Unit};
    use crate::bench::suite::report::Section;

    #[test]
    fn half_the_target_is_half_the_way_and_the_text_is_escaped() {
        let measure = Measure::new("a < b", Unit::Percent, [40.0]).gate(Bound::AtLeast(20.0));
        let section = Section {
            title: "rates",
            measures: vec![measure],
        };

        let svg = chart(&[section], "R&D");

        assert!(
            svg.contains(&format!("width=\"{:.1}\"", SCALE / 2.0)),
            "{svg}"
        );
        assert!(svg.contains("rates: a &lt; b"), "{svg}");
        assert!(svg.contains("R&amp;D"), "{svg}");
    }

    #[test]
    fn a_share_beyond_the_edge_ends_there() {
        assert!((super::x(100.0) - LEFT - MOST * SCALE).abs() < 1e-9);
    }
}
