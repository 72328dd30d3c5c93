//! Writing records with one idempotent producer.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use krafka::{
    CloseOptions, Record as Outgoing,
    error::{ErrorCode, KrafkaError},
    producer::{Acks, Producer},
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout, timeout_at},
};

use super::{
    connection::{Connection, PATIENCE, Session},
    fault::{Context, translate},
};
use crate::{Error, KafkaConfig, NewRecord, Produced, TopicName};

/// Writes records with one idempotent producer, made when it is first needed and made anew when
/// it can no longer be used or the session it belongs to was replaced.
pub(super) struct Writer {
    config: Arc<KafkaConfig>,
    producer: Mutex<Option<(Arc<Session>, Arc<Producer>)>>,
}

impl Writer {
    pub(super) fn new(config: Arc<KafkaConfig>) -> Self {
        Self {
            config,
            producer: Mutex::new(None),
        }
    }

    /// Writes `records`; one result per record, in order.
    pub(super) async fn write(
        &self,
        connection: &Connection,
        topic: &TopicName,
        records: Vec<NewRecord>,
        timeout: Duration,
    ) -> Result<Vec<Result<Produced, Error>>, Error> {
        let deadline = Instant::now() + timeout;
        let context = Context::new("producing").topic(topic, "Write");
        let producer = timeout_at(deadline, self.producer(connection, topic))
            .await
            .map_err(|_| Error::timeout("connecting the producer", timeout))??;

        let mut unusable = false;
        // Queue all in order, then wait for all: the records share batches.
        let mut handles = Vec::with_capacity(records.len());
        for record in records {
            let queued = timeout_at(deadline, producer.enqueue(outgoing(topic, record))).await;
            handles.push(match queued {
                Ok(Ok(handle)) => Ok(handle),
                Ok(Err(error)) => {
                    unusable |= ends_producer(&error);
                    Err(translate(error, &context))
                }
                Err(_) => Err(Error::timeout("queueing the record", timeout)),
            });
        }
        let outcomes = join_all(
            handles
                .into_iter()
                .map(|handle| async { Ok::<_, Error>(timeout_at(deadline, handle?).await) }),
        )
        .await;
        let results = outcomes
            .into_iter()
            .map(|outcome| match outcome? {
                Ok(Ok(written)) => Ok(Produced {
                    partition: written.partition,
                    offset: (written.offset >= 0).then_some(written.offset),
                    timestamp: (written.timestamp > 0).then_some(written.timestamp),
                }),
                Ok(Err(error)) => {
                    unusable |= ends_producer(&error);
                    Err(translate(error, &context))
                }
                // It is queued or on its way, and may arrive after this call has ended.
                Err(_) => Err(Error::MaybeWritten {
                    topic: topic.to_string(),
                    reason: format!("no acknowledgement within {timeout:?}"),
                }),
            })
            .collect();
        if unusable {
            let mut slot = self.producer.lock().await;
            // Somebody may have replaced it already.
            slot.take_if(|(_, current)| Arc::ptr_eq(current, &producer));
        }
        Ok(results)
    }

    /// Ends the producer. A record that some call still waits for may fail.
    pub(super) async fn close(&self) {
        // Who holds the lock for longer is just making one.
        let slot = timeout(CLOSE_TIMEOUT, self.producer.lock()).await;
        let Some((_, producer)) = slot.ok().and_then(|mut slot| slot.take()) else {
            return;
        };
        let options = CloseOptions::new().timeout(CLOSE_TIMEOUT);
        if let Err(error) = producer.close_with(options).await {
            tracing::debug!(%error, "the producer did not end in time");
        }
    }

    async fn producer(
        &self,
        connection: &Connection,
        topic: &TopicName,
    ) -> Result<Arc<Producer>, Error> {
        let mut slot = self.producer.lock().await;
        let session = connection.open().await?;
        if let Some((of, producer)) = &*slot
            && Arc::ptr_eq(of, &session)
        {
            return Ok(Arc::clone(producer));
        }
        // krafka knows whether a record was sent; its verdict has to come before the deadline.
        let patience = self.config.timeout.mul_f64(PATIENCE);
        let patience = patience.max(self.config.connect_timeout);
        let producer = session
            .kafka
            .producer()
            .acks(Acks::All)
            .idempotent(true)
            .linger(Duration::ZERO)
            .max_block(patience)
            .delivery_timeout(patience)
            .max_request_size(self.config.limits.max_request_bytes)
            .buffer_memory(self.config.limits.max_request_bytes)
            .metrics_push(false)
            .build()
            .await
            // KIP-679: who may write to a topic may do so idempotently. Who is refused may write to none.
            .map_err(|error| {
                let context = Context::new("starting the producer").topic(topic, "Write");
                translate(error, &context)
            })?;
        let producer = Arc::new(producer);
        *slot = Some((session, Arc::clone(&producer)));
        Ok(producer)
    }
}

fn outgoing(topic: &TopicName, record: NewRecord) -> Outgoing {
    let mut outgoing = Outgoing::new(topic.as_str(), record.value.clone().unwrap_or_default());
    if record.value.is_none() {
        outgoing = outgoing.without_value();
    }
    if let Some(key) = record.key {
        outgoing = outgoing.key(key);
    }
    if let Some(partition) = record.partition {
        outgoing = outgoing.partition(partition);
    }
    if let Some(timestamp) = record.timestamp {
        outgoing = outgoing.timestamp(timestamp);
    }
    for header in record.headers {
        outgoing = match header.value {
            Some(value) => outgoing.header(header.key, value),
            None => outgoing.null_header(header.key),
        };
    }
    outgoing
}

/// Whether the producer refuses all work after this error.
fn ends_producer(error: &KrafkaError) -> bool {
    match error {
        KrafkaError::Closed { .. }
        | KrafkaError::Fenced { .. }
        | KrafkaError::IllegalState { .. }
        | KrafkaError::OutOfOrderSequence { .. } => true,
        KrafkaError::Broker { code, .. } => matches!(
            code,
            ErrorCode::ClusterAuthorizationFailed
                | ErrorCode::InvalidProducerEpoch
                | ErrorCode::InvalidProducerIdMapping
                | ErrorCode::ProducerFenced
                | ErrorCode::UnknownProducerId
                | ErrorCode::UnsupportedVersion
        ),
        _ => false,
    }
}

/// Nobody waits for it any more.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
