//! Text that strangers wrote, made safe to show.

use std::{borrow::Cow, fmt::Write};

/// Spells out characters that act instead of showing, as `\u{202e}`: control characters other
/// than tab and line breaks, direction marks, and characters that are invisible. A record can
/// then neither steer a terminal nor hide words from the person who reads along.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            // Writing to a string does not fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The beginning of a text that somebody sent, short enough to repeat it in an error.
pub(crate) fn excerpt(text: &str) -> String {
    let cut = truncate(text, EXCERPT_BYTES);
    let ellipsis = if cut.len() < text.len() { "..." } else { "" };
    format!("{}{ellipsis}", visible(cut))
}

/// The longest beginning of `text` that has at most `max_bytes` and splits no character.
pub(crate) fn truncate(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes))
        .unwrap_or_default()
}

fn acts(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        // C0, DEL and C1.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Direction: ALM, LRM, RLM, embeddings, overrides, isolates.
        '\u{61c}' | '\u{200e}' | '\u{200f}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        // Invisible: zero width space, word joiner and its kin, byte order mark, tags. The joiners
        // U+200C and U+200D stay: Persian and emoji are spelt with them.
        '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}' => true,
        '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

const EXCERPT_BYTES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        let text = "naïve \u{1f469}\u{200d}\u{1f680} {\"a\":\"b\\u0000\"}\tx\r\n";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn direction_overrides_controls_and_tags_are_spelt_out() {
        assert_eq!(visible("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(
            visible("\u{1b}[31m\u{9b}\u{7f}\0"),
            "\\u{1b}[31m\\u{9b}\\u{7f}\\u{0}"
        );
        assert_eq!(
            visible("\u{e0041}\u{feff}\u{200b}"),
            "\\u{e0041}\\u{feff}\\u{200b}"
        );
    }

    #[test]
    fn excerpts_are_short_and_split_no_character() {
        assert_eq!(excerpt("short"), "short");
        let long = excerpt(&"ä".repeat(500));
        assert!(
            long.len() <= EXCERPT_BYTES + 3 && long.ends_with("ä..."),
            "{long}"
        );
    }
}
