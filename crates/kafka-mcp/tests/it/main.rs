//! The server as a real client sees it, without a broker or with one in this process.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod app;
mod confirmations;
mod contract;
mod cursors;
mod lifecycle;
mod listening;
mod policy;
mod reference;
mod refusals;
mod session;
mod small_results;
mod templates;
