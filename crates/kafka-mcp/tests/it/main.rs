//! The server as a real client sees it, without a broker.

mod contract;
mod policy;
mod refusals;
mod session;
