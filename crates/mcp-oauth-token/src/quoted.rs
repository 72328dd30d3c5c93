//! Text of strangers in messages for the operator.

use std::fmt;

/// Shows a text that a stranger chose: in quotes, with everything unprintable escaped, and cut
/// when it is long.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => {
                let (head, _) = self.0.split_at(end);
                write!(f, "\"{}…\"", head.escape_debug())
            }
            None => write!(f, "\"{}\"", self.0.escape_debug()),
        }
    }
}

const MAX_CHARS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_and_control_characters_are_escaped() {
        assert_eq!(Quoted("a\r\n\"b\u{1b}").to_string(), r#""a\r\n\"b\u{1b}""#);
        let long = Quoted(&"ä".repeat(MAX_CHARS + 1)).to_string();
        assert_eq!(long, format!("\"{}…\"", "ä".repeat(MAX_CHARS)));
    }
}
