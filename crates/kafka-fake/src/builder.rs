//! Describing a cluster before it starts.

use std::{collections::BTreeSet, time::Duration};

use crate::{Acl, Cluster, Error, clock::Clock, sasl::Users, stream::Security};

/// What a cluster is to look like.
#[derive(Clone, Debug)]
pub struct ClusterBuilder {
    pub(crate) nodes: usize,
    pub(crate) cluster_id: String,
    pub(crate) max_request_bytes: usize,
    pub(crate) max_log_bytes: usize,
    pub(crate) max_idle: Duration,
    pub(crate) group_heartbeat_interval: Duration,
    pub(crate) group_session_timeout: Duration,
    pub(crate) clock: Clock,
    pub(crate) users: Users,
    pub(crate) super_users: BTreeSet<String>,
    pub(crate) acls: Vec<Acl>,
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

    /// The memory that records may take, with the markers of transactions that are open; what is
    /// beyond it is refused with `KAFKA_STORAGE_ERROR`. 256 MiB by default.
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

    /// How often members of groups of KIP-848 are told to send heartbeats:
    /// `group.consumer.heartbeat.interval.ms`. Five seconds by default, as in Kafka.
    #[must_use]
    pub fn group_heartbeat_interval(mut self, interval: Duration) -> Self {
        self.group_heartbeat_interval = interval;
        self
    }

    /// When members of groups of KIP-848 that are not heard from are given up:
    /// `group.consumer.session.timeout.ms`. 45 seconds by default, as in Kafka. Members of classic
    /// groups say themselves how long that takes.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// # use std::time::Duration;
    /// // A consumer that hangs loses its partitions while a test can wait for it.
    /// let cluster = kafka_fake::Cluster::builder()
    ///     .group_heartbeat_interval(Duration::from_millis(100))
    ///     .group_session_timeout(Duration::from_millis(500))
    ///     .start()
    ///     .await?;
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn group_session_timeout(mut self, timeout: Duration) -> Self {
        self.group_session_timeout = timeout;
        self
    }

    /// The clock of the cluster, in milliseconds since 1970; that of the machine by default. It tells
    /// the time of records that have none and of those in topics with `LogAppendTime`, of the markers
    /// that end transactions, when transactions began, and whether a record is too far in the future
    /// (`INVALID_TIMESTAMP`). Sessions and timeouts do not heed it.
    ///
    /// It is asked in the middle of a request: it must neither block nor call the cluster.
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

    /// Adds an access-control list's entry, and has all nodes heed such entries, as Kafka's
    /// `StandardAuthorizer` does: what none allows is refused to everybody but super users.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// use kafka_fake::{Acl, AclOperation, Cluster, ResourcePattern};
    ///
    /// let orders = ResourcePattern::topic("orders");
    /// let cluster = Cluster::builder()
    ///     .user("alice", "alice-secret")
    ///     .user("admin", "admin-secret")
    ///     .super_user("User:admin")
    ///     .acl(Acl::allow("User:alice", AclOperation::Describe, orders))
    ///     .start()
    ///     .await?;
    /// // Alice sees that there are orders, and cannot read any.
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn acl(mut self, acl: Acl) -> Self {
        self.acls.push(acl);
        self
    }

    /// Lets a principal, such as `User:admin`, do everything, and has all nodes heed
    /// [access-control lists](Self::acl) for everybody else. Who has not logged in is
    /// `User:ANONYMOUS`.
    #[must_use]
    pub fn super_user(mut self, principal: impl Into<String>) -> Self {
        self.super_users.insert(principal.into());
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
    /// If there are to be no nodes or too many, one of them cannot listen, or an ACL makes no sense.
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
            group_heartbeat_interval: Duration::from_secs(5),
            group_session_timeout: Duration::from_secs(45),
            clock: Clock::default(),
            users: Users::default(),
            super_users: BTreeSet::new(),
            acls: Vec::new(),
            security: Security::default(),
        }
    }
}
