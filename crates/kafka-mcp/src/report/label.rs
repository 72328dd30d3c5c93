//! Names from the cluster as parts of sentences and tables.

use std::fmt;

use crate::text;

/// A name from the cluster as part of a sentence or a table: short and on one line.
///
/// A group may be called anything, a sentence with line breaks in it included. Whatever is not
/// plainly a name is quoted, with everything that acts or hides spelt out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label<'a>(pub(crate) &'a str);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = text::truncate(self.0, MOST_BYTES);
        let ellipsis = if shown.len() < self.0.len() {
            "..."
        } else {
            ""
        };
        if !shown.is_empty() && shown.chars().all(is_plain) {
            write!(f, "{shown}{ellipsis}")
        } else {
            write!(f, "{shown:?}{ellipsis}")
        }
    }
}

/// The characters of topic names, and the separators that groups add to them.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-:/@".contains(c)
}

const MOST_BYTES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stay_as_they_are() {
        for name in ["orders", "__consumer_offsets", "team/app:v1"] {
            assert_eq!(Label(name).to_string(), name);
        }
    }

    #[test]
    fn anything_else_is_quoted_on_one_line_with_nothing_hidden() {
        let label = |name| Label(name).to_string();
        assert_eq!(label(""), r#""""#);
        assert_eq!(label("two words"), r#""two words""#);
        assert_eq!(label("a\n## b"), r#""a\n## b""#);
        assert_eq!(label("a\u{202e}b\u{0}"), r#""a\u{202e}b\0""#);
        assert_eq!(label("say \"hi\""), r#""say \"hi\"""#);
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(
            Label(&"x".repeat(32_000)).to_string(),
            format!("{}...", "x".repeat(100))
        );
    }
}
