//! Answers that go on.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use tokio::{sync::OwnedSemaphorePermit, time::Sleep};

/// A stream of events, which keeps its place among the calls or the streams until it ends. It ends
/// with the token that it was asked for with.
pub(super) struct Stream {
    body: BoxBody<Bytes, Infallible>,
    expiry: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
}

impl Stream {
    pub(super) fn new(
        body: BoxBody<Bytes, Infallible>,
        expiry: Option<Pin<Box<Sleep>>>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            body,
            expiry,
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
        let expiry = self.expiry.as_mut();
        if expiry.is_some_and(|expiry| expiry.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(None);
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

    // A stream that outlives its token would go on after whoever reads it was locked out.
    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_the_token_it_was_asked_for_with() {
        let never = StreamBody::new(futures_util::stream::pending());
        let places = Arc::new(Semaphore::new(1));
        let left = Duration::from_secs(60);
        let mut stream = Stream::new(
            BoxBody::new(never),
            Some(Box::pin(sleep(left))),
            places.try_acquire_owned().unwrap(),
        );
        let started = tokio::time::Instant::now();
        let end = poll_fn(|cx| Pin::new(&mut stream).poll_frame(cx)).await;
        assert!(end.is_none());
        assert_eq!(started.elapsed(), left);
    }
}
