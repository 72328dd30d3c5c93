//! The protocol as a client sees it, byte by byte. What does not concern faults or several nodes
//! runs on kafka-fake and, where `KAFKA_TEST_BROKERS` names one, on a real Kafka of one node too:
//! where they differ, kafka-fake is wrong. `KAFKA_TEST_OLDER_BROKERS` may name a second one, a
//! Kafka 3.9: where that differs, the test says so. Versions in between are not told apart.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail where they stand, as tests do"
)]

mod acl_changes;
mod acl_requests;
mod acl_rules;
mod acl_views;
mod acls;
mod altering;
mod appending;
mod batch;
mod configs;
mod connections;
mod faults;
mod given_groups;
mod groups;
mod leaders;
mod limits;
mod looking;
mod member;
mod members;
mod modern_member;
mod modern_members;
mod moves;
mod partition_faults;
mod reading;
mod requests;
mod rights;
mod sasl;
mod spoilt_answers;
mod static_members;
mod subject;
mod topics;
mod transactional;
mod transactional_offsets;
mod transactions;
mod wire;
mod writing;
