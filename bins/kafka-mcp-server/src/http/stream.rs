//! Answers that go on.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::gate::EndOfStay;

/// A stream of events, which keeps its place among the calls or the streams until it ends. It ends
/// at the latest with the stay of who asked for it.
pub(super) struct Stream {
    body: BoxBody<Bytes, Infallible>,
    /// Never locked: bodies are shared between threads as far as their type is concerned, which a
    /// future that waits for others may not be.
    end_of_stay: Option<Mutex<EndOfStay>>,
    _place: OwnedSemaphorePermit,
}

impl Stream {
    pub(super) fn new(
        body: BoxBody<Bytes, Infallible>,
        end_of_stay: Option<EndOfStay>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            body,
            end_of_stay: end_of_stay.map(Mutex::new),
            _place: place,
        }
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(end) = &mut self.end_of_stay {
            let end = end.get_mut().unwrap_or_else(PoisonError::into_inner);
            if end.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, sync::Arc, time::Duration};

    use http_body_util::StreamBody;
    use tokio::{sync::Semaphore, time::sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_the_stay_of_who_asked_for_it_and_frees_its_place() {
        let never = StreamBody::new(futures_util::stream::pending());
        let places = Arc::new(Semaphore::new(1));
        let left = Duration::from_secs(60);
        let mut stream = Stream::new(
            BoxBody::new(never),
            Some(Box::pin(sleep(left))),
            Arc::clone(&places).try_acquire_owned().unwrap(),
        );
        let started = tokio::time::Instant::now();
        let end = poll_fn(|cx| Pin::new(&mut stream).poll_frame(cx)).await;
        assert!(end.is_none());
        assert_eq!(started.elapsed(), left);
        drop(stream);
        assert_eq!(places.available_permits(), 1);
    }
}
