//! An Apache Kafka cluster of any number of nodes inside of the process, for tests and demos.
//!
//! The nodes listen on the loopback, at ports that are free, and speak the Kafka protocol, so that
//! any client can talk to them. All they know is in memory, and shared: metadata and records are
//! replicated at once. It is a test double, and never a place for data.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kafka_fake::Error> {
//! use kafka_fake::Cluster;
//!
//! let cluster = Cluster::builder().nodes(3).start().await?;
//! cluster.create_topic("orders", 6)?;
//! // Point a client at `cluster.bootstrap_servers()`, and see what it makes of this:
//! cluster.stop_node(1).await?;
//! cluster.start_node(1).await?;
//! cluster.move_leader("orders", 0, 3)?;
//! cluster.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is answered
//!
//! The requests and versions that [`Api`] lists. In doubt the answers are those of Apache Kafka
//! 4.4: the tests of this crate run on it too, and on 3.9, which is told apart where it differs; but
//! for those of faults, of several nodes, and of what follows below. What librdkafka, kafkajs and the
//! Java client do here, its Admin client included, they do on a real Kafka in the same tests.
//!
//! # Records without a client
//!
//! [`Cluster::append`] and [`Cluster::begin_transaction`] fill a cluster: with records that have
//! keys, headers and times of their own, tombstones, and transactions that were committed, aborted,
//! or never ended. [`Cluster::append_message`] leaves a message as logs of old clusters have them.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kafka_fake::Error> {
//! use kafka_fake::{Cluster, Record};
//!
//! let cluster = Cluster::builder().start().await?;
//! cluster.create_topic("orders", 1)?;
//! let order = Record::new("four apples").key("order-1").header("origin", "web");
//! cluster.append("orders", 0, [order, Record::tombstone("order-0")])?;
//! let mut transaction = cluster.begin_transaction();
//! transaction.append("orders", 0, [Record::new("never to be seen")])?;
//! transaction.abort()?;
//! # cluster.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Looking at it
//!
//! [`Cluster::records`], [`Cluster::end_offset`] and [`Cluster::committed_offset`] tell a test what the
//! client that it tests has done.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kafka_fake::Error> {
//! # let cluster = kafka_fake::Cluster::builder().start().await?;
//! # cluster.create_topic("orders", 1)?;
//! # cluster.append("orders", 0, [kafka_fake::Record::new("four apples")])?;
//! # cluster.commit_offset("billing", "orders", 0, 1, "")?;
//! for (offset, record) in cluster.records("orders", 0)? {
//!     println!("{offset}: {record:?}");
//! }
//! assert_eq!(cluster.committed_offset("billing", "orders", 0), Some(1));
//! # cluster.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Faults
//!
//! [`Cluster::inject`] makes requests fail by kind and node: late, throttled, trickling, refused
//! with any code as a whole or for one partition, cut off, answered with nonsense or not at all,
//! before or after what they ask for is done. Nodes stop and start again or cannot be reached,
//! leaders, coordinators and the controller move, and records are lost.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kafka_fake::Error> {
//! use kafka_fake::{Api, Cluster, ErrorCode, Fault, FaultRule};
//!
//! let cluster = Cluster::builder().start().await?;
//! let refused = Fault::Error(ErrorCode::TOPIC_AUTHORIZATION_FAILED);
//! cluster.inject(FaultRule::new(refused).api(Api::Produce).times(1));
//! # cluster.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Groups
//!
//! Clients join groups, of the classic protocol and of KIP-848; sessions end and rebalances begin as
//! time passes. [`Cluster::add_member`] and [`Cluster::commit_offset`] make groups without a client.
//!
//! # Security
//!
//! With [`ClusterBuilder::user`] clients have to log in: with PLAIN, and with the feature `scram` with
//! SCRAM-SHA-256 and SCRAM-SHA-512 too. With the feature `tls`, nodes speak TLS.
//!
//! With [`ClusterBuilder::acl`] or [`ClusterBuilder::super_user`] what they may do is up to access-control
//! lists, as with Kafka's `StandardAuthorizer`: what none allows is refused. A client that does not log in
//! is `User:ANONYMOUS`. DescribeAcls, CreateAcls and DeleteAcls are answered then, and lists change by
//! [`Cluster::add_acl`] and [`Cluster::remove_acl`] too.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kafka_fake::Error> {
//! use kafka_fake::{Acl, AclOperation, Cluster, ResourcePattern};
//!
//! let orders = ResourcePattern::topic("orders");
//! let cluster = Cluster::builder()
//!     .user("alice", "alice-secret")
//!     .acl(Acl::allow("User:alice", AclOperation::Describe, orders))
//!     .start()
//!     .await?;
//! // Alice sees that there are orders, and is refused when she reads them.
//! cluster.create_topic("orders", 6)?;
//! # cluster.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # By hand
//!
//! `cargo run -p kafka-fake --example cluster -- 3 orders:6` starts a cluster of three nodes to try a
//! client on.
//!
//! # Where it stops
//!
//! - Transactions end at once, and those that take too long as soon as the next request arrives:
//!   clients see `CONCURRENT_TRANSACTIONS` only when a producer begins again in the middle of one.
//!   There is no two-phase commit (KIP-939), and there are no more than 1,000 transactional ids.
//! - Fetch sessions are never made, as if there was no room for one more. Clients then ask for
//!   everything each time.
//! - Topics are not created by asking for them, whatever the request allows.
//! - Settings of topics are checked and kept. Only `max.message.bytes`, `min.insync.replicas`,
//!   `message.timestamp.type` and `message.timestamp.after.max.ms` have an effect: nothing expires,
//!   and nothing is compacted but by [`Cluster::compact`]. Those of brokers cannot be changed.
//! - Groups do not change their protocol while they have members: a classic group of consumers does
//!   not move to KIP-848 one by one, nor back. The first rebalance does not wait for more members,
//!   and with KIP-848 partitions are shared out at once, and not up to a second later. There are no
//!   share groups and no streams groups. Groups are not forgotten, however long they are empty.
//! - While a classic group prepares a rebalance, its members are described without the parts that they
//!   had; Kafka still shows them.
//! - Nobody subscribes by a regular expression that the coordinator evaluates
//!   (`INVALID_REGULAR_EXPRESSION`), and no assignor heeds racks.
//! - `cleanup.policy` tells where records may be deleted (DeleteRecords), and no more than that.
//! - Settings of brokers are about thirty of those that there are; none has a description. There are
//!   none of groups, of loggers and of what clients measure.
//! - The codes of errors are Kafka's, the words that come with them are not.
//! - Of features (KIP-584), `group.version` and `transaction.version` are told.
//! - Batches have magic 2. Their header and checksum are checked, and what is within is not looked
//!   into. A lookup by time is exact within batches that are not compressed; in one that is, it
//!   finds the first record of the batch, and [`Cluster::records`] fails.
//! - All nodes have one listener. SaslHandshake has version 1 only; there is no OAUTHBEARER, no
//!   GSSAPI, no authentication by certificates, and nobody logs in again on the same connection
//!   (KIP-368). User names and passwords are compared as they are, without SASLprep.
//! - Principals are users, and whoever has not logged in; there are no groups of them, no delegation
//!   tokens (KIP-48), and no names made from certificates (KIP-371). A cluster has no more than 10,000
//!   ACLs. Without an authorizer nobody is refused anything; there is no
//!   `allow.everyone.if.no.acl.found` besides.
//! - There is no quota, no rack, and nothing for followers.
//! - There are no internal topics.
//! - A cluster has no more than 10,000 partitions, 1,000 groups of 1,000 members each, and the
//!   memory for records that [`ClusterBuilder::max_log_bytes`] gives it.
//! - An error that is injected is that of each topic, partition or group in the request, or of one
//!   partition.
//! - A leader that was moved stays where it is; the preferred one is not restored after a while.

mod acl;
mod answer;
mod api;
mod authorizer;
mod batch;
mod broker_config;
mod builder;
mod checked;
mod clock;
mod cluster;
mod config_change;
mod connection;
mod coordinator;
mod error;
mod error_code;
mod fault;
mod frame;
mod group_member;
mod groups;
mod log;
mod message_format;
mod more_partitions;
mod new_topic;
mod node;
mod partition;
mod producers;
mod record;
mod request;
mod sasl;
mod shared;
mod state;
mod stream;
mod topic;
mod topic_config;
mod transaction;
mod transaction_index;
mod varint;

pub use acl::{Acl, AclOperation, AclPermission, PatternType, ResourcePattern, ResourceType};
pub use api::Api;
pub use builder::ClusterBuilder;
pub use cluster::Cluster;
pub use error::Error;
pub use error_code::ErrorCode;
pub use fault::{Fault, FaultRule};
pub use group_member::{GroupMember, GroupProtocol};
pub use message_format::MessageFormat;
pub use record::Record;
pub use transaction::Transaction;
