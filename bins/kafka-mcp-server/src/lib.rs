//! The insides of the server `kafka-mcp-server`, which is a program: nothing here is an API, and
//! anything may change at any time. To embed Kafka for MCP, or what protects it, use the crates
//! `kafka-mcp` and `mcp-oauth`.
//!
//! It is a library so that, with the feature `mounted`, the program of the conformance tests can put
//! another handler behind all that stands before Kafka.

mod audit;
mod causes;
mod cli;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
#[cfg(test)]
mod fixture;
mod http;
mod keys;
mod metrics;
#[cfg(feature = "mounted")]
mod mounted;
mod oauth;
mod program;
mod readiness;
mod runtime;
mod screen;
mod serve;
mod shutdown;
mod stdio;
mod telemetry;
mod token;

#[cfg(feature = "mounted")]
pub use mounted::serve_mounted;
pub use program::run;
