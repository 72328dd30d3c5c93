//! The table of steps, as people see it grow.

use std::{
    env,
    io::{self, IsTerminal, Stdout, Write},
    time::Duration,
};

use tokio::time::Instant;

use super::surprise::{Found, Surprise};

/// Where the demo is printed.
pub(super) struct Screen<W> {
    out: W,
    /// Whether a line can be written twice, and in colours.
    is_lively: bool,
    passed: usize,
    failed: usize,
}

impl Screen<Stdout> {
    /// Standard output. It is plain where nobody looks, and where nobody wants colours
    /// (<https://no-color.org>).
    pub(super) fn of_process() -> Self {
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let out = io::stdout();
        let is_lively = out.is_terminal() && !no_color;
        Self::new(out, is_lively)
    }
}

impl<W: Write> Screen<W> {
    pub(super) fn new(out: W, is_lively: bool) -> Self {
        Self {
            out,
            is_lively,
            passed: 0,
            failed: 0,
        }
    }

    /// Writes text as it is.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    /// Takes a step, and adds it to the table.
    pub(super) async fn step(
        &mut self,
        title: &str,
        step: impl Future<Output = Found>,
    ) -> io::Result<()> {
        if self.is_lively {
            self.write(&format!("[ .. ]          {title}\r"))?;
        }
        let started = Instant::now();
        let found = step.await;
        let elapsed = started.elapsed();
        let (mark, color, text) = match &found {
            Ok(text) => (" ok ", GREEN, text.clone()),
            Err(Surprise { expected, came }) => {
                ("fail", RED, format!("expected: {expected}\ncame: {came}"))
            }
        };
        match found {
            Ok(_) => self.passed += 1,
            Err(_) => self.failed += 1,
        }
        let mark = if self.is_lively {
            format!("{color}{mark}{RESET}")
        } else {
            mark.to_owned()
        };
        let mut lines = wrapped(&text, WIDTH - INDENT).into_iter();
        let first = lines.next().unwrap_or_default();
        let milliseconds = elapsed.as_millis();
        let mut row = format!("[{mark}] {milliseconds:>5} ms  {title:<TITLE$}  {first}\n");
        for line in lines {
            row.push_str(&format!("{:INDENT$}{line}\n", ""));
        }
        self.write(&row)
    }

    /// Says how it went.
    pub(super) fn sum_up(&mut self, elapsed: Duration) -> io::Result<()> {
        let seconds = elapsed.as_secs_f64();
        let (passed, failed) = (self.passed, self.failed);
        self.write(&if failed == 0 {
            format!("\nAll {passed} steps passed, in {seconds:.2} s.\n")
        } else {
            let steps = passed + failed;
            format!(
                "\n{failed} of {steps} steps failed, in {seconds:.2} s. The first one is where to look.\n"
            )
        })
    }

    /// Whether no step failed.
    pub(super) fn all_passed(&self) -> bool {
        self.failed == 0
    }
}

/// The lines of a text, broken between words, or within one that is longer than a line. What would
/// act on a terminal is spelt out.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut taken = 0;
        for word in paragraph.split(' ') {
            let word: String = word.chars().flat_map(visible).collect();
            let length = word.chars().count();
            if taken > 0 && taken + 1 + length > width && length <= width {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            if taken > 0 {
                line.push(' ');
                taken += 1;
            }
            for c in word.chars() {
                if taken == width {
                    lines.push(std::mem::take(&mut line));
                    taken = 0;
                }
                line.push(c);
                taken += 1;
            }
        }
        lines.push(line);
    }
    lines
}

fn visible(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = escaped.is_none().then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

const WIDTH: usize = 100;
const TITLE: usize = 11;
/// Where the text of a step begins: after its mark, its time and its title.
const INDENT: usize = 17 + TITLE + 2;

const GREEN: &str = "\x1b[32m";
const RED: &str = "\x1b[31m";
const RESET: &str = "\x1b[0m";

#[cfg(test)]
mod tests {
    use super::*;

    async fn printed(is_lively: bool, found: Found) -> String {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, is_lively);
        screen.step("topics", async { found }).await.unwrap();
        String::from_utf8(out).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_is_a_mark_its_time_its_title_and_what_it_found() {
        let row = printed(false, Ok("four\nmany".to_owned())).await;
        let expected = format!("[ ok ]     0 ms  topics       four\n{:29} many\n", "");
        assert_eq!(row, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_that_fails_says_what_was_expected_and_what_came() {
        let row = printed(false, Err(Surprise::new("four topics", "none"))).await;
        assert!(row.starts_with("[fail]"), "{row}");
        assert!(row.contains("expected: four topics\n"), "{row}");
        assert!(row.contains(" came: none\n"), "{row}");
    }

    #[tokio::test]
    async fn colours_are_for_terminals() {
        let found = || Ok("\x1b[2Jtext".to_owned());
        assert!(!printed(false, found()).await.contains('\x1b'));
        let lively = printed(true, found()).await;
        assert!(lively.starts_with("[ .. ]          topics\r"), "{lively:?}");
        assert!(lively.contains("[\x1b[32m ok \x1b[0m]"), "{lively:?}");
        assert_eq!(lively.matches('\x1b').count(), 2, "{lively:?}");
    }

    #[test]
    fn lines_are_broken_between_words_or_within_long_ones() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a 1234567890", 4), ["a 12", "3456", "7890"]);
        assert_eq!(wrapped("one\n\ntwo", 7), ["one", "", "two"]);
    }
}
