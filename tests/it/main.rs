//! Whole-system tests, one subject per file. Those that need a real Kafka are skipped where none is
//! up, and fail instead with `KAFKA_TEST_REQUIRED=1`.

mod bad_input;
mod both_engines;
mod broker_faults;
mod cluster;
mod confirmed_writes;
mod consent_form;
mod consume_positions;
mod consume_recent;
mod consume_transactions;
mod documentation;
mod failover;
mod fake_broker;
mod fake_security;
mod faults_on_command;
mod foreign_groups;
mod foreign_writers;
mod groups;
mod lifecycle;
mod login;
mod many_topics;
mod named_resources;
mod no_trace;
mod oauth;
mod produce;
mod proxy_mode;
mod reliability;
mod reports;
mod rmcp_client;
mod rmcp_lifecycles;
mod security;
mod soak;
mod stores;
mod tasks;
mod three_brokers;
mod tools;
