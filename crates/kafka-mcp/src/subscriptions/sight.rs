//! What was seen of a resource.

use std::{
    hash::{DefaultHasher, Hasher as _},
    io,
};

use tokio::time::timeout;

use crate::{
    call::Call,
    resources::{Contents, ResourceUri},
};

/// What was seen of a resource, to tell whether it changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// What it showed, as a hash.
    Readable(u64),
    /// It could not be read, whatever the reason.
    Unreadable,
}

impl Sight {
    /// Looks at a resource.
    pub(super) async fn of(resource: ResourceUri, call: &Call<'_>) -> Self {
        let kind = resource.plain();
        // Whoever looks does it for others, too.
        let call = call.look();
        match timeout(call.deadline(), Contents::measure(&call, resource)).await {
            Ok(Ok(contents)) => Self::Readable(hash(&contents.timeless())),
            Ok(Err(failure)) => {
                let message = failure.message();
                tracing::debug!(kind, message, "a watched resource cannot be read");
                Self::Unreadable
            }
            Err(_) => Self::Unreadable,
        }
    }
}

/// A hash of the whole report, which is never in memory as text.
fn hash(contents: &Contents) -> u64 {
    let mut sink = HashSink(DefaultHasher::new());
    // It does not fail: reports have a JSON form, and the sink takes everything.
    let _ = serde_json::to_writer(&mut sink, contents);
    sink.0.finish()
}

struct HashSink(DefaultHasher);

impl io::Write for HashSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
