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

/// A name that somebody chose, as results show it: those of groups and members can be as long as
/// a book.
pub(crate) fn name(text: &str) -> String {
    let shown = visible(truncate(text, NAME_BYTES));
    if shown.len() <= NAME_BYTES && text.len() <= NAME_BYTES {
        return shown.into_owned();
    }
    format!("{}...", truncate(&shown, NAME_BYTES))
}

/// A name for a program that asks for more by it, as it is unless it is very long. Whoever shows it
/// has to spell out what acts.
pub(crate) fn exact_name(text: &str) -> String {
    if text.len() <= NAME_BYTES {
        text.to_owned()
    } else {
        name(text)
    }
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
        // Lines that JSON and many programs do not take for lines.
        '\u{2028}' | '\u{2029}' => true,
        // Invisible: zero width space, word joiner and its kin, byte order mark, fillers, tags. The
        // joiners U+200C and U+200D stay: Persian and emoji are spelt with them.
        '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}' => true,
        '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        // Variation selectors, which can carry any text, but for the two that choose between a
        // sign and its emoji.
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => true,
        _ => false,
    }
}

const EXCERPT_BYTES: usize = 100;
const NAME_BYTES: usize = 300;

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
    fn lines_and_text_that_nobody_sees_are_spelt_out() {
        for hidden in ['\u{2028}', '\u{2029}', '\u{3164}', '\u{fe01}', '\u{e0141}'] {
            let shown = format!("a\\u{{{:x}}}b", u32::from(hidden));
            assert_eq!(visible(&format!("a{hidden}b")), shown);
        }
        assert_eq!(visible("\u{2764}\u{fe0f}"), "\u{2764}\u{fe0f}");
    }

    #[test]
    fn names_of_any_length_are_shown_in_little_room() {
        assert_eq!(name("orders-\u{202e}"), "orders-\\u{202e}");
        assert_eq!(name(&"g".repeat(249)), "g".repeat(249));
        let long = name(&"g".repeat(32_767));
        assert_eq!(long, "g".repeat(300) + "...");
        let controls = name(&"\u{1}".repeat(299));
        assert_eq!(controls, "\\u{1}".repeat(60) + "...");
    }

    #[test]
    fn names_to_ask_by_are_exact_unless_they_are_very_long() {
        let exact = "\u{1}".repeat(300);
        assert_eq!(exact_name(&exact), exact);
        let long = "\u{1}".repeat(301);
        assert_eq!(exact_name(&long), name(&long));
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
