//! What the body of a request may cost.

use std::{error::Error, time::Duration};

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::{Refusal, refusal::Reason};

/// How large the body of a request may be, and how long it may take to arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) max_bytes: usize,
    pub(crate) deadline: Duration,
}

impl BodyLimits {
    pub(crate) async fn read<B>(self, body: B) -> Result<Bytes, Refusal>
    where
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        let announced = body.size_hint().lower();
        if announced > u64::try_from(self.max_bytes).unwrap_or(u64::MAX) {
            return Err(Refusal::new(Reason::OversizedBody));
        }
        let body = Box::pin(Limited::new(body, self.max_bytes));
        match timeout(self.deadline, body.collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Err(Refusal::new(Reason::OversizedBody))
            }
            Ok(Err(error)) => {
                tracing::debug!(error, "request refused: its body broke off");
                Err(Refusal::new(Reason::BrokenBody))
            }
            Err(_) => Err(Refusal::new(Reason::SlowBody)),
        }
    }
}
