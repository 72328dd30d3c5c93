//! Answers to requests, one kind per file.

mod add_offsets_to_txn;
mod add_partitions_to_txn;
mod alter_configs;
mod api_versions;
mod config_resource;
mod consumer_group_describe;
mod consumer_group_heartbeat;
mod create_acls;
mod create_partitions;
mod create_topics;
mod delete_acls;
mod delete_groups;
mod delete_records;
mod delete_topics;
mod describe_acls;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_topic_partitions;
mod describe_transactions;
mod described_partition;
mod end_txn;
mod fetch;
mod find_coordinator;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_groups;
mod list_offsets;
mod list_transactions;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod rights;
mod sasl_authenticate;
mod sasl_handshake;
mod sync_group;
mod txn_offset_commit;
mod waiting;

use std::{
    fmt,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::{
    messages::{RequestHeader, ResponseHeader},
    protocol::{Decodable, Encodable, HeaderVersion, StrBytes},
};
use tokio::time::Instant;

use crate::{
    Api, ErrorCode, checked,
    request::Request,
    sasl::Sasl,
    shared::{Shared, lock},
    state::State,
};

/// A kind of request that can be answered.
pub(crate) trait Answer: Decodable + HeaderVersion + Send {
    /// The answer.
    type Response: Encodable + HeaderVersion + Send;

    /// Fails if the client may not ask at all, which is answered with [`refuse`](Self::refuse).
    /// Whether it may ask for each of the things that it names is up to the answer.
    fn authorize(&self, _: &Call<'_>) -> Result<(), ErrorCode> {
        Ok(())
    }

    /// Does what is asked for.
    fn answer(self, call: &Call<'_>) -> impl Future<Output = Outcome<Self::Response>> + Send;

    /// The answer that carries this error wherever it has room for one.
    fn refuse(self, version: i16, code: ErrorCode) -> Self::Response;

    /// Whether the client waits for an answer.
    fn is_answered(&self) -> bool {
        true
    }
}

/// What comes of a request.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    /// The connection is closed, which is how Kafka says no where no answer is expected.
    Close,
    /// Nothing is sent.
    Nothing,
    /// An answer is sent.
    Reply(T),
}

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) shared: &'a Shared,
    /// The node that was asked.
    pub(crate) node: i32,
    pub(crate) api: Api,
    pub(crate) version: i16,
    /// For how long the client is not listened to afterwards.
    pub(crate) throttle: Duration,
    /// What the client calls itself, and where it is.
    pub(crate) client_id: &'a str,
    pub(crate) host: IpAddr,
    /// Who the client is, such as `User:alice`.
    pub(crate) principal: &'a str,
    pub(crate) sasl: &'a Mutex<Sasl>,
}

impl Call<'_> {
    /// The state as it is now: without the transactions whose time is over.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.shared.state();
        if state.expire() {
            self.shared.changed.notify_waiters();
        }
        state
    }

    /// Fails if a fault happens to the partition.
    pub(crate) fn check_partition(&self, topic: &str, partition: i32) -> Result<(), ErrorCode> {
        let mut faults = self.shared.faults();
        match faults.happen_to((topic, partition), self.node, self.api) {
            Some(code) => Err(code),
            None => Ok(()),
        }
    }

    /// How far the connection has come with authentication.
    pub(crate) fn sasl(&self) -> MutexGuard<'_, Sasl> {
        lock(self.sasl)
    }

    /// The state, with groups as they are by now.
    pub(crate) fn groups(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.groups.pass(Instant::now());
        state
    }
}

/// A request that cannot be decoded, or whose answer cannot be encoded.
#[derive(Debug, thiserror::Error)]
#[error("version {version}: {reason}")]
pub(crate) struct Unanswerable {
    version: i16,
    reason: String,
}

