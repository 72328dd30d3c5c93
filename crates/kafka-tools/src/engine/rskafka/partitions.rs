//! Clients of single partitions, each with a connection of its own.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use rskafka::{
    client::{
        error::Error as ClientError,
        partition::{OffsetAt, PartitionClient, UnknownTopicHandling},
    },
    record::RecordAndOffset,
};
use tokio::{
    sync::Mutex,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    connection::{Connection, SNAPSHOT_MAX_AGE},
    fault::{self, Context, translate, unavailable},
};
use crate::{Error, TopicName};

/// How many partitions are worked on at a time.
pub(super) const MAX_IN_FLIGHT: usize = 16;

/// Clients of single partitions. Each is used by one call at a time, kept for the next one, and
/// closed when it was idle for long. A client whose call failed or was given up is not kept: its
/// connection may be stuck.
pub(super) struct Partitions {
    connection: Connection,
    idle: Arc<Mutex<Vec<Idle>>>,
    /// Closes what is idle. Ends with the engine.
    sweeper: Mutex<JoinSet<()>>,
}

struct Idle {
    partition: (TopicName, i32),
    client: PartitionClient,
    since: Instant,
}

impl Partitions {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            idle: Arc::default(),
            sweeper: Mutex::default(),
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// An offset of the log, or -1 if no record is as new as the time asked for.
    pub(super) async fn offset(
        &self,
        partition: &(TopicName, i32),
        at: OffsetAt,
    ) -> Result<i64, Error> {
        let context = Context::new("reading offsets").topic(&partition.0, "Describe");
        let answer = self
            .call(partition, |client| Box::pin(client.get_offset(at)))
            .await;
        answer.map_err(|failure| failure.into_error(&context))
    }

    /// The records from `offset` on, at most `bytes` of them unless the first batch is larger.
    pub(super) async fn fetch(
        &self,
        partition: &(TopicName, i32),
        offset: i64,
        bytes: i32,
        wait: Duration,
    ) -> Result<Vec<RecordAndOffset>, Failure> {
        let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        // rskafka takes one off the end of the range.
        let bytes = 1..bytes.saturating_add(1);
        let fetched = self
            .call(partition, |client| {
                Box::pin(client.fetch_records(offset, bytes.clone(), wait))
            })
            .await;
        fetched.map(|(records, _)| records)
    }

    /// A client whose connection works now, so that one which died while idle is not taken for a
    /// record that was lost on the way.
    pub(super) async fn check_out(
        &self,
        partition: &(TopicName, i32),
    ) -> Result<PartitionClient, Failure> {
        if let Some(client) = self.take_idle(partition).await {
            match client.get_offset(OffsetAt::Latest).await {
                Ok(_) => return Ok(client),
                Err(error) if fault::is_stale(&error) => {}
                Err(error) => return Err(Failure::Call(error)),
            }
        }
        self.open(partition, Duration::ZERO).await
    }

    /// Keeps a client for the next call.
    pub(super) async fn check_in(&self, partition: &(TopicName, i32), client: PartitionClient) {
        let mut idle = self.idle.lock().await;
        idle.retain(|idle| idle.partition != *partition);
        if idle.len() >= MAX_IDLE {
            idle.remove(0);
        }
        idle.push(Idle {
            partition: partition.clone(),
            client,
            since: Instant::now(),
        });
        drop(idle);

        let mut sweeper = self.sweeper.lock().await;
        if sweeper.is_empty() {
            sweeper.spawn(sweep(Arc::clone(&self.idle)));
        }
    }

