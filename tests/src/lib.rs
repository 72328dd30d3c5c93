//! What the whole-system tests share: clusters in the process and a real Kafka where one is up, a proxy that breaks
//! connections, and small tools around both.

#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

mod any_kafka;
mod bootstrap;
mod certified_providers;
mod checked_load;
mod descriptors;
mod environment;
mod fake_cluster;
mod fake_kafka;
mod fault_proxy;
mod foreign_group;
mod foreign_writer;
mod identity_provider;
mod java_program;
mod kafka_access;
mod kcat;
mod load_balancer;
mod mcp_client;
mod node_program;
mod patience;
mod piped_server;
mod process_watch;
mod real_kafka;
mod redis_server;
mod server;
mod server_program;
mod three_brokers;
mod token_endpoint;

pub use any_kafka::AnyKafka;
pub use bootstrap::bootstrap;
pub use certified_providers::CertifiedProviders;
pub use checked_load::{CheckedLoad, LoadReport};
pub use descriptors::raise_descriptor_limit;
pub use environment::{bound, measured, skip, soak, wants_many_topics};
pub use fake_cluster::FakeCluster;
pub use fake_kafka::FakeKafka;
pub use fault_proxy::{Fault, FaultProxy};
pub use foreign_group::{ForeignGroup, GroupReport};
pub use foreign_writer::{ForeignWriter, WrittenRecord};
pub use identity_provider::{
    AUDIENCE, CLIENT_ID, CLIENT_SECRET, Endpoint, Failure, HMAC_SECRET, IdentityProvider,
    OTHER_TENANT, Personality, Rotation, SigningKey, TENANT, Tampering, TokenKind, TokenRecipe,
    now,
};
pub use java_program::JavaProgram;
pub use kafka_access::KafkaAccess;
pub use kcat::kcat;
pub use load_balancer::LoadBalancer;
pub use mcp_client::{McpClient, Transport};
pub use node_program::NodeProgram;
pub use patience::eventually;
pub use piped_server::PipedServer;
pub use process_watch::ProcessWatch;
pub use real_kafka::{ClusterState, KeyPair, RealKafka, TlsFiles, User, unique_name};
pub use redis_server::RedisServer;
pub use server::{Server, exchange};
pub use three_brokers::ThreeBrokers;
pub use token_endpoint::TokenEndpoint;
