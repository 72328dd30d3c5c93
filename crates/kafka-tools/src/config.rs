//! How to reach a cluster.

use std::time::Duration;

use crate::{BrokerAddress, SaslConfig, TlsConfig};

/// Everything a [`Client`](crate::Client) needs to know. Nothing in it is secret but the inside of
/// [`sasl`](Self::sasl) and [`tls`](Self::tls), which do not print it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KafkaConfig {
    /// The bootstrap brokers; one that answers is enough.
    pub brokers: Vec<BrokerAddress>,
    /// The client id in every request, as it appears in broker logs and quotas.
    pub client_id: String,
    /// Which Kafka client does the work.
    pub engine: EngineKind,
    /// TLS to every broker, or plain TCP.
    pub tls: Option<TlsConfig>,
    /// SASL authentication, or none.
    pub sasl: Option<SaslConfig>,
    /// The deadline of one call of [`Client`](crate::Client), retries included. Default: 10 s.
    pub timeout: Duration,
    /// How long one TCP connection, with TLS and SASL, may take. Default: 3 s.
    pub connect_timeout: Duration,
    /// The bounds on memory.
    pub limits: Limits,
}

impl KafkaConfig {
    /// A configuration with the defaults, for plain TCP without authentication.
    #[must_use]
    pub fn new(brokers: Vec<BrokerAddress>) -> Self {
        Self {
            brokers,
            client_id: "kafka-tools".to_owned(),
            engine: EngineKind::default(),
            tls: None,
            sasl: None,
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            limits: Limits::default(),
        }
    }
}

/// Which Kafka client does the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineKind {
    /// The complete engine.
    ///
    /// Its limit: it fetches records again after an answer that it could not understand, so that a
    /// broker which talks nonsense then ends a read with [`Error::Timeout`](crate::Error::Timeout)
    /// and not with [`Error::Protocol`](crate::Error::Protocol). So does one that refuses to hand out
    /// records and, unlike Apache Kafka, does not tell clients their rights (KIP-430).
    #[default]
    Krafka,
    /// The lean engine: produce, consume, topics and watermarks only.
    ///
    /// Its limits:
    ///
    /// - It knows no consumer groups, configs, brokers or cluster state, and leaves the leader and
    ///   the replicas of partitions empty. Internal topics are refused; topics that the principal
    ///   may not describe look as if they did not exist.
    /// - Reads go up to the last stable offset with either
    ///   [`Isolation`](crate::Isolation), and records of aborted transactions are returned as data.
    /// - A header whose value is null ends the read of its partition with an error. Headers come
    ///   sorted by key, and of several with one key only the last.
    /// - Records of topics with `message.timestamp.type=LogAppendTime` show the producer's time.
    /// - Some brokers (3.9 does, 4.4 does not) refuse reads of topics with
    ///   `compression.type=zstd`.
    /// - Writes are not idempotent. A produce that is throttled by a quota is sent again, so that
    ///   its records can be written several times. Headers that would be lost are refused.
    /// - SASL OAUTHBEARER, and TLS to IPv6 addresses, are refused. Certificate files are read once.
    /// - An answer to another request, or one that is shorter than it says, looks as if there were
    ///   none: the call ends with [`Error::Timeout`](crate::Error::Timeout) or
    ///   [`Error::Unavailable`](crate::Error::Unavailable).
    /// - Every partition in use has a connection of its own; 64 idle ones are kept for a minute.
    /// - A topic that is deleted during a call can be created again, by brokers that create topics
    ///   on demand.
    Rskafka,
}

/// Bounds on what one client holds in memory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// The largest response frame of a broker. Default: 64 MiB.
    pub max_response_bytes: usize,
    /// The largest record batch after decompression. Default: 16 MiB.
    pub max_batch_bytes: usize,
    /// The most bytes of records that one consume call scans. Default: 32 MiB.
    pub max_scan_bytes: usize,
    /// The most records that one consume call returns. Default: 10,000.
    pub max_records: usize,
    /// The largest produce request. Default: 32 MiB.
    pub max_request_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_response_bytes: 64 * MIB,
            max_batch_bytes: 16 * MIB,
            max_scan_bytes: 32 * MIB,
            max_records: 10_000,
            max_request_bytes: 32 * MIB,
        }
    }
}

const MIB: usize = 1024 * 1024;