impl Unanswerable {
    // The codec reports its errors as `anyhow::Error`, which is not ours to name.
    fn new(version: i16, error: &impl fmt::Display) -> Self {
        Self {
            version,
            reason: format!("{error:#}"),
        }
    }
}

/// Answers a request with a frame. With an error code nothing is done but saying so.
///
/// # Errors
///
/// If the request is malformed, or the answer does not fit its version.
pub(crate) async fn answer(
    request: Request,
    call: &Call<'_>,
    refusal: Option<ErrorCode>,
) -> Result<Outcome<Bytes>, Unanswerable> {
    if !request.is_supported() {
        return Ok(match request.api {
            // KIP-511: clients begin with the newest version they know, and read this answer.
            Api::ApiVersions => {
                let response = api_versions::unsupported();
                Outcome::Reply(encode(&response, 0, request.correlation_id)?)
            }
            _ => Outcome::Close,
        });
    }
    let api = request.api;
    api.answer(request, call, refusal).await
}

/// Answers a request of one kind. `throttle` tells the client for how many milliseconds it is not
/// listened to.
pub(crate) async fn run<A: Answer>(
    request: Request,
    call: &Call<'_>,
    refusal: Option<ErrorCode>,
    throttle: fn(A::Response, i32) -> A::Response,
) -> Result<Outcome<Bytes>, Unanswerable> {
    let version = request.version;
    let mut frame = request.frame;
    checked::decode::<RequestHeader>(&mut frame, A::header_version(version))
        .map_err(|error| Unanswerable::new(version, &error))?;
    let decoded: A =
        checked::decode(&mut frame, version).map_err(|error| Unanswerable::new(version, &error))?;
    let outcome = match refusal.or_else(|| decoded.authorize(call).err()) {
        Some(_) if !decoded.is_answered() => Outcome::Close,
        Some(code) => Outcome::Reply(decoded.refuse(version, code)),
        None => decoded.answer(call).await,
    };
    Ok(match outcome {
        Outcome::Close => Outcome::Close,
        Outcome::Nothing => Outcome::Nothing,
        Outcome::Reply(response) => {
            let millis = i32::try_from(call.throttle.as_millis()).unwrap_or(i32::MAX);
            let response = throttle(response, millis);
            Outcome::Reply(encode(&response, version, request.correlation_id)?)
        }
    })
}

/// A frame with its length.
fn encode<R: Encodable + HeaderVersion>(
    response: &R,
    version: i16,
    correlation_id: i32,
) -> Result<Bytes, Unanswerable> {
    let header = ResponseHeader::default().with_correlation_id(correlation_id);
    let mut frame = BytesMut::new();
    frame.put_i32(0);
    header
        .encode(&mut frame, R::header_version(version))
        .and_then(|()| response.encode(&mut frame, version))
        .map_err(|error| Unanswerable::new(version, &error))?;
    let length = i32::try_from(frame.len() - LENGTH).unwrap_or(i32::MAX);
    if let Some(prefix) = frame.get_mut(..LENGTH) {
        prefix.copy_from_slice(&length.to_be_bytes());
    }
    Ok(frame.freeze())
}

/// Who leads a partition: the node, the epoch, and where the node listens.
fn leader(state: &State, topic: &str, partition: i32) -> Option<(i32, i32, SocketAddr)> {
    let partition = state.partition(topic, partition).ok()?;
    let leader = partition.leader?;
    let address = state.brokers.get(&leader)?.address;
    Some((leader, partition.leader_epoch, address))
}

/// The code as clients know it that are older than KIP-588.
fn known_since(first: i16, version: i16, code: ErrorCode) -> ErrorCode {
    match code {
        ErrorCode::PRODUCER_FENCED if version < first => ErrorCode::INVALID_PRODUCER_EPOCH,
        _ => code,
    }
}

/// Text for the wire.
fn text(text: impl Into<String>) -> StrBytes {
    StrBytes::from_string(text.into())
}

/// The bytes that a length takes.
const LENGTH: usize = 4;
