//! A writer that never waits.

use std::{
    fmt,
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Gathers lines for a thread that writes them.
///
/// Who starts a server with a pipe for its logs and does not read them would otherwise stop it as
/// soon as the pipe is full. Lines for which there is no room are lost and counted.
#[derive(Clone, Debug)]
pub(super) struct LogWriter(Arc<Shared>);

impl LogWriter {
    /// Starts the thread.
    pub(super) fn new(output: impl Write + Send + 'static) -> (Self, LogGuard) {
        let shared = Arc::new(Shared::default());
        let guard = LogGuard(Arc::clone(&shared));
        let writer = Arc::clone(&shared);
        // It ends with the process: a write that is stuck cannot be interrupted, only left alone.
        thread::spawn(move || writer.write_all_to(output));
        (Self(shared), guard)
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = &'a Shared;

    fn make_writer(&'a self) -> &'a Shared {
        &self.0
    }
}

/// What the thread shares with who logs.
#[derive(Debug, Default)]
pub(super) struct Shared {
    queue: Mutex<Queue>,
    /// There is something to write.
    more: Condvar,
    /// Somebody waits until everything is written.
    hurry: Condvar,
    /// Everything is written.
    done: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    lines: Vec<u8>,
    lost: u64,
    is_writing: bool,
    is_urgent: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all_to(&self, mut output: impl Write) {
        let mut lines = Vec::new();
        loop {
            let lost = self.take(&mut lines);
            // Where logs cannot be written, nothing can be said about it.
            let _ = output.write_all(&lines);
            if lost > 0 {
                // A line for people, and an object for who reads JSON.
                let _ = writeln!(output, "{{\"message\":\"{lost} log lines were lost\"}}");
            }
            let _ = output.flush();
            lines.clear();
            self.pause();
        }
    }

    /// Waits for lines, and says how many were lost.
    fn take(&self, lines: &mut Vec<u8>) -> u64 {
        let queue = self
            .more
            .wait_while(self.lock(), |queue| queue.lines.is_empty());
        let mut queue = queue.unwrap_or_else(PoisonError::into_inner);
        queue.is_writing = true;
        mem::swap(&mut queue.lines, lines);
        mem::take(&mut queue.lost)
    }

    /// Lets lines gather, unless somebody waits for the last ones: to wake this thread for each
    /// line costs more than to write it.
    fn pause(&self) {
        let mut queue = self.lock();
        queue.is_writing = false;
        self.done.notify_all();
        let is_calm = |queue: &mut Queue| !queue.is_urgent;
        drop(self.hurry.wait_timeout_while(queue, PAUSE, is_calm));
    }

    /// Waits until everything is written, but not for long.
    fn flush(&self) {
        let mut queue = self.lock();
        queue.is_urgent = true;
        self.hurry.notify_one();
        let is_busy = |queue: &mut Queue| queue.is_writing || !queue.lines.is_empty();
        // Nobody reads the logs if this takes longer.
        drop(self.done.wait_timeout_while(queue, LAST_WORDS, is_busy));
    }
}

impl Write for &Shared {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut queue = self.lock();
        if line.len() > MAX_QUEUED_BYTES.saturating_sub(queue.lines.len()) {
            queue.lost += 1;
            return Ok(line.len());
        }
        let wakes = queue.lines.is_empty();
        queue.lines.extend_from_slice(line);
        drop(queue);
        if wakes {
            self.more.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what is queued when it is dropped, as far as that takes no time.
pub(crate) struct LogGuard(Arc<Shared>);

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.0.flush();
    }
}

impl fmt::Debug for LogGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogGuard").finish_non_exhaustive()
    }
}

const MAX_QUEUED_BYTES: usize = 256 * 1024;
const PAUSE: Duration = Duration::from_millis(2);
const LAST_WORDS: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver};

    use super::*;

    const LINE_BYTES: usize = 256;
    const MAX_LINES: usize = MAX_QUEUED_BYTES / LINE_BYTES;

    /// An output that waits for a permission before each write.
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
        let (writer, guard) = LogWriter::new(output);
        let line = [b"line".repeat(LINE_BYTES / 4 - 1), b"end\n".to_vec()].concat();
        for _ in 0..3 * MAX_LINES {
            writer.make_writer().write_all(&line).unwrap();
        }
        // From here on nothing waits.
        drop(permit);
        while !written.lock().unwrap().contains("log lines were lost") {
            thread::yield_now();
        }
        drop(guard);
        let written = written.lock().unwrap();
        let lines = written.matches("end\n").count();
        // What the thread had taken already was as much again at most.
        assert!((MAX_LINES..=2 * MAX_LINES).contains(&lines), "{lines}");
    }

    #[test]
    fn the_guard_waits_until_everything_is_written() {
        let written = Arc::new(Mutex::new(String::new()));
        let (permit, go) = mpsc::channel();
        drop(permit);
        let (writer, guard) = LogWriter::new(Stuck {
            go,
            written: Arc::clone(&written),
        });
        writer.make_writer().write_all(b"the last word\n").unwrap();
        drop(guard);
        assert_eq!(*written.lock().unwrap(), "the last word\n");
    }
}
