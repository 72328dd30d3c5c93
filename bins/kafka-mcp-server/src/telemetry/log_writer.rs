//! A writer that never waits.

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Hands lines to a thread that writes them.
///
/// Who starts a server with a pipe for its logs and does not read them would otherwise stop it as
/// soon as the pipe is full. Lines that find no place in the queue are lost and counted.
#[derive(Clone, Debug)]
pub(super) struct LogWriter {
    queue: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Vec<u8>),
    /// Asks for a sign when everything before is written.
    Flush(SyncSender<()>),
}

impl LogWriter {
    /// Starts the thread.
    pub(super) fn new(output: impl Write + Send + 'static) -> (Self, LogGuard) {
        let (queue, messages) = sync_channel(MAX_QUEUED_LINES);
        let lost = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&lost);
        let guard = LogGuard(queue.clone());
        // It ends with the process: a write that is stuck cannot be interrupted, only left alone.
        thread::spawn(move || write_all(messages, output, &counter));
        (Self { queue, lost }, guard)
    }
}

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.queue.try_send(Message::Line(line.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Writes what is queued when it is dropped, as far as that takes no time.
pub(crate) struct LogGuard(SyncSender<Message>);

impl Drop for LogGuard {
    fn drop(&mut self) {
        let (written, wait) = sync_channel(1);
        if self.0.try_send(Message::Flush(written)).is_ok() {
            // Nobody reads the logs if this takes longer.
            let _ = wait.recv_timeout(LAST_WORDS);
        }
    }
}

impl fmt::Debug for LogGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogGuard").finish_non_exhaustive()
    }
}

fn write_all(messages: Receiver<Message>, mut output: impl Write, lost: &AtomicU64) {
    for message in messages {
        // Where logs cannot be written, nothing can be said about it.
        let _ = match message {
            Message::Line(line) => output.write_all(&line),
            Message::Flush(written) => {
                let _ = written.try_send(());
                output.flush()
            }
        };
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            // A line for people, and an object for who reads JSON.
            let _ = writeln!(output, "{{\"message\":\"{lost} log lines were lost\"}}");
        }
    }
}

const MAX_QUEUED_LINES: usize = 1024;
const LAST_WORDS: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};

    use super::*;

    /// An output that waits for a permission before each line.
    struct Stuck {
        go: Receiver<()>,
        written: Arc<Mutex<String>>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.go.recv();
            self.written
                .lock()
                .unwrap()
                .push_str(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_lost_and_counted_when_nobody_reads_them() {
        let (permit, go) = mpsc::channel();
        let written = Arc::new(Mutex::new(String::new()));
        let output = Stuck {
            go,
            written: Arc::clone(&written),
        };
        let (mut writer, guard) = LogWriter::new(output);
        for _ in 0..MAX_QUEUED_LINES + 100 {
            writer.write_all(b"line\n").unwrap();
        }
        // From here on nothing waits.
        drop(permit);
        while !written.lock().unwrap().contains("log lines were lost") {
            thread::yield_now();
        }
        drop(guard);
        let written = written.lock().unwrap();
        let lines = written.matches("line\n").count();
        assert!(
            (MAX_QUEUED_LINES..=MAX_QUEUED_LINES + 1).contains(&lines),
            "{lines}"
        );
    }

    #[test]
    fn the_guard_waits_until_everything_is_written() {
        let written = Arc::new(Mutex::new(String::new()));
        let (permit, go) = mpsc::channel();
        drop(permit);
        let (mut writer, guard) = LogWriter::new(Stuck {
            go,
            written: Arc::clone(&written),
        });
        writer.write_all(b"the last word\n").unwrap();
        drop(guard);
        assert_eq!(*written.lock().unwrap(), "the last word\n");
    }
}