    /// Runs `work` on a kept client, or on a new one where none is kept or the kept one is stale.
    /// Waits a moment for a leader that is being elected.
    async fn call<T>(
        &self,
        partition: &(TopicName, i32),
        work: impl Fn(&PartitionClient) -> BoxFuture<'_, Result<T, ClientError>> + Send,
    ) -> Result<T, Failure> {
        let mut kept = self.take_idle(partition).await;
        let mut max_age = SNAPSHOT_MAX_AGE;
        let mut pauses = election_pauses();
        loop {
            let was_kept = kept.is_some();
            let client = match kept.take() {
                Some(client) => Ok(client),
                None => self.open(partition, max_age).await,
            };
            let outcome = match client {
                Ok(client) => {
                    let answer = work(&client).await;
                    self.settle(partition, client, answer).await
                }
                Err(failure) => Err(failure),
            };
            match &outcome {
                Err(Failure::Call(error)) if was_kept && fault::is_stale(error) => {}
                Err(Failure::Call(error)) if fault::is_moved(error) => match pauses.next() {
                    Some(pause) => sleep(pause).await,
                    None => return outcome,
                },
                _ => return outcome,
            }
            // The leader may have moved since the topics were listed.
            max_age = Duration::ZERO;
        }
    }

    /// Keeps the client after an answer; one that could not be decoded is an answer too.
    async fn settle<T>(
        &self,
        partition: &(TopicName, i32),
        client: PartitionClient,
        answer: Result<T, ClientError>,
    ) -> Result<T, Failure> {
        if answer.as_ref().err().is_none_or(fault::is_undecodable) {
            self.check_in(partition, client).await;
        }
        answer.map_err(Failure::Call)
    }

    async fn take_idle(&self, partition: &(TopicName, i32)) -> Option<PartitionClient> {
        let mut idle = self.idle.lock().await;
        let index = idle.iter().position(|idle| idle.partition == *partition)?;
        Some(idle.remove(index).client)
    }

    /// Connects to the partition's leader, by a list of topics that is at most `max_age` old.
    async fn open(
        &self,
        partition: &(TopicName, i32),
        max_age: Duration,
    ) -> Result<PartitionClient, Failure> {
        let client = self
            .connection
            .client_of(partition, max_age)
            .await
            .map_err(Failure::Open)?;
        let (topic, id) = partition;
        let limit = self.connection.config().connect_timeout;
        let opening = client.partition_client(topic.as_str(), *id, UnknownTopicHandling::Error);
        timeout(limit, opening).await.map_or_else(
            |_| {
                let reason = format!("the leader of {topic}-{id} did not answer within {limit:?}");
                Err(Failure::Open(unavailable(reason)))
            },
            |opened| opened.map_err(Failure::Call),
        )
    }
}

/// Why a call on a partition failed.
pub(super) enum Failure {
    /// What rskafka said.
    Call(ClientError),
    /// There was no connection to call on.
    Open(Error),
}

impl Failure {
    pub(super) fn into_error(self, context: &Context<'_>) -> Error {
        match self {
            Self::Call(error) => translate(&error, context),
            Self::Open(error) => error,
        }
    }
}

/// Closes clients that were idle for long. Brokers do the same after ten minutes, but rskafka
/// would only notice at the next call.
async fn sweep(idle: Arc<Mutex<Vec<Idle>>>) {
    loop {
        sleep(SWEEP_INTERVAL).await;
        idle.lock()
            .await
            .retain(|idle| idle.since.elapsed() < MAX_IDLE_TIME);
    }
}

/// How many idle clients, and so connections, are kept.
const MAX_IDLE: usize = 64;

const MAX_IDLE_TIME: Duration = Duration::from_secs(60);
const SWEEP_INTERVAL: Duration = Duration::from_secs(15);

/// How long to wait for a leader that is being elected, and how often: each time more than twice as
/// long, and differently in each client, or all that lost their leader would come back together.
pub(super) fn election_pauses() -> impl Iterator<Item = Duration> {
    ELECTION_PAUSES.into_iter().map(|pause| {
        let chance = RandomState::new().hash_one(pause) % 512;
        // Between three quarters and five quarters of it.
        pause.mul_f64(0.75 + f64::from(u16::try_from(chance).unwrap_or_default()) / 1024.0)
    })
}

const ELECTION_PAUSES: [Duration; 3] = [
    Duration::from_millis(150),
    Duration::from_millis(400),
    Duration::from_millis(1_000),
];
