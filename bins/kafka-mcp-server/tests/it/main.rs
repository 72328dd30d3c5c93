//! The binary as a process: what it prints, and how it ends.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod configuration;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod http;
mod login;
mod oauth;
mod process;
mod stdio;
