//! The server as a real client sees it, without a broker.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;
mod lifecycle;
mod policy;
mod refusals;
mod session;
