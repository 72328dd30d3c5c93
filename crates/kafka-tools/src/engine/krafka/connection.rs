//! The connection to the cluster, made when it is first needed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use krafka::{Kafka, admin::AdminClient, consumer::Consumer, error::KrafkaError};
use tokio::{sync::Mutex, time::Instant};

use super::{
    fault::{Context, translate},
    hedge::Hedge,
    security,
};
use crate::{BrokerAddress, Error, KafkaConfig};

/// The connection to the cluster, made when it is first needed.
///
/// Callers that arrive while an attempt is under way share its outcome: a cluster that is down
/// costs all of them one connect timeout, and the next caller tries again.
pub(super) struct Connection {
    config: Arc<KafkaConfig>,
    state: Mutex<State>,
    /// Whether the session is to be replaced: krafka pauses for up to ten seconds before it tries
    /// a broker again that was away, a new session tries at once.
    is_stale: AtomicBool,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    /// When the last failed attempt began, and how it ended.
    failure: Option<(Instant, KrafkaError)>,
}

/// A live connection.
pub(super) struct Session {
    pub(super) kafka: Kafka,
    pub(super) admin: AdminClient,
    /// A consumer without group or assignment: it reads the metadata cache.
    pub(super) observer: Consumer,
    /// Asks again what any broker can answer.
    pub(super) hedge: Hedge,
    /// When it was made.
    pub(super) connected: Instant,
    /// The deadline of one request with its retries.
    pub(super) timeout: Duration,
    /// The largest batch of records after decompression.
    pub(super) max_batch_bytes: usize,
}

impl Connection {
    pub(super) fn new(config: Arc<KafkaConfig>) -> Result<Self, Error> {
        security::validate(&config)?;
        Ok(Self {
            config,
            state: Mutex::default(),
            is_stale: AtomicBool::new(false),
        })
    }

    /// Lets the next caller make a new connection.
    pub(super) fn replace(&self) {
        self.is_stale.store(true, Ordering::Relaxed);
    }

    /// The live connection; makes it if there is none.
    pub(super) async fn open(&self) -> Result<Arc<Session>, Error> {
        let arrived = Instant::now();
        let mut state = self.state.lock().await;
        if self.is_stale.swap(false, Ordering::Relaxed) {
            // Calls in flight keep it until they end.
            state.session = None;
        }
        if let Some(session) = &state.session {
            return Ok(Arc::clone(session));
        }
        if let Some((began, error)) = &state.failure
            && *began >= arrived
        {
            return Err(failed(error.clone()));
        }
        let began = Instant::now();
        match self.connect().await {
            Ok(session) => {
                let session = Arc::new(session);
                state.session = Some(Arc::clone(&session));
                state.failure = None;
                Ok(session)
            }
            Err(error) => {
                state.failure = Some((began, error.clone()));
                Err(failed(error))
            }
        }
    }

    async fn connect(&self) -> Result<Session, KrafkaError> {
        let config = &self.config;
        let kafka = self.first_to_answer().await?;
        // It knows one of them.
        kafka.update_seed_brokers(config.brokers.iter().map(ToString::to_string).collect())?;
        let timeout = config.timeout.mul_f64(PATIENCE);
        let admin = kafka.admin().default_api_timeout(timeout);
        let observer = kafka
            .consumer_without_group()
            .enable_auto_commit(false)
            .metrics_push(false)
            .build()
            .await?;
        Ok(Session {
            admin,
            observer,
            hedge: Hedge::new(),
            connected: Instant::now(),
            max_batch_bytes: config.limits.max_batch_bytes,
            timeout,
            kafka,
        })
    }

    /// Asks all bootstrap brokers at once. krafka would ask three at a time, and wait for one that
    /// does not answer before it asks the fourth.
    async fn first_to_answer(&self) -> Result<Kafka, KrafkaError> {
        let brokers = self.config.brokers.iter();
        let mut attempts: FuturesUnordered<_> = brokers.map(|broker| self.reach(broker)).collect();
        let mut failure = None;
        while let Some(attempt) = attempts.next().await {
            match (attempt, &failure) {
                (Ok(kafka), _) => return Ok(kafka),
                // A refused password says more than another broker that is down.
                (Err(KrafkaError::Network(_) | KrafkaError::Timeout { .. }), Some(_)) => {}
                (Err(error), _) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or_else(|| KrafkaError::timeout("no broker is configured")))
    }

    async fn reach(&self, broker: &BrokerAddress) -> Result<Kafka, KrafkaError> {
        let config = &self.config;
        let mut builder = Kafka::builder(broker.to_string())
            .client_id(&config.client_id)
            .connect_timeout(config.connect_timeout)
            .request_timeout(config.timeout.mul_f64(PATIENCE).max(config.connect_timeout))
            .allow_auto_create_topics(false)
            .max_response_size(config.limits.max_response_bytes)
            .max_connections(Some(MAX_CONNECTIONS));
        if let Some(security) = security::auth_config(config)? {
            builder = builder.security(security);
        }
        builder.connect().await
    }
}

fn failed(error: KrafkaError) -> Error {
    match error {
        // The settings were checked before; what is left are the files that they name.
        KrafkaError::Config { message } => Error::Tls { reason: message },
        error => translate(error, &Context::new("connecting")),
    }
}

/// The share of a call's time after which a part of it fails: what fails late must leave time to
/// report the others, or the reason.
pub(super) const PATIENCE: f64 = 0.7;

/// More brokers than any cluster has; a bound all the same.
const MAX_CONNECTIONS: usize = 1024;
