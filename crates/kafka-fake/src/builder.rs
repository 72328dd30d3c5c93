//! Describing a cluster before it starts.

use std::time::Duration;

use crate::{Cluster, Error, clock::Clock, sasl::Users, stream::Security};

/// What a cluster is to look like.
#[derive(Clone, Debug)]
pub struct ClusterBuilder {
    pub(crate) nodes: usize,
    pub(crate) cluster_id: String,
    pub(crate) max_request_bytes: usize,
    pub(crate) max_log_bytes: usize,
    pub(crate) max_idle: Duration,
    pub(crate) clock: Clock,
    pub(crate) users: Users,
    pub(crate) security: Security,
}

impl ClusterBuilder {
    /// The number of nodes, 1 to 100; they are called 1, 2, 3 and so on. One by default.
    #[must_use]
    pub fn nodes(mut self, count: usize) -> Self {
        self.nodes = count;
        self
    }

    /// The id that the cluster reports.
    #[must_use]
    pub fn cluster_id(mut self, id: impl Into<String>) -> Self {
        self.cluster_id = id.into();
        self
    }

    /// The longest request that is read; a longer one ends its connection. 16 MiB by default.
    #[must_use]
    pub fn max_request_bytes(mut self, bytes: usize) -> Self {
        self.max_request_bytes = bytes;
        self
    }

    /// The memory that records may take; what is beyond it is refused with `KAFKA_STORAGE_ERROR`.
    /// 256 MiB by default.
    #[must_use]
    pub fn max_log_bytes(mut self, bytes: usize) -> Self {
        self.max_log_bytes = bytes;
        self
    }

    /// How long a connection stays on which no whole request arrives, or no answer is taken. Ten
    /// minutes by default, as in Kafka.
    #[must_use]
    pub fn max_idle(mut self, time: Duration) -> Self {
        self.max_idle = time;
        self
    }

    /// The clock that tells the time of records that have none, in milliseconds since 1970. That of
    /// the machine by default.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    /// Adds a user. Where there is one, all clients have to log in, with the mechanism PLAIN or, with
    /// the feature `scram`, SCRAM-SHA-256 and SCRAM-SHA-512.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.users.add(name, password);
        self
    }

    /// Has all nodes speak TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: std::sync::Arc<rustls::ServerConfig>) -> Self {
        self.security = Security::Tls(config.into());
        self
    }

    /// Starts the nodes; all of them listen when this returns.
    ///
    /// # Errors
    ///
    /// If there are to be no nodes or too many, or one of them cannot listen.
    pub async fn start(self) -> Result<Cluster, Error> {
        Cluster::start(&self).await
    }
}

impl Default for ClusterBuilder {
    fn default() -> Self {
        Self {
            nodes: 1,
            cluster_id: "kafka-fake".to_owned(),
            max_request_bytes: 16 * 1024 * 1024,
            max_log_bytes: 256 * 1024 * 1024,
            max_idle: Duration::from_secs(600),
            clock: Clock::default(),
            users: Users::default(),
            security: Security::default(),
        }
    }
}
