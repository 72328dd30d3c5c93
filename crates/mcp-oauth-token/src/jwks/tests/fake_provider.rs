//! An identity provider that publishes keys, or fails to.

use std::{
    future,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};
use tokio::time;

use crate::{FetchLimits, HttpClient, HttpError};

#[derive(Debug)]
pub(super) struct FakeProvider {
    answer: Mutex<Answer>,
    requests: Mutex<Vec<(Request<Bytes>, FetchLimits)>>,
    answered: AtomicUsize,
}

impl FakeProvider {
    pub(super) fn new(answer: Answer) -> Self {
        Self {
            answer: Mutex::new(answer),
            requests: Mutex::default(),
            answered: AtomicUsize::new(0),
        }
    }

    /// Changes what it answers from now on.
    pub(super) fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(super) fn publish(&self, keys: &[Value]) {
        self.answer(Answer::keys(keys));
    }

    /// How many requests it was sent.
    pub(super) fn fetches(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// How many requests were waited for to the end.
    pub(super) fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    pub(super) fn last_request(&self) -> (Request<Bytes>, FetchLimits) {
        self.requests.lock().unwrap().last().unwrap().clone()
    }
}

impl HttpClient for FakeProvider {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        self.requests.lock().unwrap().push((request, limits));
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move {
            time::sleep(answer.delay).await;
            let outcome = match answer.kind {
                Kind::Error => Err(HttpError::Transport {
                    source: "connection refused".into(),
                }),
                Kind::Never => future::pending().await,
                Kind::Panic => panic!("a client that panics"),
                Kind::Response(response) => Ok(response),
            };
            self.answered.fetch_add(1, Ordering::Relaxed);
            outcome
        })
    }
}

#[derive(Clone, Debug)]
pub(super) struct Answer {
    delay: Duration,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Error,
    Never,
    Panic,
    Response(Response<Bytes>),
}

impl Answer {
    pub(super) fn keys(keys: &[Value]) -> Self {
        Self::body(json!({ "keys": keys }).to_string())
    }

    pub(super) fn body(body: impl Into<Bytes>) -> Self {
        Self::new(Kind::Response(Response::new(body.into())))
    }

    pub(super) fn error() -> Self {
        Self::new(Kind::Error)
    }

    /// An answer that drips in and never ends, to a client that minds no limits.
    pub(super) fn never() -> Self {
        Self::new(Kind::Never)
    }

    pub(super) fn panic() -> Self {
        Self::new(Kind::Panic)
    }

    pub(super) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        self.map(|response| *response.status_mut() = status)
    }

    pub(super) fn with_header(self, name: header::HeaderName, value: &'static str) -> Self {
        self.map(|response| {
            response.headers_mut().insert(name, value.parse().unwrap());
        })
    }

    fn new(kind: Kind) -> Self {
        let delay = Duration::ZERO;
        Self { delay, kind }
    }

    fn map(mut self, change: impl FnOnce(&mut Response<Bytes>)) -> Self {
        if let Kind::Response(response) = &mut self.kind {
            change(response);
        }
        self
    }
}
