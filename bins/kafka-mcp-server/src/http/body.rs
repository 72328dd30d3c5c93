//! Bodies of requests, read whole but bounded.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::reply::Refusal;

/// Reads bodies within a size, a time, and a share of the memory all of them may take.
#[derive(Debug)]
pub(super) struct BodyReader {
    max_bytes: usize,
    deadline: Duration,
    /// One permit per byte that may be buffered.
    memory: Arc<Semaphore>,
}

/// A body in memory. Dropping it gives its share of the memory back.
#[derive(Debug)]
pub(super) struct Buffered {
    pub(super) bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

impl BodyReader {
    pub(super) fn new(max_bytes: usize, deadline: Duration) -> Self {
        let memory = MIN_MEMORY.max(max_bytes.saturating_mul(MIN_BODIES));
        Self {
            max_bytes,
            deadline,
            memory: Arc::new(Semaphore::new(memory)),
        }
    }

    /// Reads a body.
    ///
    /// # Errors
    ///
    /// 413 if it is too large, before any of it is read where its length is announced; 408 if it
    /// takes too long; 503 if bodies of others take all the memory; 400 if it ends early.
    pub(super) async fn read(&self, body: Incoming) -> Result<Buffered, Refusal> {
        if body.size_hint().lower() > u64::try_from(self.max_bytes).unwrap_or(u64::MAX) {
            return Err(self.too_large());
        }
        timeout(self.deadline, self.buffer(body))
            .await
            .unwrap_or_else(|_| {
                let message = "the body took too long; MCP_HTTP_BODY_TIMEOUT is the limit";
                Err(Refusal::invalid(StatusCode::REQUEST_TIMEOUT, message).closing())
            })
    }

    async fn buffer(&self, mut body: Incoming) -> Result<Buffered, Refusal> {
        let mut bytes = BytesMut::new();
        let mut share: Option<OwnedSemaphorePermit> = None;
        while let Some(frame) = body.frame().await {
            let cut_off =
                |_| Refusal::unparsable("the body ended before its announced length").closing();
            let Ok(chunk) = frame.map_err(cut_off)?.into_data() else {
                continue;
            };
            if chunk.len() > self.max_bytes.saturating_sub(bytes.len()) {
                return Err(self.too_large());
            }
            let more = self.reserve(chunk.len())?;
            match &mut share {
                Some(share) => share.merge(more),
                None => share = Some(more),
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Buffered {
            bytes: bytes.freeze(),
            _share: share,
        })
    }

    fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let permits = u32::try_from(bytes).ok();
        permits
            .and_then(|permits| {
                Arc::clone(&self.memory)
                    .try_acquire_many_owned(permits)
                    .ok()
            })
            .ok_or_else(|| {
                let message = "the bodies of other requests take all the memory for them";
                Refusal::denied(StatusCode::SERVICE_UNAVAILABLE, message)
                    .retry_after(1)
                    .closing()
            })
    }

    fn too_large(&self) -> Refusal {
        let message = format!(
            "the body exceeds {} bytes; MCP_MAX_REQUEST_BYTES is the limit",
            self.max_bytes
        );
        Refusal::invalid(StatusCode::PAYLOAD_TOO_LARGE, message).closing()
    }
}

/// The memory for all bodies together, unless [`MIN_BODIES`] of the largest size take more.
const MIN_MEMORY: usize = 64 * 1024 * 1024;
const MIN_BODIES: usize = 4;
