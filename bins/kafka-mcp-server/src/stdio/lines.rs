//! Lines of bounded length.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Reads lines, and drops those that are too long without keeping them in memory.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    max_bytes: usize,
    /// Whether the rest of the current line is dropped.
    discarding: bool,
}

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// The other side closed its end. An unfinished line is lost.
    End,
    /// A line without its end.
    Line(Vec<u8>),
    /// A line that is too long; it is reported once, where it exceeds the limit.
    TooLong,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(input: R, max_bytes: usize) -> Self {
        Self {
            input: BufReader::new(input),
            line: Vec::new(),
            max_bytes,
            discarding: false,
        }
    }

    /// The next line. Can be cancelled: what was read stays for the next call, because nothing is
    /// awaited between taking bytes from the input and keeping them.
    pub(super) async fn next(&mut self) -> io::Result<Input> {
        loop {
            let available = self.input.fill_buf().await?;
            if available.is_empty() {
                return Ok(Input::End);
            }
            let mut parts = available.splitn(2, |byte| *byte == b'\n');
            let content = parts.next().unwrap_or_default();
            let ended = parts.next().is_some();
            let consumed = content.len() + usize::from(ended);

            let was_discarding = self.discarding;
            if content.len() > self.max_bytes.saturating_sub(self.line.len()) {
                self.discarding = true;
                self.line = Vec::new();
            }
            let is_discarding = self.discarding;
            if !is_discarding {
                self.line.extend_from_slice(content);
            }
            self.discarding &= !ended;
            self.input.consume(consumed);

            if is_discarding && !was_discarding {
                return Ok(Input::TooLong);
            }
            if ended && !is_discarding {
                return Ok(Input::Line(std::mem::take(&mut self.line)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn all(input: &[u8], max_bytes: usize) -> Vec<Input> {
        let mut lines = Lines::new(input, max_bytes);
        let mut all = Vec::new();
        loop {
            match lines.next().await.unwrap() {
                Input::End => return all,
                other => all.push(other),
            }
        }
    }

    fn line(text: &str) -> Input {
        Input::Line(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn lines_are_split_and_an_unfinished_one_is_lost() {
        assert_eq!(
            all(b"a\n\nbc\nd", 9).await,
            [line("a"), line(""), line("bc")]
        );
    }

    #[tokio::test]
    async fn a_line_of_the_limit_fits_and_one_byte_more_does_not() {
        assert_eq!(
            all(b"1234\n12345\n12\n", 4).await,
            [line("1234"), Input::TooLong, line("12")]
        );
    }

    #[tokio::test]
    async fn an_endless_line_is_reported_once_and_not_kept() {
        let endless = vec![b'x'; 1_000_000];
        assert_eq!(all(&endless, 100).await, [Input::TooLong]);
        let two = [&endless[..], b"\n", &endless[..], b"\nok\n"].concat();
        assert_eq!(
            all(&two, 100).await,
            [Input::TooLong, Input::TooLong, line("ok")]
        );
    }

    #[tokio::test]
    async fn a_read_that_is_cancelled_loses_nothing() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut lines = Lines::new(server, 100);
        client.write_all(b"hel").await.unwrap();
        assert!(lines.next().now_or_never().is_none());
        client.write_all(b"lo\n").await.unwrap();
        assert_eq!(lines.next().await.unwrap(), line("hello"));
    }
}
